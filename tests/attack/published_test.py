"""Request objects that a client publishes on a web server of its own: fetched from registered addresses alone, and
whatever that server does, it costs one request and three seconds. Security corpus 1.9, 2.E."""
import functools
import http.server
import json
import os
import ssl
import threading
import time

import flows
from attack_case import AttackCase, Attacked
from flows import Client
from issuer_process import make_certificate

LARGE = 10 * 1024 * 1024


class Publisher:
    """A web server of clients, at https://localhost, that remembers what it was asked for."""

    def __init__(self, folder):
        own = os.path.join(folder, "publisher")
        os.mkdir(own)
        self.certificate, key = make_certificate(own, "localhost")
        self.visits, self.objects = [], {}
        publisher = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                publisher.visits.append(self.path)
                try:
                    publisher.answer(self)
                except OSError:  # the caller had enough
                    pass

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path):
        return f"https://localhost:{self.server.server_port}{path}"

    def answer(self, request):
        content = self.objects.get(request.path, b"")
        if request.path == "/redirected":
            request.send_response(302)
            request.send_header("Location", self.url("/target"))
            request.end_headers()
            return
        request.send_response(200)
        request.send_header("Content-Type", "application/oauth-authz-req+jwt")
        request.end_headers()
        if request.path in ("/dripping", "/slow"):
            for _ in range(30):
                request.wfile.write(b"e")
                time.sleep(0.5)
        elif request.path == "/large":
            request.wfile.write(b"e" * LARGE)
        else:
            request.wfile.write(content)


class Publishing(Attacked):
    """Lets its clients live on this machine; cP publishes at these addresses."""

    PATHS = ("/object", "/unsigned", "/redirected", "/dripping", "/large", "/empty", "/slow")

    def tables_of(self, jwk):
        if not hasattr(self, "publisher"):
            self.publisher = Publisher(self.folder)
            self.scalars = f'outgoing.private_addresses = true\noutgoing.ca_file = "{self.publisher.certificate}"'
            self.cP = Client("cP", "https://p.app.test/cb", key_file=self.key)
        members = ", ".join(f"{name} = {json.dumps(value)}" for name, value in jwk.items())
        addresses = json.dumps([self.publisher.url(path) for path in self.PATHS])
        return super().tables_of(jwk) + self.client_table(
            self.cP, f'token_endpoint_auth_method = "private_key_jwt"\njwks = {{ keys = [{{ {members} }}] }}\n'
            f'scope = "openid offline_access"\nrequest_uris = {addresses}\n')

    def object(self, verifier, header=None):
        now = int(time.time())
        claims = flows.request_of(self.cP, verifier) | {"iss": "cP", "aud": self.issuer, "exp": now + 600, "nbf": now}
        return flows.jwt_of(header or {"alg": "RS256", "kid": "r1", "typ": "oauth-authz-req+jwt"}, claims,
                            lambda signed: b"" if header else flows.sign_rs256(self.key, signed)).encode()


@functools.cache
def publishing_issuer():
    return Publishing("publishing", tls=False, scalars='trusted_proxies = ["127.0.0.1"]')


class Published(AttackCase):
    @property
    def issuer(self):
        return publishing_issuer()

    def setUp(self):
        super().setUp()
        self.publisher = self.issuer.publisher
        self.publisher.visits.clear()

    def visit(self, address):
        began = time.monotonic()
        answer = self.issuer.browser().get(flows.authorize_path({"client_id": "cP", "request_uri": address}))
        return answer, time.monotonic() - began

    def assert_refused(self, address, code="invalid_request_uri"):
        answer, seconds = self.visit(address)
        self.assert_page(answer, 400)
        self.assertIn(code, answer.page.text)
        self.assertLess(seconds, 4)  # three for the fetch

    # 9101-07: the whole flow with an object that is published
    def test_9101_07_a_published_request(self):
        issuer, browser = self.issuer, self.issuer.browser()
        verifier = flows.new_verifier(issuer)
        self.publisher.objects["/object"] = issuer.object(verifier)
        answer, _ = self.visit(self.publisher.url("/object"))
        self.assertEqual(answer.status, 303, answer.body)
        request = {"client_id": "cP", "request_uri": self.publisher.url("/object"), "scope": "openid admin"}
        answer = flows.run_pages(browser, browser.get(flows.authorize_path(request)), *issuer.u1)
        tokens = flows.exchange(browser, issuer.cP, answer.parameters["code"], verifier)
        self.assertEqual(tokens.status, 200, tokens.body)
        self.assertEqual(self.publisher.visits, ["/object"])

    # 9101-01; 9101-07: what is published is judged like what is sent
    def test_9101_01_an_unsigned_object(self):
        self.publisher.objects["/unsigned"] = self.issuer.object(flows.new_verifier(self.issuer), {"alg": "none"})
        self.assert_refused(self.publisher.url("/unsigned"), "invalid_request_object")

    # 9101-07; E01: an address that is not registered is not asked for
    def test_e01_unregistered_addresses(self):
        self.publisher.objects["/other"] = self.issuer.object(flows.new_verifier(self.issuer))
        for address in (self.publisher.url("/other"), self.publisher.url("/object?"), self.publisher.url("/object#x"),
                        self.publisher.url("/object").replace("localhost", "LOCALHOST"),
                        self.publisher.url("/object").replace("https", "http")):
            self.assert_refused(address)
        self.assertEqual(self.publisher.visits, [])

    # 9101-07; E03: a redirect is not followed, and a server that drips, floods or says nothing ends in a page
    def test_e03_redirects_drips_and_floods(self):
        self.publisher.objects["/target"] = self.issuer.object(flows.new_verifier(self.issuer))
        before = self.issuer.resident_kib()
        for path in ("/redirected", "/dripping", "/large", "/empty"):
            self.assert_refused(self.publisher.url(path))
            self.assert_refused(self.publisher.url(path))  # at once, and without another request
        self.assertEqual(self.publisher.visits, ["/redirected", "/dripping", "/large", "/empty"])
        self.assertLess(self.issuer.resident_kib() - before, LARGE // 1024)

    # E10: while one address keeps the server waiting, others are answered
    def test_e10_others_do_not_wait(self):
        slow = threading.Thread(target=self.assert_refused, args=(self.publisher.url("/slow"),))
        browser = self.issuer.browser()
        began, answered = time.monotonic(), 0
        slow.start()
        while slow.is_alive():
            asked = time.monotonic()
            self.assertEqual(browser.get("/.well-known/openid-configuration").status, 200)
            self.assertLess(time.monotonic() - asked, 1)
            answered += 1
            time.sleep(0.05)
        slow.join()
        self.assertEqual(self.publisher.visits, ["/slow"])
        self.assertGreater(time.monotonic() - began, 2)
        self.assertGreater(answered, 10)


class InTheOwnNetwork(AttackCase):
    # 7591-03; E03: by default no such address is registered, and one with a good name is not called
    def test_e03_the_own_network(self):
        issuer = self.issuer
        jwks = json.dumps({"keys": [flows.rsa_jwk(issuer.key)]})
        publisher = Publisher(issuer.folder)
        for number, address in enumerate(("https://127.0.0.1/r", "https://[::1]/r", "https://169.254.169.254/r",
                                          "http://localhost/r", "file:///etc/hostname", "https://u@p.test/r",
                                          "https://p.test/r#x", "https://p.test/" + "r" * 500)):
            issuer.cardea("clients", "add", f"published{number}", "--set", "redirect_uris=https://p.test/cb", "--set",
                          f"jwks={jwks}", "--set", f"request_uris={address}", code=2)
        client = issuer.new_client(f"jwks={jwks}", f"request_uris={publisher.url('/object')}")
        answer = issuer.browser().get(flows.authorize_path({"client_id": client.client_id,
                                                            "request_uri": publisher.url("/object")}))
        self.assert_page(answer, 400)
        self.assertIn("invalid_request_uri", answer.page.text)
        self.assertEqual(publisher.visits, [])
