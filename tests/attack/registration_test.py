"""Clients that come by themselves: where they may not, how many of them, and whom the server calls for them. Security
corpus 2.E, 2.F, 7591-01."""
import concurrent.futures
import functools
import json

import flows
from attack_case import AttackCase, Attacked
from outgoing_test import Collector

JSON = ("Content-Type", "application/json")
METADATA = {"redirect_uris": ["https://new.app.test/cb"], "client_name": "New"}
QUOTA = 20


@functools.cache
def open_issuer():
    """Takes registrations and metadata documents from anybody; stands behind a proxy, which names addresses."""
    return Attacked("open", tls=False, scalars='trusted_proxies = ["127.0.0.1"]\nregistration.mode = "open"\n'
                    "client_documents.enabled = true")


class RegistrationCase(AttackCase):
    @property
    def issuer(self):
        return open_issuer()

    @staticmethod
    def register(browser, metadata=None, *headers):
        return browser.send("POST", "/register", [JSON, *headers], json.dumps(metadata or METADATA).encode())


class Off(AttackCase):
    # F05; 7591-01: what is off has no address, whatever is sent there
    def test_f05_registration_is_off(self):
        browser = self.issuer.browser()
        for method, target in (("POST", "/register"), ("GET", "/register/cA"), ("PUT", "/register/cA"),
                               ("DELETE", "/register/cA"), ("OPTIONS", "/register")):
            answer = browser.send(method, target, [JSON], json.dumps(METADATA).encode())
            self.assertEqual(answer.status, 404, (method, target))
        self.assertNotIn("registration_endpoint", browser.get("/.well-known/openid-configuration").json)


class Floods(RegistrationCase):
    # 7591-01: one address leaves so many registrations and no more, however many it sends at once; others go on
    def test_7591_01_one_address_is_bounded(self):
        source = self.issuer.browser().source
        browsers = [self.issuer.browser(source) for _ in range(10)]
        with concurrent.futures.ThreadPoolExecutor(10) as pool:
            runs = [pool.submit(lambda b=browser: [self.register(b) for _ in range(6)]) for browser in browsers]
            answers = [answer for run in runs for answer in run.result()]
        self.assertEqual(sum(answer.status == 201 for answer in answers), QUOTA)
        for answer in answers:
            if answer.status != 201:
                self.assert_json_error(answer, 429, "invalid_request")
                self.assertEqual(answer.header("Retry-After"), "3600")
        self.assertEqual(self.register(self.issuer.browser()).status, 201)


class Reach(RegistrationCase):
    def setUp(self):
        super().setUp()
        self.collector = Collector()

    def tearDown(self):
        self.collector.visit()
        self.collector.close()
        self.assertEqual(len(self.collector.visits), 1, self.collector.visits)
        super().tearDown()

    # E01; E09: a client_id that leads into the own network is not called, and an open port looks like a closed one
    def test_e01_documents_in_the_own_network(self):
        browser, texts = self.issuer.browser(), set()
        for host in ("localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "10.0.0.1",
                     "2130706433", "0x7f.1", "u@127.0.0.1", "localhost."):
            for port in (self.collector.port, 9):
                client = flows.Client(f"https://{host}:{port}/client.json", "https://new.app.test/cb")
                request = flows.request_of(client, flows.new_verifier(self.issuer))
                answer = browser.get(flows.authorize_path(request))
                self.assert_page(answer, 400)
                texts.add(answer.page.text.split("Rule")[0])
        self.assertEqual(len(texts), 1, texts)

    # E03; oidc-13; 7591-03: so are sectors and key sets of whoever registers
    def test_e03_registered_addresses(self):
        browser = self.issuer.browser()
        for host in ("localhost", "127.0.0.1", "[::1]", "169.254.169.254"):
            for member in ("sector_identifier_uri", "jwks_uri", "logo_uri"):
                metadata = METADATA | {member: f"https://{host}:{self.collector.port}/x"}
                answer = self.register(browser, metadata)
                if host == "localhost" and member != "sector_identifier_uri":
                    self.assertEqual(answer.status, 201)  # what a name leads to is judged when somebody asks
                else:
                    self.assert_json_error(answer, 400, "invalid_client_metadata")
