"""What a node's surroundings do to it: a database without a connection to spare, a standby a day behind among its
addresses, clocks that are set."""
import os
import re
import socket
import struct
import time
import urllib.request

from client import expect
from cluster import Cluster, Database
from races import RacingNode, expect_skewed

HOUR = 3600
STEPS = (30, -30, 600, -600, HOUR, -HOUR)  # seconds


class Session:
    """A session of somebody else's in PostgreSQL's own words (its protocol, version 3), kept until it is closed."""

    def __init__(self, database):
        self.peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.peer.settimeout(10)
        self.peer.connect(f"{database.folder}/.s.PGSQL.5432")
        words = b"user\0cardea\0database\0postgres\0application_name\0hog\0\0"
        self.peer.sendall(struct.pack("!ii", len(words) + 8, 3 << 16) + words)
        self.is_granted = b"Z" in [kind for kind, _ in self.messages()]  # else an error: there are too many

    def messages(self):
        """Up to ReadyForQuery, or the end."""
        stream = self.peer.makefile("rb")
        while head := stream.read(5):
            kind, size = head[:1], struct.unpack("!i", head[1:])[0]
            yield kind, stream.read(size - 4)
            if kind == b"Z":
                return

    def ask(self, command):
        """The first column of the only row."""
        text = command.encode() + b"\0"
        self.peer.sendall(b"Q" + struct.pack("!i", len(text) + 4) + text)
        rows = [row for kind, row in self.messages() if kind == b"D"]
        size = struct.unpack("!i", rows[0][2:6])[0]
        return rows[0][6:6 + size].decode()

    def close(self):
        self.peer.close()


END_OTHERS = ("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
              "WHERE backend_type = 'client backend' AND application_name <> 'hog'")


def fx22_no_connection_is_left(cluster, load, rounds):
    """FX22: others take every connection that the database has, and the nodes lose theirs; later there is room again"""
    for _ in range(rounds):
        time.sleep(1)
        hogs = [Session(cluster.database)]
        end, before = time.monotonic() + 3, None
        while time.monotonic() < end:
            while hogs[-1].is_granted:
                hogs.append(Session(cluster.database))
            hogs.pop().close()
            hogs[0].ask(END_OTHERS)
            hogs.append(Session(cluster.database))
            time.sleep(0.05)
            before = load.refused if before is None else before  # what was under way then has been refused
        for hog in hogs:
            hog.close()
        expect(load.refused > before, "the nodes had connections all the same")
        time.sleep(1)  # as long as they wait between two tries


class Standby(Database):
    """Follows another, a day behind, and answers questions."""

    def __init__(self, folder, primary):
        self.primary = primary
        os.makedirs(folder)
        super().__init__(folder)

    def initialise(self):
        self.run("pg_basebackup", "--pgdata", f"{self.folder}/data", "--write-recovery-conf", "--checkpoint", "fast",
                 "--no-sync", "-h", self.primary.folder, "-U", "cardea")

    def settings(self):
        return super().settings() + ["-c", "recovery_min_apply_delay=1d"]


class Followed(Database):
    """A primary with a standby; the nodes know both, and the standby first."""

    def __init__(self, folder):
        super().__init__(folder)
        self.standby = Standby(os.path.join(folder, "standby"), self)

    def url(self):
        return f"postgresql:///postgres?host={self.standby.folder},{self.folder}&user=cardea"

    def stop(self):
        self.standby.stop()
        super().stop()


class FollowedCluster(Cluster):
    database_kind = Followed


def fx19_a_standby_lags(cluster, _, rounds):
    """FX19: a standby that is a day behind is the first address of every node; the primary crashes, and comes back"""
    for _ in range(rounds):
        time.sleep(1.5)
        cluster.database.crash()
        time.sleep(0.7)
        cluster.database.start()
    behind = cluster.database.standby.ask("SELECT pg_is_in_recovery() AND "
                                          "pg_last_wal_replay_lsn() < pg_last_wal_receive_lsn()")
    expect(behind.strip() == "t", "the standby does not lag")


class WatchedNode(RacingNode):
    """Tells its metrics."""

    def __init__(self, folder, database):
        super().__init__(folder, database)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        with open(self.config, "r+", encoding="utf-8") as file:
            text = file.read()
            file.seek(0)
            file.write(text.replace('[management]\nlisten = ""', f'[management]\nlisten = "127.0.0.1:{self.port}"'))

    def clock_ahead(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            return float(re.search(r"^cardea_clock_ahead_seconds (.+)$", answer.read().decode(), re.M).group(1))


class WatchedCluster(Cluster):
    node = WatchedNode


def fx29_clocks_are_set(cluster, _, rounds):
    """FX28, FX29: the clock of every node is set by up to an hour, forward and back, and tells by how much"""
    for _ in range(rounds):
        steps = cluster.random.sample(STEPS, len(cluster.nodes))
        for node, seconds in zip(cluster.nodes, steps):
            node.control.move_clock(seconds)
        time.sleep(1)
        expect_skewed(cluster, steps)
        for node, seconds in zip(cluster.nodes, steps):
            expect(abs(node.clock_ahead() - seconds) < 2, f"a clock {seconds} s off is told as {node.clock_ahead()}")
    for node in cluster.nodes:
        node.control.move_clock(0)
