"""What other servers hardened without an advisory: loose decoders, doubled parameters, development pages, file modes.
Security corpus 2.K."""
import base64
import json
import os
import signal
import stat
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter

import flows
from attack_case import AttackCase, EVIL
from flows import authorize_path, new_verifier, request_of
from issuer_process import CARDEA, ENVIRONMENT, free_port, run_program
from pages_test import MARKUP
from web_browser import Page


class Decoders(AttackCase):
    # K01; 6749-08: Basic credentials are strict
    def test_k01_basic_credentials(self):
        issuer, browser = self.issuer, self.issuer.browser()
        good = base64.b64encode(f"cB:{issuer.cB.secret}".encode()).decode()
        raw = f"cB:{issuer.cB.secret}".encode()
        for value in (f"Basic  {good}", f"Basic {good}=", f"Basic {good.rstrip('=')}!", f"Basic\t{good}",
                      f"Basic {good[:10]} {good[10:]}", f"Basic {good[:-3]}", "Basic", "Basic ", f"Bearer {good}",
                      f"Basic {good},Basic {good}", f"Basic {good}\x01", "Basic " + base64.b64encode(b"cB").decode(),
                      "Basic " + base64.b64encode(raw + b"\0").decode(),
                      "Basic " + base64.b64encode(raw + b"\n").decode(),
                      "Basic " + base64.b64encode(b" " + raw).decode(), "Basic " + base64.b64encode(b"cB:%zz").decode(),
                      "Basic " + base64.b64encode(b"\xff\xfe:" + raw).decode(), f"Basic {good}*"):
            answer = browser.post("/introspect", {"token": "x"}, [("Authorization", value)])
            self.assertIn(answer.status, (400, 401), value)
        self.assertEqual(browser.post("/introspect", {"token": "x"}, [("Authorization", f"bAsIc {good}")]).status, 200)

    # K01: metadata of clients: arrays with holes, members of another type, doubled members
    def test_k01_client_metadata(self):
        issuer = self.issuer
        with open(issuer.config, encoding="utf-8") as text:
            config = text.read()
        path = issuer.folder + "/metadata.toml"
        for member in ("redirect_uris = [1]", "redirect_uris = [[]]", "redirect_uris = [{}]", 'redirect_uris = "x"',
                       'redirect_uris = ["https://a.test/cb", 1]', "redirect_uris = [true]", 'scope = ["openid", 1]',
                       'scope = "openid\\u0001"', 'scope = "a\\"b"', 'scope = "ä"', "grant_types = [1]", "jwks = []",
                       'jwks = { keys = "x" }', 'allowed_origins = ["null"]', 'allowed_origins = ["*"]',
                       'allowed_origins = ["https://a.test/"]', 'allowed_origins = ["a.test"]', "allowed_groups = [[]]",
                       'client_id = "twice"', 'redirect_uris = [' + '"https://a.test/cb",' * 51 + "]",
                       'redirect_uris = ["https://a.test/' + "a" * 2048 + '"]'):
            with open(path, "w", encoding="utf-8") as out:
                out.write(f'{config}\n[[clients]]\nclient_id = "odd"\ntoken_endpoint_auth_method = "none"\n{member}\n')
            done = run_program("config", "validate", "--config", path)
            with self.subTest(member[:80]):
                self.assertEqual(done.returncode, 3, done.stdout + done.stderr[-200:])

    # K01; 9700-06: an opaque origin reads nothing, with any token and at any endpoint
    def test_k01_opaque_origins(self):
        issuer, browser = self.issuer, self.issuer.browser()
        tokens = flows.obtain_tokens(browser, issuer.pS, issuer.u1)
        bearer = ("Authorization", "Bearer " + tokens["access_token"])
        for origin in ("null", "NULL", "", "https://", "file://", "https://s.app.test, null", "*"):
            for answer in (browser.get("/userinfo", [bearer, ("Origin", origin)]),
                           flows.call(browser, "/token", issuer.pS, {"grant_type": "refresh_token",
                                                                     "refresh_token": "x"})):
                if answer.status == 200:
                    self.assertIsNone(answer.header("Access-Control-Allow-Origin"), origin)
                self.assertIsNone(answer.header("Access-Control-Allow-Credentials"))
        for path in ("/authorize", "/account", "/logout", "/introspect"):
            answer = browser.send("OPTIONS", path, [("Origin", f"https://{EVIL}"), ("Access-Control-Request-Method",
                                                                                    "POST")])
            self.assertIsNone(answer.header("Access-Control-Allow-Origin"), path)

    # K01; 6749-19: the syntax of scope, prompt, max_age, claims and response_type is exact
    def test_k01_parameter_syntax(self):
        issuer, browser = self.issuer, self.issuer.browser()
        flows.obtain_code(browser, issuer.cA, issuer.u1)
        for over in ({"scope": "openid\tprofile"}, {"scope": 'openid "'}, {"scope": "openid \\"}, {"scope": "OPENID"},
                     {"scope": "openid,profile"}, {"scope": "openid\u00a0profile"}, {"prompt": "None"},
                     {"prompt": "none,"},
                     {"max_age": "1.0"}, {"max_age": "1e3"}, {"max_age": " 1"}, {"max_age": "+1"}, {"max_age": "0x1"},
                     {"max_age": "99999999999999999999"}, {"claims": '"x"'}, {"claims": "null"}, {"claims": "[1]"},
                     {"claims": '{"id_token":[]}'}, {"claims": '{"userinfo":1}'}, {"claims": '{"id_token":{"a":5}}'},
                     {"claims": '{"a":1,"a":2}'}, {"response_type": "Code"}, {"response_type": "code,token"},
                     {"response_mode": "Query"}, {"code_challenge_method": "s256"}, {"code_challenge": "a" * 42},
                     {"code_challenge": "a" * 129}, {"code_challenge": "a" * 42 + "="}, {"resource": "/relative"},
                     {"resource": "https://x.test/#f"}, {"id_token_hint": "x"}):
            request = request_of(issuer.cA, new_verifier(issuer)) | {"prompt": "none"} | over
            answer = browser.get(authorize_path(request))
            with self.subTest(over=over):
                self.assertEqual(answer.status, 303)
                self.assertIn("error", answer.parameters)
                self.assertNotIn(answer.parameters["error"], ("login_required", "consent_required", "server_error"))


class Doubles(AttackCase):
    # K06: extra parameters of a request come back in no answer, and ours are there once
    def test_k06_extra_parameters_do_not_double_ours(self):
        issuer, browser = self.issuer, self.issuer.browser()
        flows.obtain_code(browser, issuer.cA, issuer.u1)
        extra = {"code": "evil", "iss": f"https://{EVIL}", "error": "evil", "session_state": "evil", "id_token": "evil",
                 "access_token": "evil", "response": "evil", "error_description": "evil", "token_type": "evil"}
        for over in ({}, {"scope": "unknown"}):
            for mode in ("query", "fragment", "form_post"):
                request = request_of(issuer.cA, new_verifier(issuer), prompt="none", response_mode=mode) | extra | over
                answer = browser.get(authorize_path(request))
                text = answer.body if mode == "form_post" else answer.location
                self.assertNotIn("evil", text)
                if mode != "form_post":
                    parts = urllib.parse.urlsplit(answer.location)
                    counts = Counter(name for name, _ in urllib.parse.parse_qsl(parts.query or parts.fragment))
                    self.assertEqual(set(counts.values()), {1}, counts)

    # K06; oidc-25: a sign-out that nobody proved or confirmed ends neither session nor token
    def test_k06_unproven_sign_out(self):
        issuer, owner, stranger = self.issuer, self.issuer.browser(), self.issuer.browser()
        tokens = flows.obtain_tokens(owner, issuer.cA, issuer.u1)
        theirs = flows.obtain_tokens(stranger, issuer.cA, issuer.u2)["id_token"]
        hint = urllib.parse.quote(tokens["id_token"])
        for browser, target in ((owner, "/logout"), (owner, "/logout?client_id=cA"), (stranger,
                                                                                      "/logout?id_token_hint=" + hint),
                                (issuer.browser(), "/logout?id_token_hint=" + hint), (owner, "/logout?sid=x&iss=y"),
                                (owner, "/logout?id_token_hint=" + theirs), (owner, "/logout?logout_hint=u1"),
                                (owner, "/logout?id_token_hint=")):
            browser.get(target)
            browser.post("/logout", dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(target).query)))
        self.assertEqual(owner.get("/account").status, 200)
        self.assert_alive_token(issuer, issuer.cA, tokens["access_token"])
        self.assertEqual(flows.refresh(owner, issuer.cA, tokens["refresh_token"]).status, 200)


class Files(AttackCase):
    # K07: everything that the server and the command line write is their owner's alone
    def test_k07_modes(self):
        issuer = self.issuer
        flows.obtain_tokens(issuer.browser(), issuer.cA, issuer.u1)
        copy = os.path.join(issuer.folder, "k07-copy.db")
        # As loose as it gets: what is made must be tight whatever the umask says.
        folder = tempfile.mkdtemp(prefix="cardea-attack-modes-")
        try:
            issuer.cardea("backup", copy)
            made = subprocess.run(f"umask 0; exec {CARDEA} init {folder}/made --issuer https://id.modes.test",
                                  shell=True,
                                  env=ENVIRONMENT, capture_output=True, check=False, timeout=60)
            self.assertEqual(made.returncode, 0, made.stderr)
            seen = []
            for top in (issuer.data, folder + "/made"):
                for inner, folders, files in os.walk(top):
                    for name in folders + files:
                        path = os.path.join(inner, name)
                        mode = os.stat(path).st_mode
                        seen.append(name)
                        # The configuration may be read by the service's group: it is root's to write.
                        others = 0o037 if name == "cardea.toml" else 0o077
                        self.assertEqual(mode & others, 0, (path, oct(mode)))
                        if stat.S_ISSOCK(mode):
                            self.assertEqual(os.stat(inner).st_mode & 0o077, 0, inner)
            for path in (copy, os.path.join(issuer.folder, "root.key")):
                self.assertEqual(os.stat(path).st_mode & 0o077, 0, path)
            self.assertLessEqual({"cardea.db", "cardea.db-wal", "cardea.sock"}, set(seen))
        finally:
            subprocess.run(["rm", "-rf", folder], check=True)
            if os.path.exists(copy):
                os.unlink(copy)


class Development(AttackCase):
    """K04: `cardea dev` shows what it was sent, as text."""

    def setUp(self):
        super().setUp()
        self.folder = tempfile.mkdtemp(prefix="cardea-attack-dev-")
        self.port = free_port()
        self.dev = subprocess.Popen([CARDEA, "dev", "--http", "--port", str(self.port), "--state", self.folder,
                                     "--home",
                                     self.folder + "/home"], env=ENVIRONMENT, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, text=True)
        for line in self.dev.stdout:
            if "server.listening" in line or f"http://localhost:{self.port}" in line:
                break

    def tearDown(self):
        self.dev.send_signal(signal.SIGTERM)
        self.dev.stdout.close()
        self.dev.wait(timeout=60)
        subprocess.run(["rm", "-rf", self.folder], check=True)
        super().tearDown()

    def fetch(self, path, headers=None):
        request = urllib.request.Request(f"http://localhost:{self.port}{path}", headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, dict(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read().decode()

    # K04; G01: error pages with explanations, and the inspector, hold no element that a request wrote
    def test_k04_development_pages(self):
        _, _, plain = self.fetch("/authorize?client_id=plain&redirect_uri=plain&scope=plain")
        self.fetch("/logout?state=plain")
        inspected = set(Page(self.fetch("/_dev")[2]).skeleton)
        for value in MARKUP:
            quoted = urllib.parse.quote(value, safe="")
            status, headers, page = self.fetch(f"/authorize?client_id={quoted}&redirect_uri={quoted}&scope={quoted}"
                                               f"&state={quoted}&{quoted}={quoted}")
            self.assertEqual(status, 400)
            self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
            self.assertEqual(Page(page).skeleton, Page(plain).skeleton, value)
        status, headers, page = self.fetch("/_dev")
        self.assertEqual(status, 200)
        self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
        self.assertNotIn("unsafe-inline", headers["Content-Security-Policy"])
        self.assertIn("alert(1)", Page(page).text)
        self.assertEqual(set(Page(page).skeleton) - inspected, set())
        scripts = [names for tag, names in Page(page).skeleton if tag == "script"]
        self.assertEqual(scripts, [("defer", "src")])

    # K04: no other site reads or drives the development issuer, whatever name it gives it
    def test_k04_rebinding(self):
        for host in (EVIL, "localhost.evil.test", f"{EVIL}:{self.port}", "127.0.0.1.nip.io"):
            for path in ("/_dev", "/.well-known/openid-configuration", "/authorize"):
                self.assertEqual(self.fetch(path, {"Host": host})[0], 421, (host, path))
        self.assertNotIn("Strict-Transport-Security", self.fetch("/jwks")[1])
        self.assertIn("keys", json.loads(self.fetch("/jwks")[2]))
