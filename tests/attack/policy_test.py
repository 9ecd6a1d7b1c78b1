"""Rules that hold for every grant alike: who is disabled, removed or no longer allowed; which client may do what.
Security corpus 2.B (B11, B18), 2.F, 2.H (H01) and 2.K (K02)."""
import itertools
import os
import shutil

import flows
from attack_case import AttackCase, JWT_API
from flows import exchange, introspect, obtain_code, obtain_tokens, refresh, userinfo
from issuer_process import run_program

GRANTS = ("authorization_code", "refresh_token", "client_credentials")


class Withdrawn(AttackCase):
    """The matrix of states and grants: each state is brought about between approval and use."""

    STATES = ("user disabled", "user removed", "password changed", "client disabled", "client removed",
              "consent withdrawn", "sessions ended", "group removed")
    # Ended sessions leave offline tokens alone, which is what they are for; a new password ends those too.
    KEEPS_OFFLINE = ("sessions ended",)

    def set_up(self):
        issuer = self.issuer
        self.client = issuer.new_client("allowed_groups=staff")
        self.person = issuer.new_user("--claim", 'groups=["staff"]')
        self.browser = issuer.browser()
        self.tokens = obtain_tokens(self.browser, self.client, self.person)
        self.code, self.verifier = obtain_code(self.browser, self.client, self.person)

    def bring_about(self, state):
        issuer, (login, password) = self.issuer, self.person
        if state == "user disabled":
            issuer.cardea("users", "edit", login, "--enabled", "false")
        elif state == "user removed":
            issuer.cardea("users", "rm", login)
        elif state == "group removed":
            issuer.cardea("users", "edit", login, "--claim", 'groups=["guests"]')
        elif state == "client disabled":
            issuer.edit_client(self.client, "enabled=false")
        elif state == "client removed":
            issuer.cardea("clients", "rm", self.client.client_id)
        elif state == "password changed":
            new = password + "-anew"
            issuer.register.add("password", new)
            account = issuer.browser()
            flows.fill_sign_in(account, account.get("/account/sign-in"), login, password)
            answer = account.submit(account.get("/account"), ("action", "change-password"), current=password,
                                    password=new, repeat=new)
            self.assertEqual(answer.status, 303)
        elif state == "consent withdrawn":
            answer = self.browser.submit(self.browser.get("/account"), ("client_id", self.client.client_id))
            self.assertEqual(answer.status, 303)
        elif state == "sessions ended":
            answer = self.browser.submit(self.browser.get("/account"), ("action", "sign-out"))
            self.assertEqual(answer.status, 303)

    def assert_refused(self, answer):
        """invalid_grant, or invalid_client where it is the client that is gone."""
        self.assertIn((answer.status, answer.error), ((400, "invalid_grant"), (401, "invalid_client")))

    # B11; H01: every state, every use, at once
    def test_b11_h01_states_and_grants(self):
        for state in self.STATES:
            with self.subTest(state):
                self.set_up()
                self.bring_about(state)
                self.assert_refused(exchange(self.browser, self.client, self.code, self.verifier))
                if state not in self.KEEPS_OFFLINE:
                    answer = refresh(self.browser, self.client, self.tokens["refresh_token"])
                    if state != "group removed":
                        self.assertEqual(userinfo(self.browser, self.tokens["access_token"]).status, 401)
                    self.assert_refused(answer)
                self.assert_no_silent_code(state)

    def assert_no_silent_code(self, state):
        """The browser that was signed in gets no code without a page."""
        request = flows.request_of(self.client, flows.new_verifier(self.issuer), prompt="none")
        answer = self.browser.get(flows.authorize_path(request))
        self.assertNotIn("code", answer.parameters, state)

    # H01: a person who is locked before the sign-in, or between its pages, gets no further
    def test_h01_locked_before_and_between_the_pages(self):
        issuer = self.issuer
        person = issuer.new_user()
        browser = issuer.browser()
        request = flows.authorize_path(flows.request_of(issuer.cA, flows.new_verifier(issuer)))
        consent = browser.follow(flows.fill_sign_in(browser, browser.follow(browser.get(request)), *person))
        issuer.cardea("users", "edit", person[0], "--enabled", "false")
        answer = browser.follow(browser.submit(consent, flows.ALLOW))
        self.assertNotIn("code", answer.parameters)
        other = issuer.browser()
        answer = flows.fill_sign_in(other, other.follow(other.get(request)), *person)
        self.assertEqual((answer.status, answer.location), (200, None))
        issuer.cardea("users", "edit", person[0], "--enabled", "true")
        answer = flows.run_pages(other, other.get(request), *person)
        self.assertIn("code", answer.parameters)

    # B11; X24: what the client lost between approval and use
    def test_b11_client_changes(self):
        for member, refused in (("redirect_uris=https://x.app.test/other", "invalid_grant"),
                                ("grant_types=client_credentials", "unauthorized_client")):
            self.set_up()
            words = ["--set", "response_types="] if member.startswith("grant") else []
            self.issuer.cardea("clients", "edit", self.client.client_id, "--set", member, *words)
            answer = exchange(self.browser, self.client, self.code, self.verifier)
            self.assert_json_error(answer, 400, refused)
        self.set_up()
        self.issuer.edit_client(self.client, "grant_types=authorization_code")
        answer = refresh(self.browser, self.client, self.tokens["refresh_token"])
        self.assert_json_error(answer, 400, "unauthorized_client")


class Matrix(AttackCase):
    """B18: each rule with each grant."""

    def ready(self):
        issuer, browser = self.issuer, self.issuer.browser()
        code, verifier = obtain_code(browser, issuer.cA, issuer.u1)
        token = obtain_tokens(browser, issuer.cA, issuer.u1)["refresh_token"]
        return browser, {
            "authorization_code": {"code": code, "redirect_uri": issuer.cA.redirect_uri, "code_verifier": verifier},
            "refresh_token": {"refresh_token": token}, "client_credentials": {"scope": "notes.read"}}

    # B18: authentication, form, scope and resource are judged for every grant, and nothing is spent
    def test_b18_every_rule_with_every_grant(self):
        issuer = self.issuer
        cA = issuer.cA
        browser, own = self.ready()
        auth = flows.basic(cA)
        for grant in GRANTS:
            fields = {"grant_type": grant} | own[grant]
            pairs = list(fields.items())
            query = "/token?client_secret=" + "z" * 43
            refused = [
                ("no authentication", 401, browser.post("/token", fields)),
                ("wrong secret", 401, browser.post("/token", fields, flows.basic(cA, "w" * 43))),
                ("unknown client", 401, browser.post("/token", fields | {"client_id": "nobody"})),
                ("two methods", 400, browser.post("/token", fields | {"client_secret": cA.secret,
                                                                      "client_id": "cA"}, auth)),
                ("two headers", 400, browser.post("/token", fields, auth + auth)),
                ("credential in the query", 400, browser.post(query, fields, auth)),
                ("repeated parameter", 400, browser.post("/token", pairs + pairs[-1:], auth)),
                ("JSON", 400, browser.send("POST", "/token", [("Content-Type", "application/json"), *auth], b"{}")),
                ("no type", 400, browser.send("POST", "/token", auth, b"grant_type=" + grant.encode())),
                ("unknown resource", 400, browser.post("/token", fields | {"resource": "https://x.test"}, auth)),
                ("empty grant", 400, browser.post("/token", fields | {"grant_type": ""}, auth)),
                ("grant in capitals", 400, browser.post("/token", fields | {"grant_type": grant.upper()}, auth))]
            if grant != "authorization_code":
                refused.append(("unknown scope", 400, browser.post("/token", fields | {"scope": "root"}, auth)))
            for rule, status, answer in refused:
                with self.subTest(grant=grant, rule=rule):
                    self.assertEqual(answer.status, status, answer.body)
                    self.assertIn("error", answer.json)
            self.assertEqual(browser.get("/token").status, 405)
            answer = browser.post("/token", fields, auth)
            self.assertEqual(answer.status, 200, answer.body)

    # B18; 6749-24: a grant that the client is not registered for is refused, whatever is presented
    def test_b18_unregistered_grants(self):
        issuer, browser = self.issuer, self.issuer.browser()
        further = ["urn:ietf:params:oauth:grant-type:" + name
                   for name in ("token-exchange", "jwt-bearer", "device_code")] + ["urn:openid:params:grant-type:ciba"]
        for grant in (*GRANTS, *further, "password", "implicit", "urn:ietf:params:oauth:grant-type:saml2-bearer"):
            known = grant in GRANTS or grant in further
            for client, allowed in ((issuer.rs, "client_credentials"), (issuer.pS, None)):
                if grant == allowed or (client is issuer.pS and grant in ("authorization_code", "refresh_token")):
                    continue
                answer = flows.call(browser, "/token", client, {
                    "grant_type": grant, "username": "u1", "password": "x", "code": "x", "refresh_token": "x",
                    "assertion": "x", "device_code": "x", "subject_token": "x", "auth_req_id": "x"})
                self.assert_json_error(answer, 400, "unauthorized_client" if known else "unsupported_grant_type")

    # K02: parameters of one grant beside another change nothing
    def test_k02_parameters_of_other_grants(self):
        issuer = self.issuer
        browser, own = self.ready()
        foreign = {"username": "u2", "password": issuer.u2[1], "assertion": "x", "device_code": "x",
                   "subject_token": "x", "actor_token": "x", "auth_req_id": "x"}
        for grant in GRANTS:
            others = {name: value for other in GRANTS if other != grant for name, value in own[other].items()}
            fields = others | foreign | {"grant_type": grant} | own[grant]
            if grant == "refresh_token":
                fields.pop("scope")
            answer = browser.post("/token", fields, flows.basic(issuer.cA))
            self.assertEqual(answer.status, 200, (grant, answer.body))
            if grant == "client_credentials":
                self.assertEqual((answer.json.get("refresh_token"), answer.json["scope"]), (None, "notes.read"))
                self.assertEqual(introspect(browser, issuer.rs, answer.json["access_token"]).json["sub"], "cA")
            else:
                subject = userinfo(browser, answer.json["access_token"]).json
                self.assertEqual(subject["sub"], flows.claims_of(answer.json["id_token"])["sub"])

    # B18; 8725-12: entitlement and approval cannot be had by asking for another scope or resource at the refresh
    def test_b18_refresh_cannot_widen(self):
        issuer, browser = self.issuer, self.issuer.browser()
        token = obtain_tokens(browser, issuer.cA, issuer.u1, scope="openid offline_access")["refresh_token"]
        for over in ({"scope": "openid profile"}, {"scope": "notes.read"}, {"scope": "openid files.read"},
                     {"resource": JWT_API}):
            answer = refresh(browser, issuer.cA, token, **over)
            self.assertEqual(answer.status, 400)
            self.assertIn(answer.error, ("invalid_scope", "invalid_target"))
        self.assertEqual(refresh(browser, issuer.cA, token).status, 200)


class Configured(AttackCase):
    """What the operator may write, and what the program makes of it."""

    def validate(self, addition, top=""):
        issuer = self.issuer
        path = os.path.join(issuer.folder, "tried.toml")
        with open(issuer.config, encoding="utf-8") as text:
            config = top + "\n" + text.read() + "\n" + addition + "\n"
        with open(path, "w", encoding="utf-8") as out:
            out.write(config)
        return run_program("config", "validate", "--config", path)

    def refused(self, addition, top=""):
        done = self.validate(addition, top)
        self.assertEqual(done.returncode, 3, f"{top}{addition}\n{done.stdout}{done.stderr}")

    # F04: claims of the protocol are nobody's to set: not a person's, not a scope's
    def test_f04_reserved_claims(self):
        for claim in ("iss", "sub", "aud", "exp", "iat", "nbf", "jti", "cnf", "scope", "client_id", "act", "azp",
                      "nonce",
                      "auth_time", "acr", "amr", "at_hash", "c_hash", "sid", "may_act", "events"):
            with self.subTest(claim):
                self.issuer.cardea("users", "add", "forger", "--claim", f"{claim}=root", code=2)
                self.refused(f'[[users]]\nlogin = "forger"\nclaims = {{ {claim} = "root" }}')
                self.refused(f'[scopes."mine"]\ntitle = "x"\nclaims = ["{claim}"]')

    # F05: what is off or not built has no address, and what belongs to development is not there
    def test_f05_hidden_addresses(self):
        browser = self.issuer.browser()
        paths = ("/register", "/register/x", "/admin", "/admin/clients", "/api", "/_dev", "/_dev/inspector",
                 "/_dev/reset", "/metrics", "/livez", "/readyz",
                 "/debug", "/.env", "/account/delete", "/account/password/reset", "/link", "/interaction",
                 "/assets/", "/.well-known/webfinger", "/sign-up")
        for path, method in itertools.product(paths, ("GET", "POST", "PUT", "DELETE")):
            answer = browser.send(method, path, body=b"" if method != "GET" else None)
            self.assertIn(answer.status, (403, 404, 405), (method, path))
        for path in ("/_dev", "/register", "/metrics"):
            self.assertEqual(browser.get(path).status, 404)

    # F06: a word that nobody knows is refused, never skipped
    def test_f06_unknown_words(self):
        for member in ('consent = "maybe"', 'pkce = "sometimes"', 'pkce = "plain"', 'application_type = "tv"',
                       'grant_types = ["password"]', 'grant_types = ["authorization_code", "implicit"]',
                       'response_types = ["token"]', 'response_modes = ["web_message"]', 'refresh_rotation = "maybe"',
                       'id_token_claims = "all"', 'token_endpoint_auth_method = "tls_client_auth"',
                       'allowed_group = ["staff"]', 'allowed_groups = "staff"', 'enabled = "no"', 'development = 1',
                       'id_token_signed_response_alg = "none"', 'default_resource = "https://unknown.test"',
                       'logo_uri = "http://evil.test/x.png"',
                       'logo_url = "https://odd.test/x.png"', 'jwks_uri = "http://evil.test/jwks"'):
            with self.subTest(member):
                self.refused(f'[[clients]]\nclient_id = "odd"\nclient_secret = "{"s" * 40}"\n'
                             f'redirect_uris = ["https://odd.test/cb"]\n{member}')
        for top in ('strictness = "open"', 'unknown = 1', 'listen = ["0.0.0.0:80", 5]'):
            self.refused("", top.replace("listen", "trusted_proxies") if top.startswith("listen") else top)

    # F08: no default key: without one the first start makes it, and afterwards nothing else will do
    def test_f08_root_keys(self):
        folder = os.path.join(self.issuer.folder, "keys")
        os.mkdir(folder)
        with open(self.issuer.config, encoding="utf-8") as text:
            config = text.read().replace(self.issuer.data, folder)
        path = os.path.join(folder, "cardea.toml")
        with open(path, "w", encoding="utf-8") as out:
            out.write(config)
        key = os.path.join(folder, "root.key")

        def listed():
            return run_program("keys", "list", "--json", "--config", path).returncode

        self.assertEqual(listed(), 0)
        self.assertEqual(os.stat(key).st_mode & 0o777, 0o600)
        with open(key, "rb") as file:
            good = file.read()
        for bad in (b"", b"\0" * len(good), good[:-8], b"x" * len(good), good.swapcase()):
            with open(key, "wb") as file:
                file.write(bad)
            self.assertNotEqual(listed(), 0, bad)
        os.unlink(key)
        self.assertNotEqual(listed(), 0)
        with open(key, "wb") as file:
            file.write(good)
        os.chmod(key, 0o600)
        self.assertEqual(listed(), 0)
        shutil.rmtree(folder)

    # F03: no answer to a person or an app holds a secret of any client
    def test_f03_no_answer_holds_a_client_secret(self):
        issuer, browser = self.issuer, self.issuer.browser()
        tokens = obtain_tokens(browser, issuer.cA, issuer.u1)
        bearer = [("Authorization", "Bearer " + tokens["access_token"])]
        answers = [browser.get(path, bearer) for path in (
            "/account", "/userinfo", "/jwks", "/.well-known/openid-configuration", "/logout",
            "/.well-known/oauth-authorization-server", "/clients", "/api/clients", "/account/sign-in")]
        answers += [introspect(browser, issuer.cA, tokens["access_token"]),
                    flows.call(browser, "/revoke", issuer.cA, {"token": "x"}),
                    browser.follow(browser.get(flows.authorize_path(
                        flows.request_of(issuer.cA, flows.new_verifier(issuer), prompt="consent"))))]
        for answer in answers:
            found = issuer.register.search(f"{answer.fields}{answer.body}")
            self.assertEqual({kind for kind, _ in found} & {"client_secret", "password", "verifier"}, set())
        # The command line shows a secret once, where it is made, and never again.
        client = issuer.new_client()
        shown = run_program("clients", "show", client.client_id, "--json", "--config", issuer.config).stdout
        listed = run_program("clients", "list", "--json", "--config", issuer.config).stdout
        self.assertIn(client.client_id, shown)
        self.assertEqual(issuer.register.search(shown + listed), set())
