"""An app that registers itself, changes its registration and removes it (RFC 7591, RFC 7592): what was acknowledged is
there as a whole, and a token that was replaced is dead."""
import base64
import json

from client import ask, expect, patiently
from operation import Operation


class App:
    """What the app holds, as was acknowledged to it."""

    def __init__(self, served):
        self.served = served
        self.client_id = self.secret = self.token = self.dead_token = self.name = ""
        self.removed = False

    def send(self, method, target, token="", metadata=None):
        headers = {"Authorization": "Bearer " + token} if token else {}
        return ask(self.served.http, method, target, headers, json_body=metadata)

    @staticmethod
    def metadata(name):
        return {"client_name": name, "redirect_uris": [f"https://{name}.example/cb"]}

    def register(self):
        answer = self.send("POST", "/register", metadata=self.metadata("first"))
        if answer.status == 201:
            self.client_id, self.secret = answer.json["client_id"], answer.json["client_secret"]
            self.token, self.name = answer.json["registration_access_token"], "first"
        return answer

    def change(self):
        answer = self.send("PUT", f"/register/{self.client_id}", self.token,
                           dict(self.metadata("second"), client_id=self.client_id))
        if answer.status == 200:
            self.dead_token, self.token = self.token, answer.json["registration_access_token"]
            self.name = "second"
        return answer

    def remove(self):
        answer = self.send("DELETE", f"/register/{self.client_id}", self.token)
        self.removed = self.removed or answer.status == 204
        return answer

    def is_known(self):
        """Whether it proves itself at the token side."""
        basic = base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
        answer = patiently(lambda: ask(self.served.http, "POST", "/revoke", {"Authorization": "Basic " + basic},
                                       {"token": "x"}))
        return answer.status == 200

    def shown(self, token):
        return patiently(lambda: self.send("GET", f"/register/{self.client_id}", token))

    def check(self):
        if not self.client_id:
            return
        shown = self.shown(self.token)
        if self.removed:
            expect(shown.status == 401 and not self.is_known(), "lost: a removal, the client lives")
            return
        expect(shown.status == 200 and self.is_known(), f"lost: a registration: {shown.body}")
        whole = {name: shown.json[name] for name in ("client_name", "redirect_uris")}
        expect(whole == self.metadata(self.name), f"lost: a change of a registration: {shown.body}")
        if self.dead_token:
            expect(self.shown(self.dead_token).status == 401, "twice: a replaced registration access token")


class Register(Operation):
    name = "registration"
    calls = {"write": 16, "flush": 1, "reply": 1}

    def prepare(self, scene):
        scene.app = App(scene.served)

    def perform(self, scene):
        scene.app.register()

    def go_on(self, scene):
        if not scene.app.client_id:
            answer = patiently(scene.app.register)
            expect(answer.status == 201, f"stuck: an app cannot register: {answer.body}")
        scene.app.check()


class ChangeRegistration(Register):
    name = "change of a registration"
    calls = {"write": 6, "flush": 1, "reply": 1}

    def prepare(self, scene):
        super().prepare(scene)
        patiently(scene.app.register)

    def perform(self, scene):
        scene.app.change()

    def go_on(self, scene):
        app = scene.app
        answer = patiently(app.change) if app.name == "first" else None
        if answer is not None and answer.status != 200:
            # The commit may have happened, and its token is lost: the app registers anew.
            expect(answer.status == 401, f"stuck: {answer.status} {answer.body}")
            expect(app.is_known(), "lost: a client whose registration was changed")
            patiently(app.register)
        app.check()


class RemoveRegistration(ChangeRegistration):
    name = "removal of a registration"
    calls = {"write": 14, "flush": 1, "reply": 1}

    def perform(self, scene):
        scene.app.remove()

    def go_on(self, scene):
        if not scene.app.removed:
            answer = patiently(scene.app.remove)
            expect(answer.status in (204, 401), f"stuck: an app cannot be removed: {answer.status} {answer.body}")
            scene.app.removed = True
        scene.app.check()
