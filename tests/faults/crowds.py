"""Crowds: everybody asks in the same second, and everybody asks about the same session. What the nodes and their
database make of it is counted, not timed."""
import collections
import functools
import os
import re
import selectors
import socket
import time

from client import Answer, NoReply, Person, ask, at_once, basic, expect, patiently, write_request
from cluster import Cluster, Node
from load import Load, Loser
from served import ISSUER

PEOPLE = 6
FAMILIES_A_SECOND = 200  # of the time that the experiment is given
PASSWORDS_A_SECOND = 40  # likewise
HASH_KIB = 32 * 1024  # memory of one password hash here, more than a node's other work takes
PATIENCE = 60  # seconds
TRANSACTIONS = "xact_commit + xact_rollback"


class Member:
    """One of a crowd: a request, which it repeats after the time that a 503 names, until it is answered."""

    def __init__(self, node, request):
        self.node, self.request = node, request
        self.answer, self.raw = None, b""
        self.due, self.began, self.waited = 0.0, 0.0, 0.0
        self.refused = 0


class Crowd:
    """Members that all send at once. Each has its connection before the first sends, as far as there is room."""

    def __init__(self, members):
        self.members = members
        self.watched = selectors.DefaultSelector()

    def ask(self):
        """Returns when the last one has its answer."""
        waiting = []
        for member in self.members:
            peer = self.connected(member)
            (waiting if peer is None else []).append(member)
        began = time.monotonic()
        for key in list(self.watched.get_map().values()):
            self.send(key.fileobj, key.data)
        for member in self.members:
            member.began = began
        left = len(self.members)
        while left:
            expect(time.monotonic() - began < PATIENCE, f"stuck: {left} of {len(self.members)} wait for an answer")
            for member in [each for each in waiting if each.due <= time.monotonic()]:
                peer = self.connected(member)
                if peer is not None:
                    waiting.remove(member)
                    self.send(peer, member)
            for key, _ in self.watched.select(0.02):
                if self.received(key.fileobj, key.data):
                    if key.data.answer is None:
                        waiting.append(key.data)
                    else:
                        left -= 1

    @staticmethod
    def send(peer, member):
        try:
            peer.sendall(member.request)
        except OSError:  # the node has hung up, and is heard to have
            pass

    def connected(self, member):
        """A connection of the member's, or nothing while the node takes none."""
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        peer.setblocking(False)
        try:
            peer.connect(member.node.http)
        except OSError:  # its queue is full, or nobody listens
            peer.close()
            member.due = time.monotonic() + 0.05
            return None
        member.raw = b""
        self.watched.register(peer, selectors.EVENT_READ, member)
        return peer

    def received(self, peer, member):
        """Whether the connection has ended; then the member has an answer, or a time at which to ask again."""
        try:
            more = peer.recv(65536)
        except BlockingIOError:
            return False
        except OSError:
            more = b""
        if more:
            member.raw += more
            return False
        self.watched.unregister(peer)
        peer.close()
        now = time.monotonic()
        try:
            answer = Answer(member.raw)
        except (NoReply, IndexError):
            member.due = now + 0.05
            return True
        if answer.status == 503:
            expect("retry-after" in answer.headers, "503 without Retry-After")
            member.refused += 1
            member.due = now + float(answer.headers["retry-after"])
            return True
        member.answer, member.waited = answer, now - member.began
        return True

    def told(self):
        """How long they waited."""
        waits = sorted(member.waited for member in self.members)
        refused = sum(member.refused for member in self.members)
        return (f"half of them waited {waits[len(waits) // 2]:.1f} s, 99 of 100 {waits[len(waits) * 99 // 100]:.1f} s, "
                f"the last {waits[-1]:.1f} s; {refused} were told to come again")


def families_of(cluster, count):
    """So many, of a few people."""
    people = [Person(cluster) for _ in range(PEOPLE)]
    share = -(-count // PEOPLE)

    def begin(number):
        for _ in range(share):
            people[number].reach_tokens(f"c{number}")

    at_once(functools.partial(begin, number) for number in range(PEOPLE))
    return [family for person in people for family in person.live]


def fx25_everybody_refreshes(folder, seconds):
    """FX25: the access tokens of thousands of clients end in the same second, and all refresh"""
    with Cluster(folder) as cluster:
        families = families_of(cluster, round(seconds * FAMILIES_A_SECOND))
        members = [Member(cluster.nodes[number % len(cluster.nodes)], write_request(
            "POST", "/token", basic(family.client), {"grant_type": "refresh_token", "refresh_token": family.refresh}))
                   for number, family in enumerate(families)]
        crowd = Crowd(members)
        crowd.ask()
        for family, member in zip(families, members):
            expect(member.answer.status == 200, f"lost: a family, in a crowd: {member.answer.status}")
            family.refresh, family.access = (member.answer.json[name] for name in ("refresh_token", "access_token"))
        expect(len({family.refresh for family in families}) == len(families), "twice: a successor")
        # Each goes on from what it was given, at any node.
        person = Person(cluster)
        for family in families[:: max(1, len(families) // 100)]:
            expect(person.userinfo(family.access).status == 200, "lost: a fresh access token is refused")
            expect(person.refresh(family).status == 200, "lost: a family, after a crowd")
        return f"{len(members)} refreshes at once: {crowd.told()}; families lost: 0"


class ProxiedNode(Node):
    """Behind a proxy that says who asks."""

    def __init__(self, folder, database):
        super().__init__(folder, database)
        with open(self.config, "r+", encoding="utf-8") as file:
            text = file.read()
            file.seek(0)
            file.write(f'trusted_proxies = ["unix"]\n{text}\n[password]\nmemory_kib = {HASH_KIB}\n')


class ProxiedCluster(Cluster):
    node = ProxiedNode


class Typist(Person):
    """Has typed the password, at an address of its own, and not sent it yet."""

    def __init__(self, cluster, address):
        super().__init__(cluster)
        answer = patiently(lambda: self.authorize("c0"))
        self.address, self.request = address, b""
        self.sign_in(patiently(lambda: self.visit("GET", answer.location)))

    def visit(self, method, url, form=None):
        if method == "GET":
            return super().visit(method, url, form)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.request = write_request("POST", url.removeprefix(ISSUER), {
            "Cookie": cookies, "Origin": ISSUER, "X-Forwarded-For": self.address}, form)
        return Answer(b"HTTP/1.1 204 Not sent\r\n\r\n")


def forget_most_memory(node):
    with open(f"/proc/{node.process.pid}/clear_refs", "w", encoding="ascii") as control:
        control.write("5")


def most_memory(node):
    """KiB, since that was forgotten."""
    with open(f"/proc/{node.process.pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1))


def fx27_everybody_signs_in(folder, seconds):
    """FX27: hundreds send their password in the same second, while others go on refreshing"""
    with ProxiedCluster(folder) as cluster:
        typists = [None] * round(seconds * PASSWORDS_A_SECOND)

        def type_some(number):
            for at in range(number, len(typists), PEOPLE):
                typists[at] = Typist(cluster, f"192.0.{at // 250}.{at % 250}")

        at_once(functools.partial(type_some, number) for number in range(PEOPLE))
        with Load(cluster, PEOPLE, [Loser]) as load:
            while not all(person.live or person.broken for person in load.people):
                time.sleep(0.05)
            for node in cluster.nodes:
                forget_most_memory(node)
            before = [most_memory(node) for node in cluster.nodes]
            crowd = Crowd([Member(cluster.nodes[number % len(cluster.nodes)], typist.request)
                           for number, typist in enumerate(typists)])
            began = time.monotonic()
            crowd.ask()
            longest = load.longest_wait(since=began)
            served = sum(load.acknowledged(since=began).values())
        load.verdict()
        grown = max(most_memory(node) - at_first for node, at_first in zip(cluster.nodes, before))
        hashes = max(1, len(os.sched_getaffinity(0)) - 1)  # at once, in one node
        expect(grown < (hashes + 1) * HASH_KIB, f"grows: memory by {grown / 1024:.0f} MiB")
        for member in crowd.members:
            expect(member.answer.status == 303, f"lost: a right password: {member.answer.status}")
        expect(served > 0, "stuck: no token while passwords are hashed")
        return (f"{len(typists)} passwords at once: {crowd.told()};\n"
                f"  meanwhile {served} exchanges and refreshes, which waited {longest:.1f} s at the most; "
                f"a node's memory rose by {grown / 1024:.0f} MiB")


def counted(cluster, what):
    """By the database since it began; ends the nodes, for a session tells the last of its counts when it ends."""
    for node in cluster.nodes:
        node.kill()
    others = ("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' "
              "AND pid <> pg_backend_pid()")
    end = time.monotonic() + PATIENCE
    while int(cluster.database.ask(others)) > 0:
        expect(time.monotonic() < end, "stuck: sessions of nodes that are gone")
        time.sleep(0.1)
    return int(cluster.database.ask(f"SELECT {what} FROM pg_stat_database WHERE datname = current_database()"))


def transactions_of_a_start(cluster, meanwhile):
    """How many the database has ended when all nodes have started and meanwhile() has returned."""
    before = counted(cluster, TRANSACTIONS)
    for node in cluster.nodes:
        node.spawn()
    meanwhile()
    for node in cluster.nodes:
        node.await_ready()
    return counted(cluster, TRANSACTIONS) - before


def fx26_everybody_waits_for_a_start(folder, seconds):
    """FX26: all nodes start again while thousands wait for keys and metadata, half of which they have already"""
    count = round(seconds * FAMILIES_A_SECOND)
    with Cluster(folder) as cluster:
        documents = {target: patiently(lambda target=target: ask(cluster.nodes[0].http, "GET", target))
                     for target in ("/.well-known/openid-configuration", "/jwks")}
        end = time.monotonic() + PATIENCE
        while len(documents["/jwks"].json["keys"]) < 4:  # of each algorithm the next key comes a little later
            expect(time.monotonic() < end, "stuck: there are no next keys")
            time.sleep(0.2)
            documents["/jwks"] = patiently(lambda: ask(cluster.nodes[0].http, "GET", "/jwks"))
        alone = transactions_of_a_start(cluster, lambda: None)
        members = []
        for number in range(count):
            target = list(documents)[number % 2]
            known = {"If-None-Match": documents[target].headers["etag"]} if number % 4 < 2 else {}
            member = Member(cluster.nodes[number % len(cluster.nodes)], write_request("GET", target, known))
            member.target, member.expected = target, 304 if known else 200
            members.append(member)
        crowd = Crowd(members)
        crowded = transactions_of_a_start(cluster, crowd.ask)
        for member in members:
            expect(member.answer.status == member.expected, f"lost: {member.target}: {member.answer.status}")
            expect(member.answer.status == 304 or member.answer.body == documents[member.target].body,
                   f"lost: {member.target} is another one after the start")
        expect(crowded < alone + count / 10, f"stuck: {count} requests took {crowded} transactions, none took {alone}")
        return (f"{count} requests at three nodes that start: {crowd.told()};\n"
                f"  transactions of the database: {crowded}, and {alone} when nobody waits")


class Statuses(collections.Counter):
    def __str__(self):
        return ", ".join(f"{count} x {status}" for status, count in sorted(self.items()))


def fx21_one_session_at_once(folder, seconds):
    """FX21: many requests at once about one session, one person and their families, at every node"""
    with Cluster(folder) as cluster:
        owner = Person(cluster)
        owner.reach_tokens("c0")
        statuses = [Statuses() for _ in range(PEOPLE * 2)]
        until = time.monotonic() + seconds

        def act(number):
            person = Person(cluster)
            person.cookies = dict(owner.cookies)
            own = statuses[number]
            while time.monotonic() < until:
                answer = person.authorize("c0")
                own[answer.status] += 1
                code = person.code_of("c0", answer)
                expect(code, f"lost: a session, at once: {answer.status}")
                redeemed = person.redeem("c0", code)
                own[redeemed.status] += 1
                expect(redeemed.status == 200, f"stuck: of one session, at once: {redeemed.status} {redeemed.body}")
                family = person.live[-1]
                own[person.refresh(family).status] += 1
                own[person.userinfo(family.access).status] += 1
                if number % 2:  # the grant is one for all of them: each family ends by itself
                    own[person.revoke(family, family.refresh).status] += 1
            person.check()

        at_once(functools.partial(act, number) for number in range(len(statuses)))
        statuses = Statuses(sum(statuses, Statuses()))
        others = [status for status in statuses if status not in (200, 303)]
        expect(not others, f"stuck: of one session, at once: {statuses}")
        return (f"{sum(statuses.values())} requests about one session ({statuses}), "
                f"{sum(statuses.values()) / seconds:.0f} a second; deadlocks of the database: "
                f"{counted(cluster, 'deadlocks')}")
