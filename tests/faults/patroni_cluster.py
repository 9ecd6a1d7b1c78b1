"""The cluster of deploy/ha under load: machines lose power, stand still and come back, and nobody helps."""
import os
import random
import re
import socket
import ssl
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), "deploy", "ha"))

from relay import Relay  # noqa: E402
from served import CARDEA, configuration  # noqa: E402
from trial import APPLICATIONS, DATABASES, Trial  # noqa: E402

FAILOVER_MAX = 30  # seconds until there is another primary
ANSWER_MAX = 15  # seconds that a client waits for one answer; then it asks again


class PatroniCluster:
    """Three database machines and three of applications, for the length of a with statement."""

    def __init__(self, folder):
        self.random = random.Random(1)
        # Runs at the same time must not meet.
        network = f"127.{random.randint(64, 250)}.{random.randint(0, 255)}"
        self.trial = Trial(os.path.join(folder, "trial"), CARDEA, network=network)
        self.faults = []  # (when, what)
        self.relays = []
        os.chmod(folder, 0o755)  # the owner of PostgreSQL passes through

    def __enter__(self):
        _, section, tail = configuration("").partition("[sign_in]")
        self.trial.up(f"\n{section}{tail}")
        self.context = ssl.create_default_context(cafile=self.trial.authority.certificate)
        return self

    def __exit__(self, *_):
        for relay in self.relays:
            relay.close()
        self.trial.down()

    def http(self):
        """A connection to any balancer, by TLS; the next one where nobody listens."""
        for name in self.random.sample(APPLICATIONS, len(APPLICATIONS)):
            try:
                peer = socket.create_connection((self.trial.address(name), 8443), timeout=ANSWER_MAX)
            except ConnectionRefusedError:
                continue
            try:
                return self.context.wrap_socket(peer, server_hostname="id.example")
            except OSError:
                peer.close()
                raise
        raise ConnectionRefusedError("no balancer listens")

    def put_relays_before(self, name):
        """Between a node and each database: its connection text names them instead."""
        trial = self.trial
        path = os.path.join(trial.machine(name), "cardea.toml")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for number, database in enumerate(DATABASES):
            address = f"{trial.network}.{101 + number}"
            self.relays.append(Relay(address, trial.address(database), 5432))
            text = re.sub(re.escape(trial.address(database)) + r"(?=[,&\\])", address, text)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        trial.kill(name, "cardea")
        trial.start(name, "cardea")
        trial.await_ready(name)

    def note(self, what):
        self.faults.append((time.monotonic(), what))

    def standbys(self):
        primary = self.trial.primary()
        return [name for name in DATABASES if name != primary]

    def await_other_primary(self, former):
        self.trial.await_that(lambda: self.trial.primary() not in (None, former), FAILOVER_MAX,
                              f"nobody takes over from {former}")

    def await_whole(self):
        self.trial.await_databases()
        self.trial.await_applications()
        time.sleep(1)


def lose_an_application(cluster):
    """At some moment of the failover another machine loses power too, and comes back."""
    time.sleep(cluster.random.uniform(0, 12))
    name = cluster.random.choice(APPLICATIONS)
    cluster.note(f"{name} loses power too")
    cluster.trial.kill(name)
    time.sleep(1)
    cluster.trial.start(name)


def fx17_the_primary_loses_power(cluster, load, rounds):
    """FX17, FX23: the primary's machine loses power, and one of the applications' meanwhile; they come back"""
    for _ in range(rounds):
        primary = cluster.trial.primary()
        cluster.note(f"{primary}, the primary, loses power")
        cluster.trial.kill(primary)
        lose_an_application(cluster)
        cluster.await_other_primary(primary)
        cluster.trial.start(primary)
        cluster.await_whole()


def fx18_the_primary_stands_still(cluster, load, rounds):
    """FX18: the primary's machine stands still until another has taken over, and goes on as if it were still primary"""
    for _ in range(rounds):
        primary = cluster.trial.primary()
        cluster.note(f"{primary}, the primary, stands still")
        cluster.trial.freeze(primary)
        cluster.await_other_primary(primary)
        time.sleep(cluster.random.uniform(0, 8))
        cluster.note(f"{primary} goes on")
        cluster.trial.thaw(primary)
        cluster.await_whole()


def fx18b_only_patroni_stands_still(cluster, load, rounds):
    """FX18: the primary's Patroni hangs and its PostgreSQL does not, so that two take writes; the later one counts"""
    for _ in range(rounds):
        primary = cluster.trial.primary()
        cluster.note(f"the Patroni of {primary}, the primary, stands still")
        cluster.trial.freeze(primary, "patroni")
        cluster.await_other_primary(primary)
        cluster.trial.await_that(lambda: load.acknowledged(since=time.monotonic() - 0.5), FAILOVER_MAX,
                                 "stuck: the nodes stay with the former primary")
        time.sleep(5)
        cluster.note(f"the Patroni of {primary} goes on")
        cluster.trial.thaw(primary, "patroni")
        cluster.await_whole()


def fx16_a_node_is_cut_off(cluster, load, rounds):
    """FX16: what one node says to every database vanishes; the balancers leave it out, and take it in again"""
    name = APPLICATIONS[0]
    cluster.put_relays_before(name)
    for _ in range(rounds):
        cluster.note(f"{name} is cut off from the databases")
        for relay in cluster.relays:
            relay.swallow()
        cluster.trial.await_that(lambda: not cluster.trial.is_ready(name), FAILOVER_MAX, f"{name} notices nothing")
        time.sleep(8)
        cluster.note(f"{name} reaches the databases again")
        for relay in cluster.relays:
            relay.flow()
        cluster.await_whole()


def fx20_the_standbys_are_away(cluster, load, rounds):
    """FX20: the synchronous standby is away, then every standby: nothing is acknowledged that only one disk has"""
    for turn in range(rounds):
        standbys = cluster.standbys() if turn % 2 else [
            name for name, member in cluster.trial.members().items() if member["role"] == "sync_standby"]
        cluster.note(f"{' and '.join(standbys)} stop replicating")
        for name in standbys:
            cluster.trial.kill(name, "patroni")
            cluster.trial.kill(name, "postgres")
        gone = time.monotonic() + 0.5  # what was on its way has arrived
        time.sleep(8)
        if len(standbys) > 1:
            acknowledged = load.acknowledged(since=gone)
            if acknowledged:
                raise AssertionError(f"lost: acknowledged on one disk alone: {dict(acknowledged)}")
        for name in standbys:
            cluster.trial.start(name)
        cluster.await_whole()
