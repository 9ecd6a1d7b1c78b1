"""What was measured: a table for the terminal and for Markdown, and a picture (SVG) of how much faster ours is."""
import math

LABELS = {"opaque-es256": "opaque, ID tokens ES256", "opaque-rs256": "opaque, ID tokens RS256",
          "jwt-es256": "JWT, ES256", "jwt-rs256": "JWT, RS256"}
ROW, LEFT, WIDTH = 22, 420, 420


def label(pair):
    """The row's name: the workload, and what the tokens are where that matters to it."""
    workload, client = pair["workload"], pair["client"]
    if client is None:
        return workload
    if workload in ("client-credentials", "introspection", "userinfo"):  # no ID token is made
        return f"{workload}, {LABELS[client].split(', ID')[0]}"
    return f"{workload}, {LABELS[client]}"


FAILED_MAX = 0.01  # of all requests; with more, a rate says nothing


def is_sound(figures):
    if "error" in figures:
        return False
    return figures["failed"] <= FAILED_MAX * (figures["operations"] + figures["failed"])


def ratio(pair):
    """How many times the peer's rate ours is; nothing where one of both was not measured or mostly failed."""
    if not is_sound(pair["ours"]) or not is_sound(pair["peer"]):
        return None
    return pair["ours"]["rate"] / pair["peer"]["rate"]


def cells(pair):
    """The columns of one row as texts."""
    def side(figures):
        if "error" in figures:
            return ["-", "-", "-"]
        failed = f" ({figures['failed']} failed)" if figures["failed"] else ""
        return [f"{figures['rate']:,.0f}{failed}", f"{figures['latency_ms']['p99']:.2f}",
                f"{figures['server']['cpu_us_per_operation']:.0f}"]

    times = ratio(pair)
    wanted = pair["floor"]
    verdict = "not measured" if times is None else ("reached" if wanted and times >= wanted else "missed")
    memory = "-" if "error" in pair["peer"] else f"{pair['peer']['server']['pss_kib'] / 1024:.0f}"
    return [pair["name"], label(pair), *side(pair["ours"]), *side(pair["peer"]), memory,
            "-" if times is None else f"{times:.1f}", f"{wanted} x {verdict}" if wanted else ""]


HEADINGS = ["peer", "workload", "ours /s", "p99 ms", "CPU us", "peer /s", "p99 ms", "CPU us", "MiB", "times", "wanted"]


def text_table(pairs):
    rows = [HEADINGS, *map(cells, pairs)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join("  ".join(cell.ljust(width) if at < 2 else cell.rjust(width)
                               for at, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in rows)


def markdown_table(pairs):
    lines = ["| " + " | ".join(HEADINGS) + " |", "|" + "---|" * len(HEADINGS)]
    return "\n".join(lines + ["| " + " | ".join(cells(pair)) + " |" for pair in pairs])


def markdown_page(report):
    """The whole report: conditions, versions, table, what could not be had."""
    lines = [f"Measured {report['date']}: {report['conditions']}", "", "| server | version | store |", "|---|---|---|"]
    lines += [f"| {each['name']} | {each['version']} | {each['store']} |" for each in report["servers"]]
    lines += ["", markdown_table(report["pairs"])]
    failures = [f"- {pair['name']}, {label(pair)}: {pair[side]['error']}" for pair in report["pairs"]
                for side in ("ours", "peer") if "error" in pair[side]]
    failures += [f"- {pair['name']}, {label(pair)}, {side}: no comparison, {pair[side]['failed']} requests failed: "
                 + ", ".join(f"{each['error']} ({each['count']})" for each in pair[side]["errors"])
                 for pair in report["pairs"] for side in ("ours", "peer")
                 if "error" not in pair[side] and not is_sound(pair[side])]
    failures += [f"- {name} could not be had: {why}" for name, why in report["unavailable"].items()]
    return "\n".join(lines + ([""] + failures if failures else [])) + "\n"


def draw(pairs, path):
    rows = [(pair, ratio(pair)) for pair in pairs if ratio(pair)]
    if not rows:
        return
    top = max(max(times, pair["floor"] or 0) for pair, times in rows) * 1.3

    def x(times):
        return LEFT + WIDTH * (math.log10(max(times, 0.1)) + 1) / (math.log10(top) + 1)

    height = ROW * (len(rows) + 2)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 80} {height}" '
           'font-family="sans-serif" font-size="12">', f'<rect width="100%" height="{height}" fill="white"/>',
           f'<text x="{LEFT}" y="15">times the rate of the peer on one core (logarithmic); red line: what we mean to '
           'reach; grey line: as fast</text>',
           f'<rect x="{x(1):.1f}" y="{ROW}" width="1" height="{ROW * len(rows)}" fill="#999999"/>']
    for at, (pair, times) in enumerate(rows, 1):
        y = ROW * at
        out.append(f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end">{pair["name"]}: {label(pair)}</text>')
        out.append(f'<rect x="{LEFT}" y="{y + 3}" width="{x(times) - LEFT:.1f}" height="{ROW - 6}" fill="#3b6ea5"/>')
        out.append(f'<text x="{x(times) + 6:.1f}" y="{y + 15}">{times:.1f}</text>')
        if pair["floor"]:
            out.append(f'<rect x="{x(pair["floor"]):.1f}" y="{y}" width="2" height="{ROW}" fill="#c0392b"/>')
    out.append("</svg>")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")
