"""One run of the bench driver, on a core of its own."""
import json
import os
import subprocess

from server import pinned

CONNECTIONS = 32


def drive(build, plan, seconds):
    """Its figures. What the plan says counts more than what is usual."""
    plan = {"connections": CONNECTIONS, "milliseconds": int(seconds * 1000), **plan}
    done = subprocess.run(pinned(1, [os.path.join(build, "bench_driver")]), input=json.dumps(plan), text=True,
                          capture_output=True, timeout=600, check=False)
    if done.returncode != 0:
        raise SystemExit(f"bench: the driver failed\n{done.stderr[-2000:]}{done.stdout}")
    return json.loads(done.stdout)
