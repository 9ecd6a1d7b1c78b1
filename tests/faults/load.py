"""People who sign in, exchange and refresh while something breaks, each with a ledger of what was acknowledged to
them (tests/crash/client.py), and clients that do not give up."""
import threading
import time

from client import Broken, NoReply, Person


class Loser(Person):
    """A person whose requests may be lost with a node: whatever was not answered is asked again."""

    def __init__(self, cluster, client):
        super().__init__(cluster)
        self.client = client
        self.requests = 0
        self.gaps = []  # seconds without an answer, the longest at each loss
        self.broken = None

    def survive(self, request, seconds=60):
        """Until an answer comes; a node that died has taken its request along, the next is another's."""
        began = time.monotonic()
        while True:
            try:
                answer = request()
                if answer.status != 503:
                    if time.monotonic() - began > 0.2:
                        self.gaps.append(time.monotonic() - began)
                    self.requests += 1
                    return answer
            except NoReply:
                pass
            if time.monotonic() - began > seconds:
                raise Broken(f"stuck: no answer for {seconds} s")
            time.sleep(0.02)

    def act_once(self):
        """A new family, or a use of one that is there."""
        if not self.live or len(self.live) < 3 and self.requests % 7 == 0:
            code = self.find_code()
            if code:
                self.survive(lambda: self.redeem(self.client, code))
            return
        family = self.live[self.requests % len(self.live)]
        answer = self.survive(lambda: self.refresh(family))
        if answer.status != 200:
            raise Broken(f"lost: a family: {answer.status} {answer.body}")
        if self.survive(lambda: self.userinfo(family.access)).status != 200:
            raise Broken("lost: a fresh access token is refused")

    def find_code(self):
        try:
            return self.reach_code(self.client)
        except NoReply:
            return ""  # what was acknowledged of it is in the ledger; the way is gone anew


class Load:
    """Some people at once, until stop()."""

    def __init__(self, cluster, people):
        self.people = [Loser(cluster, f"c{number}") for number in range(people)]
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
    def longest_gap(self):
        return max([gap for person in self.people for gap in person.gaps], default=0)

    def verdict(self):
        """Compares what was acknowledged with what is there: INV1 to INV4."""
        for person in self.people:
            if person.broken:
                raise person.broken
            person.check()
        for person in self.people:
            person.check_spent()
