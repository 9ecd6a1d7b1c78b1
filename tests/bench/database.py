"""What a node on PostgreSQL costs beside one with a file: some workloads once more, with the database's own time."""
import concurrent.futures
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "faults"))

from cluster import PROGRAMS, Database  # noqa: E402
from server import Server, place_of  # noqa: E402
from workloads import WORKLOADS, Person  # noqa: E402

NEEDS_CODES = ("exchange_es256",)  # its driver makes them first, which costs the database most of the time
OFFERED_EACH = 0.25  # of what one node does when it has all of its core; four programs share two
OFFERED = 0.7  # of what the node on PostgreSQL does
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
    """Rows that end in _pg; _pg_offered and _file_offered, both stores at the same rate; _pg_alone and _pg_beside, a
    node without and with a neighbour that does as much."""
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
            run_as_fast_with_a_file(bench, (server, person), names)
            run_beside_another(bench, database, (server, person), names)


def run_as_fast_with_a_file(bench, node, names):
    """A node that waits for its database sleeps more often than one that is never idle, and each time that it wakes
    costs microseconds: so both stores once more at the same rate."""
    with Server(bench.build, os.path.join(bench.folder, "pg", "file")) as server:
        server.settle()
        with_file = (server, Person(server))
        for name, rate in rates(bench, names, OFFERED):
            rounds = [(offer(bench, node, name, rate), offer(bench, with_file, name, rate))
                      for _ in range(bench.options.rounds)]
            keep_cheapest(bench, (name + "_pg_offered", name + "_file_offered"), rounds)


def rates(bench, names, share):
    """(name, rate): so much of what the node on PostgreSQL did of it."""
    return [(name, int(bench.figures[name + "_pg"]["rate"] * share)) for name in names if name not in NEEDS_CODES]


def offer(bench, node, name, rate):
    """One round of an open loop."""
    server, person = node
    return bench.drive({**place_of(server), **WORKLOADS[name](person, bench.options), "rate": rate})


def offer_to_both(bench, first, second, name, rate):
    """The first node's figures, while the second does as much."""
    with concurrent.futures.ThreadPoolExecutor(1) as other:
        beside = other.submit(offer, bench, second, name, rate)
        row = offer(bench, first, name, rate)
        beside.result()
    return row


def keep_cheapest(bench, names, rounds):
    """A row for each name, of rounds that have a figure for each."""
    for name, rows in zip(names, zip(*rounds)):
        bench.figures[name] = min(rows, key=lambda row: row["server_cpu_us"])


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
        for name, rate in rates(bench, names, OFFERED_EACH):
            rounds = [(offer(bench, first, name, rate), offer_to_both(bench, first, second, name, rate))
                      for _ in range(bench.options.rounds)]
            keep_cheapest(bench, (name + "_pg_alone", name + "_pg_beside"), rounds)


def print_database(figures):
    """A node's processor time on PostgreSQL as a multiple of that with a file."""
    for name in ON_DATABASE:
        beside = figures.get(name + "_pg")
        if beside and name in figures:
            ratio = beside["server_cpu_us"] / figures[name]["server_cpu_us"]
            of_database = f", and {beside['database_cpu_us']:.1f} us of the database" if name not in NEEDS_CODES else ""
            print(f"on PostgreSQL {name:26} {ratio:5.2f} x the CPU time with a file{of_database}")
    for name in ON_DATABASE:
        offered, with_file = (figures.get(f"{name}_{kind}_offered") for kind in ("pg", "file"))
        if offered and with_file:
            ratio = offered["server_cpu_us"] / with_file["server_cpu_us"]
            print(f"on PostgreSQL {name:26} {ratio:5.2f} x the CPU time with a file, both at {offered['rate']:.0f}/s")
    for name in ON_DATABASE:
        alone, beside = (figures.get(f"{name}_pg_{kind}") for kind in ("alone", "beside"))
        if alone and beside:
            ratio = beside["server_cpu_us"] / alone["server_cpu_us"]
            print(f"beside a second node {name:21} {ratio:5.2f} x the CPU time alone, at {alone['rate']:.0f}/s each")
