"""Requests that the server could be made to send: a listener waits for one, and none comes. Security corpus 2.E."""
import json
import socket
import threading
import time

import flows
from attack_case import AttackCase
from flows import assertion

NAMES = ("request_uri", "jwks_uri", "logo_uri", "sector_identifier_uri", "client_uri", "policy_uri", "tos_uri",
         "initiate_login_uri", "backchannel_logout_uri", "frontchannel_logout_uri", "client_session_host",
         "client_session_state", "client_notification_endpoint", "target_link_uri", "software_statement", "resource",
         "iss", "registration_client_uri", "redirect_uri", "post_logout_redirect_uri", "login_hint", "acr_values",
         "ui_locales", "state", "nonce", "claims", "client_id", "request", "id_token_hint", "audience", "scope")
GUARDED = ("http://127.0.0.1:{0}", "http://localhost:{0}", "http://localhost.:{0}", "http://[::ffff:127.0.0.1]:{0}",
           "http://0.0.0.0:{0}", "http://2130706433:{0}", "http://0x7f.1:{0}", "http://0177.0.0.1:{0}",
           "http://user:pw@127.0.0.1:{0}", "https://127.0.0.1:{0}", "ftp://127.0.0.1:{0}", "gopher://127.0.0.1:{0}",
           "jar:http://127.0.0.1:{0}!/", "//127.0.0.1:{0}", "file:///etc/hostname", "http://unix:/tmp/x:/")


class Collector:
    """A port that remembers who connects."""

    def __init__(self):
        self.listener = socket.create_server(("0.0.0.0", 0))
        self.port = self.listener.getsockname()[1]
        self.visits = []
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            try:
                visitor, _ = self.listener.accept()
            except OSError:
                return
            visitor.settimeout(5)
            self.visits.append(visitor.recv(1000))
            visitor.close()

    def visit(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as visitor:
            visitor.sendall(b"GET / HTTP/1.1\r\n\r\n")
            visitor.recv(10)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


class Outgoing(AttackCase):
    def setUp(self):
        super().setUp()
        self.collector = Collector()

    def tearDown(self):
        # The collector does hear: it counts our own visit, and that is the only one.
        self.collector.visit()
        self.collector.close()
        self.assertEqual(len(self.collector.visits), 1, self.collector.visits)
        super().tearDown()

    def addresses(self):
        return [form.format(self.collector.port) + "/x" for form in GUARDED]

    # E01: a request_uri that is no pushed request's is refused by a page, and nobody fetches it
    def test_e01_request_uri(self):
        issuer, browser = self.issuer, self.issuer.browser()
        for address in self.addresses():
            request = flows.request_of(issuer.cA, flows.new_verifier(issuer), request_uri=address)
            answer = browser.get(flows.authorize_path(request))
            self.assert_page(answer, 400)
            self.assertIn("invalid_request_uri", answer.page.text)
            request = {"client_id": "cA", "request_uri": address}
            answer = browser.get(flows.authorize_path(request))
            self.assertLess(answer.status, 500)

    # E05: no parameter of any endpoint becomes an address that the server calls
    def test_e05_every_parameter_of_every_endpoint(self):
        issuer, browser = self.issuer, self.issuer.browser()
        base = flows.request_of(issuer.cA, flows.new_verifier(issuer))
        for name in NAMES:
            for address in self.addresses()[:6]:
                value = json.dumps({"jwks_uri": address}) if name in ("claims", "registration") else address
                requests = [lambda: browser.get(flows.authorize_path(base | {name: value})),
                            lambda: browser.get(flows.authorize_path({name: value}).replace("authorize", "logout"))]
                for path in ("/token", "/introspect", "/revoke", "/userinfo"):
                    fields = {"grant_type": "client_credentials", "scope": "notes.read", "token": "x", name: value}
                    requests.append(lambda p=path, f=fields: browser.post(p, f, flows.basic(issuer.cA)))
                for request in requests:
                    self.assertLess(request().status, 500)
        for header in ({"jku": self.addresses()[0]}, {"x5u": self.addresses()[0]}):
            answer = browser.post("/token", {"grant_type": "client_credentials",
                                             "client_assertion_type": flows.ASSERTION_TYPE,
                                             "client_assertion": assertion(issuer, issuer.cK, header=header)})
            self.assertIn(answer.status, (400, 401))

    # E03; E04; E09: a registered address with a good name that leads into the own network is not called, and whoever
    # sent the assertion cannot tell an open port from a closed one
    def test_e09_registered_addresses(self):
        issuer, browser = self.issuer, self.issuer.browser()
        with socket.create_server(("127.0.0.1", 0)) as taken:
            closed = taken.getsockname()[1]
        answers = set()
        for number, port in enumerate((self.collector.port, closed) * 2):
            name = f"keys-{number}-{port}"
            for host in ("127.0.0.1", "[::1]", "169.254.169.254", "10.0.0.1"):
                issuer.cardea("clients", "add", name, *self.members(f"https://{host}:{port}/keys"), code=2)
            for scheme in ("http", "ftp", "file"):
                issuer.cardea("clients", "add", name, *self.members(f"{scheme}://localhost:{port}/keys"), code=2)
            issuer.cardea("clients", "add", name, *self.members(f"https://localhost:{port}/keys"))
            client = flows.Client(name, "", key_file=issuer.key)
            began = time.monotonic()
            answer = browser.post("/token", {"grant_type": "client_credentials",
                                             "client_assertion_type": flows.ASSERTION_TYPE,
                                             "client_assertion": assertion(issuer, client)})
            self.assertLess(time.monotonic() - began, 2)
            answers.add((answer.status, answer.body))
        self.assertEqual(len(answers), 1, answers)
        self.assertEqual(answers.pop()[0], 401)

    @staticmethod
    def members(jwks_uri):
        return ("--set", "token_endpoint_auth_method=private_key_jwt", "--set", "grant_types=client_credentials",
                "--set", "response_types=", "--set", f"jwks_uri={jwks_uri}")

    # E06: a logo of such an address cannot be registered, and no page makes a browser load one from elsewhere
    def test_e06_logos(self):
        issuer, browser = self.issuer, self.issuer.browser()
        for member in ("logo_uri", "sector_identifier_uri", "policy_uri"):
            issuer.cardea("clients", "add", "with-logo", "--set", "redirect_uris=https://l.test/cb", "--set",
                          f"{member}={self.addresses()[0]}", code=2)
        request = flows.request_of(issuer.cA, flows.new_verifier(issuer), prompt="consent",
                                   logo_uri=self.addresses()[0])
        page = browser.follow(browser.get(flows.authorize_path(request)))
        for address in page.page.addresses:
            self.assertTrue(address.startswith("/") and not address.startswith("//"), address)
        self.assertIn("default-src 'none'", page.header("Content-Security-Policy"))
        self.assertNotIn(str(self.collector.port), page.body)
