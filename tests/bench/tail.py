"""How long the slowest answers take at 70 % of the rate that a closed loop reaches: an open loop, constant arrivals,
coordinated omission counted. Beside the percentiles of the whole run stand those of its usual tenth of a second: other
work of a machine of two cores takes each core for milliseconds, some ten times a second, and a server that is busy for
most of the time needs several times as long to catch up. The server is raised above the machine's services where that
is allowed; the driver's core has them still."""
import os

from server import Nginx, Server, StaticAnswer, place_of, plan_of_static
from workloads import WORKLOADS, Person

LOAD = 0.7
NAMES = ("discovery", "introspection", "userinfo", "client_credentials_es256", "refresh", "flow_es256")


def raise_above_services(pid):
    """All threads, and those that they start; whether it was allowed."""
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            os.sched_setscheduler(int(thread), os.SCHED_RR, os.sched_param(1))
    except PermissionError:
        return False
    return True


def measure(bench, name, make_plan):
    """The round whose ratio is the one in the middle."""
    rounds = []
    for _ in range(bench.options.rounds):
        full = bench.drive(make_plan())
        row = bench.drive({**make_plan(), "rate": int(full["rate"] * LOAD)})
        row["of_closed_loop"] = row["rate"] / full["rate"]
        rounds.append(row)
    rounds.sort(key=usual_ratio)
    bench.figures[f"{name}_at_70"] = rounds[len(rounds) // 2]


def usual_ratio(row):
    return row["usual_p99_ms"] / row["usual_p50_ms"]


def run_tail(bench):
    """Rows that end in _at_70."""
    names = [name for name in NAMES if bench.wants(name)]
    if not names:
        return
    body = bench.static_body
    for name, server in (("static", StaticAnswer(bench.build, body)), ("nginx", Nginx(bench.folder, body))):
        if server.available():
            with server:
                raise_above_services(server.pid)
                measure(bench, name, lambda server=server: plan_of_static(server))
    with Server(bench.build, os.path.join(bench.folder, "tail")) as server:
        server.settle()
        if not raise_above_services(server.pid):
            print("  at 70 %: the servers could not be raised above the machine's services")
        person = Person(server)
        for name in names:
            measure(bench, name, lambda make=WORKLOADS[name]: {**place_of(server), **make(person, bench.options)})


def print_tail(figures):
    """One line a workload."""
    for name in ("static", "nginx", *NAMES):
        row = figures.get(f"{name}_at_70")
        if row:
            print(f"at 70 % {name:26} p50 {row['p50_ms']:.3f} ms, p99 {row['p99_ms']:.2f} ms: "
                  f"{row['p99_ms'] / row['p50_ms']:.1f} x; in its usual tenth of a second "
                  f"{row['usual_p50_ms']:.3f} and {row['usual_p99_ms']:.2f} ms: {usual_ratio(row):.1f} x")
