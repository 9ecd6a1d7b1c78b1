"""Figures that were kept, so that a regression shows: one JSON file for a commit. CPU time is what a shared machine
tells best, and it is compared in units of the run's own ceiling."""
import glob
import json
import os
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "history")


def keep(figures):
    commit = subprocess.run(["git", "rev-parse", "--short=10", "HEAD"], cwd=HERE, capture_output=True, text=True,
                            check=True).stdout.strip()
    os.makedirs(FOLDER, exist_ok=True)
    figures = {"kept_at": int(time.time()), **figures}  # a clone's files have no times of their own
    path = os.path.join(FOLDER, time.strftime("%Y-%m-%d") + "-" + commit + ".json")
    with open(path, "w", encoding="utf-8") as out:
        json.dump(figures, out, indent=1)
    print(f"kept as {os.path.relpath(path)}")


def in_signatures(figures, name):
    """CPU time of an operation in units of the run's own raw ES256 signature: machines differ, this hardly does."""
    return figures[name]["server_cpu_us"] * figures["ceilings"]["es256_signatures"] / 1e6


def compare(figures):
    """Says what got a tenth dearer or cheaper since the last run that was kept."""
    kept = []
    for path in glob.glob(os.path.join(FOLDER, "*.json")):
        with open(path, encoding="utf-8") as file:
            kept.append((path, json.load(file)))
    if not kept or "ceilings" not in figures:
        return
    last, before = max(kept, key=lambda one: one[1].get("kept_at", 0))
    for name, row in figures.items():
        if "server_cpu_us" not in row or name not in before:
            continue
        ratio = in_signatures(figures, name) / in_signatures(before, name)
        if not 0.9 < ratio < 1.1:
            verdict = "dearer" if ratio > 1 else "cheaper"
            print(f"{name}: {verdict} than in {os.path.basename(last)}, times {ratio:.2f}")
