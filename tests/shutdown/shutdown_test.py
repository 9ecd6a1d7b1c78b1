"""`cardea serve` after real traffic over TLS: SIGTERM ends it with exit code 0 while connections are open, and a build
with sanitizers has nothing to report, leaks included. CARDEA_BINARY says which build; `make asan` runs this too."""
import base64
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CARDEA = os.environ.get("CARDEA_BINARY", os.path.join(ROOT, "build", "cardea"))
PASSWORD = "a lighthouse eats purple gravel"
SECRET = "0123456789abcdef0123456789abcdef"
CALLBACK = "https://app.example/cb"
VERIFIER = "v" * 43
SIGN_INS = 12
THREADS = 3


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_sanitized():
    """Whether the program was built with AddressSanitizer."""
    with open(CARDEA, "rb") as program:
        return b"__asan_init" in program.read()


class Person:
    """A browser of one person on one kept connection, and the app behind the callback."""

    def __init__(self, port, trust):
        self.port, self.cookies = port, {}
        self.connection = http.client.HTTPSConnection("localhost", port, context=trust, timeout=60)

    def ask(self, method, path, form=None, headers=()):
        """(status, location, body)"""
        head = dict(headers)
        if self.cookies and "Authorization" not in head:
            head["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            head["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, head)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, value = line.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return answer.status, answer.headers.get("Location", ""), text

    def follow(self, answer):
        """The page at the end of redirects within the issuer, or the redirect that leaves it."""
        status, location, text = answer
        while location.startswith(f"https://localhost:{self.port}/"):
            status, location, text = self.ask("GET", location[location.index("/", 8):])
        return status, location, text

    def press(self, page, fields):
        return self.follow(self.send(page, fields))

    def send(self, page, fields):
        action = re.search(r'<form method="post" action="([^"]+)"', page[2]).group(1)
        csrf = re.search(r'name="csrf" value="([^"]+)"', page[2]).group(1)
        return self.ask("POST", action, {"csrf": csrf, **fields})

    def app(self, path, form):
        credentials = base64.b64encode(f"web:{SECRET}".encode()).decode()
        status, _, text = self.ask("POST", path, form, {"Authorization": "Basic " + credentials})
        return status, json.loads(text) if text.startswith("{") else {}

    def authorize(self):
        challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
        query = urllib.parse.urlencode({
            "response_type": "code", "client_id": "web", "redirect_uri": CALLBACK, "nonce": "n", "state": "s",
            "scope": "openid profile offline_access", "prompt": "login", "code_challenge": challenge,
            "code_challenge_method": "S256"})
        return self.follow(self.ask("GET", "/authorize?" + query))

    def sign_in(self):
        """The whole journey; the last refresh token, still good."""
        page = self.press(self.authorize(), {"login": "alice", "password": "wrong", "action": "sign-in"})
        page = self.press(page, {"login": "alice", "password": PASSWORD, "action": "sign-in"})
        if 'value="allow"' in page[2]:
            page = self.press(page, {"action": "allow"})
        code = urllib.parse.parse_qs(urllib.parse.urlsplit(page[1]).query)["code"][0]
        redemption = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        assert self.app("/token", {**redemption, "code_verifier": "x" * 43})[0] == 400
        status, tokens = self.app("/token", {**redemption, "code_verifier": VERIFIER})
        assert status == 200, tokens
        bearer = {"Authorization": "Bearer " + tokens["access_token"]}
        assert self.ask("GET", "/userinfo", headers=bearer)[0] == 200
        assert self.app("/introspect", {"token": tokens["access_token"]})[1]["active"]
        status, newer = self.app("/token", {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]})
        assert status == 200, newer
        assert self.ask("GET", "/account")[0] == 200
        return newer["refresh_token"]


class Shutdown(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="cardea-shutdown-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.port, management = free_port(), free_port()
        certificate, key = os.path.join(self.folder, "cert.pem"), os.path.join(self.folder, "key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
                        key, "-out", certificate], check=True, capture_output=True, stdin=subprocess.DEVNULL)
        self.trust = ssl.create_default_context(cafile=certificate)
        config = os.path.join(self.folder, "cardea.toml")
        with open(config, "w", encoding="utf-8") as out:
            out.write(f"""issuer = "https://localhost:{self.port}"
listen = ["127.0.0.1:{self.port}"]
[tls]
certificate = "cert.pem"
key = "key.pem"
[management]
listen = "127.0.0.1:{management}"
[store]
url = "sqlite://{self.folder}/cardea.db"
[[clients]]
client_id = "web"
client_secret = "{SECRET}"
redirect_uris = ["{CALLBACK}"]
scope = "openid profile offline_access"
[[users]]
login = "alice"
password = "{PASSWORD}"
""")
        self.log = os.path.join(self.folder, "log")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CARDEA_")}
        options = environment.get("ASAN_OPTIONS", "")
        environment["ASAN_OPTIONS"] = ":".join(filter(None, [options, "detect_leaks=1", "exitcode=23"]))
        notify = os.path.join(self.folder, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(notify)
            manager.settimeout(120)
            with open(self.log, "wb") as log:
                self.server = subprocess.Popen([CARDEA, "serve", "--config", config], stderr=log,
                                               env=dict(environment, NOTIFY_SOCKET=notify))
            self.addCleanup(self.end)
            self.assertEqual(manager.recv(100), b"READY=1", self.said())

    def end(self):
        if self.server.poll() is None:
            self.server.kill()
            self.server.wait()

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def stop(self):
        self.server.send_signal(signal.SIGTERM)
        return self.server.wait(timeout=120)

    def assert_clean(self, code):
        said = self.said()
        for word in ("Sanitizer", "runtime error"):
            self.assertNotIn(word, said)
        self.assertEqual(code, 0, said)

    # SIGTERM after real traffic, with idle, mute and half-spoken connections open
    def test_after_real_traffic_it_ends_clean(self):
        people, failures = [Person(self.port, self.trust) for _ in range(THREADS)], []
        for person in people:  # their connections are open, and idle, when the signal comes
            self.addCleanup(person.connection.close)

        def live(person):
            try:
                for _ in range(SIGN_INS // THREADS):
                    token = person.sign_in()
                assert person.app("/revoke", {"token": token})[0] == 200
                for path in ("/.well-known/openid-configuration", "/jwks", "/nothing", "/authorize?client_id=no"):
                    person.ask("GET", path)
                person.press(person.follow(person.ask("GET", "/logout")), {"action": "sign-out"})
            except Exception as error:  # told by the test's own thread
                failures.append(repr(error))

        threads = [threading.Thread(target=live, args=(person,)) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [], self.said()[-4000:])
        with socket.create_connection(("127.0.0.1", self.port)) as mute, \
             socket.create_connection(("127.0.0.1", self.port)) as plain, \
             self.trust.wrap_socket(socket.create_connection(("127.0.0.1", self.port)),
                                    server_hostname="localhost") as half:
            plain.sendall(b"GET / HTTP/1.1\r\n")
            half.sendall(b"POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\ngrant_type=")
            code = self.stop()
            mute.close()
        self.assert_clean(code)

    # The reply to a sign-in leaves before failed attempts are forgotten: SIGTERM waits for that write
    def test_right_after_a_sign_in_it_ends_clean(self):
        person = Person(self.port, self.trust)
        self.addCleanup(person.connection.close)
        page = person.press(person.authorize(), {"login": "alice", "password": "wrong", "action": "sign-in"})
        status, _, _ = person.send(page, {"login": "alice", "password": PASSWORD, "action": "sign-in"})
        code = self.stop()
        self.assertEqual(status, 303)
        self.assert_clean(code)

    # A server that served nobody, and the proof that a sanitized program is one
    def test_at_once_it_ends_clean(self):
        expected = os.path.basename(os.path.dirname(os.path.abspath(CARDEA))) == "asan"
        self.assertEqual(is_sanitized(), expected)
        self.assert_clean(self.stop())


if __name__ == "__main__":
    unittest.main()
