"""The command line and a running `cardea serve`, as an operator uses them: changes hold for the next request, the file
owns its rows, one process holds a store, exit codes are as documented, kill -9 loses nothing acknowledged."""
import base64
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import unittest
import urllib.error
import urllib.parse
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CARDEA = os.path.join(ROOT, "build", "cardea")
# A setting of whoever runs the tests must not become one of the servers here.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("CARDEA_")}
FILE_SECRET = "0123456789abcdef0123456789abcdef"


def run_program(*words):
    return subprocess.run([CARDEA, *words], capture_output=True, text=True, env=ENVIRONMENT, timeout=60, check=False)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Redirects are answers to look at."""

    def redirect_request(self, *_):
        return None


class ServeCase(unittest.TestCase):
    """A server on plain loopback HTTP with a file store of its own."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="cardea-cli-")
        self.port, self.management = free_port(), free_port()
        self.config = os.path.join(self.folder, "cardea.toml")
        os.mkdir(os.path.join(self.folder, "data"))
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(f"""issuer = "http://localhost:{self.port}"
listen = ["127.0.0.1:{self.port}"]
[management]
listen = "127.0.0.1:{self.management}"
[store]
url = "sqlite://{self.folder}/data/cardea.db"
[[clients]]
client_id = "owned"
client_secret = "{FILE_SECRET}"
redirect_uris = ["https://app.example/cb"]
grant_types = ["client_credentials"]
response_types = []
""")
        self.server = None
        self.start()

    def tearDown(self):
        self.stop()
        shutil.rmtree(self.folder)

    def stop(self):
        if self.server is not None and self.server.poll() is None:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(timeout=30)

    def start(self):
        notify = os.path.join(self.folder, "notify")
        if os.path.exists(notify):
            os.unlink(notify)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(notify)
            manager.settimeout(60)
            log = open(os.path.join(self.folder, "log"), "ab")
            self.server = subprocess.Popen([CARDEA, "serve", "--config", self.config], stderr=log,
                                           env=dict(ENVIRONMENT, NOTIFY_SOCKET=notify))
            log.close()
            self.assertEqual(manager.recv(100), b"READY=1")

    def run_cardea(self, *words, code=0):
        done = run_program(*words, "--json", "--config", self.config)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout) if done.stdout.startswith("{") else {}

    def token(self, client_id, secret):
        """Status of a client credentials request."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/token", b"grant_type=client_credentials",
            {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode(),
             "Content-Type": "application/x-www-form-urlencoded", "Host": f"localhost:{self.port}"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def get(self, path):
        opener = urllib.request.build_opener(NoRedirect)
        try:
            with opener.open(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def add_service(self, name):
        return self.run_cardea("clients", "add", name, "--set", "grant_types=client_credentials", "--set",
                               "response_types=", "--set", "scope=openid")["client_secret"]


class Administration(ServeCase):
    """Decision P7: administration happens inside the server."""

    # P7: a client added, disabled, enabled and removed holds for the next request
    def test_changes_hold_for_the_next_request(self):
        secret = self.add_service("job")
        self.assertEqual(self.token("job", secret), 200)
        self.run_cardea("clients", "edit", "job", "--set", "enabled=false")
        self.assertEqual(self.token("job", secret), 401)
        self.run_cardea("clients", "edit", "job", "--set", "enabled=true")
        self.assertEqual(self.token("job", secret), 200)
        self.run_cardea("clients", "rm", "job")
        self.assertEqual(self.token("job", secret), 401)

    # Q2: a rotated secret works at once; the old one only as long as was said
    def test_rotated_secrets(self):
        old = self.add_service("job")
        new = self.run_cardea("clients", "rotate-secret", "job", "--keep-old", "1h")["client_secret"]
        self.assertEqual((self.token("job", old), self.token("job", new)), (200, 200))
        newest = self.run_cardea("clients", "rotate-secret", "job")["client_secret"]
        self.assertEqual((self.token("job", new), self.token("job", newest)), (401, 200))

    # P7: the same while requests keep coming
    def test_changes_hold_under_load(self):
        secret = self.add_service("job")
        stop, answers = threading.Event(), []

        def load():
            while not stop.is_set():
                answers.append(self.token("owned", FILE_SECRET))

        threads = [threading.Thread(target=load) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(3):
                self.run_cardea("clients", "edit", "job", "--set", "enabled=false")
                self.assertEqual(self.token("job", secret), 401)
                self.run_cardea("clients", "edit", "job", "--set", "enabled=true")
                self.assertEqual(self.token("job", secret), 200)
            self.run_cardea("keys", "rotate", "--now")
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(set(answers), {200})

    # Q22: rows of the file are changed in the file; the answer names file and line
    def test_the_file_owns_its_rows(self):
        answer = self.run_cardea("clients", "edit", "owned", "--set", "consent=skip", code=5)
        self.assertIn("cardea.toml:7", answer["error"]["message"])
        self.run_cardea("clients", "rm", "owned", code=5)

    # Q22: a client that left the file is disabled
    def test_a_client_that_left_the_file_is_disabled(self):
        self.assertEqual(self.token("owned", FILE_SECRET), 200)
        self.server.send_signal(signal.SIGTERM)
        self.assertEqual(self.server.wait(timeout=30), 0)
        with open(self.config, encoding="utf-8") as text:
            kept = text.read().split("[[clients]]")[0]
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(kept)
        self.start()
        self.assertEqual(self.token("owned", FILE_SECRET), 401)

    def test_exit_codes(self):
        self.run_cardea("clients", "show", "nobody", code=4)
        self.run_cardea("users", "link", "nobody", code=4)
        self.run_cardea("clients", "add", "owned", code=2)
        self.run_cardea("clients", "add", "x", "--set", "redirect_uris=http://app.example/cb", code=2)
        self.run_cardea("no-such-command", code=2)
        self.assertEqual(self.run_cardea("version")["version"].count("."), 2)

    # oidc-24: a key that was published too briefly does not sign, unless told to; the set keeps the old one
    def test_key_rotation_waits(self):
        self.run_cardea("keys", "rotate", code=1)
        before = {key["kid"] for key in json.loads(self.get("/jwks")[1])["keys"]}
        self.run_cardea("keys", "rotate", "--now")
        after = {key["kid"] for key in json.loads(self.get("/jwks")[1])["keys"]}
        self.assertTrue(before <= after)
        states = [key["state"] for key in self.run_cardea("keys", "list")["keys"]]
        self.assertIn("retiring", states)

    # one-time links: the page is there once, under the issuer's own address
    def test_password_links(self):
        link = self.run_cardea("users", "add", "alice", "--claim", "name=Alice")["link"]
        self.assertTrue(link.startswith(f"http://localhost:{self.port}/link/"))
        status, page = self.get(urllib.parse.urlparse(link).path)
        self.assertEqual(status, 200)
        self.assertIn('name="csrf"', page)
        status, _ = self.get("/link/" + "A" * 43)
        self.assertIn(status, (404, 410))

    # More than one answer over the socket holds: whole and in order, with and without a server
    def test_long_lists_come_whole(self):
        note = "n" * 400
        with open(self.config, "a", encoding="utf-8") as out:
            for number in range(3000):
                out.write(f'[[users]]\nlogin = "user-{number:05}"\nclaims = {{ note = "{note}" }}\n')
            for number in range(1100):
                out.write(f'[[clients]]\nclient_id = "app-{number:05}"\nclient_secret = "{FILE_SECRET}"\n'
                          'redirect_uris = ["https://app.example/cb"]\n')
        self.stop()
        self.start()
        for _ in range(2):
            people = self.run_cardea("users", "list")
            self.assertEqual(list(people), ["users"])
            self.assertEqual([each["login"] for each in people["users"]],
                             [f"user-{number:05}" for number in range(3000)])
            clients = self.run_cardea("clients", "list")["clients"]
            self.assertEqual([each["client_id"] for each in clients],
                             [f"app-{number:05}" for number in range(1100)] + ["owned"])
            self.stop()

    # A command line older than the pages is refused a list that it would take for the whole; a short one it gets
    def test_a_caller_without_pages_gets_all_or_nothing(self):
        def ask(call, **arguments):
            with socket.socket(socket.AF_UNIX) as admin:
                admin.connect(os.path.join(self.folder, "data", "admin", "cardea.sock"))
                admin.sendall(json.dumps({"call": call, "arguments": arguments}).encode() + b"\n")
                with admin.makefile() as answer:
                    return json.loads(answer.readline())
        self.assertEqual(list(ask("clients.list")["answer"]), ["clients"])
        with open(self.config, "a", encoding="utf-8") as out:
            for number in range(8000):
                out.write(f'[[clients]]\nclient_id = "app-{number:05}"\nclient_secret = "{FILE_SECRET}"\n'
                          'redirect_uris = ["https://app.example/cb"]\n')
        self.stop()
        self.start()
        refused = ask("clients.list")
        self.assertFalse(refused["ok"])
        self.assertIn("longer than one answer", refused["message"])
        page = ask("clients.list", after="")["answer"]
        self.assertLess(len(page["clients"]), 8000)
        self.assertEqual(page["next"], page["clients"][-1]["client_id"])
        # What the doctor finds has no pages, and is more than a mebibyte
        self.assertGreater(len(json.dumps(self.run_cardea("doctor", code=1), separators=(",", ":"))), 1 << 20)

    # No secret of these calls is in the log
    def test_nothing_secret_is_logged(self):
        secret = self.add_service("job")
        self.token("job", secret)
        link = self.run_cardea("users", "add", "bob")["link"]
        self.stop()  # lines are gathered for some milliseconds: at its end all of them are written
        with open(os.path.join(self.folder, "log"), encoding="utf-8") as log:
            text = log.read()
        self.assertIn("admin.performed", text)
        self.assertNotIn(secret, text)
        self.assertNotIn(link.rsplit("/", 1)[1], text)


class Processes(ServeCase):
    """One process holds a store; a killed one leaves nothing to clean up."""

    # INV3: what was acknowledged before kill -9 is there afterwards, and the start needs no help
    def test_kill_nine_loses_nothing(self):
        for round_number in range(5):
            secret = self.add_service(f"job{round_number}")
            self.server.kill()
            self.server.wait(timeout=30)
            self.start()
            self.assertEqual(self.token(f"job{round_number}", secret), 200)

    def test_a_second_server_is_refused(self):
        second = run_program("serve", "--config", self.config)
        self.assertEqual(second.returncode, 5)
        self.assertIn("is held by process", second.stderr)

    # Decision Q15: dev refuses a production store
    def test_dev_refuses_a_production_store(self):
        self.server.send_signal(signal.SIGTERM)
        self.server.wait(timeout=30)
        os.rename(os.path.join(self.folder, "data", "cardea.db"), os.path.join(self.folder, "data", "cardea-dev.db"))
        dev = run_program("dev", "--port", "0", "--state", os.path.join(self.folder, "data"), "--home",
                          os.path.join(self.folder, "home"))
        self.assertNotEqual(dev.returncode, 0)

    # P7: without a server the command works under the store's lock
    def test_offline_administration(self):
        self.server.send_signal(signal.SIGTERM)
        self.assertEqual(self.server.wait(timeout=30), 0)
        secret = self.add_service("job")
        self.start()
        self.assertEqual(self.token("job", secret), 200)

    def test_backup_and_restore(self):
        secret = self.add_service("job")
        copy = os.path.join(self.folder, "copy.db")
        self.run_cardea("backup", copy)
        self.run_cardea("clients", "rm", "job")
        self.run_cardea("restore", copy, code=5)  # the server runs
        self.server.send_signal(signal.SIGTERM)
        self.server.wait(timeout=30)
        self.run_cardea("restore", copy)
        self.start()
        self.assertEqual(self.token("job", secret), 200)

    # T4: a node with another root key refuses to start
    def test_another_root_key_is_refused(self):
        self.server.send_signal(signal.SIGTERM)
        self.server.wait(timeout=30)
        key = os.path.join(self.folder, "root.key")
        os.rename(key, key + ".kept")
        refused = run_program("serve", "--config", self.config)
        self.assertNotEqual(refused.returncode, 0)
        os.replace(key + ".kept", key)
        self.start()

    def test_health_and_metrics(self):
        for path, words in (("/livez", "ok"), ("/readyz?verbose", "store ok"), ("/metrics", "cardea_build_info"),
                            ("/metrics", "\ncardea_clock_ahead_seconds ")):
            with urllib.request.urlopen(f"http://127.0.0.1:{self.management}{path}", timeout=30) as answer:
                self.assertIn(words, answer.read().decode())

    # 6819-02: secrets are digests in the file
    def test_no_secret_is_in_the_store(self):
        secret = self.add_service("job")
        found = b""
        for name in os.listdir(os.path.join(self.folder, "data")):
            path = os.path.join(self.folder, "data", name)
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    found += file.read()
        self.assertNotIn(secret.encode(), found)
        self.assertNotIn(base64.b64encode(secret.encode()).rstrip(b"="), found)
        digest = hashlib.sha256(secret.encode()).digest()
        self.assertTrue(digest in found or base64.urlsafe_b64encode(digest).rstrip(b"=") in found or
                        digest.hex().encode() in found or base64.b64encode(digest) in found)


class TokenVerify(ServeCase):
    """`cardea token verify` finds keys as an app of the client library does."""

    def setUp(self):
        super().setUp()
        self.stop()
        with open(self.config, "a", encoding="utf-8") as out:
            out.write("""scope = "read"
default_resource = "https://api.example"
[[resources]]
identifier = "https://api.example"
scopes = ["read"]
""")
        self.start()

    def stop(self):
        self.server.send_signal(signal.SIGTERM)
        self.server.wait(timeout=30)

    def access_token(self):
        credentials = base64.b64encode(f"owned:{FILE_SECRET}".encode()).decode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/token", b"grant_type=client_credentials",
                                         {"Authorization": "Basic " + credentials, "Host": f"localhost:{self.port}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())["access_token"]

    def verify(self, token, *words):
        done = subprocess.run([CARDEA, "token", "verify", *words], input=token, capture_output=True, text=True,
                              env=ENVIRONMENT, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    def test_a_token_is_checked_against_its_issuer(self):
        token = self.access_token()
        code, said = self.verify(token, "--audience", "https://api.example")
        self.assertEqual(code, 0, said)
        self.assertIn("Signature, issuer and dates hold.", said)
        self.assertNotIn(token, said)
        self.assertEqual(self.verify(token, "--audience", "https://other.example")[0], 8)
        self.assertEqual(self.verify(token, "--issuer", "https://other.example")[0], 8)
        head, claims, signature = token.split(".")
        forged = ("B" if signature[0] == "A" else "A") + signature[1:]
        self.assertEqual(self.verify(f"{head}.{claims}.{forged}")[0], 8)
        self.assertEqual(self.verify("no token")[0], 8)
        self.stop()
        self.assertEqual(self.verify(token)[0], 6)

    # An unsigned claim names the issuer: nothing is fetched from an http address of the network.
    def test_a_plain_http_issuer_elsewhere_is_refused(self):
        def part(value):
            return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

        for issuer in ("http://issuer.example", "not a url", "https://issuer.example?x"):
            code, said = self.verify(f'{part({"alg": "ES256"})}.{part({"iss": issuer})}.AAAA')
            self.assertEqual(code, 7, said)


if __name__ == "__main__":
    unittest.main()
