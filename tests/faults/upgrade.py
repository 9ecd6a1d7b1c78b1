"""Nodes of two versions of the program on one database, under load: what an operator does to upgrade, node by node."""
import time

from client import Person, expect
from cluster import Cluster
from load import Load
from races import SimpleServer
from served import CARDEA

PEOPLE = 6


def expect_seen(told, others):
    """A token that is revoked at one node is dead at the next request at every other."""
    person = Person(SimpleServer(told.http))
    family = person.reach_tokens("c13")
    for node in others:
        status = Person(SimpleServer(node.http)).userinfo(family.access).status
        expect(status == 200, "lost: a fresh access token, at another node")
    expect(person.revoke(family, family.access).status == 200, "lost: a revocation")
    for node in others:
        expect(Person(SimpleServer(node.http)).userinfo(family.access).status == 401,
               f"lost: a revocation, from {told.program} to {node.program}")


def fx24b_two_versions(older):
    """The experiment, from a program of an older version to this one."""

    def experiment(folder, _):
        """FX24b: nodes of an older program and of this one beside each other, one restarted after the other"""
        with Cluster(folder, program=older) as cluster:
            first = cluster.nodes[0]
            with Load(cluster, PEOPLE) as load:
                time.sleep(2)
                for node in cluster.nodes:
                    node.terminate()
                    node.program = CARDEA
                    node.start()
                    time.sleep(1)
                    if node is first:
                        expect_seen(first, cluster.nodes[1:])
                        expect_seen(cluster.nodes[1], [first, cluster.nodes[2]])
                # An operator who changes his mind: the older program on the newer schema.
                first.terminate()
                first.program = older
                first.start()
                expect_seen(first, cluster.nodes[1:])
                expect_seen(cluster.nodes[1], [first, cluster.nodes[2]])
                time.sleep(1)
            load.verdict()
            return f"{load.requests} requests answered, longest wait {load.longest_wait():.1f} s; lost: 0"

    return experiment
