"""The pages as a machine of states: no step is skipped, no interaction is another browser's, no cookie is forged, no
markup gets through. Security corpus 2.G, and B03, B15, B21, A10."""
import itertools
import urllib.parse

import flows
from attack_case import AttackCase, EVIL
from flows import ALLOW, DENY, SIGN_IN, authorize_path, new_verifier, request_of
from web_browser import Page

STEPS = ("sign-in", "choose", "consent", "resume", "logout", "signed-out", "nonsense", "")
MARKUP = ('"><script>alert(1)</script>', "'><img src=x onerror=alert(1)>", "</title></textarea><svg/onload=alert(1)>",
          "javascript:alert(1)", "{{CSRF}}{{#PROBLEM}}", "<!--", "]]><b>", "&lt;script&gt;", "\u2028<i>", "<bdi>\u202e",
          "`${alert(1)}`", "\" autofocus onfocus=alert(1) x=\"")


class State:
    """A browser at one page of one interaction."""

    def __init__(self, name, browser, page, own):
        self.name, self.browser, self.page = name, browser, page
        self.handle = page.page.forms[0].action.split("/")[2]
        self.csrf = page.page.forms[0].fields["csrf"]
        self.own = own  # fields that this state's own form rightly goes on with
        self.cookies = dict(browser.cookies)


class FlowCase(AttackCase):
    def ask(self, browser, client=None, **over):
        request = request_of(client or self.issuer.cA, new_verifier(self.issuer), **over)
        return browser.follow(browser.get(authorize_path(request)))

    def sign_in(self, browser, person):
        answer = flows.fill_sign_in(browser, browser.get("/account/sign-in"), *person)
        self.assertEqual(answer.status, 303)

    def is_signed_in(self, browser):
        return browser.get("/account").status == 200

    def step_of(self, state):
        """Where the issuer sends this browser in this interaction; "gone" when it is over."""
        answer = state.browser.follow(state.browser.get(f"/interaction/{state.handle}/consent"))
        if answer.status == 410:
            return "gone"
        return answer.page.forms[0].action.split("/")[3]

    # --- one builder for each state of an authorization ---

    def at_sign_in(self):
        browser = self.issuer.browser()
        return State("sign-in", browser, self.ask(browser), lambda fields: "password" in fields)

    def at_sign_in_again(self):
        browser = self.issuer.browser()
        self.sign_in(browser, self.issuer.u1)
        return State("sign-in", browser, self.ask(browser, prompt="login"), lambda fields: "password" in fields)

    def at_choose(self):
        browser = self.issuer.browser()
        self.sign_in(browser, self.issuer.u1)
        flows.run_pages(browser, self.ask(browser, prompt="login"), *self.issuer.u2)
        page = self.ask(browser, prompt="select_account")
        own = {value for form in page.page.forms for name, value in form.buttons if name == "session"}
        self.assertEqual(len(own), 2)
        return State("choose", browser, page, lambda fields: fields.get("session") in own)

    def at_consent(self):
        browser = self.issuer.browser()
        self.sign_in(browser, self.issuer.u1)
        return State("consent", browser, self.ask(browser, prompt="consent"), lambda fields: True)

    def at_switch(self):
        """The consent page after "another account" was asked for."""
        state = self.at_consent()
        state.browser.follow(state.browser.submit(state.page, ("action", "other")))
        return state

    STATES = ("at_sign_in", "at_sign_in_again", "at_choose", "at_consent", "at_switch")


class FlowGraph(FlowCase):
    """G05, G06: from each state, every form of every other."""

    def forms(self, state, other):
        """Bodies as an attacker, or a confused browser, might send them."""
        actions = ({}, {"action": "allow"}, {"action": "sign-in"}, {"action": "sign-out"}, {"action": ""},
                   {"action": "resume"}, {"action": "ALLOW"}, {"allow": "allow"}, {"action": "allow",
                                                                                   "step": "consent"})
        people = ({}, {"login": "u1"}, {"login": "u1", "password": ""}, {"login": "", "password": ""},
                  {"account": "u1"}, {"session": "x"}, {"session": ""}, {"session": other.session_id},
                  {"sub": "u1", "user_id": "u1", "authenticated": "true", "session_id": other.session_id})
        for action, who in itertools.product(actions, people):
            yield {"csrf": state.csrf} | action | who
        wrong = ({}, {"csrf": ""}, {"csrf": other.csrf}, {"csrf": state.csrf[:-1]})
        for csrf, action, who in itertools.product(wrong, actions, people[::3]):
            yield csrf | action | who

    def other(self):
        """What somebody else holds at the same time."""
        browser = self.issuer.browser()
        self.sign_in(browser, self.issuer.u2)
        state = State("other", browser, self.ask(browser, prompt="consent"), None)
        account = browser.get("/account")
        state.session_id = next(value for form in account.page.forms for name, value in form.buttons
                                if name == "session")
        return state

    # G05; G06: every state, every step, every body that is not the state's own form rightly filled in
    def test_g05_g06_no_state_is_skipped(self):
        other = self.other()
        for name in self.STATES:
            state = getattr(self, name)()
            tried = 0
            bodies = list(self.forms(state, other))
            elsewhere = [step for step in STEPS if step not in ("sign-in", "choose", "consent")]
            for step, fields in [*itertools.product(("sign-in", "choose", "consent"), bodies),
                                 *itertools.product(elsewhere, bodies[::6])]:
                is_own = step == state.name and fields.get("csrf") == state.csrf
                if is_own and state.own(fields):
                    continue
                if fields.get("password") == "" and fields.get("csrf") == state.csrf and step == "sign-in":
                    continue  # a wrong password is counted; what it leads to is tried in guessing_test.py
                tried += 1
                answer = state.browser.post(f"/interaction/{state.handle}/{step}", fields)
                with self.subTest(state=name, step=step, fields=fields):
                    self.assert_no_further(state, answer)
                    if tried % 9 == 0:  # each body alone, and in rows of nine
                        self.assertEqual(self.step_of(state), state.name)
            self.assertGreater(tried, 600)
            self.assertEqual(self.step_of(state), state.name)

    def assert_no_further(self, state, answer):
        self.assertLess(answer.status, 500)
        self.assertNotIn("code", answer.parameters)
        self.assertFalse([value for value in answer.all("Set-Cookie") if "session" in value.split("=")[0]])
        if answer.location and not answer.location.startswith(self.issuer.issuer + "/"):
            self.fail("left the issuer: " + answer.location)
        self.assertEqual(state.browser.cookies, state.cookies)

    # G05: a denial is final, an approval too, and nothing sent afterwards wakes the interaction
    def test_g05_finished_is_finished(self):
        for button, is_allowed in ((ALLOW, True), (DENY, False)):
            state = self.at_consent()
            answer = state.browser.submit(state.page, button)
            self.assertEqual("code" in answer.parameters, is_allowed)
            for step, action in itertools.product(STEPS, ("allow", "deny", "sign-in", "other", "cancel")):
                if step != "signed-out":
                    answer = state.browser.post(f"/interaction/{state.handle}/{step}",
                                                {"csrf": state.csrf, "action": action})
                    self.assert_page(answer, 410)

    # G05; X27: two tabs send the same approval at once: one code
    def test_g05_double_submit(self):
        state = self.at_consent()
        answers = [state.browser.submit(state.page, ALLOW) for _ in range(3)]
        self.assertEqual(["code" in answer.parameters for answer in answers], [True, False, False])

    # G05; G06: every form of the account pages and of a one-time link, sent from every other state
    def test_g05_g06_account_and_link(self):
        issuer = self.issuer
        person, other = issuer.new_user(), issuer.new_user()
        link = urllib.parse.urlsplit(issuer.cardea("users", "link", person[0])["link"]).path
        owner, second, neighbour, nobody = (issuer.browser() for _ in range(4))
        for browser, who in ((owner, person), (second, person), (neighbour, other)):
            self.sign_in(browser, who)
            flows.run_pages(browser, self.ask(browser), *who)
        pages = {"owner": owner.get("/account"), "neighbour": neighbour.get("/account"), "link": nobody.get(link),
                 "sign-in": nobody.get("/account/sign-in"), "consent": self.ask(owner, prompt="consent")}
        values = {name: page.page.forms[0].fields["csrf"] for name, page in pages.items()} | {"none": "", "cut": "x"}
        session = next(value for form in pages["owner"].page.forms for name, value in form.buttons if name == "session")
        new = new_verifier(issuer)
        fields = {"current": person[1], "password": new, "repeat": new, "login": other[0], "client_id": "cA",
                  "session": session, "action": "change-password"}
        paths = ["/account" + step for step in ("", "/sign-in", "/sign-out", "/withdraw", "/end-session", "/end-all",
                                                "/password", "/signed-out")] + [link]
        own = {("owner", "owner"), ("neighbour", "neighbour")}
        for (name, browser), (kind, csrf), path in itertools.product(
                (("owner", owner), ("neighbour", neighbour), ("nobody", nobody)), values.items(), paths):
            mine = "link" if path == link else "sign-in"
            if (path != link and (name, kind) in own) or (name, kind) == ("nobody", mine):
                continue  # the one value with which this form is this browser's
            answer = browser.post(path, fields | {"csrf": csrf})
            with self.subTest(browser=name, value=kind, path=path):
                self.assertIn(answer.status, (303, 403))
                self.assertIn(answer.location, (None, issuer.issuer + "/account"))
        # Nothing happened: sessions, approvals and passwords are as they were.
        for browser in (owner, second, neighbour):
            self.assertTrue(self.is_signed_in(browser))
            self.assertIn("cA", [value for form in browser.get("/account").page.forms
                                 for button, value in form.buttons if button == "client_id"])
        self.sign_in(issuer.browser(), person)
        self.assertEqual(nobody.get(link).status, 200)

    # G06: empty bodies, wrong types and no body at all at every address that takes a form
    def test_g06_empty_and_odd_bodies(self):
        browser = self.issuer.browser()
        self.sign_in(browser, self.issuer.u1)
        state = self.at_consent()
        link = self.issuer.cardea("users", "link", self.issuer.new_user()[0])["link"].rsplit("/", 1)[1]
        logout = browser.follow(browser.get("/logout")).page.forms[0].action
        paths = [f"/interaction/{state.handle}/consent", f"/link/{link}", logout, "/account", "/account/password",
                 "/account/sign-out", "/account/end-all", "/account/end-session", "/account/withdraw"]
        for path, who in itertools.product(paths, (browser, state.browser)):
            for body, kind in ((b"", flows_form()), (b"&&&", flows_form()), (b"=", flows_form()),
                               (b"csrf=", flows_form()), (b"%", flows_form()), (b'{"csrf":""}', "application/json"),
                               (b"csrf", "multipart/form-data; boundary=x"), (b"\0", flows_form()), (b"x", "")):
                answer = who.send("POST", path, [("Content-Type", kind)], body)
                self.assertIn(answer.status, (400, 403, 410, 415), (path, body))
        self.assertTrue(self.is_signed_in(browser))
        self.assertEqual(self.step_of(state), "consent")


def flows_form():
    return "application/x-www-form-urlencoded"


class OtherBrowsers(FlowCase):
    # B03; G03: an interaction in another browser is a page that says so, at every stage, signed in or not
    def test_b03_g03_interactions_of_another_browser(self):
        stranger, member = self.issuer.browser(), self.issuer.browser()
        self.sign_in(member, self.issuer.u2)
        for name in self.STATES:
            state = getattr(self, name)()
            fields = state.page.page.forms[0].fields
            for thief, step in itertools.product((stranger, member), STEPS):
                if step == "signed-out":
                    continue
                path = f"/interaction/{state.handle}/{step}"
                for answer in (thief.get(path), thief.post(path, fields | {"action": "allow"}),
                               thief.post(path, fields | {"action": "sign-in", "login": "u2",
                                                          "password": self.issuer.u2[1]}),
                               thief.post(path, fields | {"action": "cancel"})):
                    self.assert_page(answer, 410)
                    self.assertNotIn("Person", answer.body)
            self.assertEqual(self.step_of(state), state.name)
        state = self.at_consent()
        state.browser.submit(state.page, ALLOW)
        self.assert_page(stranger.get(f"/interaction/{state.handle}/consent"), 410)

    # G03; 6749-26: restart, switch, cancel, sign-out and approval are POST with this browser's value only
    def test_g03_nothing_happens_by_get_or_without_the_value(self):
        for action in ("allow", "deny", "other", "cancel", "sign-out", "sign-in"):
            state = self.at_consent()
            path = f"/interaction/{state.handle}/consent"
            query = urllib.parse.urlencode({"csrf": state.csrf, "action": action})
            answer = state.browser.get(f"{path}?{query}")
            self.assertEqual((answer.status, answer.location), (200, None))
            for body in ({"action": action}, {"action": action, "csrf": "x" * 43},
                         [("action", action), ("csrf", state.csrf), ("csrf", state.csrf)]):
                self.assert_page(state.browser.post(path, body), 403)
            self.assert_page(state.browser.post(f"{path}?{query}", {}), 400)
            self.assertEqual(self.step_of(state), "consent")
        browser = state.browser
        for path in ("/account/sign-out", "/account/end-all", "/account/password", "/account/withdraw",
                     "/account/end-session"):
            query = urllib.parse.urlencode({"csrf": state.csrf, "client_id": "cA"})
            browser.get(f"{path}?{query}")
            self.assert_page(browser.post(path, {"csrf": state.csrf, "client_id": "cA"}), 403)
            self.assertTrue(self.is_signed_in(browser))

    # B15: what a person's browser sends beside the form changes neither type, mode, client nor address
    def test_b15_tampered_fields_and_cookies(self):
        issuer = self.issuer
        tampered = {"response_type": "id_token", "response_mode": "fragment", "client_id": "cB", "scope": "profile",
                    "redirect_uri": f"https://{EVIL}/cb", "state": "tampered", "nonce": "tampered", "prompt": "none",
                    "code_challenge": "A" * 43, "max_age": "0", "resource": "https://x.test", "claims": "{}",
                    "request": "x", "handle": "x", "interaction": "x"}
        for name, value in [*tampered.items(), (None, None)]:
            extra = {name: value} if name else tampered
            browser = issuer.browser()
            verifier = new_verifier(issuer)
            request = request_of(issuer.cA, verifier, prompt="login consent")
            page = browser.follow(browser.get(authorize_path(request)))
            answer = browser.submit(page, SIGN_IN, login=issuer.u1[0], password=issuer.u1[1], **extra)
            browser.cookies |= {"response_type": "id_token", "redirect_uri": f"https://{EVIL}/cb", "client_id": "cB"}
            answer = browser.submit(browser.follow(answer), ALLOW, **extra)
            self.assertTrue(answer.location.startswith(issuer.cA.redirect_uri + "?code="), answer.location)
            self.assertEqual(answer.parameters["state"], request["state"])
            tokens = flows.exchange(browser, issuer.cA, answer.parameters["code"], verifier).json
            self.assertEqual(flows.claims_of(tokens["id_token"])["nonce"], request["nonce"])
            self.assertEqual(set(tokens["scope"].split()), {"openid", "offline_access"})


class Cookies(FlowCase):
    def named(self, browser):
        """(name of the session cookie, name of the binding cookie)"""
        names = sorted(browser.cookies, key=lambda name: "session" not in name)
        return names[0], names[1]

    # G08: each character flipped, values cut, glued, swapped between jars and people: nobody is signed in
    def test_g08_forged_cookies(self):
        browser, other = self.issuer.browser(), self.issuer.browser()
        self.sign_in(browser, self.issuer.u1)
        self.sign_in(other, self.issuer.u2)
        session, binding = self.named(browser)
        mine, theirs = dict(browser.cookies), dict(other.cookies)
        value = mine[session]
        forged = [value[:at] + ("A" if c != "A" else "B") + value[at + 1:] for at, c in enumerate(value)]
        forged += [value[:-1], value[1:], value + "A", value.swapcase(), value + "=", "", ".", "..", value[::-1],
                   mine[binding], "A" * 43, ".".join(["A" * 43] * 50), value.replace(value[5], "%00"), '"' + value,
                   value[:20] + " " + value[20:]]
        probe = self.issuer.browser()
        for each in forged:
            probe.cookies = {session: each, binding: mine[binding]}
            answer = probe.get("/account")
            self.assertEqual(answer.path, "/account/sign-in", each)
            self.assertNotIn("Person", answer.body)
        for name in (session.replace("__Host-", ""), session.upper(), "session", session + "x"):
            probe.cookies = {name: value}
            self.assertEqual(probe.get("/account").path, "/account/sign-in", name)
        probe.cookies = {session: theirs[session], binding: mine[binding]}
        self.assertIn("u2", probe.get("/account").page.text)

    # G08; B21: one person's step with another's cookies is refused, in each combination
    def test_g08_recombined_cookies(self):
        issuer = self.issuer
        state = self.at_consent()
        other = issuer.browser()
        self.sign_in(other, issuer.u2)
        session, binding = self.named(state.browser)
        mine, theirs = dict(state.browser.cookies), dict(other.cookies)
        path = f"/interaction/{state.handle}/consent"
        fields = {"csrf": state.csrf, "action": "allow"}
        thief = issuer.browser()
        for jar in ({session: mine[session], binding: theirs[binding]}, {session: mine[session]}, theirs,
                    {session: theirs[session], binding: mine[binding]}, {binding: mine[binding]},
                    {session: theirs[session] + "." + mine[session][:-1] + "A", binding: mine[binding]}):
            thief.cookies = dict(jar)
            answer = thief.post(path, fields)
            self.assertNotIn("code", answer.parameters, jar)
            self.assertIn(answer.status, (303, 403, 410))
            if answer.status == 303:  # another person's browser is asked to sign in or to look at its own page
                self.assertTrue(answer.location.startswith(issuer.issuer + "/interaction/"))
        self.assertIn("code", state.browser.post(path, fields).parameters)

    # B21: two people in one browser, cookies lost at each step: a code is always of whoever was asked
    def test_b21_two_people_in_one_browser(self):
        issuer = self.issuer
        for lost, at in itertools.product(("session", "browser", "all"), ("sign-in", "consent")):
            browser = issuer.browser()
            self.sign_in(browser, issuer.u1)
            page = self.ask(browser, prompt="login consent")
            if at == "sign-in":
                self.lose(browser, lost)
            answer = browser.submit(page, SIGN_IN, login=issuer.u2[0], password=issuer.u2[1])
            if answer.status != 303:
                self.assertIn(answer.status, (403, 410))
                continue
            page = browser.follow(answer)
            self.assertIn("u2", page.page.text)
            if at == "consent":
                self.lose(browser, lost)
            answer = browser.submit(page, ALLOW)
            if "code" in answer.parameters:
                self.assertEqual((lost, at), ("session", "sign-in"))
        account = issuer.browser()
        self.sign_in(account, issuer.u2)
        for form in account.get("/account").page.forms:
            self.assertNotIn("u1", form.fields.get("login", ""))

    @staticmethod
    def lose(browser, what):
        browser.cookies = {name: value for name, value in browser.cookies.items() if what not in name and what != "all"}

    # G09; 9700-10: what was parked with the old password is dead once the owner set another
    def test_g09_parked_by_an_attacker(self):
        issuer = self.issuer
        person = issuer.new_user()
        attacker = issuer.browser()
        request = authorize_path(request_of(issuer.cA, new_verifier(issuer), prompt="consent"))
        consent = attacker.follow(flows.fill_sign_in(attacker, attacker.follow(attacker.get(request)), *person))
        self.assertIn(ALLOW, [button for form in consent.page.forms for button in form.buttons])
        link = urllib.parse.urlsplit(issuer.cardea("users", "link", person[0])["link"]).path
        owner = issuer.browser()
        new = flows.new_verifier(issuer)
        answer = owner.submit(owner.get(link), ("action", "set-password"), password=new, repeat=new)
        self.assertEqual(answer.status, 303)
        answer = attacker.follow(attacker.submit(consent, ALLOW))
        self.assertNotIn("code", answer.parameters)
        self.assertFalse(self.is_signed_in(attacker))
        self.assertEqual(flows.fill_sign_in(attacker, self.ask(attacker), *person).status, 200)
        self.assert_page(owner.get(link), 410)

    # G07: who is meant comes from the link alone, and no answer shows the link or a code to its caller
    def test_g07_extra_fields_name_nobody(self):
        issuer = self.issuer
        person, victim = issuer.new_user(), issuer.new_user()
        link = issuer.cardea("users", "link", person[0])["link"]
        browser = issuer.browser()
        page = browser.get(urllib.parse.urlsplit(link).path)
        new = flows.new_verifier(issuer)
        answer = browser.submit(page, ("action", "set-password"), password=new, repeat=new, login=victim[0],
                                email=victim[0], phone="1", user_id=victim[0], returnCode="true", sub=victim[0])
        self.assertEqual(answer.status, 303)
        self.assertNotIn(link.rsplit("/", 1)[1], str(answer.fields) + answer.body)
        for login, password, is_right in ((victim[0], new, False), (victim[0], victim[1], True), (person[0], new,
                                                                                                  True)):
            answer = flows.fill_sign_in(issuer.browser(), issuer.browser().get("/account/sign-in"), login, password)
            other = issuer.browser()
            answer = flows.fill_sign_in(other, other.get("/account/sign-in"), login, password)
            self.assertEqual(answer.status == 303, is_right, login)
        answer = browser.submit(browser.get("/account/sign-in"), SIGN_IN, login=person[0], password=new,
                                email=victim[0], user_id=victim[0], account=victim[0], returnCode="true")
        self.assertIn(person[0], browser.follow(answer).page.text)


class Markup(FlowCase):
    """G01, A10: a page with markup in a value has the elements and attributes of the page with a plain one."""

    def assert_inert(self, answer, plain, value):
        policy = answer.header("Content-Security-Policy")
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn("unsafe", policy)
        self.assertNotIn("data:", policy)
        self.assertEqual(answer.header("X-Content-Type-Options"), "nosniff")
        self.assertEqual(Page(answer.body).skeleton, Page(plain.body).skeleton, value)
        for address in answer.page.addresses:
            self.assertNotIn("alert", address)

    # G01: every parameter of the authorization endpoint, on its error page and on the sign-in page
    def test_g01_authorization_parameters(self):
        issuer = self.issuer
        names = ("client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "prompt",
                 "display", "max_age", "ui_locales", "id_token_hint", "login_hint", "acr_values", "claims",
                 "code_challenge", "code_challenge_method", "resource", "error", "error_description", "error_hint",
                 "x" + MARKUP[0])
        for name, value in itertools.product(names, MARKUP):
            browser = issuer.browser()
            for client_id in ("cA", "nobody"):
                base = request_of(issuer.cA, "v" * 43) | {"client_id": client_id}
                shown = browser.follow(browser.get(authorize_path(base | {name: value})))
                if shown.location is None:
                    plain = browser.follow(browser.get(authorize_path(base | {name: "plain"})))
                    same = plain if plain.location is None else browser.follow(
                        browser.get(authorize_path(base | {"client_id": "x"})))
                    self.assert_inert(shown, same, (name, value))

    # G01: what a person types, and what an app or a person is called
    def test_g01_names_and_typed_values(self):
        issuer = self.issuer
        for value in MARKUP:
            if "\u2028" in value:
                continue
            client = issuer.new_client(f"client_name={value}")
            plain_client = issuer.new_client("client_name=Plain")
            person, plain_person = issuer.new_user("--claim", "name=" + value), issuer.new_user("--claim", "name=Plain")
            pages = []
            for app, who in ((client, person), (plain_client, plain_person)):
                browser = issuer.browser()
                sign_in = self.ask(browser, app)
                wrong = browser.submit(sign_in, SIGN_IN, login=value if app is client else "x", password="wrong pw")
                consent = browser.follow(browser.submit(wrong, SIGN_IN, login=who[0], password=who[1]))
                browser.submit(consent, ALLOW)
                account = browser.get("/account", [("User-Agent", "x")])
                logout = browser.follow(browser.get(f"/logout?client_id={app.client_id}"))
                pages.append((sign_in, wrong, consent, account, logout))
            for shown, plain in zip(*pages):
                self.assert_inert(shown, plain, value)

    # G01: the account page, the sign-out page and every other address
    def test_g01_other_pages(self):
        browser = self.issuer.browser()
        self.sign_in(browser, self.issuer.u1)
        plains = {}
        for path, value in itertools.product(
                ("/account?done={0}", "/account/{0}", "/account/sign-in?{0}={0}", "/link/{0}", "/link/done?{0}",
                 "/interaction/{0}/sign-in", "/interaction/" + "A" * 22 + "/{0}", "/logout?state={0}",
                 "/logout?post_logout_redirect_uri={0}&client_id=cA", "/logout?id_token_hint={0}",
                 "/logout?client_id={0}", "/logout?ui_locales={0}"), MARKUP):
            shown = browser.follow(browser.get(path.format(urllib.parse.quote(value, safe=""))))
            if path not in plains:
                plains[path] = browser.follow(browser.get(path.format("plain")))
            plain = plains[path]
            self.assertEqual(shown.status, plain.status)
            self.assert_inert(shown, plain, (path, value))

    # G01; I11: markup in header fields that pages show or choose by
    def test_g01_headers(self):
        browser = self.issuer.browser()
        person = self.issuer.new_user()  # whose account page lists this one session
        self.sign_in(browser, person)
        plain = browser.get("/account")
        for value in MARKUP:
            if not value.isascii():
                continue
            shown = browser.get("/account", [("User-Agent", value), ("Accept-Language", value), ("Referer", value),
                                             ("X-Request-Id", value), ("Origin", value)])
            self.assert_inert(shown, plain, value)

    # A10; X29; 6749-16: a form_post answer is the form and its fields, whatever state and nonce hold
    def test_a10_form_post(self):
        issuer = self.issuer
        for value in MARKUP:
            browser = issuer.browser()
            over = {"response_mode": "form_post", "prompt": "none"}
            shown = self.ask(browser, state=value, nonce=value, **over)
            plain = self.ask(browser, state="plain", nonce="plain", **over)
            self.assertEqual(shown.status, 200)
            self.assert_inert(shown, plain, value)
            self.assertEqual(shown.page.forms[0].action, issuer.cA.redirect_uri)
            self.assertEqual(shown.page.forms[0].fields["state"], value)
            self.assertIn("script-src 'self'", shown.header("Content-Security-Policy"))
