"""The issuers under attack, which all tests share, and the three side conditions that hold after every test: the
process is alive, no answer was a server error, no secret is in the log. Security corpus 0."""
import functools
import json
import secrets
import string
import unittest

import flows
from flows import Client
from issuer_process import IssuerProcess, ROOT
from web_browser import Browser

EVIL = "evil.test"
OPAQUE_API, JWT_API = "https://notes.api.test", "https://files.api.test"
ALPHABET = string.ascii_letters + string.digits


def new_secret():
    return "".join(secrets.choice(ALPHABET) for _ in range(43))


class Attacked(IssuerProcess):
    """An issuer with the clients and people of security corpus 0."""

    def __init__(self, name, tls, more_tables="", scalars=""):
        self.cA = Client("cA", "https://a.app.test/cb", new_secret())
        self.cB = Client("cB", "https://b.app.test/cb", new_secret())
        self.rs = Client("rs", "", new_secret())
        self.pN = Client("pN", "http://127.0.0.1/cb")
        self.pS = Client("pS", "https://s.app.test/cb")
        self.u1, self.u2 = ("u1", secrets.token_urlsafe(18)), ("u2", secrets.token_urlsafe(18))
        self.names = iter(range(1, 100000))
        self.browsers = []
        self.key = None
        self.more_tables = more_tables
        super().__init__(name, tls, scalars=scalars)

    def write_config(self):
        if self.key is None:
            self.key = flows.make_key(self.folder, "cK.pem", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
            self.cK = Client("cK", "https://k.app.test/cb", key_file=self.key)
            jwk = flows.rsa_jwk(self.key)
            self.cK_modulus = jwk["n"]
            self.tables = self.more_tables + self.tables_of(jwk)
            for person in (self.u1, self.u2):
                self.register.add("password", person[1])
            for client in (self.cA, self.cB, self.rs):
                self.register.add("client_secret", client.secret)
        super().write_config()

    def tables_of(self, jwk):
        members = ", ".join(f"{name} = {json.dumps(value)}" for name, value in jwk.items())
        scope = "openid offline_access profile email notes.read files.read"
        text = ""
        for client in (self.cA, self.cB):
            text += self.client_table(client, f'client_secret = "{client.secret}"\nscope = "{scope}"\n'
                                      'grant_types = ["authorization_code", "refresh_token", "client_credentials", '
                                      '"urn:ietf:params:oauth:grant-type:device_code", '
                                      '"urn:ietf:params:oauth:grant-type:jwt-bearer", '
                                      '"urn:ietf:params:oauth:grant-type:token-exchange", '
                                      '"urn:openid:params:grant-type:ciba"]\n'
                                      'token_exchange = { subject_clients = ["cA", "cB"], '
                                      f'resources = ["{JWT_API}"] }}\n'
                                      'post_logout_redirect_uris = ["https://app.example/bye"]\n')
        text += self.client_table(self.cK, f'token_endpoint_auth_method = "private_key_jwt"\nscope = "{scope}"\n'
                                  f'jwks = {{ keys = [{{ {members} }}] }}\n'
                                  'grant_types = ["authorization_code", "refresh_token", "client_credentials"]\n')
        text += self.client_table(self.pN, f'token_endpoint_auth_method = "none"\napplication_type = "native"\n'
                                  f'scope = "{scope}"\n')
        text += self.client_table(self.pS, f'token_endpoint_auth_method = "none"\nscope = "{scope}"\n')
        text += (f'[[clients]]\nclient_id = "rs"\nclient_secret = "{self.rs.secret}"\nresponse_types = []\n'
                 'grant_types = ["client_credentials"]\n')
        for login, password in (self.u1, self.u2):
            text += (f'[[users]]\nlogin = "{login}"\npassword = "{password}"\n'
                     f'claims = {{ name = "Person {login}", email = "{login}@people.test" }}\n')
        text += (f'[[resources]]\nidentifier = "{OPAQUE_API}"\naccess_token_format = "opaque"\n'
                 'scopes = ["notes.read"]\nintrospection_clients = ["rs"]\n'
                 f'[[resources]]\nidentifier = "{JWT_API}"\nscopes = ["files.read"]\nintrospection_clients = ["rs"]\n')
        return text

    @staticmethod
    def client_table(client, members):
        return (f'[[clients]]\nclient_id = "{client.client_id}"\nredirect_uris = [{json.dumps(client.redirect_uri)}]\n'
                f'{members}')

    def browser(self, source=None):
        """A new browser, whose connection ends with the test."""
        self.browsers.append(Browser(self, source))
        return self.browsers[-1]

    def new_client(self, *members, prefix="cX", redirect_uri="https://x.app.test/cb"):
        """A confidential client that the command line may change."""
        client_id = f"{prefix}{next(self.names)}"
        members = (f"redirect_uris={redirect_uri}", "scope=openid offline_access profile email notes.read",
                   "grant_types=authorization_code,refresh_token,client_credentials", *members)
        words = [word for member in members for word in ("--set", member)]
        answer = self.cardea("clients", "add", client_id, *words)
        return Client(client_id, redirect_uri, answer.get("client_secret", ""))

    def edit_client(self, client, *members):
        self.cardea("clients", "edit", client.client_id, *[word for member in members for word in ("--set", member)])

    def new_user(self, *words):
        """(login, password) of a person whom the command line may change."""
        login = f"person{next(self.names)}"
        return login, self.add_user(login, *words)


def corpus_tables():
    """Every row of the redirect corpus as a client of its own; tests/cli/redirect_uris_test.py reads it likewise."""
    text = ""
    for row in corpus_rows():
        text += (f'[[clients]]\nclient_id = "{row.name}"\ntoken_endpoint_auth_method = "none"\n'
                 f'redirect_uris = [{json.dumps(row.registered)}]\n'
                 f'application_type = "{"native" if row.kind == "native" else "web"}"\n'
                 f'development = {"true" if row.kind == "web-development" else "false"}\n')
    return text


class Row:
    """One row of tests/vectors/redirect-uris.tsv. presented: None when the parameter is left out."""

    def __init__(self, cells):
        self.name, self.kind, self.registered, presented, expected = cells[:5]
        self.is_let_through = expected == "ok"
        self.presented = None
        if presented == "(registered+9000a)":
            self.presented = self.registered + "a" * 9000
        elif presented != "(absent)":
            self.presented = json.loads(presented)


@functools.cache
def corpus_rows():
    with open(f"{ROOT}/tests/vectors/redirect-uris.tsv", encoding="utf-8") as corpus:
        next(corpus)
        return [Row(line.rstrip("\n").split("\t")) for line in corpus]


@functools.cache
def tls_issuer():
    """Speaks TLS itself; also holds a client for every row of the redirect corpus."""
    return Attacked("direct", tls=True, more_tables=corpus_tables())


@functools.cache
def proxied_issuer():
    """Stands behind a proxy on loopback, which names the client's address in X-Forwarded-For."""
    # Few may wait for a password check, so that a flood of any size is one.
    return Attacked("proxied", tls=False, scalars='trusted_proxies = ["127.0.0.1"]',
                    more_tables="[password]\nthreads = 1\nqueue_max = 16\n")


class AttackCase(unittest.TestCase):
    """A test against running issuers. may_be_busy: the test floods, so 503 is an honest answer."""

    may_be_busy = False

    @property
    def issuer(self):
        return tls_issuer()

    def issuers(self):
        return [self.issuer]

    def setUp(self):
        for issuer in self.issuers():
            issuer.new_log()
            issuer.server_errors.clear()
            issuer.refusal_texts.clear()

    def tearDown(self):
        for issuer in self.issuers():
            while issuer.browsers:
                issuer.browsers.pop().close()
            with self.subTest("side conditions"):
                self.assertTrue(issuer.is_alive())
                faults = [fault for fault in issuer.server_errors if not (self.may_be_busy and fault[0] == 503)]
                self.assertEqual(faults, [])
                self.assertEqual(issuer.register.search(issuer.new_log()), set())
                # A refused form is shown again with its anti-forgery value, and cookies go to their owner.
                refusals = "\n".join(issuer.refusal_texts)
                self.assertEqual(issuer.register.search(refusals, but=("csrf", "cookie")), set())

    # --- what an answer must be (security corpus 0) ---

    def assert_page(self, answer, status=400):
        """PAGE: our own refusal, which leads nowhere and holds no credential."""
        self.assertEqual(answer.status, status, answer.body[:300])
        self.assertIsNone(answer.location)
        page = answer.page
        for tag, names in page.skeleton:
            self.assertFalse(tag == "meta" and "http-equiv" in names)
            self.assertFalse([name for name in names if name.startswith("on")])
        for address in page.addresses:
            self.assertTrue(address.startswith(("/", "#")) and not address.startswith(("//", "/\\")), address)
        self.assertNotIn("code", answer.parameters)

    def assert_json_error(self, answer, status, code):
        """JE: an OAuth error as JSON, not cached."""
        self.assertEqual((answer.status, answer.error), (status, code), answer.body)
        self.assertTrue(answer.header("Content-Type").startswith("application/json"))
        self.assertIn("no-store", answer.header("Cache-Control"))
        self.assertLessEqual(set(answer.json), {"error", "error_description", "error_uri"})

    def assert_redirected_error(self, answer, client, code, state=None):
        """RE: the error at the registered address, with state and iss, without a code."""
        self.assertEqual(answer.status, 303, answer.body[:300])
        self.assertTrue(answer.location.startswith(client.redirect_uri + "?"), answer.location)
        self.assertEqual(answer.parameters.get("error"), code)
        self.assertEqual(answer.parameters.get("iss"), self.issuer.issuer)
        self.assertNotIn("code", answer.parameters)
        if state is not None:
            self.assertEqual(answer.parameters.get("state"), state)

    def assert_alive_token(self, issuer, client, access_token):
        self.assertEqual(flows.introspect(issuer.browser(), client, access_token).json["active"], True)
