"""A browser, an app and an operator in front of a served Cardea, and the ledger of all that was acknowledged to them:
the small model that a restarted server is compared with. Security corpus 5.4."""
import base64
import collections
import hashlib
import hmac
import html
import json
import re
import socket
import struct
import threading
import time
import urllib.parse

from served import ISSUER, PASSWORD, SECRET

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class NoReply(Exception):
    """The connection ended before the whole answer was there."""


class Broken(AssertionError):
    """The server lost, repeated or blocked something: the text begins with "lost: ", "twice: " or "stuck: ", or tells
    another fault."""


def at_once(work):
    """Calls each of these on a thread of its own; raises what one of them raised."""
    broken = []

    def guarded(call):
        try:
            call()
        except Exception as caught:  # told on the thread that waits
            broken.append(caught)

    threads = [threading.Thread(target=guarded, args=[call]) for call in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]


LOOKS = collections.Counter()  # how often each of the three was looked for
COUNTING = threading.Lock()


def expect(holds, what):
    harm = what.partition(":")[0]
    with COUNTING:
        LOOKS[harm] += 1
    if not holds:
        raise Broken(what)


class Answer:
    """A whole answer: its head ended, and its body is as long as it said."""

    def __init__(self, raw):
        head, end, self.body = raw.decode().partition("\r\n\r\n")
        lines = head.split("\r\n")
        pairs = [line.split(": ", 1) for line in lines[1:] if ": " in line]
        self.headers = {name.lower(): value for name, value in pairs}
        if not end or int(self.headers.get("content-length", 0)) != len(self.body.encode()):
            raise NoReply(f"{len(raw)} bytes")
        self.status = int(lines[0].split()[1])
        self.cookies = [value for name, value in pairs if name.lower() == "set-cookie"]
        self.location = self.headers.get("location", "")
        is_json = self.headers.get("content-type", "").startswith("application/json")
        self.json = json.loads(self.body) if is_json and self.body else {}  # a 304 has no content
        self.error = self.json.get("error", "")


def connect(server):
    """A connection to a server: the path of its Unix socket, or a function that gives one."""
    if callable(server):
        return server()
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    peer.settimeout(60)
    try:
        peer.connect(server)
    except OSError:
        peer.close()
        raise
    return peer


def basic(client):
    """What the app authenticates itself by."""
    return {"Authorization": "Basic " + base64.b64encode(f"{client}:{SECRET}".encode()).decode()}


def write_request(method, target, headers=None, form=None, json_body=None):
    """The bytes of a request that is the only one of its connection."""
    body = urllib.parse.urlencode(form) if form is not None else ""
    lines = [f"{method} {target} HTTP/1.1", "Host: id.example", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if form is not None:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    if json_body is not None:
        body = json.dumps(json_body)
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def ask(server, method, target, headers=None, form=None, json_body=None):
    """One request on a connection of its own. NoReply when the answer did not come whole."""
    raw = b""
    try:
        with connect(server) as peer:
            peer.sendall(write_request(method, target, headers, form, json_body))
            while more := peer.recv(65536):
                raw += more
    except OSError as lost:
        if not raw:
            raise NoReply(repr(lost)) from lost
    answer = Answer(raw)
    # INV8
    expect(answer.status < 500 or (answer.status == 503 and "retry-after" in answer.headers),
           f"{method} {target.split('?')[0]}: {answer.status} {answer.body[:200]}")
    return answer


def patiently(request, seconds=20):
    """Tries again while the answer is 503."""
    end = time.monotonic() + seconds
    while True:
        answer = request()
        expect(answer.status != 503 or time.monotonic() < end, "stuck: the server does not recover")
        if answer.status != 503:
            return answer
        time.sleep(0.02)


def admin(path, call, /, **arguments):
    """A call over the administration socket, as the command line makes it. NoReply without an answer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        peer.settimeout(120)
        try:
            peer.connect(path)
            peer.sendall(json.dumps({"call": call, "arguments": arguments}).encode() + b"\n")
            line = b""
            while not line.endswith(b"\n"):
                more = peer.recv(65536)
                if not more:
                    raise NoReply(call)
                line += more
        except OSError as lost:
            raise NoReply(repr(lost)) from lost
    return json.loads(line)


class Family:
    """What one code exchange gave, with what was acknowledged about it."""

    def __init__(self, client, answer):
        self.client = client
        self.before = self.superseded = ""  # tokens of before: the second one's successor was used
        self.refresh = answer.json["refresh_token"]
        self.access = answer.json["access_token"]
        self.id_token = answer.json["id_token"]


class Person:
    """A browser with its cookies, the apps it signs in to, and the ledger of both."""

    login = "alice"

    def __init__(self, served):
        self.served = served
        self.cookies = {}
        self.next, self.page = "", None
        self.signed_in = self.signed_out = False
        self.consented = set()
        self.spent = []        # (client, code) of acknowledged exchanges
        self.devices = []      # (client, device_code) likewise
        self.device, self.device_allowed = {}, False
        self.live = []         # families
        self.revoked = []      # families
        self.dead_access = []  # acknowledged as revoked

    # --- the browser ---

    def visit(self, method, url, form=None):
        target = url.removeprefix(ISSUER)
        headers = {}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method == "POST":
            headers["Origin"] = ISSUER
        answer = ask(self.served.http, method, target, headers, form)
        for cookie in answer.cookies:
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
            if not value or "Max-Age=0" in cookie:
                del self.cookies[name]
        if answer.status == 303:
            self.next = answer.location
        return answer

    def authorize(self, client):
        return self.visit("GET", "/authorize?" + urllib.parse.urlencode({
            "response_type": "code", "client_id": client, "redirect_uri": f"https://{client}.example/cb",
            "scope": "openid profile offline_access", "state": "s", "nonce": "n", "code_challenge": CHALLENGE,
            "code_challenge_method": "S256"}))

    def press(self, page, button, **typed):
        """Sends the form that holds this button; the answer goes to the ledger."""
        for form in re.findall(r"<form.*?</form>", page.body, re.S):
            if f'value="{button}"' not in form:
                continue
            fields = dict(typed, action=button)
            for hidden in re.findall(r"<input[^>]*type=\"?hidden\"?[^>]*>", form):
                name = re.search(r'name="([^"]*)"', hidden)
                value = re.search(r'value="([^"]*)"', hidden)
                fields[name.group(1)] = html.unescape(value.group(1)) if value else ""
            action = html.unescape(re.search(r'action="([^"]*)"', form).group(1))
            answer = self.visit("POST", action, fields)
            if answer.status == 303 and button == "sign-in":
                self.signed_in, self.signed_out = True, False
            return answer
        raise Broken(f"no button {button}: {page.status} {page.body[:300]}")

    def sign_in(self, page):
        return self.press(page, "sign-in", login=self.login, password=PASSWORD)

    @staticmethod
    def code_of(client, answer):
        if answer.location.startswith(f"https://{client}.example/cb?"):
            return dict(urllib.parse.parse_qsl(answer.location.split("?", 1)[1])).get("code", "")
        return ""

    def reach_code(self, client):
        """On the way to a code; must not be asked for what was acknowledged."""
        answer = patiently(lambda: self.authorize(client))
        for _ in range(12):
            code = self.code_of(client, answer)
            if code:
                self.signed_in = True
                self.consented.add(client)
                return code
            page = answer
            if answer.status == 303:
                answer = patiently(lambda: self.visit("GET", self.next))
            elif 'value="sign-in"' in answer.body:
                expect(not self.signed_in or self.signed_out, "lost: a session, asked to sign in again")
                answer = patiently(lambda: self.sign_in(page))
            elif 'value="allow"' in answer.body:
                expect(client not in self.consented, "lost: an approval, asked for it again")
                answer = patiently(lambda: self.press(page, "allow"))
            else:
                answer = patiently(lambda: self.authorize(client))
        raise Broken(f"stuck: no way to a code: {answer.status} {answer.body[:300]}")

    # --- the app ---

    def token(self, client, **form):
        return ask(self.served.http, "POST", "/token", basic(client), form)

    def redeem(self, client, code):
        answer = self.token(client, grant_type="authorization_code", code=code,
                            redirect_uri=f"https://{client}.example/cb", code_verifier=VERIFIER)
        if answer.status == 200:
            expect((client, code) not in self.spent, "twice: a code was taken again")
            self.spent.append((client, code))
            self.live.append(Family(client, answer))
        return answer

    def send_and_close(self, client, **form):
        """A token request whose answer nobody waits for."""
        form.update(redirect_uri=f"https://{client}.example/cb", code_verifier=VERIFIER)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
                peer.connect(self.served.http)
                peer.sendall(write_request("POST", "/token", basic(client), form))
        except OSError as lost:
            raise NoReply(repr(lost)) from lost

    # --- a device of the app ---

    def ask_for_device(self, client):
        answer = ask(self.served.http, "POST", "/device_authorization", basic(client),
                     {"scope": "openid profile offline_access"})
        if answer.status == 200:
            self.device, self.device_allowed = answer.json, False
        return answer

    def device_page(self, client):
        """The consent page of the device that asks; nothing when it was answered already."""
        answer = patiently(lambda: self.visit("GET", "/device"))
        page = answer
        answer = patiently(lambda: self.press(page, "continue", user_code=self.device["user_code"]))
        for _ in range(6):
            shown = answer
            if answer.status == 303:
                answer = patiently(lambda: self.visit("GET", self.next))
            elif 'value="sign-in"' in answer.body:
                expect(not self.signed_in or self.signed_out, "lost: a session, asked to sign in again")
                answer = patiently(lambda: self.sign_in(shown))
            else:
                break
        return answer if 'value="allow"' in answer.body else None

    def allow_device(self, client, page):
        answer = self.press(page, "allow")
        if answer.location.endswith("/device/approved"):
            self.device_allowed = True
            self.consented.add(client)
        return answer

    def poll_device(self, client):
        code = self.device["device_code"]
        answer = self.token(client, grant_type="urn:ietf:params:oauth:grant-type:device_code", device_code=code)
        if answer.status == 200:
            expect((client, code) not in self.devices, "twice: a device code was taken again")
            self.devices.append((client, code))
            self.live.append(Family(client, answer))
        return answer

    def reach_device_tokens(self, client):
        for _ in range(3):
            if (client, self.device["device_code"]) in self.devices:
                return
            answer = patiently(lambda: self.poll_device(client))
            if answer.status == 200:
                return
            if answer.error in ("authorization_pending", "slow_down"):
                expect(not self.device_allowed, "lost: an allowed device")
            else:
                # Decision T2: the commit may have happened; the device asks anew.
                expect(answer.error == "invalid_grant", f"stuck: {answer.status} {answer.body}")
                patiently(lambda: self.ask_for_device(client))
            page = self.device_page(client)
            if page:
                patiently(lambda: self.allow_device(client, page))
        raise Broken("stuck: a device gets no tokens")

    def refresh(self, family):
        sent = family.refresh
        answer = self.token(family.client, grant_type="refresh_token", refresh_token=sent)
        if answer.status == 200:
            if sent != family.before:
                family.superseded, family.before = family.before, sent
            family.refresh, family.access = answer.json["refresh_token"], answer.json["access_token"]
        return answer

    def revoke(self, family, token):
        answer = ask(self.served.http, "POST", "/revoke", basic(family.client), {"token": token})
        if answer.status == 200 and token == family.refresh:
            self.live.remove(family)
            self.revoked.append(family)
        elif answer.status == 200:
            self.dead_access.append(token)
        return answer

    def userinfo(self, access):
        return ask(self.served.http, "GET", "/userinfo", {"Authorization": "Bearer " + access})

    def sign_out(self, family):
        answer = self.visit("GET", "/logout?" + urllib.parse.urlencode({
            "id_token_hint": family.id_token, "post_logout_redirect_uri": f"https://{family.client}.example/bye"}))
        if answer.location.startswith(f"https://{family.client}.example/bye"):
            self.signed_out = True
        return answer

    def reach_tokens(self, client):
        code = self.reach_code(client)
        answer = patiently(lambda: self.redeem(client, code))
        expect(answer.status == 200, f"stuck: a fresh code is refused: {answer.body}")
        return self.live[-1]

    # --- the model ---

    def check(self):
        """INV1 to INV3: what was acknowledged is there, what was revoked is refused."""
        for family in self.live:
            answer = patiently(lambda family=family: self.refresh(family))
            expect(answer.status == 200, f"lost: a family: {answer.body}")
            expect(self.userinfo(family.access).status == 200, "lost: a fresh access token is refused")
        for family in self.revoked:
            expect(self.refresh(family).error == "invalid_grant", "lost: a revocation, the family lives")
        for access in self.dead_access:
            expect(self.userinfo(access).status == 401, "lost: a revocation, the access token lives")
        for client in sorted(self.consented):
            answer = self.authorize(client)
            if self.signed_in and not self.signed_out:
                expect(self.code_of(client, answer), "lost: a session or an approval")
            elif self.signed_out:
                expect(not self.code_of(client, answer), "lost: a sign-out, the session gives a code")

    def check_spent(self):
        """The last check, for it ends families: neither a code nor a refresh token is taken again."""
        for family in self.live:
            if family.superseded:
                again = self.token(family.client, grant_type="refresh_token", refresh_token=family.superseded)
                expect(again.error == "invalid_grant", f"twice: a superseded refresh token: {again.status}")
                expect(self.refresh(family).error == "invalid_grant", "lost: its reuse, the family lives")
        for client, code in self.devices:
            again = self.token(client, grant_type="urn:ietf:params:oauth:grant-type:device_code", device_code=code)
            expect(again.error in ("invalid_grant", "expired_token"), "twice: a spent device code")
        for client, code in list(self.spent):
            expect(self.redeem(client, code).error == "invalid_grant", "twice: a spent code")


class FactorOwner(Person):
    """Somebody with an authenticator app, at the account page; who lost the phone before every point."""

    login = "bob"

    def __init__(self, served):
        super().__init__(served)
        self.codes, self.used = [], []
        admin(served.admin, "users.reset-factor", login=self.login)

    def at_password(self):
        """The page behind the password, in a browser that nobody is signed in with."""
        self.cookies = {}
        self.visit("GET", "/account/sign-in")
        page = patiently(lambda: self.visit("GET", "/account/sign-in"))
        patiently(lambda: self.sign_in(page))
        return patiently(lambda: self.visit("GET", self.next))

    def enrolment(self):
        self.at_password()
        return patiently(lambda: self.visit("GET", "/account/factor"))

    def add(self, page):
        text = re.search(r'id="secret"[^>]*>([A-Z2-7 ]+)<', page.body).group(1).replace(" ", "")
        answer = self.press(page, "add-factor", password=PASSWORD, code=totp(base64.b32decode(text)))
        self.codes = re.findall(r"<li><code[^>]*>([0-9a-z-]{14})</code>", answer.body) or self.codes
        return answer

    def verify(self, page, code):
        answer = self.press(page, "verify", code=code)
        if answer.status == 303 and answer.location == f"{ISSUER}/account":
            expect(code not in self.used, "twice: a recovery code")
            self.used.append(code)
        return answer


def totp(secret):
    """RFC 6238 4.2."""
    digest = hmac.digest(secret, struct.pack(">Q", int(time.time()) // 30), "sha1")
    number = struct.unpack(">I", digest[digest[-1] & 15:][:4])[0] & 0x7fffffff
    return f"{number % 1000000:06}"
