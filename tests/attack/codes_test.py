"""Codes and refresh tokens: binding, replay, races, PKCE downgrade, over TLS. Security corpus 2.B and 2.C."""
import concurrent.futures
import secrets
import sqlite3
import string

import flows
from attack_case import AttackCase, OPAQUE_API
from flows import exchange, introspect, obtain_code, obtain_tokens, refresh, userinfo


def in_parallel(calls):
    """Runs them all at once; the answers in order."""
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(one) for one in calls]]


def alterations(token):
    """The token cut at each end by each length, with something added, with each character in another case."""
    for size in range(1, len(token)):
        yield token[size:]
        yield token[:-size]
    for more in ("A", "=", ".", " ", "AA", "%00", "\t"):
        yield token + more
        yield more + token
    for at, c in enumerate(token):
        if c.swapcase() != c:
            yield token[:at] + c.swapcase() + token[at + 1:]
    # The last character of a base64 text holds bits that nobody looks at, unless the decoder is strict.
    for c in string.ascii_letters + string.digits + "-_":
        if c != token[-1]:
            yield token[:-1] + c


class Binding(AttackCase):
    # B02; 6749-14; 6749-22; RT07: a stranger's attempt is refused and spends nothing
    def test_b02_code_and_refresh_token_of_another_client(self):
        issuer, browser = self.issuer, self.issuer.browser()
        code, verifier = obtain_code(browser, issuer.cA, issuer.u1)
        for other in (issuer.cB, issuer.cK, issuer.pS, issuer.pN):
            for address in (issuer.cA.redirect_uri, other.redirect_uri):
                answer = exchange(browser, other, code, verifier, redirect_uri=address)
                self.assert_json_error(answer, 400, "invalid_grant")
        tokens = exchange(browser, issuer.cA, code, verifier).json
        for other in (issuer.cB, issuer.cK, issuer.pS):
            self.assert_json_error(refresh(browser, other, tokens["refresh_token"]), 400, "invalid_grant")
        self.assertEqual(refresh(browser, issuer.cA, tokens["refresh_token"]).status, 200)

    # B07: a refresh needs the client's own authentication
    def test_b07_refresh_without_authentication(self):
        issuer, browser = self.issuer, self.issuer.browser()
        token = obtain_tokens(browser, issuer.cA, issuer.u1)["refresh_token"]
        fields = {"grant_type": "refresh_token", "refresh_token": token}
        wrong = flows.Client("cA", "", "x" * 43)
        attempts = [(fields, []), (fields | {"client_id": "cA"}, []), (fields, flows.basic(wrong)),
                    (fields | {"client_id": "cA", "client_secret": ""}, []),
                    (fields | {"client_id": "cA", "client_secret": "y" * 43}, []),
                    (fields | {"client_id": "cA", "client_assertion_type": flows.ASSERTION_TYPE,
                               "client_assertion": flows.assertion(issuer, issuer.cK, sub="cA", iss="cA")}, []),
                    (fields | {"client_id": "cA"}, flows.basic(issuer.cB))]
        for form, headers in attempts:
            self.assert_json_error(browser.post("/token", form, headers), 401, "invalid_client")
        self.assertEqual(refresh(browser, issuer.cA, token).status, 200)

    # B08: no altered token counts anywhere, and the true one still does
    def test_b08_altered_tokens(self):
        issuer, browser = self.issuer, self.issuer.browser()
        tokens = obtain_tokens(browser, issuer.cA, issuer.u1)
        api = obtain_tokens(browser, issuer.cA, issuer.u1, scope="openid offline_access files.read")["access_token"]
        self.assertEqual(api.count("."), 2)
        for token in (tokens["access_token"], api, tokens["refresh_token"]):
            for altered in alterations(token):
                answer = introspect(browser, issuer.cA, altered)
                self.assertEqual((answer.status, answer.json), (200, {"active": False}), altered)
        for altered in list(alterations(tokens["access_token"]))[::7]:
            # What is no b64token is a malformed request; all else is no token of ours (RFC 6750 3.1). Spaces around a
            # field value are not part of it (RFC 9110 5.5).
            self.assertIn(userinfo(browser, altered.replace("\t", "~").replace(" ", "~")).status, (400, 401))
        for altered in list(alterations(tokens["refresh_token"]))[::7]:
            self.assert_json_error(refresh(browser, issuer.cA, altered), 400, "invalid_grant")
        for token in (tokens["access_token"], api, tokens["refresh_token"]):
            self.assert_alive_token(issuer, issuer.cA, token)
        self.assertEqual(refresh(browser, issuer.cA, tokens["refresh_token"]).status, 200)

    # B08: the same for codes, which a wrong copy does not spend
    def test_b08_altered_codes(self):
        issuer, browser = self.issuer, self.issuer.browser()
        code, verifier = obtain_code(browser, issuer.pS, issuer.u1)
        for altered in list(alterations(code))[::3]:
            self.assert_json_error(exchange(browser, issuer.pS, altered, verifier), 400, "invalid_grant")
        self.assertEqual(exchange(browser, issuer.pS, code, verifier).status, 200)


class Pkce(AttackCase):
    # C01; C03; 7636-05; 7636-10: no client may leave out the verifier, however it authenticates
    def test_c01_c03_missing_and_wrong_verifiers(self):
        issuer, browser = self.issuer, self.issuer.browser()
        for client in (issuer.cA, issuer.cK, issuer.pN, issuer.pS):
            code, verifier = obtain_code(browser, client, issuer.u1)
            for wrong in (None, "", "a" * 43, verifier[:-1], verifier + "A", verifier.swapcase(),
                          flows.challenge_of(verifier)):
                with self.subTest(client=client.client_id, wrong=wrong):
                    answer = exchange(browser, client, code, verifier, code_verifier=wrong)
                    self.assert_json_error(answer, 400, "invalid_grant")
            self.assertEqual(exchange(browser, client, code, verifier).status, 200)

    # C03: where PKCE is optional, a challenge that was sent still binds, and one that was not cannot be answered
    def test_c03_optional_pkce_is_not_no_pkce(self):
        issuer, browser = self.issuer, self.issuer.browser()
        client = issuer.new_client("pkce=optional")
        code, verifier = obtain_code(browser, client, issuer.u1)
        self.assert_json_error(exchange(browser, client, code, verifier, code_verifier=None), 400, "invalid_grant")
        self.assertEqual(exchange(browser, client, code, verifier).status, 200)
        code, verifier = obtain_code(browser, client, issuer.u1, code_challenge=None, code_challenge_method=None)
        self.assert_json_error(exchange(browser, client, code, verifier), 400, "invalid_grant")
        self.assertEqual(exchange(browser, client, code, verifier, code_verifier=None).status, 200)


class Races(AttackCase):
    # B05; 6749-13: one winner of many at once, and the replay ends what it got
    def test_b05_parallel_redemptions(self):
        issuer = self.issuer
        for _ in range(5):
            code, verifier = obtain_code(issuer.browser(), issuer.cA, issuer.u1)
            browsers = [issuer.browser() for _ in range(24)]
            answers = in_parallel([lambda b=b: exchange(b, issuer.cA, code, verifier) for b in browsers])
            winners = [answer for answer in answers if answer.status == 200]
            self.assertEqual(len(winners), 1)
            for answer in answers:
                if answer.status != 200:
                    self.assert_json_error(answer, 400, "invalid_grant")
            tokens = winners[0].json
            for token in (tokens["access_token"], tokens["refresh_token"]):
                self.assertEqual(introspect(browsers[0], issuer.cA, token).json, {"active": False})
            self.assertEqual(userinfo(browsers[0], tokens["access_token"]).status, 401)

    # B06; K08; RT02: parallel refreshes have one successor, and the losers a right error
    def test_b06_k08_parallel_refreshes(self):
        issuer = self.issuer
        for client in (issuer.cA, issuer.pS):
            token = obtain_tokens(issuer.browser(), client, issuer.u1)["refresh_token"]
            for _ in range(3):
                browsers = [issuer.browser() for _ in range(24)]
                answers = in_parallel([lambda b=b, t=token: refresh(b, client, t) for b in browsers])
                successors = {answer.json["refresh_token"] for answer in answers if answer.status == 200}
                self.assertEqual(len(successors), 1)
                for answer in answers:
                    self.assertIn(answer.status, (200, 429))
                    if answer.status == 429:
                        self.assertEqual(answer.error, "temporarily_unavailable")
                        self.assertTrue(answer.header("Retry-After").isdigit())
                token = successors.pop()
            self.assertEqual(refresh(browsers[0], client, token).status, 200)

    # B09; 8725-13: of one assertion at many connections one counts, and none later
    def test_b09_parallel_assertions(self):
        issuer = self.issuer
        fields = {"grant_type": "client_credentials", "scope": "notes.read",
                  "client_assertion_type": flows.ASSERTION_TYPE,
                  "client_assertion": flows.assertion(issuer, issuer.cK)}
        browsers = [issuer.browser() for _ in range(16)]
        answers = in_parallel([lambda b=b: b.post("/token", fields) for b in browsers])
        self.assertEqual([answer.status for answer in answers].count(200), 1)
        for answer in answers + [browsers[0].post("/token", fields)]:
            if answer.status != 200:
                self.assert_json_error(answer, 401, "invalid_client")


class Rotation(AttackCase):
    # B13; RT04: once reuse was seen, the newest is dead in the next request
    def test_b13_newest_token_dies_with_the_family(self):
        issuer, browser = self.issuer, self.issuer.browser()
        for client in (issuer.cA, issuer.cK, issuer.pS):
            tokens = [obtain_tokens(browser, client, issuer.u1)]
            for _ in range(3):
                tokens.append(refresh(browser, client, tokens[-1]["refresh_token"]).json)
            self.assert_json_error(refresh(browser, client, tokens[0]["refresh_token"]), 400, "invalid_grant")
            for each in reversed(tokens):
                self.assert_json_error(refresh(browser, client, each["refresh_token"]), 400, "invalid_grant")
                self.assertEqual(userinfo(browser, each["access_token"]).status, 401)

    # B14; RT06: two generations old is reuse, within the grace too
    def test_b14_grandparent(self):
        issuer, browser = self.issuer, self.issuer.browser()
        first = obtain_tokens(browser, issuer.pS, issuer.u1)["refresh_token"]
        second = refresh(browser, issuer.pS, first).json["refresh_token"]
        self.assertEqual(refresh(browser, issuer.pS, first).json["refresh_token"], second)
        third = refresh(browser, issuer.pS, second).json["refresh_token"]
        self.assert_json_error(refresh(browser, issuer.pS, first), 400, "invalid_grant")
        self.assert_json_error(refresh(browser, issuer.pS, third), 400, "invalid_grant")

    # B12: without the scope the offline token is worth nothing
    def test_b12_offline_access_taken_from_the_client(self):
        issuer, browser = self.issuer, self.issuer.browser()
        client = issuer.new_client()
        tokens = obtain_tokens(browser, client, issuer.u1)
        issuer.edit_client(client, "scope=openid profile")
        self.assert_json_error(refresh(browser, client, tokens["refresh_token"]), 400, "invalid_grant")


class OneTimeValues(AttackCase):
    """B04: every value of one use or one purpose, at every place that is not its own."""

    def values(self):
        """{name: value} of live values of every kind."""
        issuer = self.issuer
        browser = issuer.browser()
        code, verifier = obtain_code(browser, issuer.cA, issuer.u1)
        tokens = obtain_tokens(browser, issuer.cA, issuer.u1)
        api = obtain_tokens(browser, issuer.cA, issuer.u1, scope="openid offline_access files.read")["access_token"]
        state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        request = flows.request_of(issuer.cA, flows.new_verifier(issuer), prompt="login", state=state, nonce=nonce)
        page = browser.follow(browser.get(flows.authorize_path(request)))
        handle = page.page.forms[0].action.split("/")[2]
        login, _ = issuer.new_user()
        session, binding = None, None
        for name, value in browser.cookies.items():
            session, binding = (value, binding) if "session" in name else (session, value)
        return {"code": code, "access token": tokens["access_token"], "JWT access token": api,
                "refresh token": tokens["refresh_token"], "ID token": tokens["id_token"], "state": state,
                "nonce": nonce, "handle": handle, "csrf": page.page.forms[0].fields["csrf"],
                "session": session, "binding": binding, "verifier": verifier,
                "link": issuer.cardea("users", "link", login)["link"].rsplit("/", 1)[1]}

    def places(self):
        """{place: (whose place it is, function of browser and value: whether the value was accepted)}"""
        issuer = self.issuer
        cookies = {("session" if "session" in name else "binding"): name for name in self.named_cookies()}
        cA = issuer.cA

        def jar(kind):
            def visit(browser, value):
                browser.cookies = {cookies[kind]: value}
                answer = browser.get("/account")
                browser.cookies = {}
                return answer.status == 200 or not answer.location.endswith("/account/sign-in")
            return visit

        def sign_in_csrf(browser, value):
            page = browser.get("/account/sign-in")
            return browser.submit(page, flows.SIGN_IN, login=issuer.u1[0], password=issuer.u1[1],
                                  csrf=value).status == 303

        silent = flows.authorize_path(flows.request_of(cA, "v" * 43, prompt="none")) + "&id_token_hint="
        return {
            "code": (("code", ), lambda b, v: exchange(b, cA, v, "v" * 43, code_verifier="v" * 43).status == 200),
            "refresh": (("refresh token", ), lambda b, v: refresh(b, cA, v).status == 200),
            "userinfo": (("access token", "JWT access token"), lambda b, v: userinfo(b, v).status == 200),
            "introspection": (("access token", "JWT access token", "refresh token"),
                              lambda b, v: introspect(b, cA, v).json["active"]),
            "client secret": ((), lambda b, v: flows.call(b, "/introspect", flows.Client("cA", "", v),
                                                          {"token": "x"}).status == 200),
            "assertion": ((), lambda b, v: b.post("/introspect", {
                "token": "x", "client_assertion_type": flows.ASSERTION_TYPE, "client_assertion": v}).status == 200),
            "link": (("link", ), lambda b, v: b.get("/link/" + v).status == 200),
            "interaction": (("handle", ), lambda b, v: b.get(f"/interaction/{v}/sign-in").status == 200),
            "session cookie": (("session", ), jar("session")),
            "csrf": ((), sign_in_csrf),
            "hint": (("ID token", ), lambda b, v: "login_required" in (b.get(silent + v).location or "")),
            "sign-out hint": (("ID token", ), lambda b, v: b.get("/logout?id_token_hint=" + v).status != 400),
        }

    def named_cookies(self):
        browser = self.issuer.browser()
        flows.obtain_code(browser, self.issuer.cA, self.issuer.u1)
        return list(browser.cookies)

    # B04; B22: refused everywhere but at home, and alive there afterwards
    def test_b04_b22_every_value_at_every_place(self):
        values, places = self.values(), self.places()
        for name, value in values.items():
            browser = self.issuer.browser()
            for place, (own, accepts) in places.items():
                if name not in own:
                    with self.subTest(value=name, place=place):
                        self.assertFalse(accepts(browser, value))
        browser = self.issuer.browser()
        # Nothing was spent on the way: each still opens its own door.
        self.assertEqual(exchange(browser, self.issuer.cA, values["code"], values["verifier"]).status, 200)
        for place in ("introspection", "userinfo", "link", "session cookie", "sign-out hint"):
            own, accepts = places[place]
            for name in own:
                self.assertTrue(accepts(browser, values[name]), (place, name))
        self.assertTrue(places["refresh"][1](browser, values["refresh token"]))

    # B04: a token that was revoked or an assertion's jti that is spelled like a code touches nothing else
    def test_b04_chosen_identifiers_do_not_collide(self):
        issuer, browser = self.issuer, self.issuer.browser()
        code, verifier = obtain_code(browser, issuer.cA, issuer.u1)
        tokens = obtain_tokens(browser, issuer.cA, issuer.u1)
        ids = [code, tokens["access_token"][:200], introspect(browser, issuer.cA, tokens["access_token"]).json["jti"]]
        for identifier in ids:
            jwt = flows.assertion(issuer, issuer.cK, jti=identifier[:256])
            answer = browser.post("/token", {"grant_type": "client_credentials", "client_assertion": jwt,
                                             "client_assertion_type": flows.ASSERTION_TYPE, "scope": "notes.read"})
            self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(flows.call(browser, "/revoke", issuer.cA, {"token": code}).status, 200)
        stranger = flows.call(browser, "/revoke", issuer.cB, {"token": tokens["refresh_token"]})
        self.assertIn(stranger.status, (200, 400))  # RFC 7009 2.1 lets a server say that it is not the caller's
        self.assert_alive_token(issuer, issuer.cA, tokens["access_token"])
        self.assertEqual(exchange(browser, issuer.cA, code, verifier).status, 200)


class StoreDown(AttackCase):
    may_be_busy = True

    # B10; T2: while nothing can be written nobody is told that it was
    def test_b10_no_success_without_a_store(self):
        issuer, browser = self.issuer, self.issuer.browser()
        tokens = obtain_tokens(browser, issuer.cA, issuer.u1)
        code, verifier = obtain_code(browser, issuer.cA, issuer.u1)
        logout = browser.follow(browser.get("/logout"))
        busy = [issuer.browser() for _ in range(3)]
        lock = sqlite3.connect(issuer.data + "/cardea.db", isolation_level=None)
        try:
            lock.execute("BEGIN IMMEDIATE")
            answers = in_parallel([
                lambda: flows.call(busy[0], "/revoke", issuer.cA, {"token": tokens["refresh_token"]}),
                lambda: flows.call(busy[1], "/revoke", issuer.cA, {"token": tokens["access_token"]}),
                lambda: exchange(busy[2], issuer.cA, code, verifier),
                lambda: browser.submit(logout, ("action", "sign-out"))])
        finally:
            lock.execute("ROLLBACK")
            lock.close()
        for answer in answers:
            self.assertEqual(answer.status, 503, answer.body)
            self.assertTrue(answer.header("Retry-After").isdigit())
        self.assertEqual(browser.get("/account").status, 200)
        self.assert_alive_token(issuer, issuer.cA, tokens["refresh_token"])
        self.assertEqual(exchange(browser, issuer.cA, code, verifier).status, 200)
        self.assertEqual(flows.call(browser, "/revoke", issuer.cA, {"token": tokens["refresh_token"]}).status, 200)
        self.assertEqual(introspect(browser, issuer.cA, tokens["access_token"]).json, {"active": False})


class Scopes(AttackCase):
    # B18; K02: the opaque resource and its scopes stay with the client that was given them
    def test_b18_tokens_are_for_their_resource(self):
        issuer, browser = self.issuer, self.issuer.browser()
        tokens = obtain_tokens(browser, issuer.cA, issuer.u1, scope="offline_access notes.read", resource=OPAQUE_API)
        self.assertEqual(userinfo(browser, tokens["access_token"]).status, 401)
        self.assertTrue(introspect(browser, issuer.rs, tokens["access_token"]).json["active"])
        self.assertEqual(introspect(browser, issuer.cB, tokens["access_token"]).json, {"active": False})
