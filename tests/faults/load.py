"""People who sign in, exchange and refresh while something breaks, each with a ledger of what was acknowledged to
them (tests/crash/client.py), and clients that do not give up."""
import collections
import json
import random
import threading
import time

from client import Broken, NoReply, Person, expect


class Loser(Person):
    """A person whose requests may be lost with a node: whatever was not answered is asked again."""

    def __init__(self, cluster, client):
        super().__init__(cluster)
        self.client = client
        self.requests = 0
        self.refused = 0  # how often the answer was 503
        self.answers = []  # (when it came, seconds from the first try), of every request
        self.acknowledged = []  # (when, what): exchanges, refreshes and revocations
        self.broken = None

    def survive(self, request, seconds=60):
        """Until an answer comes; a node that died has taken its request along, the next is another's."""
        began = time.monotonic()
        while True:
            try:
                answer = request()
                if answer.status != 503:
                    now = time.monotonic()
                    self.answers.append((now, now - began))
                    self.requests += 1
                    return answer
                self.refused += 1
            except NoReply:
                pass
            if time.monotonic() - began > seconds:
                raise Broken(f"stuck: no answer for {seconds} s")
            time.sleep(0.02)

    def visit(self, method, url, form=None):
        return self.survive(lambda: super(Loser, self).visit(method, url, form))

    def note(self, answer, what):
        if answer.status == 200:
            self.acknowledged.append((time.monotonic(), what))
        return answer

    def redeem(self, client, code):
        return self.note(super().redeem(client, code), "exchanges")

    def refresh(self, family):
        return self.note(super().refresh(family), "refreshes")

    def revoke(self, family, token):
        return self.note(super().revoke(family, token), "revocations")

    def act_once(self):
        """A new family, or a use of one that is there."""
        if not self.live or len(self.live) < 3 and self.requests % 7 == 0:
            code = self.reach_code(self.client)
            self.survive(lambda: self.redeem(self.client, code))
            return
        family = self.live[self.requests % len(self.live)]
        answer = self.survive(lambda: self.refresh(family))
        if answer.status != 200:
            raise Broken(f"lost: a family: {answer.status} {answer.body}")
        if self.survive(lambda: self.userinfo(family.access)).status != 200:
            raise Broken("lost: a fresh access token is refused")


class Rival(Loser):
    """Somebody who wants a code to be taken twice, by two nodes at once or again later, and uses what was revoked."""

    recent = 4  # what was taken or revoked last is what a database that lags behind would not know

    def __init__(self, cluster, client):
        super().__init__(cluster, client)
        self.taken = []
        self.second_tries = 0

    def act_once(self):
        self.redeem_at_once(self.reach_code(self.client))
        code = self.reach_code(self.client)
        if self.survive(lambda: self.redeem(self.client, code)).status == 200:
            family = self.live[-1]
            self.survive(lambda: self.revoke(family, family.access))
            self.survive(lambda: self.revoke(family, family.refresh))
        self.try_again()

    def redeem_at_once(self, code):
        """Two requests with one code: one at most may win, and the other takes from it what it won."""
        statuses = []
        threads = [threading.Thread(target=lambda: statuses.append(self.status_of(code))) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.second_tries += 1
        expect(statuses.count(200) <= 1, f"twice: a code, at once: {statuses}")
        if 200 in statuses:
            self.taken.append(code)

    def status_of(self, code):
        try:
            return Person.redeem(Person(self.served), self.client, code).status
        except NoReply:
            return 0

    def try_again(self):
        """Each is refused, or not answered at all; never taken."""
        for code in self.choose(self.taken):
            expect(self.status_of(code) != 200, "twice: a code, again")
        for access in self.choose(self.dead_access):
            status = self.status(lambda access=access: self.userinfo(access))
            expect(status != 200, "lost: a revocation of an access token")
        for family in self.choose(self.revoked):
            status = self.status(lambda family=family: Person.refresh(self, family))
            expect(status != 200, "lost: a revocation of a family")

    def choose(self, spent):
        """The last, and one of before."""
        chosen = spent[-self.recent:] + random.sample(spent, min(1, len(spent)))
        self.second_tries += len(chosen)
        return chosen

    @staticmethod
    def status(request):
        try:
            return request().status
        except NoReply:
            return 0


class Load:
    """Some people at once, of each kind in turn, until the end of a with statement."""

    def __init__(self, cluster, people, kinds=(Loser, Loser, Rival)):
        self.people = [kinds[number % len(kinds)](cluster, f"c{number}") for number in range(people)]
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.live, args=[person]) for person in self.people]

    def live(self, person):
        try:
            while not self.stopping.is_set():
                person.act_once()
        except Exception as broken:  # whatever it is, it is the verdict
            person.broken = broken

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    @property
    def requests(self):
        return sum(person.requests for person in self.people)

    @property
    def refused(self):
        return sum(person.refused for person in self.people)

    def longest_wait(self, since=0, until=float("inf")):
        """Seconds from somebody's first try to the answer, of what was under way between two instants."""
        return max([waited for person in self.people for came, waited in person.answers
                    if came >= since and came - waited < until], default=0)

    def acknowledged(self, since=0, until=float("inf")):
        """How often each kind of write was acknowledged between two instants."""
        return collections.Counter(what for person in self.people for when, what in person.acknowledged
                                   if since <= when < until)

    @property
    def second_tries(self):
        return sum(person.second_tries for person in self.people if isinstance(person, Rival))

    def write_log(self, path):
        """Every answer as a line of JSON, by the order of their coming: when, whose, how long it took."""
        lines = sorted((came, person.client, waited) for person in self.people for came, waited in person.answers)
        with open(path, "a", encoding="utf-8") as out:
            for came, whose, waited in lines:
                out.write(json.dumps({"at": round(came, 3), "client": whose, "seconds": round(waited, 3)}) + "\n")

    def verdict(self):
        """Compares what was acknowledged with what is there: INV1 to INV4."""
        for person in self.people:
            if person.broken:
                raise person.broken
            person.check()
        for person in self.people:
            person.check_spent()
