"""What a run has to show for itself: points met, how far every call of every operation was followed, what was looked
for and found, and a digest of the points by which two runs of one seed are compared."""
import collections
import hashlib
import re

from client import LOOKS
from points import COVERED, OPERATIONS, RACING

HARMS = ("lost", "twice", "stuck")


def digest(names):
    """A short name for a set of points."""
    return hashlib.sha256("\n".join(sorted(map(str, names))).encode()).hexdigest()[:16]


class Tally:
    def __init__(self):
        self.passed = self.failed = 0
        self.visited, self.met = [], []  # of the kills: (chain, point)
        self.disk_points = 0  # of the fault layer
        self.disk_digests = []
        self.found, self.looks = collections.Counter(), collections.Counter()

    def fail(self, sentence):
        self.failed += 1
        self.note_harms(sentence)
        print("FAIL " + sentence, flush=True)

    def note_harms(self, text):
        for harm in HARMS:
            self.found[harm] += len(re.findall(rf"\b{harm}: ", text))

    def read_disk(self, output, code):
        """What a part of build/test_disk printed: points, digests, looks and failures."""
        self.passed += len(re.findall(r"^\[       OK \]", output, re.M))
        self.failed += max(len(re.findall(r"^\[  FAILED  \] \S+ \(", output, re.M)), 1 if code else 0)
        for points, name in re.findall(r"^    (\d+) points(?:, digest (\w+))?$", output, re.M):
            self.disk_points += int(points)
            self.disk_digests.append(name)
        for told in re.findall(r"^    looked for: (.*)$", output, re.M):
            for count, harm in re.findall(r"(\d+) (\w+)", told):
                self.looks[harm] += int(count)
        self.note_harms(output)

    # --- what must hold in the full form ---

    def expect_planned(self, reached):
        """The operations that promise something make no call that the plan leaves out."""
        for operation in OPERATIONS:
            for call, count in reached[operation.name].items():
                planned = operation.calls.get(call, 0)
                if count > planned and operation.name in COVERED:
                    self.fail(f"{operation.name}: makes {count} calls of {call}; points.py plans for {planned}")

    def expect_covered(self):
        """Every write and every flush of them was met."""
        for operation in OPERATIONS:
            furthest = []
            for call, planned in operation.calls.items():
                met = {point[2] for _, point in self.met if point[:2] == (operation.name, call)}
                missing = sorted(set(range(1, planned + 1)) - met)
                if missing and operation.name in COVERED and call in ("write", "flush"):
                    self.fail(f"{operation.name}: {call} {missing} not met")
                furthest.append(f"every {call} 1-{planned}" if not missing else f"{call} {len(met)} of {planned}")
            print(f"    {operation.name}: {', '.join(furthest)}", flush=True)

    def expect_again(self, chain, before, after):
        """The same chain of the seed met the same points; how racing requests share commits is left out."""
        first, second = ([point for point in met if point[0] not in RACING] for met in (before, after))
        if first != second:
            self.fail(f"chain {chain} once more met other points: {sorted(set(first) ^ set(second))}")
        print(f"  chain {chain} once more: {len(second)} points, the same {len(set(first) & set(second))} as before",
              flush=True)

    def close(self, seed):
        """The last lines of a run."""
        looks = self.looks + LOOKS
        settled = [(chain, point) for chain, point in self.met if point[0] not in RACING]
        print(f"  seed {seed}: {len(self.visited)} points visited, digest {digest(self.visited)}; {len(self.met)} met, "
              f"without races {len(settled)}, digest {digest(settled)}")
        if self.disk_digests:
            print(f"  seed {seed}: {self.disk_points} points of the fault layer, digest {digest(self.disk_digests)}")
        print("  " + "; ".join(f"{self.found[harm]} {harm} of {looks[harm]} looked for" for harm in HARMS))
        print(f"{self.passed} passed, {self.failed} failed, 0 skipped", flush=True)
