"""What a node on PostgreSQL costs beside one with a file: some workloads once more, with the database's own time."""
import concurrent.futures
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "faults"))

from cluster import PROGRAMS, Database  # noqa: E402
from server import Server  # noqa: E402
from workloads import WORKLOADS, Person  # noqa: E402

NEEDS_CODES = ("exchange_es256",)  # its driver makes them first, which costs the database most of the time
OFFERED = 0.25  # of what one node does when it has all of its core; four programs share two
ON_DATABASE = ("client_credentials_es256", "introspection", "userinfo", "refresh", "exchange_es256", "flow_es256")


class MeasuredDatabase(Database):
    """A PostgreSQL for the length of a with statement, away from the server's core. Every commit is flushed."""

    def __enter__(self):
        core = sorted(os.sched_getaffinity(0))[-1]
        for pid in self.processes():  # those that connections get inherit it
            os.sched_setaffinity(pid, {core})
        return self

    def __exit__(self, *_):
        self.stop()

    def processes(self):
        own = self.process.pid
        with open(f"/proc/{own}/task/{own}/children", encoding="ascii") as children:
            return [own, *map(int, children.read().split())]

    def cpu_seconds(self):
        """Of all its processes, those that ended as well."""
        ticks = 0
        for pid in self.processes():
            with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
            ticks += sum(map(int, fields[11:15] if pid == self.process.pid else fields[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")


def is_available():
    return os.path.exists(os.path.join(PROGRAMS, "postgres"))


def run_on_database(bench):
    """Rows that end in _pg; and _pg_alone beside _pg_beside, a node whose neighbour does as much."""
    names = [name for name in ON_DATABASE if bench.wants(name)]
    if not names:
        return
    folder = os.path.join(bench.folder, "pg")
    os.makedirs(folder)
    os.chmod(bench.folder, 0o755)  # PostgreSQL runs as a user of its own
    with MeasuredDatabase(folder) as database, Server(bench.build, folder, database=database.url()) as server:
        server.settle()
        person = Person(server)
        for name in names:
            before = database.cpu_seconds()
            bench.measure(name + "_pg",
                          lambda make=WORKLOADS[name]: {**place_of(server), **make(person, bench.options)})
            row = bench.figures[name + "_pg"]
            if name not in NEEDS_CODES:
                row["database_cpu_us"] = (database.cpu_seconds() - before) / row["operations_of_all_rounds"] * 1e6
        if not bench.options.train:
            run_beside_another(bench, database, (server, person), names)


def place_of(server):
    return {"host": server.host, "port": server.port, "pid": server.pid}


def run_beside_another(bench, database, first, names):
    """The second node shares the other core with the driver and the database; both nodes are offered the same rate."""
    folder = os.path.join(bench.folder, "pg", "second")
    os.makedirs(folder)
    shutil.copy(os.path.join(first[0].folder, "root.key"), folder)
    with Server(bench.build, folder, database=database.url()) as server:
        os.sched_setaffinity(server.pid, {sorted(os.sched_getaffinity(0))[-1]})
        for thread in os.listdir(f"/proc/{server.pid}/task"):
            os.sched_setaffinity(int(thread), {sorted(os.sched_getaffinity(0))[-1]})
        second = (server, Person(server))
        for name in names:
            if name in NEEDS_CODES:
                continue
            rate = int(bench.figures[name + "_pg"]["rate"] * OFFERED)

            def drive(node, name=name, rate=rate):
                return bench.drive({**place_of(node[0]), **WORKLOADS[name](node[1], bench.options), "rate": rate})

            rows = {"alone": [], "beside": []}
            for _ in range(bench.options.rounds):
                rows["alone"].append(drive(first))
                with concurrent.futures.ThreadPoolExecutor(1) as other:
                    beside = other.submit(drive, second)
                    rows["beside"].append(drive(first))
                    beside.result()
            for kind, rounds in rows.items():
                bench.figures[f"{name}_pg_{kind}"] = min(rounds, key=lambda row: row["server_cpu_us"])


def print_database(figures):
    """A node's processor time on PostgreSQL as a multiple of that with a file."""
    for name in ON_DATABASE:
        beside = figures.get(name + "_pg")
        if beside and name in figures:
            ratio = beside["server_cpu_us"] / figures[name]["server_cpu_us"]
            of_database = f", and {beside['database_cpu_us']:.1f} us of the database" if name not in NEEDS_CODES else ""
            print(f"on PostgreSQL {name:26} {ratio:5.2f} x the CPU time with a file{of_database}")
    for name in ON_DATABASE:
        alone, beside = (figures.get(f"{name}_pg_{kind}") for kind in ("alone", "beside"))
        if alone and beside:
            ratio = beside["server_cpu_us"] / alone["server_cpu_us"]
            print(f"beside a second node {name:21} {ratio:5.2f} x the CPU time alone, at {alone['rate']:.0f}/s each")
