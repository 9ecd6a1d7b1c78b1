"""What a module came to, and whether that is accepted: warnings.tsv lists what was looked at, each with its reason."""
import fnmatch
import os
from dataclasses import dataclass, field

FILE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "warnings.tsv")
COLUMNS = 5
GOOD = ("PASSED", "WARNING", "REVIEW", "SKIPPED")


@dataclass
class Remark:
    """One line of a module's log that is a failure or a warning."""
    result: str
    condition: str
    text: str


@dataclass
class Verdict:
    plan: str
    module: str
    result: str  # as the suite says it, or TIMEOUT
    remarks: list = field(default_factory=list)
    seconds: float = 0.0


@dataclass
class Accepted:
    """A row of warnings.tsv. Plan, module and condition may hold wildcards."""
    plan: str
    module: str
    result: str
    condition: str
    reason: str
    used: bool = False

    def covers(self, verdict, result, condition):
        return (self.result == result and fnmatch.fnmatchcase(verdict.plan, self.plan)
                and fnmatch.fnmatchcase(verdict.module, self.module) and fnmatch.fnmatchcase(condition, self.condition))


def read_accepted():
    """The rows. SystemExit: a line has not the five columns, or another result than WARNING and SKIPPED."""
    rows = []
    with open(FILE, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.strip() and not line.startswith("#"):
                columns = line.rstrip("\n").split("\t")
                if len(columns) != COLUMNS or columns[2] not in ("WARNING", "SKIPPED") or not columns[4].strip():
                    raise SystemExit(f"conformance: warnings.tsv:{number}: needs plan, module, WARNING or SKIPPED, "
                                     "condition and reason")
                rows.append(Accepted(*columns))
    return rows


def remarks_of(log):
    return [Remark(entry["result"], entry.get("src", ""), entry.get("msg", "")) for entry in log
            if entry.get("result") in ("FAILURE", "WARNING")]


def objections(verdict, accepted):
    """Why the verdict is not accepted, one sentence each; none when it is. Marks the rows that it needed."""
    if verdict.result not in GOOD:
        return [f"{remark.condition}: {remark.text}" for remark in verdict.remarks] or [verdict.result]
    seen = [(remark.result, remark.condition, remark.text) for remark in verdict.remarks]
    if verdict.result == "SKIPPED":
        seen.append(("SKIPPED", "-", "skipped"))
    found = []
    for result, condition, text in seen:
        rows = [row for row in accepted if row.covers(verdict, result, condition)]
        for row in rows:
            row.used = True
        if not rows:
            found.append(f"{condition}: {text} (a {result.lower()} that warnings.tsv does not list)")
    return found


def table(judged):
    """The rows of a run, Markdown: (verdict, objections) each."""
    lines = ["| plan | module | result | seconds | remarks |", "| --- | --- | --- | ---: | --- |"]
    for verdict, found in judged:
        remarks = ", ".join(sorted({f"{remark.condition} ({remark.result.lower()})" for remark in verdict.remarks}))
        mark = "**" if found else ""
        cells = [verdict.plan, verdict.module, mark + verdict.result + mark, f"{verdict.seconds:.0f}", remarks]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
