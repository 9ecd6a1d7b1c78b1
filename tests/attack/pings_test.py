"""What the server tells clients of CIBA's ping mode, as a client hears it: a real listener, and a real server that is
restarted in between. CIBA Core 10.2; security corpus 2.E, E04."""
import functools
import http.server
import json
import secrets
import threading
import time

import flows
from attack_case import AttackCase, Attacked
from outgoing_test import Collector

PING = ("backchannel_token_delivery_mode=ping", "grant_types=urn:openid:params:grant-type:ciba", "response_types=",
        "development=true")
PATIENCE_SECONDS = 20


@functools.cache
def pinging_issuer():
    """May call this machine, as a developer's does; stands behind a proxy, which names addresses."""
    return Attacked("pinging", tls=False, scalars='trusted_proxies = ["127.0.0.1"]\n'
                    "outgoing.private_addresses = true")


class Listener(http.server.ThreadingHTTPServer):
    """A client's notification endpoint: answers as `status` says, and remembers what it heard."""
    daemon_threads = True

    def __init__(self):
        self.status, self.heard = 204, []
        super().__init__(("127.0.0.1", 0), Hearing)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_address[1]}/ping"

    def wait_for(self, count):
        over = time.monotonic() + PATIENCE_SECONDS
        while len(self.heard) < count and time.monotonic() < over:
            time.sleep(0.05)
        return self.heard

    def stop(self):
        self.shutdown()
        self.server_close()


class Hearing(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.heard.append((self.path, dict(self.headers.items()), body))
        self.send_response(self.server.status)
        self.send_header("Location", self.server.address + "/elsewhere")
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"a body")

    do_GET = do_POST

    def log_message(self, *_):
        """Nothing."""


def ask(issuer, browser, client):
    """(auth_req_id, notification token) of a question to u1."""
    token = secrets.token_urlsafe(32)
    issuer.register.add("client_notification_token", token)
    asked = flows.call(browser, "/bc-authorize", client, {"scope": "openid", "login_hint": issuer.u1[0],
                                                          "client_notification_token": token})
    assert asked.status == 200, asked.body
    return asked.json["auth_req_id"], token


def poll(browser, client, auth_req_id):
    return flows.call(browser, "/token", client, {"grant_type": flows.CIBA_GRANT, "auth_req_id": auth_req_id})


class Pings(AttackCase):
    @property
    def issuer(self):
        return pinging_issuer()

    def setUp(self):
        super().setUp()
        self.listener = Listener()
        self.client = self.issuer.new_client(
            *PING, f"backchannel_client_notification_endpoint={self.listener.address}", prefix="ping")
        self.browser = self.issuer.browser()
        flows.fill_sign_in(self.browser, self.browser.get("/account/sign-in"), *self.issuer.u1)

    def tearDown(self):
        self.listener.stop()
        super().tearDown()

    def answer(self, action):
        self.browser.submit(self.browser.get("/account"), ("action", action))

    # ciba-23: the client hears once, with its own token and the auth_req_id alone, and fetches tokens then
    def test_an_answer_is_told(self):
        for number, (action, error) in enumerate((("allow", None), ("deny", "access_denied")), 1):
            auth_req_id, token = ask(self.issuer, self.browser, self.client)
            self.answer(action)
            path, headers, body = self.listener.wait_for(number)[-1]
            self.assertEqual((path, json.loads(body)), ("/ping", {"auth_req_id": auth_req_id}))
            self.assertEqual(headers["Authorization"], "Bearer " + token)
            self.assertEqual(headers["Content-Type"], "application/json")
            answered = poll(self.browser, self.client, auth_req_id)
            self.assertEqual(answered.json.get("error"), error)
        time.sleep(1)
        self.assertEqual(len(self.listener.heard), 2)

    # ciba-24: a redirect is not followed, and no is no
    def test_an_odd_answer_ends_it(self):
        for number, status in enumerate((200, 301, 307, 401, 403), 1):
            self.listener.status = status
            auth_req_id, _ = ask(self.issuer, self.browser, self.client)
            self.answer("allow")
            self.assertEqual(len(self.listener.wait_for(number)), number)
            self.assertEqual(poll(self.browser, self.client, auth_req_id).status, 200)
        time.sleep(6)  # longer than the first pause
        self.assertEqual([path for path, _, _ in self.listener.heard], ["/ping"] * 5)

    # ciba-25; ciba-30: what was not taken survives the process
    def test_a_restart_loses_nothing(self):
        self.listener.status = 503
        auth_req_id, token = ask(self.issuer, self.browser, self.client)
        self.answer("allow")
        self.listener.wait_for(1)
        self.issuer.stop()
        self.listener.status = 204
        heard = len(self.listener.heard)
        self.issuer.start()
        self.browser.close()
        _, headers, body = self.listener.wait_for(heard + 1)[-1]
        self.assertEqual(len(self.listener.heard), heard + 1)
        self.assertEqual(json.loads(body), {"auth_req_id": auth_req_id})
        self.assertEqual(headers["Authorization"], "Bearer " + token)
        self.assertEqual(poll(self.browser, self.client, auth_req_id).status, 200)


class Guarded(AttackCase):
    # E04: a notification address in the own network is refused, and one with a good name that leads there is not called
    def test_e04_notification_addresses(self):
        issuer, browser = self.issuer, self.issuer.browser()
        flows.fill_sign_in(browser, browser.get("/account/sign-in"), *issuer.u1)
        collector = Collector()
        member = "backchannel_client_notification_endpoint="
        ping = [word for each in PING[:3] for word in ("--set", each)]
        for host in ("127.0.0.1", "[::1]", "169.254.169.254", "10.0.0.1", "[::ffff:127.0.0.1]"):
            address = f"https://{host}:{collector.port}/"
            issuer.cardea("clients", "add", "guarded", *ping, "--set", member + address, code=2)
        for scheme in ("http", "ftp", "file"):
            address = f"{scheme}://localhost:{collector.port}/"
            issuer.cardea("clients", "add", "guarded", *ping, "--set", member + address, code=2)
        client = issuer.new_client(*PING[:3], f"{member}https://localhost:{collector.port}/x", prefix="guarded")
        for action in ("allow", "deny"):
            auth_req_id, _ = ask(issuer, browser, client)
            browser.submit(browser.get("/account"), ("action", action))
            poll(browser, client, auth_req_id)
        time.sleep(2)
        # The collector does hear: it counts our own visit, and that is the only one.
        collector.visit()
        collector.close()
        self.assertEqual(len(collector.visits), 1, collector.visits)
