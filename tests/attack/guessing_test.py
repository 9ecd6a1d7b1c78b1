"""Guessing passwords and people: who is slowed down, what can be told apart. Behind a proxy, so that every attempt may
come from where the attacker likes. Security corpus 2.H and I05."""
import concurrent.futures
import re
import statistics
import time

import flows
from attack_case import AttackCase, proxied_issuer
from web_browser import app_secrets, recovery_codes


class GuessingCase(AttackCase):
    @property
    def issuer(self):
        return proxied_issuer()

    def attempt(self, login, password, browser=None):
        """The answer to one sign-in, from an address of its own where no browser is given."""
        browser = browser or self.issuer.browser()
        return flows.fill_sign_in(browser, browser.get("/account/sign-in"), login, password)

    def masked(self, answer):
        """A page without what changes by chance or was typed."""
        body = re.sub(r'(name="csrf" value=")[^"]*|(name="login" value=")[^"]*', r"\1\2", answer.body)
        names = ("date", "x-request-id", "set-cookie", "content-length")
        return answer.status, [field for field in answer.fields if field[0].lower() not in names], body


class Limits(GuessingCase):
    may_be_busy = True

    # H03: of two hundred guesses at once no more are evaluated than the limit says
    def test_h03_parallel_guesses(self):
        issuer = self.issuer
        login, password = issuer.new_user()
        source = issuer.browser().source
        browsers = [issuer.browser(source) for _ in range(200)]
        pages = [browser.get("/account/sign-in") for browser in browsers]
        begin = issuer.log_size()
        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(lambda pair: flows.fill_sign_in(pair[0], pair[1], login, "a wrong guess"),
                                    zip(browsers, pages)))
        evaluated = len(issuer.events("login.failed", begin))
        self.assertTrue(1 <= evaluated <= 10, evaluated)
        self.assertLessEqual({answer.status for answer in answers}, {200, 429, 503})
        self.assertEqual([answer.status for answer in answers].count(200), evaluated)
        # Further ones wait until the window is over, the right password too; another address does not.
        answer = self.attempt(login, password, browsers[0])
        while answer.status == 200:
            answer = self.attempt(login, "a wrong guess", browsers[0])
        self.assertEqual(self.attempt(login, password, browsers[0]).status, 429)
        self.assertEqual(self.attempt(login, password).status, 303)

    # H04: an attack from many addresses does not lock the owner out
    def test_h04_the_owner_gets_in_during_an_attack(self):
        login, password = self.issuer.new_user()
        for _ in range(13):
            browser = self.issuer.browser()
            for _ in range(9):
                self.assertIn(self.attempt(login, "a wrong guess", browser).status, (200, 429))
        owner = self.issuer.browser()
        self.assertEqual(self.attempt(login, "my own mistake", owner).status, 200)
        self.assertEqual(self.attempt(login, password, owner).status, 303)

    # 6749-10; H04: guessing a client's secret does not lock the client out elsewhere
    def test_h04_client_secrets(self):
        issuer = self.issuer
        guesser, honest = issuer.browser(), issuer.browser()
        fields = {"token": "x"}
        statuses = [guesser.post("/introspect", fields, flows.basic(issuer.cB, "w" * 43)).status for _ in range(110)]
        self.assertEqual((statuses[0], statuses[-1]), (401, 429))
        self.assertEqual(guesser.post("/introspect", fields, flows.basic(issuer.cB)).status, 429)
        self.assertEqual(honest.post("/introspect", fields, flows.basic(issuer.cB)).status, 200)


class SecondFactors(GuessingCase):
    may_be_busy = True
    VERIFY = ("action", "verify")

    def enrolled(self):
        """Somebody with an authenticator app: login, password, its secret, recovery codes."""
        login, password = self.issuer.new_user()
        browser = self.issuer.browser()
        self.attempt(login, password, browser)
        page = browser.get("/account/factor")
        secret = app_secrets(page.body)[-1]
        shown = browser.submit(page, ("action", "add-factor"), password=password, code=flows.one_time_code(secret))
        return login, password, secret, recovery_codes(shown.body)

    def at_code(self, login, password, browser):
        return browser.follow(self.attempt(login, password, browser))

    # H06: whoever typed too many wrong codes begins with the password again, the right code or not
    def test_h06_the_first_factor_is_asked_again(self):
        login, password, secret, codes = self.enrolled()
        browser = self.issuer.browser()
        page = self.at_code(login, password, browser)
        wrong = f"{(int(flows.one_time_code(secret)) + 7) % 1000000:06}"
        statuses = [browser.submit(page, self.VERIFY, code=wrong).status for _ in range(5)]
        self.assertEqual(statuses, [200, 200, 200, 200, 429])
        answer = browser.follow(browser.submit(page, self.VERIFY, code=codes[0]))
        self.assertIn(flows.SIGN_IN, [button for form in answer.page.forms for button in form.buttons])
        # From other addresses too no more than ten are looked at; then the account waits.
        for _ in range(5):
            other = self.issuer.browser()
            answer = other.submit(self.at_code(login, password, other), self.VERIFY, code=wrong)
        owner = self.issuer.browser()
        answer = owner.submit(self.at_code(login, password, owner), self.VERIFY, code=codes[0])
        self.assertEqual(answer.status, 429)
        self.assertGreater(int(answer.header("Retry-After")), 600)

    # asvs-6.5.1; H03: of many who hold one code at the same time, one gets in
    def test_h03_one_code_many_browsers(self):
        login, password, _, codes = self.enrolled()
        browsers = [self.issuer.browser() for _ in range(8)]
        pages = [self.at_code(login, password, browser) for browser in browsers]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda pair: pair[0].submit(pair[1], self.VERIFY, code=codes[0]),
                                    zip(browsers, pages)))
        inside = [browser for browser in browsers if browser.get("/account").status == 200]
        self.assertEqual(len(inside), 1)
        self.assertEqual([answer.status for answer in answers].count(303), 1)


class Enumeration(GuessingCase):
    def people(self):
        """Logins of every kind of person who cannot sign in with this password."""
        issuer = self.issuer
        disabled, _ = issuer.new_user()
        issuer.cardea("users", "edit", disabled, "--enabled", "false")
        new = f"new{next(issuer.names)}"
        issuer.cardea("users", "add", new)
        return {"known": issuer.new_user()[0], "unknown": "nobody-of-that-name", "disabled": disabled,
                "without a password": new}

    # H05; asvs-6.3.8: the same page and header fields for everybody
    def test_h05_text(self):
        answers = {kind: self.masked(self.attempt(login, "a wrong guess")) for kind, login in self.people().items()}
        self.assertEqual(answers["known"][0], 200)
        for kind, answer in answers.items():
            self.assertEqual(answer, answers["known"], kind)

    # H05: and the same work, measured side by side
    def test_h05_time(self):
        people = self.people()
        times = {kind: [] for kind in people}
        for _ in range(13):
            for kind, login in people.items():
                browser = self.issuer.browser()
                page = browser.get("/account/sign-in")
                begin = time.perf_counter()
                flows.fill_sign_in(browser, page, login, "a wrong guess")
                times[kind].append(time.perf_counter() - begin)
        known = statistics.median(times["known"])
        for kind, values in times.items():
            ratio = statistics.median(values) / known
            self.assertTrue(0.4 < ratio < 2.5, (kind, ratio))

    # H05: links and hints say nothing about who exists either
    def test_h05_other_pages(self):
        issuer = self.issuer
        known = issuer.new_user()[0]
        shown = []
        for login in (known, "nobody-of-that-name"):
            browser = issuer.browser()
            request = flows.request_of(issuer.cA, "v" * 43, login_hint=login, state="s", nonce="n")
            answer = browser.follow(browser.get(flows.authorize_path(request)))
            silent = browser.get(flows.authorize_path(request | {"prompt": "none"}))
            shown.append((re.sub(r"/interaction/[\w-]+/|\"[\w-]{43}\"|" + login, "", answer.body),
                          silent.parameters))
        self.assertEqual(shown[0], shown[1])


class Logins(GuessingCase):
    # I05: another spelling is another login, and is refused, or it is the same person
    def test_i05_spellings_of_a_login(self):
        issuer = self.issuer
        password = issuer.add_user("Fisher@Example.Org")
        for login in ("fisher@example.org", "FISHER@EXAMPLE.ORG", "  Fisher@Example.Org "):
            browser = issuer.browser()
            self.assertEqual(self.attempt(login, password, browser).status, 303, login)
            self.assertIn("fisher@example.org", browser.get("/account").page.text.lower())
        strangers = ("\ufb01sher@example.org", "fisher@example.org.", "fisher@evil@example.org", "fisher@example.org@",
                     "fi\u00adsher@example.org", "fisher@example.org\u200b", "f\u0131sher@example.org",
                     "fisher@example\uff0eorg", "\uff46isher@example.org", "fisher@example.org\u0000",
                     "fisher\t@example.org", "fisher@example.org\n", "fisher", "fisher@example.org%00",
                     "fisher@example.org' OR '1'='1", "\u202efisher@example.org", "fisher@\u212aexample.org")
        for login in strangers:
            self.assertIn(self.attempt(login, password).status, (200, 400), login)
        # A twin is refused when it is one person by our rules, and a person of its own otherwise.
        for twin in ("FISHER@example.org", " fisher@example.org"):
            issuer.cardea("users", "add", twin, code=2)
        for bad in ("", " ", "a\tb", "a\nb", "x" * 400):
            issuer.cardea("users", "add", bad, code=2)

    # I05; B04: a person is never known by an e-mail address or name that is somebody else's login
    def test_i05_claims_are_no_logins(self):
        issuer = self.issuer
        first = issuer.new_user()
        second = issuer.new_user("--claim", f"email={first[0]}", "--claim", f"preferred_username={first[0]}")
        self.assertEqual(self.attempt(first[0], second[1]).status, 200)
        browser = issuer.browser()
        self.assertEqual(self.attempt(second[0], second[1], browser).status, 303)
        page = browser.get("/account")
        self.assertIn(second[0], page.page.text)
        self.assertTrue([form for form in page.page.forms if form.fields.get("login") == second[0]])
        self.assertEqual(browser.submit(page, ("action", "sign-out")).status, 303)
