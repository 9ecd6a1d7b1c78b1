"""After every flow there is, at the most verbose level: is any secret readable anywhere? And would the search see one?
Security corpus 0, 6.1, 6.4."""
import os
import secrets
import sqlite3
import tempfile
import unittest
import urllib.parse

import flows
from attack_case import JWT_API, Attacked, AttackCase, new_secret
from flows import DENY, SIGN_IN, authorize_path, new_verifier, request_of
from leak_places import files_below, open_files_of, places_of
from leak_search import Register, forms_of
from web_browser import app_secrets, recovery_codes


class LeakCase(AttackCase):
    """A server of its own, whose every place is read in the end."""

    # A refused form is shown again, with its anti-forgery value, the secret of the app that is being added and, behind
    # a one-time link, at that link's address;
    # cookies are given to their owner.
    SHOWN_AGAIN = ("csrf", "cookie", "link", "app secret")

    @classmethod
    def setUpClass(cls):
        cls.attacked = Attacked("leaks", tls=True)

    @classmethod
    def tearDownClass(cls):
        assert cls.attacked.stop() == 0
        cls.attacked.remove()

    @property
    def issuer(self):
        return self.attacked

    def setUp(self):
        self.keep = list(self.issuer.refusal_texts)
        super().setUp()
        self.issuer.refusal_texts += self.keep

    # --- the flows ---

    def sign_in_flows(self):
        issuer = self.issuer
        for client in (issuer.cA, issuer.cB, issuer.cK, issuer.pN, issuer.pS):
            for mode in ("query", "fragment", "form_post"):
                browser = issuer.browser()
                tokens = flows.obtain_tokens(browser, client, issuer.u1, response_mode=mode,
                                             scope="openid offline_access profile email notes.read")
            self.token_flows(browser, client, tokens)
        self.posted_request()
        browser = issuer.browser()
        page = browser.follow(browser.get(authorize_path(request_of(issuer.cA, new_verifier(issuer)))))
        flows.fill_sign_in(browser, page, issuer.u1[0], self.secret("password"))
        consent = browser.follow(browser.submit(page, SIGN_IN, login=issuer.u2[0], password=issuer.u2[1]))
        browser.submit(consent, DENY)
        # So much that the code does not fit itself and is kept in a row.
        flows.obtain_tokens(issuer.browser(), issuer.cA, issuer.u1, nonce="n" * 2000)
        self.logout_flows()

    def posted_request(self):
        issuer, browser = self.issuer, self.issuer.browser()
        request = request_of(issuer.pS, new_verifier(issuer), prompt="login consent")
        answer = flows.run_pages(browser, browser.post("/authorize", request), *issuer.u1)
        self.assertIn("code", answer.parameters)

    def token_flows(self, browser, client, tokens):
        issuer = self.issuer
        for token in (tokens["access_token"], tokens["refresh_token"], tokens["id_token"]):
            flows.introspect(browser, issuer.rs, token)
            flows.introspect(browser, client, token)
            flows.userinfo(browser, token)
            browser.post("/userinfo", {"access_token": token})
            browser.get("/userinfo?access_token=" + token)
        newer = flows.refresh(browser, client, tokens["refresh_token"]).json
        flows.refresh(browser, client, tokens["refresh_token"])
        newest = flows.refresh(browser, client, newer["refresh_token"]).json
        self.assertEqual(flows.refresh(browser, issuer.cB if client is issuer.cA else issuer.cA,
                                       newest["refresh_token"]).status, 400)
        flows.call(browser, "/revoke", client, {"token": newest["access_token"]})
        self.assertEqual(flows.refresh(browser, client, tokens["refresh_token"]).status, 400)
        code, verifier = flows.obtain_code(browser, client, issuer.u1)
        flows.exchange(browser, client, code, self.secret("verifier"))
        self.assertEqual(flows.exchange(browser, client, code, verifier).status, 200)
        self.assertEqual(flows.exchange(browser, client, code, verifier).status, 400)
        flows.call(browser, "/revoke", client, {"token": newest["refresh_token"]})
        flows.call(browser, "/token", client, {"grant_type": "client_credentials", "scope": "notes.read"})

    def logout_flows(self):
        issuer, browser = self.issuer, self.issuer.browser()
        hint = flows.obtain_tokens(browser, issuer.cA, issuer.u1)["id_token"]
        browser.submit(browser.follow(browser.get("/logout")), ("action", "cancel"))
        query = urllib.parse.urlencode({"id_token_hint": hint, "post_logout_redirect_uri": "https://app.example/bye"})
        self.assertTrue(browser.get("/logout?" + query).location.startswith("https://app.example/bye"))
        flows.obtain_code(browser, issuer.cA, issuer.u1)
        browser.submit(browser.follow(browser.get("/logout")), ("action", "sign-out"))

    def waiting_flows(self):
        """Devices, requests on the account page, and exchanges."""
        issuer, browser = self.issuer, self.issuer.browser()
        device = flows.call(browser, "/device_authorization", issuer.cA, {"scope": "openid files.read"}).json
        poll = {"grant_type": flows.DEVICE_GRANT, "device_code": device["device_code"]}
        self.assertEqual(flows.call(browser, "/token", issuer.cA, poll).error, "authorization_pending")
        self.assertEqual(flows.call(browser, "/token", issuer.cB, poll).error, "invalid_grant")
        browser.get("/device?user_code=" + device["user_code"])
        answer = browser.submit(browser.get("/device"), ("action", "continue"), user_code=device["user_code"])
        flows.run_pages(browser, answer, *issuer.u1)
        tokens = flows.call(browser, "/token", issuer.cA, poll).json
        self.assertEqual(flows.call(browser, "/token", issuer.cA, poll | {"resource": JWT_API}).error, "invalid_grant")
        tokens = flows.obtain_tokens(browser, issuer.cA, issuer.u1, scope="openid files.read")
        exchange = {"grant_type": flows.EXCHANGE_GRANT, "subject_token": tokens["access_token"],
                    "subject_token_type": "urn:ietf:params:oauth:token-type:access_token", "resource": JWT_API}
        self.assertEqual(flows.call(browser, "/token", issuer.cA, exchange).status, 200)
        self.assertEqual(flows.call(browser, "/token", issuer.cA, exchange | {"scope": "admin"}).status, 400)
        for action in ("allow", "deny"):
            asked = flows.call(browser, "/bc-authorize", issuer.cA,
                               {"scope": "openid", "login_hint": issuer.u1[0]}).json
            poll = {"grant_type": flows.CIBA_GRANT, "auth_req_id": asked["auth_req_id"]}
            flows.call(browser, "/token", issuer.cA, poll)
            browser.submit(browser.get("/account"), ("action", action))
            self.assertEqual(flows.call(browser, "/token", issuer.cA, poll).status, 200 if action == "allow" else 400)

    def account_flows(self):
        issuer = self.issuer
        login, password = issuer.new_user()
        browser, other = issuer.browser(), issuer.browser()
        for each in (browser, other):
            flows.fill_sign_in(each, each.get("/account/sign-in"), login, password)
            flows.obtain_tokens(each, issuer.pS, (login, password))
        new = self.secret("password")
        for current, repeat in ((self.secret("password"), new), (password, self.secret("password")), (password, new)):
            browser.submit(browser.get("/account"), ("action", "change-password"), current=current, password=new,
                           repeat=repeat)
        flows.fill_sign_in(other, other.get("/account/sign-in"), login, new)
        other.submit(other.get("/account"), ("client_id", "pS"))
        other.submit(other.get("/account"), ("action", "end-all"))
        other.submit(other.get("/account"), ("action", "sign-out"))

    def factor_flows(self):
        issuer = self.issuer
        login, password = issuer.new_user()
        browser, other = issuer.browser(), issuer.browser()
        flows.fill_sign_in(browser, browser.get("/account/sign-in"), login, password)
        page = browser.get("/account/factor")
        secret = app_secrets(page.body)[-1]
        wrong = f"{(int(flows.one_time_code(secret)) + 1) % 1000000:06}"
        add = ("action", "add-factor")
        for typed, code in ((self.secret("password"), wrong), (password, wrong),
                            (password, flows.one_time_code(secret))):
            shown = browser.submit(page, add, password=typed, code=code)
        codes = recovery_codes(shown.body)
        self.assertEqual(len(codes), 10)
        asked = other.follow(flows.fill_sign_in(other, other.get("/account/sign-in"), login, password))
        for code in (wrong, "no-such-code", codes[0]):
            answer = other.submit(asked, ("action", "verify"), code=code)
        self.assertEqual(answer.path, "/account")
        codes = recovery_codes(other.submit(other.get("/account/factor"), ("action", "new-codes"), code=codes[1]).body)
        other.submit(other.get("/account/factor"), ("action", "remove-factor"), password=password, code=codes[0])
        self.assertNotIn("/account/factor/remove", other.get("/account/factor").body)

    def command_line_flows(self):
        issuer = self.issuer
        client = issuer.new_client()
        rotated = issuer.cardea("clients", "rotate-secret", client.client_id, "--keep-old", "1h")["client_secret"]
        issuer.cardea("clients", "rotate-secret", client.client_id)
        browser = issuer.browser()
        for secret in (client.secret, rotated):
            flows.call(browser, "/introspect", flows.Client(client.client_id, "", secret), {"token": "x"})
        login = f"linked{next(issuer.names)}"
        links = [issuer.cardea("users", "add", login)["link"]]
        links += [issuer.cardea("users", "link", login)["link"] for _ in range(2)]
        new = self.secret("password")
        for link in links:
            path = urllib.parse.urlsplit(link).path
            page = browser.get(path)
            if page.status == 200:
                browser.submit(page, ("action", "set-password"), password=new, repeat=self.secret("password"))
                browser.submit(page, ("action", "set-password"), password=new, repeat=new)
            browser.get(path)
        issuer.cardea("keys", "rotate", "--now")

    def errors(self):
        """One refusal of each kind, each with secrets in it."""
        issuer, browser = self.issuer, self.issuer.browser()
        token, code = self.secret("access_token"), self.secret("code")
        cookie = [("Cookie", f"__Host-cardea-session-x={self.secret('cookie')}; a={self.secret('cookie')}")]
        bearer = [("Authorization", "Bearer " + token)]
        wrong = self.secret("client_secret")
        fields = {"grant_type": "authorization_code", "code": code, "code_verifier": self.secret("verifier"),
                  "client_id": "cA", "client_secret": wrong, "password": self.secret("password"),
                  "refresh_token": self.secret("refresh_token"), "client_assertion": self.secret("assertion"),
                  "device_code": self.secret("device_code"), "auth_req_id": self.secret("auth_req_id"),
                  "assertion": self.secret("assertion"), "subject_token": self.secret("access_token")}
        for path in ("/token", "/introspect", "/revoke", "/userinfo", "/authorize", "/logout", "/account/sign-in",
                     "/account/password", "/nowhere", "/device_authorization", "/bc-authorize", "/device",
                     "/jwks", "/link/" + self.secret("link")):
            for method, headers in (("GET", bearer), ("PUT", bearer), ("GET", cookie)):
                browser.send(method, path, headers, b"x" if method == "PUT" else None)
            browser.post(path, fields, cookie)
            browser.post(path, list(fields.items()) * 2, bearer)
            browser.get(f"{path}?{urllib.parse.urlencode(fields)}")
            browser.send("POST", path, [("Content-Type", "application/json")], str(fields).encode())
            browser.send("POST", path, [("Content-Type", "multipart/form-data; boundary=" + token)], code.encode())
        for name, value in fields.items():
            browser.post("/token", {name: value}, flows.basic(flows.Client("cA", "", wrong)))
            browser.post("/token", {"grant_type": "refresh_token", name: value}, flows.basic(issuer.cA))
        flows.introspect(browser, issuer.cK, token)
        flows.call(browser, "/token", flows.Client("cK", "", key_file=flows.make_key(
            issuer.folder, "wrong.pem", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")),
            {"grant_type": "client_credentials"})
        for raw in (f"GET /link/{self.secret('link')} HTTP/1.0\r\n\r\n", f"{token} / HTTP/1.1\r\nHost: x\r\n\r\n",
                    f"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {wrong}\x01\r\n\r\n",
                    f"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: x{code}\r\n\r\n"):
            with issuer.connect() as connection:
                connection.sendall(raw.encode())
                issuer.refusal_texts.append(connection.recv(65536).decode("latin-1"))

    def secret(self, kind):
        """A value that the server never made, but is sent as if it were one of the kind."""
        value = new_secret()
        self.issuer.register.add(kind, value)
        return value

    def note_keys(self):
        """The root key, as it lies in its file."""
        with open(os.path.join(self.issuer.folder, "root.key"), encoding="ascii") as file:
            self.issuer.register.add("root key", file.read().strip())


class Leaks(LeakCase):
    # 6819-02; 6819-03; RT14: nothing that opens anything can be read in any place
    def test_nothing_is_readable_after_every_flow(self):
        issuer = self.issuer
        self.note_keys()
        self.sign_in_flows()
        self.waiting_flows()
        self.account_flows()
        self.factor_flows()
        self.command_line_flows()
        self.errors()
        backup = os.path.join(issuer.folder, "copy.db")
        issuer.cardea("backup", backup)
        places = places_of(issuer, backup)
        try:
            os.unlink(backup)
            kinds = set(issuer.register.kinds.values())
            self.assertLessEqual({"password", "client_secret", "code", "access_token", "refresh_token", "id_token",
                                  "cookie", "csrf", "verifier", "assertion", "link", "root key", "device_code",
                                  "user_code", "auth_req_id", "app secret", "recovery code"}, kinds)
            self.assertGreater(len(issuer.register.kinds), 200)
            names = " ".join(places)
            for name in ("cardea.db", "cardea.db-wal", "cardea.db-shm", "backup", "log", "/metrics", "error pages"):
                self.assertIn(name, names)
                self.assertGreater(len(next(content for place, content in places.items() if place.endswith(name))), 500)
            for name, content in places.items():
                with self.subTest(name):
                    self.assertEqual(issuer.register.search(
                        content, but=self.SHOWN_AGAIN if name == "error pages" else ()), set())
            self.assert_store_was_used(places)
        finally:
            issuer.refusal_texts.clear()

    def assert_store_was_used(self, places):
        """The search looked at the true store: what it keeps openly is in it."""
        store = next(content for place, content in places.items() if place.endswith("cardea.db-wal"))
        store += next(content for place, content in places.items() if place.endswith("cardea.db"))
        for known in (b"u1@people.test", b"https://a.app.test/cb", b"$argon2id$"):
            self.assertIn(known, store)


class Search(unittest.TestCase):
    """The search itself: what is planted is found, wherever and however, and what is not there is not."""

    def setUp(self):
        self.register = Register()
        self.secrets = {
            "password": "Grüße & <\"Pass\" %> 12", "short password": "tr0ub4dor", "client_secret": new_secret(),
            "cookie": secrets.token_urlsafe(32), "code": "aTwy." + secrets.token_urlsafe(200),
            "refresh_token": f"rt1_abcd_{secrets.token_urlsafe(12)}_1_{new_secret()}_{new_secret()}",
            "JWT": ".".join(flows.encode(secrets.token_bytes(60)) for _ in range(3)).replace("..", ".")}
        self.secrets["JWT"] = "eyJ" + self.secrets["JWT"]
        for kind, value in self.secrets.items():
            self.register.add(kind, value)

    def planted(self):
        """(kind, form, text)"""
        for kind, value in self.secrets.items():
            part = value.split(".", 1)[1] if kind == "JWT" else value[-87:] if kind == "refresh_token" else value
            for form, texts in forms_of(part).items():
                for text in texts:
                    yield kind, form, text

    def test_every_form_is_found_in_every_place(self):
        for kind, form, text in self.planted():
            hidden = {"log": f'{{"time":"x","reason":"a{text}b"}}\n', "page": f"<p>before{text}after</p>",
                      "metrics": f'cardea_x{{rule="{text}"}} 1\n', "header": f"Location: https://a/?x={text}&y=1"}
            for place, content in hidden.items():
                with self.subTest(kind=kind, form=form, place=place):
                    self.assertIn(kind, {found for found, _ in self.register.search(content)})
                    if text.isascii():
                        raw = self.register.search(b"\0\xff" + content.encode() + b"\xfe")
                        self.assertIn(kind, {found for found, _ in raw})

    def test_half_of_a_long_secret_is_found(self):
        for kind in ("client_secret", "cookie", "code"):
            value = self.secrets[kind]
            for part in (value[:32], value[-34:], value[5:37]):
                self.assertTrue(self.register.search(f'"{part}"'), (kind, part))

    def test_base64_is_found_at_every_offset(self):
        for before in range(7):
            text = flows.encode(b"u" * before + self.secrets["client_secret"].encode() + b":tail")
            self.assertTrue(self.register.search("Basic " + text), before)

    def test_stores_logs_of_writes_and_files_without_a_name(self):
        value = self.secrets["cookie"]
        with tempfile.TemporaryDirectory(prefix="cardea-attack-planted-") as folder:
            store = sqlite3.connect(os.path.join(folder, "store.db"), isolation_level=None)
            store.execute("PRAGMA journal_mode = WAL")
            store.execute("PRAGMA wal_autocheckpoint = 0")
            store.execute("CREATE TABLE t (content)")
            for content in (value, value.encode(), flows.decode(value)):
                store.execute("DELETE FROM t")
                store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                store.execute("INSERT INTO t VALUES (?)", (content,))
                log = next(data for path, data in files_below(folder).items() if path.endswith("-wal"))
                self.assertTrue(self.register.search(log), content)
                store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                main = next(data for path, data in files_below(folder).items() if path.endswith(".db"))
                self.assertTrue(self.register.search(main), content)
            store.close()
            with tempfile.TemporaryFile(dir=folder) as nameless:
                nameless.write(b"x" * 100 + value.encode())
                nameless.flush()
                found = [data for data in open_files_of(os.getpid()).values() if self.register.search(data)]
                self.assertEqual(len(found), 1)

    def test_what_is_not_there_is_not_found(self):
        other = "\n".join(secrets.token_urlsafe(32) for _ in range(2000))
        self.assertEqual(self.register.search(other + " rt1_abcd_ eyJhbGciOiJSUzI1NiJ9 tr0ub4do " + "A" * 5000), set())
        self.assertEqual(self.register.search(secrets.token_bytes(100000)), set())
        self.assertEqual(self.register.search(self.secrets["cookie"], but=("cookie",)), set())


class Planted(LeakCase):
    # 6819-03: a secret put into each real place of a running server is found there
    def test_a_planted_secret_is_found_in_each_place(self):
        issuer = self.issuer
        planted = self.secret("password")
        backup = os.path.join(issuer.folder, "planted.db")
        issuer.cardea("backup", backup)
        before = places_of(issuer, backup)
        self.assertEqual([name for name, content in before.items() if issuer.register.search(
            content, but=self.SHOWN_AGAIN)], [])
        copy = sqlite3.connect(backup)
        copy.execute("CREATE TABLE planted (content)")
        copy.execute("INSERT INTO planted VALUES (?)", (planted,))
        copy.commit()
        copy.close()
        left_behind = [os.path.join(issuer.data, "cardea.db-journal"), os.path.join(issuer.scratch, "etilqs_x")]
        for path in left_behind:
            with open(path, "w", encoding="utf-8") as out:
                out.write(f"x{planted}x")
        issuer.refusal_texts.append(f"<p>{planted.encode().hex()}</p>")
        places = places_of(issuer, backup)
        with open(issuer.log_path, "rb") as log:
            places["log"] = log.read() + urllib.parse.quote(f"&{planted}").encode()
        places["/metrics"] += flows.encode(planted.encode()).encode()
        found = {name for name, content in places.items() if issuer.register.search(content, but=self.SHOWN_AGAIN)}
        self.assertEqual(found, {"backup", *left_behind, "error pages", "log", "/metrics"})
        for path in (backup, *left_behind):
            os.unlink(path)
        issuer.refusal_texts.clear()

    # 6819-03: an approval in the log is found when a secret is in it, so the log is really read at every test
    def test_the_log_is_read(self):
        issuer = self.issuer
        browser = issuer.browser()
        login = f"typed{next(issuer.names)}"
        issuer.add_user(login)
        page = browser.get("/account/sign-in")
        browser.submit(page, SIGN_IN, login=login, password="a wrong guess")
        self.assertTrue(issuer.events("login.failed"))
        register = Register()
        register.add("request id", issuer.events("login.failed")[-1]["request_id"])
        self.assertEqual(register.search(issuer.log()), {("request id", "plain")})
