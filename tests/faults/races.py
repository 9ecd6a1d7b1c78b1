"""Refresh tokens that several holders use at the same moment, at several nodes whose clocks disagree: ten present the
newest token together, again and again (security corpus 4.5: RT02, RT04, RT11)."""
import collections
import concurrent.futures
import email.utils
import os
import threading
import time

from client import ask, expect, Person, VERIFIER
from cluster import Cluster, Node
from proofs import ProofKey
from served import INTERPOSER, ISSUER

HOLDERS = 10
REPLAYS_MAX = 8  # of one token, whose successor nobody has used: beyond it the answer is 429
AT_ONCE = 100
RATE = 500  # requests a second, of all holders
SKEWS = (0, 600, -600)  # seconds, of the nodes' clocks


class RacingNode(Node):
    """Has a client more, whose tokens are bound to a key."""

    def __init__(self, folder, database):
        super().__init__(folder, database)
        with open(self.config, "a", encoding="utf-8") as out:
            out.write("""
[[clients]]
client_id = "bound"
token_endpoint_auth_method = "none"
redirect_uris = ["https://bound.example/cb"]
scope = "openid profile offline_access"
grant_types = ["authorization_code", "refresh_token"]
dpop_bound_access_tokens = true
""")

    def environment(self):
        return dict(super().environment(), LD_PRELOAD=INTERPOSER, CRASH_CONTROL=self.control.path)


class RacingCluster(Cluster):
    node = RacingNode

    def __enter__(self):
        for node, seconds in zip(self.nodes, SKEWS):
            node.control.move_clock(seconds)
        return super().__enter__()


class Race:
    """The holders of one family: all begin a round together, and it ends with the last answer."""

    def __init__(self, cluster, family):
        self.cluster, self.family = cluster, family
        self.person = Person(cluster)
        self.start, self.end = (threading.Barrier(HOLDERS + 1, timeout=60) for _ in range(2))
        self.answers = [None] * HOLDERS
        self.running = True
        self.statuses = collections.Counter()
        self.longest = 0.0
        self.threads = [threading.Thread(target=self.hold, args=[number], daemon=True) for number in range(HOLDERS)]
        for thread in self.threads:
            thread.start()

    def hold(self, number):
        node = self.cluster.nodes[number % len(self.cluster.nodes)]
        person = Person(SimpleServer(node.http))
        while True:
            self.start.wait()
            if not self.running:
                return
            began = time.monotonic()
            try:
                self.answers[number] = person.token(self.family.client, grant_type="refresh_token",
                                                    refresh_token=self.family.refresh)
            except Exception as broken:  # whatever it is, it is the verdict
                self.answers[number] = broken
            self.longest = max(self.longest, time.monotonic() - began)
            self.end.wait()

    def run_round(self):
        """All present the newest token; it becomes the one that they were given."""
        self.start.wait()
        self.end.wait()
        for answer in self.answers:
            if isinstance(answer, Exception):
                raise answer
        self.statuses.update(answer.status for answer in self.answers)
        given = {answer.json["refresh_token"] for answer in self.answers if answer.status == 200}
        past = sum(answer.status == 429 for answer in self.answers)
        others = [f"{answer.status} {answer.error}" for answer in self.answers if answer.status not in (200, 429)]
        expect(not others, f"lost: a family, in a race: {others}")
        expect(len(given) == 1, f"twice: a rotation gave {len(given)} successors")
        expect(past <= HOLDERS - 1 - REPLAYS_MAX, f"stuck: {past} of {HOLDERS} holders were told to wait")
        expect(all("retry-after" in answer.headers for answer in self.answers if answer.status == 429),
               "stuck: 429 without Retry-After")
        parent, self.family.refresh = self.family.refresh, given.pop()
        return parent

    def stop(self):
        self.running = False
        self.start.wait()
        for thread in self.threads:
            thread.join()


class SimpleServer:
    """What a Person speaks to: always the same node."""

    def __init__(self, http):
        self.http = http


def expect_skewed(cluster, skews=SKEWS):
    """The clocks are what they are meant to be: each node dates its answers by its own."""
    for node, skew in zip(cluster.nodes, skews):
        dated = email.utils.parsedate_to_datetime(ask(node.http, "GET", "/jwks").headers["date"]).timestamp()
        if abs(dated - time.time() - skew) > 10:
            raise AssertionError(f"the clock of {os.path.basename(node.folder)} is not {skew} s off")


def expect_dead_everywhere(cluster, family, parent):
    """RT04: whoever presents a parent after its successor was used ends the family, at every node at once."""
    person = Person(cluster)
    answer = person.token(family.client, grant_type="refresh_token", refresh_token=parent)
    expect(answer.status == 400 and answer.error == "invalid_grant", f"twice: a spent token: {answer.status}")
    for node in cluster.nodes:
        at_node = Person(SimpleServer(node.http))
        answer = at_node.token(family.client, grant_type="refresh_token", refresh_token=family.refresh)
        expect(answer.error == "invalid_grant", f"lost: a revocation of a family, at {os.path.basename(node.folder)}")
        access = ask(node.http, "GET", "/userinfo", {"Authorization": "Bearer " + family.access})
        expect(access.status == 401, f"lost: a revocation of an access token, at {os.path.basename(node.folder)}")


def ask_bound(node, proof, **form):
    """A token request of the client whose tokens are bound."""
    return ask(node.http, "POST", "/token", {"DPoP": proof}, {"client_id": "bound", **form})


def rt13_one_key_at_many_nodes(folder, _):
    """RT13: a refresh token bound to a key, used a hundred times at once at three nodes, and with another key"""
    with RacingCluster(folder) as cluster:
        owner, thief = ProofKey(folder, "owner"), ProofKey(folder, "thief")
        url = ISSUER + "/token"
        person = Person(cluster)
        redeemed = ask_bound(cluster.nodes[0], owner.proof("POST", url), grant_type="authorization_code",
                             code=person.reach_code("bound"), redirect_uri="https://bound.example/cb",
                             code_verifier=VERIFIER)
        token = redeemed.json["refresh_token"]

        def refresh(node, proof):
            return ask_bound(node, proof, grant_type="refresh_token", refresh_token=token)

        proofs = [owner.proof("POST", url) for _ in range(AT_ONCE)]
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            answers = list(pool.map(lambda at: refresh(cluster.nodes[at % 3], proofs[at]), range(AT_ONCE)))
        statuses = collections.Counter(answer.status for answer in answers)
        expect(statuses == {200: AT_ONCE}, f"stuck: a bound token, at once: {statuses}")
        given = {answer.json["refresh_token"] for answer in answers}
        expect(given == {token}, "lost: a bound token was replaced")
        for node in cluster.nodes:
            stolen = refresh(node, thief.proof("POST", url))
            expect(stolen.error == "invalid_grant", f"twice: a bound token, by another key: {stolen.status}")
        expect(refresh(cluster.nodes[1], owner.proof("POST", url)).status == 200, "lost: a bound token, after a thief")
        return f"{AT_ONCE} x 200 with the same token; another key: invalid_grant at every node, and nothing changed"


def rt02_refreshes_race(folder, seconds):
    """RT02, RT04, RT11: ten holders present the newest refresh token at once, at three nodes 20 minutes apart"""
    with RacingCluster(folder) as cluster:
        expect_skewed(cluster)
        person = Person(cluster)
        family = person.reach_tokens("c0")
        race = Race(cluster, family)
        began, rounds, parent = time.monotonic(), 0, None
        while time.monotonic() - began < seconds:
            parent = race.run_round()
            rounds += 1
            ahead = began + rounds * HOLDERS / RATE - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
        took = time.monotonic() - began
        race.stop()
        # One family is left of all this, and it lives.
        expect(person.refresh(family).status == 200, "lost: a family, after a race")
        expect(person.userinfo(family.access).status == 200, "lost: a fresh access token is refused")
        expect_dead_everywhere(cluster, family, parent)
        counts = ", ".join(f"{count} x {status}" for status, count in sorted(race.statuses.items()))
        return (f"{rounds} rotations by {sum(race.statuses.values())} requests ({counts}), "
                f"{sum(race.statuses.values()) / took:.0f} a second, longest {race.longest * 1000:.0f} ms\n"
                "  successors of each: 1; families revoked before one was to be: 0; other answers: 0")
