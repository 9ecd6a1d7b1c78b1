"""Redirect URIs, open redirects and scheme tricks over TLS: security corpus 2.A."""
import itertools
import urllib.parse

import flows
from attack_case import AttackCase, EVIL, corpus_rows
from flows import Client, authorize_path, new_verifier, request_of
from issuer_process import run_program

MODES = ("query", "fragment", "form_post")
JARM_MODES = ("jwt", "query.jwt", "fragment.jwt", "form_post.jwt", "web_message")
# Every cause for which an authorization request may be refused, one at a time.
CAUSES = [{"response_type": "token"}, {"response_type": None}, {"response_type": "code token"},
          {"response_type": "nonsense"}, {"response_mode": "nonsense"}, {"scope": "unknown"}, {"scope": "a  b\""},
          {"prompt": "nonsense"}, {"prompt": "none login"}, {"claims": "{"}, {"claims": "[]"},
          {"code_challenge": None}, {"code_challenge_method": "plain"}, {"max_age": "-1"}, {"request": "e30.e30."},
          {"request_uri": "https://evil.test/r"}, {"registration": "{}"}, {"resource": "not a uri"},
          {"id_token_hint": "a.b.c"}, {"prompt": "none"}, {"state": "s" * 5000}]


class RedirectCase(AttackCase):
    """Sends redirect URIs and looks where the browser would end."""

    def ask(self, browser, client_id, presented, **over):
        client = Client(client_id, presented)
        return browser.get(authorize_path(request_of(client, new_verifier(self.issuer), **over)))

    def assert_leads_nowhere(self, answer):
        self.assertIn(answer.status, (400, 414, 431))
        self.assert_page(answer, answer.status)
        for tag, names in answer.page.skeleton:
            self.assertNotIn(tag, ("form", "script", "iframe"), names)
        self.assertNotIn(EVIL, " ".join(answer.page.addresses))

    def signed_in(self):
        browser = self.issuer.browser()
        flows.obtain_code(browser, self.issuer.cA, self.issuer.u1)
        return browser

    def walk(self, groups, browsers=None, **over):
        """The corpus rows of some groups, signed in and not, silent and not, with a bad response_type."""
        rows = [row for row in corpus_rows() if row.name.startswith(groups)]
        self.assertGreater(len(rows), 2)
        for browser in browsers or (self.issuer.browser(), self.signed_in()):
            for row in rows:
                for variant in ({"prompt": "none"}, {"prompt": "none", "response_type": "nonsense"}):
                    with self.subTest(row=row.name, variant=variant):
                        answer = self.ask(browser, row.name, row.presented, **(variant | over))
                        if not row.is_let_through:
                            self.assert_leads_nowhere(answer)
                        elif answer.location:
                            self.assertTrue(answer.location.startswith(row.presented), answer.location)
                        else:
                            self.assertEqual(answer.page.forms[0].action, row.presented)
        return rows


class Corpus(RedirectCase):
    # A01; A05; A22: hosts that only look like the registered one
    def test_a01_a05_hosts(self):
        rows = self.walk(("U-B",))
        self.assertTrue([row for row in rows if row.presented.count("@") > 1])

    # A02: what merely begins like a loopback address
    def test_a02_loopback(self):
        self.walk(("U-G",))

    # A03; A04: paths that climb, plain and encoded
    def test_a03_a04_paths(self):
        self.walk(("U-C",))

    # A12: only the registered spelling, in every part
    def test_a12_case(self):
        client = self.issuer.cA
        for spelling in ("HTTPS://a.app.test/cb", "https://A.app.test/cb", "https://a.app.test/CB"):
            self.assert_leads_nowhere(self.ask(self.issuer.browser(), client.client_id, spelling))
        self.walk(("U-B", "U-C", "U-H"), [self.issuer.browser()])

    # A14; A17: the whole corpus, with and without a session
    def test_a14_a17_whole_corpus(self):
        self.assertEqual(len(self.walk(("U-",))), 171)

    # A08: every response mode, those that are not built as well
    def test_a08_every_response_mode(self):
        for mode in MODES + JARM_MODES:
            with self.subTest(mode):
                self.walk(("U-B", "U-D", "U-F", "U-H"), [self.issuer.browser()], response_mode=mode)

    # A13: dots are dots, and without addresses nothing matches
    def test_a13_dots_and_empty_lists(self):
        browser = self.issuer.browser()
        self.assert_leads_nowhere(self.ask(browser, "cA", "https://aXapp.test/cb"))
        for presented in ("https://rs.app.test/cb", "", ".*", None):
            self.assert_leads_nowhere(self.ask(browser, "rs", presented))

    # A15: no cause of an error is told to an address that is not proven
    def test_a15_every_cause_with_evil_address_and_unknown_client(self):
        for browser in (self.issuer.browser(), self.signed_in()):
            for cause, mode in itertools.product(CAUSES, (*MODES, None)):
                over = {"response_mode": mode} | cause
                with self.subTest(over=over):
                    self.assert_leads_nowhere(self.ask(browser, "cA", f"https://{EVIL}/cb", **over))
                    self.assert_leads_nowhere(self.ask(browser, "nobody", "https://a.app.test/cb", **over))

    # A22: too long is refused, not cut to what would match
    def test_a22_long_addresses(self):
        browser = self.issuer.browser()
        for size in (2048, 8 << 10, 64 << 10):
            presented = self.issuer.cA.redirect_uri + "?" + "a" * size
            answer = self.ask(browser, "cA", presented)
            self.assertIn(answer.status, (400, 414, 431))
            self.assertIsNone(answer.location)

    # A23: each client with each other client's address
    def test_a23_client_and_address_pairs(self):
        issuer = self.issuer
        clients = [issuer.cA, issuer.cB, issuer.cK, issuer.pN, issuer.pS]
        for browser in (issuer.browser(), self.signed_in()):
            for one, other in itertools.permutations(clients, 2):
                with self.subTest(one=one.client_id, other=other.client_id):
                    self.assert_leads_nowhere(self.ask(browser, one.client_id, other.redirect_uri))


class Registration(RedirectCase):
    """The configuration file and the command line refuse what could never be safe."""

    def refused(self, uri, *more):
        words = ["--set", f"redirect_uris={uri}"]
        for member in more:
            words += ["--set", member]
        self.issuer.cardea("clients", "add", "registered-wrongly", *words, code=2)

    # A04; A06: no wildcard anywhere
    def test_a06_wildcards(self):
        for uri in ("*", "https://*", "https://*.app.example/cb", "https://app.example*", "https://app.example/*",
                    "https://app.example/cb*", "https://app.example:*/cb", "https://app.example/cb?*"):
            with self.subTest(uri):
                self.refused(uri)

    # A09: schemes that run or show something, in any spelling, for web and native clients
    def test_a09_schemes(self):
        schemes = ("javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "blob:https://x/y",
                   "about:blank", "view-source:https://x", "ws://app.example/", "ftp://app.example/", "intent:x")
        for scheme in schemes:
            mixed = "".join(c.upper() if at % 2 else c for at, c in enumerate(scheme))
            for uri in (scheme, scheme.upper(), mixed, scheme[:3] + "\t" + scheme[3:], scheme[:3] + "\n" + scheme[3:],
                        " " + scheme):
                for kind in ("web", "native"):
                    with self.subTest(uri=uri, kind=kind):
                        self.refused(uri, f"application_type={kind}")

    # A07: names that begin like localhost or end like a registered host, wherever a host is compared
    def test_a07_hosts_everywhere(self):
        issuer = self.issuer
        browser = issuer.browser()
        for uri in ("http://localhost.evil.test/cb", "http://localhostevil/cb", "http://127.0.0.1.evil.test/cb"):
            self.refused(uri, "application_type=native", "token_endpoint_auth_method=none")
            self.assert_leads_nowhere(self.ask(browser, "pN", uri))
        tokens = flows.obtain_tokens(browser, issuer.pS, issuer.u1)
        for origin, is_ours in (("https://s.app.test", True), ("https://evil-s.app.test", False),
                                ("https://s.app.test.evil.test", False), ("https://app.test", False),
                                ("http://s.app.test", False), ("https://s.app.test:444", False), ("null", False)):
            answer = browser.get("/userinfo", [("Authorization", "Bearer " + tokens["access_token"]),
                                               ("Origin", origin)])
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.header("Access-Control-Allow-Origin"), origin if is_ours else None, origin)
        for proxy in ("localhost", "proxy.evil.test", "127.0.0.1.evil.test", "10.0.0.0/33"):
            with open(issuer.config, encoding="utf-8") as text:
                config = f'trusted_proxies = ["{proxy}"]\n' + text.read()
            path = issuer.folder + "/proxies.toml"
            with open(path, "w", encoding="utf-8") as out:
                out.write(config)
            done = run_program("config", "validate", "--config", path)
            self.assertEqual(done.returncode, 3, proxy + done.stdout + done.stderr)


def return_targets():
    """Addresses of security corpus 3.6 that browsers and parsers read differently."""
    bases = ["//{0}", "///{0}", "////{0}", "/\\{0}", "\\/{0}", "\\\\{0}", "/\t/{0}", "/%09/{0}", "/\n/{0}", "/\r\\{0}",
             "/\v/{0}", "/ /{0}", "/./\\{0}", "/./../../\\{0}", "/%5c{0}", "/%2f%2f{0}", "//%5c{0}", "https:{0}",
             "https:/{0}", "http:\\\\{0}", "/;@{0}", "/@{0}", ".{0}", "?//{0}", "#//{0}", "javascript:alert(1)//{0}",
             "java%0ascript:alert(1)//{0}", "\x19Jav\tasc\tript:alert(1)//{0}", "data:text/html,{0}",
             "/%68%74%74%70%3a//{0}", "〱{0}", "//evil%E3%80%82test", "/..;/{0}", "/\\u002f/{0}"]
    targets = [base.format(EVIL) for base in bases]
    # The families of the public lists: separators, prefixes and user names put together.
    joints = ["/", "\\", "//", "/\\", "\\/", "%2f", "%5c", "/.", "/\u2044", "/\uff0f"]
    for first, second in itertools.product(joints, repeat=2):
        targets += [first + second + EVIL, f"https:{first}{second}{EVIL}", f"{first}{second}a.app.test@{EVIL}"]
    return targets


class ReturnTargets(RedirectCase):
    # A18; A19: no page takes an address from the request
    def test_a18_a19_return_targets(self):
        issuer = self.issuer
        ours = issuer.issuer + "/"
        targets = return_targets()
        self.assertGreater(len(targets), 300)
        browser = issuer.browser()
        request = request_of(issuer.cA, new_verifier(issuer))
        sign_in = browser.follow(browser.get(authorize_path(request)))
        page_path = sign_in.page.forms[0].action
        names = ("next", "return_to", "rd", "continue", "target_link_uri", "login_uri", "redirect", "url")
        for target, name in zip(targets, itertools.cycle(names)):
            query = urllib.parse.urlencode({name: target})
            for path in (page_path, "/account", "/account/sign-in", "/account/signed-out", "/logout", "/link/done",
                         "/authorize", "/interaction/" + "A" * 22 + "/sign-in"):
                answer = browser.get(f"{path}?{query}")
                with self.subTest(path=path, target=target):
                    self.assert_stays(answer, ours, target)

    def assert_stays(self, answer, ours, target):
        self.assertLess(answer.status, 500)
        if answer.location:
            self.assertTrue(answer.location.startswith(ours), answer.location)
            self.assertNotIn(EVIL, answer.location)
        for address in answer.page.addresses:
            self.assertTrue(address.startswith("/") and not address.startswith(("//", "/\\")), address)
            self.assertNotIn(target, address)

    # A18: the same names in the forms of sign-in, consent and sign-out
    def test_a18_return_targets_in_forms(self):
        issuer, evil = self.issuer, f"//{EVIL}/"
        more = {name: evil for name in ("next", "return_to", "rd", "continue", "redirect_uri",
                                        "post_logout_redirect_uri", "state", "client_id")}
        browser = issuer.browser()
        request = request_of(issuer.cA, new_verifier(issuer), prompt="consent")
        page = browser.follow(browser.get(authorize_path(request)))
        answer = browser.submit(page, flows.SIGN_IN, login=issuer.u1[0], password=issuer.u1[1], **more)
        self.assertTrue(answer.location.startswith(issuer.issuer + "/interaction/"))
        answer = browser.submit(browser.follow(answer), flows.ALLOW, **more)
        self.assertTrue(answer.location.startswith(issuer.cA.redirect_uri + "?"))
        page = browser.follow(browser.get("/logout"))
        answer = browser.submit(page, ("action", "sign-out"), **more)
        self.assertTrue(answer.location.startswith(issuer.issuer + "/"), answer.location)

    # A21; L04; L05; L06; L07; L08; L09; L10; L11; L12; L13: addresses after sign-out
    def test_a21_sign_out(self):
        issuer = self.issuer
        browser = issuer.browser()
        hint = flows.obtain_tokens(browser, issuer.cA, issuer.u1)["id_token"]
        values = ["https://app.example/bye?x=1", "https://app.example/bye/", f"https://app.example@{EVIL}/bye",
                  f"//{EVIL}", f"/\\{EVIL}", "JaVaScRiPt:alert(1)", "data:text/html,x",
                  f"https://app.example.{EVIL}/bye", issuer.cA.redirect_uri, *return_targets()]
        for value in values:
            with self.subTest(value):
                query = urllib.parse.urlencode({"id_token_hint": hint, "post_logout_redirect_uri": value})
                self.assert_leads_nowhere(browser.get("/logout?" + query))
        twice = [("id_token_hint", hint)] + [("post_logout_redirect_uri", "https://app.example/bye")] * 2
        self.assert_leads_nowhere(browser.get("/logout?" + urllib.parse.urlencode(twice)))
        good = urllib.parse.urlencode({"id_token_hint": hint, "state": "s1",
                                       "post_logout_redirect_uri": "https://app.example/bye"})
        self.assertEqual(browser.get("/logout?" + good).location, "https://app.example/bye?state=s1")


class HostGames(RedirectCase):
    def games(self):
        ours = self.issuer.host
        yield [("X-Forwarded-Host", EVIL), ("X-Forwarded-Proto", "http"), ("X-Forwarded-Port", "81")]
        yield [("Forwarded", f"host={EVIL};proto=http"), ("X-Original-URL", f"//{EVIL}/"), ("X-Host", EVIL)]
        yield [("Host", EVIL)]
        yield [("Host", f"{ours}:81"), ("X-Forwarded-Prefix", f"//{EVIL}")]

    # A24: neither Host nor forwarding headers move a sign-in elsewhere
    def test_a24_host_games_during_a_sign_in(self):
        issuer = self.issuer
        for game in self.games():
            with self.subTest(game=game):
                browser = issuer.browser()
                answer = browser.get(authorize_path(request_of(issuer.cA, new_verifier(issuer), prompt="consent")),
                                     game)
                self.assertTrue(answer.location.startswith(issuer.issuer + "/interaction/"), answer.location)
                page = browser.get(answer.path, game)
                self.assertNotIn(EVIL, page.body + str(page.fields))
                form = page.page.forms[0]
                fields = form.fields | {"login": issuer.u1[0], "password": issuer.u1[1], "action": "sign-in"}
                answer = browser.post(form.action, fields, game)
                self.assertTrue(answer.location.startswith(issuer.issuer + "/interaction/"), answer.location)
                for value in answer.all("Set-Cookie"):
                    self.assertNotIn("domain", value.lower())
                form = browser.get(answer.path, game).page.forms[0]
                answer = browser.post(form.action, form.fields | {"action": "allow"}, game)
                self.assertTrue(answer.location.startswith(issuer.cA.redirect_uri + "?"), answer.location)
                self.assertEqual(answer.parameters["iss"], issuer.issuer)
