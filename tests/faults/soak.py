"""Nodes that come and go for a long time under a load that adds nothing: what one of them holds, and what the database
holds, stays as it was."""
import os
import re
import time

from client import expect
from cluster import Cluster
from load import Load, Loser

PEOPLE = 6
LIFE = 6  # seconds between two kills
SHORTEST = 300  # seconds: in less the caches of tokens, which have room for thousands, are not full after the warm-up
WARM_UP = 0.3  # of the time: caches fill, and connections are opened
# Beyond what there was after the warm-up.
MORE_MEMORY, MORE_DESCRIPTORS, MORE_ROWS = 1.10, 8, 8


def rows_of(database):
    """How many each table has."""
    names = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
    tables = database.ask(names).split()
    counts = database.ask(" UNION ALL ".join(f"SELECT count(*) FROM {table}" for table in tables)).split()
    return dict(zip(tables, map(int, counts)))


class Sample:
    def __init__(self, cluster, pid):
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            self.memory = int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))
        self.descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        self.rows = rows_of(cluster.database)

    def __str__(self):
        return f"{self.memory / 1024:.1f} MiB, {self.descriptors} descriptors, {sum(self.rows.values())} rows"


def soak(folder, seconds):
    """SOAK: of three nodes any but the first is killed again and again; its memory, descriptors and rows stay flat"""
    if seconds < SHORTEST:
        raise ValueError(f"a soak says nothing in less than {SHORTEST} seconds")
    with Cluster(folder) as cluster:
        watched = cluster.nodes[0].process.pid
        with Load(cluster, PEOPLE, [Loser]) as load:  # each begins three families, and no more
            began, samples, kills = time.monotonic(), [], 0
            while time.monotonic() - began < seconds:
                node = cluster.random.choice(cluster.nodes[1:])
                node.kill()
                time.sleep(0.5)
                node.start()
                kills += 1
                time.sleep(LIFE)
                samples.append((time.monotonic() - began, Sample(cluster, watched)))
        load.verdict()
    warm = [sample for when, sample in samples if when >= seconds * WARM_UP]
    before, after = warm[0], warm[-1]
    expect(after.memory <= before.memory * MORE_MEMORY, f"grows: memory, from {before} to {after}")
    expect(after.descriptors <= before.descriptors + MORE_DESCRIPTORS, f"grows: descriptors, from {before} to {after}")
    grown = {table: (before.rows[table], count) for table, count in after.rows.items()
             if count > before.rows[table] + MORE_ROWS}
    expect(not grown, f"grows: rows of {grown}")
    return (f"{load.requests} requests, {kills} kills, longest wait {load.longest_wait():.1f} s\n"
            f"  after the warm-up {before}; at the end {after}")
