"""The writes of a journey as operations that a kill can meet, and what a client does when the answer did not come.
Each operation is armed for exactly one request. What a run visits follows from its seed alone.
Security corpus 5.5, FX01 and FX03."""
import functools
import itertools
import random
import time

from client import FactorOwner, NoReply, Person, admin, ask, at_once, expect, patiently
from operation import Operation
from registration_points import ChangeRegistration, Register, RemoveRegistration


class FirstPage(Operation):
    name = "first page"
    calls = {"write": 14, "flush": 3, "reply": 1}

    def prepare(self, scene):
        scene.person = Person(scene.served)

    def perform(self, scene):
        scene.person.authorize(scene.client)

    def go_on(self, scene):
        scene.person.reach_tokens(scene.client)


class SignIn(Operation):
    name = "sign-in"
    calls = {"write": 14, "flush": 1, "reply": 1}

    def prepare(self, scene):
        scene.person = Person(scene.served)
        scene.person.authorize(scene.client)
        scene.page = scene.person.visit("GET", scene.person.next)

    def perform(self, scene):
        scene.person.sign_in(scene.page)

    def go_on(self, scene):
        if not scene.person.signed_in:
            patiently(lambda: scene.person.sign_in(scene.page))  # once more on the same page
        scene.person.reach_tokens(scene.client)


class Consent(Operation):
    name = "consent"
    calls = {"write": 12, "flush": 1, "reply": 1}

    def prepare(self, scene):
        scene.person = Person(scene.served)
        scene.person.authorize(scene.fresh_client())
        scene.person.sign_in(scene.person.visit("GET", scene.person.next))
        scene.page = scene.person.visit("GET", scene.person.next)

    def perform(self, scene):
        answer = scene.person.press(scene.page, "allow")
        if scene.person.code_of(scene.client, answer):
            scene.person.consented.add(scene.client)

    def go_on(self, scene):
        if scene.client not in scene.person.consented:
            patiently(lambda: scene.person.press(scene.page, "allow"))
        scene.person.reach_tokens(scene.client)


class Exchange(Operation):
    name = "exchange"
    calls = {"write": 16, "flush": 1, "reply": 1}

    def prepare(self, scene):
        scene.code = scene.person.reach_code(scene.client)

    def perform(self, scene):
        scene.person.redeem(scene.client, scene.code)

    def go_on(self, scene):
        if (scene.client, scene.code) in scene.person.spent:
            return
        again = patiently(lambda: scene.person.redeem(scene.client, scene.code))
        # Decision T2: the commit may have happened; then a new authorization asks nobody.
        expect(again.status == 200 or again.error == "invalid_grant", f"stuck: {again.status} {again.body}")
        if scene.operation == self.name and scene.fault[0] == "reply":  # the commit comes before the reply
            expect(again.status != 200, "twice: a code whose reply was killed")
        if again.status != 200:
            scene.person.reach_tokens(scene.client)


class Refresh(Operation):
    name = "refresh"
    calls = {"write": 2, "flush": 1, "reply": 1}

    def perform(self, scene):
        scene.person.refresh(scene.person.live[-1])

    def go_on(self, scene):
        answer = patiently(lambda: scene.person.refresh(scene.person.live[-1]))  # RT10
        expect(answer.status == 200, f"stuck: a lost answer ended the family: {answer.body}")


class DeviceRequest(Operation):
    """A device asks, and shows a code that must work."""
    name = "device request"
    calls = {"write": 12, "flush": 1, "reply": 1}

    def prepare(self, scene):
        scene.person.device = {}

    def perform(self, scene):
        scene.person.ask_for_device(scene.client)

    def go_on(self, scene):
        if not scene.person.device:
            patiently(lambda: scene.person.ask_for_device(scene.client))
        scene.person.reach_device_tokens(scene.client)


class DeviceApproval(Operation):
    name = "device approval"
    calls = {"write": 14, "flush": 1, "reply": 1}

    def prepare(self, scene):
        patiently(lambda: scene.person.ask_for_device(scene.client))
        scene.page = scene.person.device_page(scene.client)

    def perform(self, scene):
        scene.person.allow_device(scene.client, scene.page)

    def go_on(self, scene):
        if not scene.person.device_allowed:
            patiently(lambda: scene.person.allow_device(scene.client, scene.page))  # once more on the same page
        scene.person.reach_device_tokens(scene.client)


class DeviceExchange(Operation):
    name = "device exchange"
    calls = {"write": 16, "flush": 1, "reply": 1}

    def prepare(self, scene):
        DeviceApproval().prepare(scene)
        patiently(lambda: scene.person.allow_device(scene.client, scene.page))

    def perform(self, scene):
        scene.person.poll_device(scene.client)

    def go_on(self, scene):
        scene.person.reach_device_tokens(scene.client)


class RevokeRefresh(Operation):
    name = "revoke refresh token"
    calls = {"write": 4, "flush": 1, "reply": 1}

    def prepare(self, scene):
        scene.family = scene.person.reach_tokens(scene.client)

    def perform(self, scene):
        scene.person.revoke(scene.family, scene.family.refresh)

    def go_on(self, scene):
        if scene.family not in scene.person.revoked:
            patiently(lambda: scene.person.revoke(scene.family, scene.family.refresh))


class RevokeAccess(RevokeRefresh):
    name = "revoke access token"
    calls = {"write": 6, "flush": 1, "reply": 1}

    def perform(self, scene):
        scene.token = scene.family.access
        scene.person.revoke(scene.family, scene.token)

    def go_on(self, scene):
        if scene.token not in scene.person.dead_access:
            answer = patiently(lambda: scene.person.revoke(scene.family, scene.token))
            expect(answer.status == 200, f"stuck: a token cannot be revoked: {answer.body}")


class SignOut(Operation):
    name = "sign-out"
    calls = {"write": 10, "flush": 1, "reply": 1}

    def prepare(self, scene):
        scene.person = Person(scene.served)
        scene.family = scene.person.reach_tokens(scene.client)

    def perform(self, scene):
        scene.person.sign_out(scene.family)

    def go_on(self, scene):
        if not scene.person.signed_out:
            patiently(lambda: scene.person.sign_out(scene.family))
        expect(scene.person.signed_out, "stuck: cannot sign out")


class AddFactor(Operation):
    """A second factor is added on the account page; when the answer is lost, the next sign-in says whether it was."""
    name = "add factor"
    calls = {"write": 30, "flush": 1, "reply": 1}

    def prepare(self, scene):
        scene.bob = FactorOwner(scene.served)
        scene.page = scene.bob.enrolment()

    def perform(self, scene):
        scene.bob.add(scene.page)

    def go_on(self, scene):
        asked = 'value="verify"' in scene.bob.at_password().body
        expect(asked or not scene.bob.codes, "lost: a second factor")
        if not asked:
            page = scene.bob.enrolment()
            patiently(lambda: scene.bob.add(page))
            expect(scene.bob.codes, "stuck: no second factor can be added")


class UseFactor(Operation):
    """A recovery code is used up by the write that makes the session."""
    name = "second factor"
    calls = {"write": 14, "flush": 1, "reply": 1}

    def prepare(self, scene):
        scene.bob = FactorOwner(scene.served)
        page = scene.bob.enrolment()
        patiently(lambda: scene.bob.add(page))
        scene.page = scene.bob.at_password()

    def perform(self, scene):
        scene.bob.verify(scene.page, scene.bob.codes[0])

    def go_on(self, scene):
        bob = scene.bob
        if not bob.used:
            patiently(lambda: bob.verify(scene.page, bob.codes[0]))
        again = bob.at_password()
        answer = patiently(lambda: bob.verify(again, bob.codes[0])) if bob.used else None
        expect(answer is None or answer.status != 303, "twice: a recovery code")
        patiently(lambda: bob.verify(again, bob.codes[1]))
        expect(bob.codes[1] in bob.used, "stuck: cannot sign in with a recovery code")


class RotateKeys(Operation):
    name = "key rotation"
    calls = {"write": 6, "flush": 1, "reply": 1}

    def perform(self, scene):
        answer = admin(scene.served.admin, "keys.rotate", now=True, algorithm="ES256")
        if answer["ok"]:
            scene.rotated = [key["kid"] for key in answer["answer"]["keys"] if key["state"] == "active"]

    def go_on(self, scene):
        keys = admin(scene.served.admin, "keys.list")["answer"]["keys"]
        active = [key for key in keys if key["state"] == "active"]
        expect(len({key["alg"] for key in active}) == len(active), f"two active keys of one algorithm: {keys}")
        published = {key["kid"] for key in ask(scene.served.http, "GET", "/jwks").json["keys"]}
        expect({key["kid"] for key in active} <= published, "an active key is not published")
        if scene.rotated:
            expect(set(scene.rotated) == {key["kid"] for key in active}, "lost: a rotation")
        scene.rotated = None


class AddClient(Operation):
    """The operator registers a client; what was printed must work."""
    name = "add client"
    calls = {"write": 4, "flush": 1, "reply": 1}

    def perform(self, scene):
        scene.added, scene.secret = scene.new_name(), None
        answer = admin(scene.served.admin, "clients.add", client={
            "client_id": scene.added, "grant_types": ["client_credentials"], "response_types": [], "scope": "openid"})
        if answer["ok"]:
            scene.secret = answer["answer"]["client_secret"]

    def go_on(self, scene):
        shown = admin(scene.served.admin, "clients.show", client_id=scene.added)
        if scene.secret is not None:
            expect(shown["ok"], "lost: an acknowledged client")


class Burst(Operation):
    """Six clients at once: batches of several writes meet the kill."""
    name = "burst"
    calls = {"write": 40, "flush": 5, "reply": 6}

    def prepare(self, scene):
        person = scene.person
        person.reach_tokens(scene.client)
        person.reach_tokens(scene.client)
        scene.family = person.reach_tokens(scene.client)
        scene.codes = [person.reach_code(scene.client) for _ in range(2)]

    def perform(self, scene):
        person = scene.person
        work = [lambda code=code: person.redeem(scene.client, code) for code in scene.codes]
        work += [lambda family=family: person.refresh(family) for family in person.live[-3:-1]]
        work += [lambda: person.revoke(scene.family, scene.family.refresh),
                 lambda: person.userinfo(person.live[0].access)]

        def lose(request):
            try:
                request()
            except NoReply:
                pass

        at_once(functools.partial(lose, request) for request in work)

    def go_on(self, scene):
        person = scene.person
        for scene.code in scene.codes:
            Exchange().go_on(scene)
        if scene.family not in person.revoked:
            patiently(lambda: person.revoke(scene.family, scene.family.refresh))


class HangUp(Operation):
    """FX50: the client closes right after it sent the request."""
    name = "hang up"
    calls = {"write": 18, "flush": 2, "reply": 2}

    def prepare(self, scene):
        scene.code = scene.person.reach_code(scene.client)
        scene.family = scene.person.live[-1] if scene.person.live else None

    def perform(self, scene):
        scene.person.send_and_close(scene.client, grant_type="authorization_code", code=scene.code)
        self.wait_for_flush(scene, 1)
        if scene.family:
            scene.person.send_and_close(scene.client, grant_type="refresh_token", refresh_token=scene.family.refresh)
            self.wait_for_flush(scene, 2)

    @staticmethod
    def wait_for_flush(scene, flushes):
        """Two uses of one code at the same time are a replay, so the client lets the first one end. A request that
        the server dropped makes no flush: then for a second."""
        end = time.monotonic() + 1
        control = scene.served.control
        while control.counts()["flush"] < flushes and not control.hits() and time.monotonic() < end:
            time.sleep(0.005)

    def go_on(self, scene):
        Exchange().go_on(scene)


class Stop(Operation):
    """SIGTERM: the log is emptied into the database; the kill comes in its midst."""
    name = "stop"
    calls = {"write": 35, "flush": 3, "truncate": 1, "name": 4}

    def perform(self, scene):
        scene.served.terminate()


class Start(Operation):
    """The kill comes while the server starts, with a log that a killed one left."""
    name = "start"
    calls = {"write": 11, "flush": 2, "truncate": 1, "name": 1}

    def perform(self, scene):
        scene.served.kill()
        scene.served.control.arm(*scene.fault)  # the count begins with the new process
        scene.served.start()


OPERATIONS = [operation() for operation in (
    FirstPage, SignIn, Consent, Exchange, Refresh, DeviceRequest, DeviceApproval, DeviceExchange,
    RevokeRefresh, RevokeAccess, SignOut, AddFactor, UseFactor, RotateKeys, AddClient, Register,
    ChangeRegistration, RemoveRegistration, Burst, HangUp, Stop, Start)]
# Of these every write and every flush must be met in the full form.
COVERED = ("exchange", "refresh", "revoke refresh token", "revoke access token", "consent", "sign-in", "key rotation",
           "device request", "device approval", "device exchange")
# Requests at the same time: how they share a commit, and so how many calls there are, differs from run to run, and with
# it how much of a log a stop or a start has to move.
RACING = ("burst", "hang up", "stop", "start")
# What can happen at each kind of call.
FAULTS = {"write": ("kill_before", "kill_half_way", "kill_after"), "flush": ("kill_before", "kill_after"),
          "reply": ("kill_before", "kill_half_way", "kill_after"), "truncate": ("kill_before", "kill_after"),
          "name": ("kill_before", "kill_after")}
CHAIN = 12  # points on one store


def all_points():
    """Every (operation, call, n, action)."""
    return [(operation.name, call, number, action) for operation in OPERATIONS
            for call, most in operation.calls.items() for number in range(1, most + 1) for action in FAULTS[call]]


def chains(seed):
    """Endless: every point in an order by the seed, again and again, in chains."""
    def points():
        order, every = random.Random(seed), all_points()
        while True:
            order.shuffle(every)
            yield from every

    source = points()
    return (list(itertools.islice(source, CHAIN)) for _ in itertools.count())
