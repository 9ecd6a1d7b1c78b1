"""One row tried: its app is started anew for each pass, and the person signs in with a new browser.

direct   sign-in, refresh, sign-out with the issuer's own TLS
seen     the same once more, every request written down: the shapes, and the proof of refresh and sign-out
forged   sign-in while the signature of every ID token is spoilt: does the client notice?
strict   only for rows with pkce = "optional": sign-in under a registration without it, which must fail
"""
import json
import os
import urllib.parse

from . import golden
from .app import App, CannotRun, install, tail
from .browser import PlainBrowser, origin_of


# A row's `logout` as the table says it, and as the issuer sees it.
LOGOUTS = {True: "yes", False: "no", "issuer": "yes, no way back", "revocation": "revokes"}
# A row's `refresh` likewise: by a refresh token, or by prompt=none in an iframe.
REFRESHES = {True: "yes", False: "no", "iframe": "in an iframe"}
# The page that a person who let a device in is left with.
DEVICE_APPROVED = "/device/approved"
SEEN_LOGOUTS = {True: "yes", False: "no", "issuer": "yes", "revocation": "revocation"}


class Wrong(Exception):
    """What the client or the issuer did that it should not."""


class Verdict:
    """A line of the table. signature, refresh and logout are what was measured."""

    def __init__(self, row):
        self.row, self.version = row, "?"
        self.signature = self.refresh = self.logout = "?"
        self.result, self.detail, self.refusal, self.shapes = "failed", "", "", []

    def values(self):
        row = self.row
        return {"key": row.key, "client": row.name, "runtime": row.runtime, "version": self.version, "flow": row.flow,
                "signature_verified": self.signature, "refresh": self.refresh, "logout": self.logout,
                "result": self.result, "detail": self.detail, "refusal": self.refusal, "registration": row.needs(),
                "settings": row.settings, "note": row.note}


class Trial:
    """What all passes of one row share. make_browser: (row) -> a browser of the row's kind."""

    def __init__(self, row, issuer, front, credentials, folder, trust):
        self.row, self.issuer, self.front, self.trust = row, issuer, front, trust
        self.url = row.origin
        self.hosts = {urllib.parse.urlsplit(row.origin).hostname: front.port}
        self.log = os.path.join(folder, row.client_id + ".log")
        ca = issuer.certificates.ca
        self.env = {"ISSUER": issuer.origin, "CLIENT_ID": row.client_id, "APP_URL": self.url,
                    "APP_LOOPBACK_URL": front.loopback,
                    "CA_FILE": ca, "NODE_EXTRA_CA_CERTS": ca, "SSL_CERT_FILE": ca, "REQUESTS_CA_BUNDLE": ca,
                    "CURL_CA_BUNDLE": ca, "TMPDIR": folder, "SCOPE": row.client.get("scope", "openid")}
        if row.has_key:
            self.env["CLIENT_KEY"] = json.dumps(credentials.key.private)
        else:
            self.env["CLIENT_SECRET"] = credentials.secret
        if row.tls:
            self.env.update(CERTIFICATE_FILE=issuer.certificates.certificate, KEY_FILE=issuer.certificates.key)
        self.app = self.browser = self.journey_seen = None

    def make_browser(self):
        if self.row.browser.startswith("chromium"):
            from .chromium import Chromium
            return Chromium(self.issuer.person, self.issuer.origin, self.issuer.certificates.ca, self.hosts,
                            self.row.browser == "chromium, third-party cookies")
        return PlainBrowser(self.issuer.person, self.issuer.origin, self.trust, self.hosts)

    def begin(self, mode, client_id=None):
        self.issuer.gate.change(mode)
        self.app = App(self.row, dict(self.env, CLIENT_ID=client_id or self.row.client_id), self.front, self.log)
        self.browser = self.make_browser()

    def end(self):
        if self.browser is not None:
            self.browser.close()
        if self.app is not None:
            self.app.stop()
        self.app = self.browser = None

    def ask(self, path):
        """(The app's own answer as a dictionary, its page); None where it is an error or no JSON object."""
        return self.read(self.browser.visit(self.url + path))

    @staticmethod
    def read(page):
        try:
            told = json.loads(page.text)
        except ValueError:
            told = None
        if page.status >= 400 or not isinstance(told, dict):
            return None, page
        return told, page

    def sign_in(self):
        """Signs in and gives (identity or None, what the app said)."""
        page = self.browser.visit(self.url + "/login")
        if self.row.login == "issuer":
            if not page.url.startswith(self.issuer.origin + DEVICE_APPROVED):
                raise Wrong(f"the device was not approved: {page.status} {page.url}\n{tail(page.text, 6)}")
        elif origin_of(page.url) == self.issuer.origin:
            raise Wrong(f"the issuer did not let go: {page.status} {page.url}\n{tail(page.text, 6)}")
        identity, home = self.read(page) if page.url == self.url + "/" else self.ask("/")
        shown = page if page.status >= 400 else home
        return identity, f"{shown.status} {tail(shown.text, 4)[:600]}"

    def journey(self):
        """A pass in which everything must work."""
        self.journey_seen = None
        identity, said = self.sign_in()
        if identity is None:
            raise Wrong(f"sign-in failed: {said}")
        person = self.issuer.person
        if identity.get("sub") != person.sub:
            raise Wrong(f"the app knows another subject: {identity}")
        for claim in ("email", "name"):
            if claim in identity and identity[claim] != person.claims[claim]:
                raise Wrong(f"the app was told another {claim}: {identity[claim]}")
        if self.row.refresh:
            told, page = self.ask("/refresh")
            if not told or not told.get("refreshed"):
                raise Wrong(f"refresh failed: {page.status} {tail(page.text, 4)[:600]}")
        if self.row.logout:
            self.sign_out()

    def sign_out(self):
        """Leaves the app by its own sign-out; the issuer must then ask for the password again, unless the client only
        revokes its tokens."""
        page = self.browser.visit(self.url + "/logout")
        if origin_of(page.url) != (self.issuer.origin if self.row.logout == "issuer" else self.url):
            raise Wrong(f"sign-out ended at another place: {page.status} {page.url}\n{tail(page.text, 6)}")
        identity, _ = self.ask("/")
        if identity is not None and identity.get("sub"):
            raise Wrong("the app still knows the person after sign-out")
        self.journey_seen = len(self.issuer.gate.seen)
        if self.row.logout == "revocation":
            return
        typed = self.browser.passwords_typed
        self.sign_in()
        if self.browser.passwords_typed == typed:
            raise Wrong("the issuer did not ask for the password after sign-out")

    def direct(self):
        self.begin("direct")
        try:
            self.journey()
        finally:
            self.end()

    def seen(self, verdict):
        self.begin("seen")
        try:
            self.journey()
            seen = self.issuer.gate.seen[:self.journey_seen]
        finally:
            self.end()
        verdict.shapes = golden.shapes(seen)
        refreshed = "no"
        if any(target.startswith("/authorize") and "prompt=none" in target for _, target, _, _, _ in seen):
            refreshed = "in an iframe"
        if any(b"grant_type=refresh_token" in body and status == 200 for _, _, _, body, status in seen):
            refreshed = "yes"
        # An app that revokes tokens and then leaves by the issuer's sign-out has done the greater thing.
        left = "no"
        if any(target.startswith("/revoke") and status == 200 for _, target, _, _, status in seen):
            left = "revocation"
        if any(target.startswith("/logout") for _, target, _, _, _ in seen):
            left = "yes"
        verdict.refresh = refreshed
        verdict.logout = LOGOUTS[self.row.logout]
        for what, expected, found in (("refresh", REFRESHES[self.row.refresh], refreshed),
                                      ("sign-out", SEEN_LOGOUTS[self.row.logout], left)):
            if expected != found:
                raise Wrong(f"{what}: expected {expected}, but the issuer saw {found}")

    def forged(self, verdict):
        if self.row.verifies == "replay":  # our own program, whose checks say nothing about the client's
            verdict.signature = "replay"
            return
        self.begin("forged")
        try:
            identity, said = self.sign_in()
            forged = self.issuer.gate.forged_count
        finally:
            self.end()
        if forged == 0:
            if self.row.verifies != "no ID token":
                raise Wrong("no ID token came by that could be forged")
            verdict.signature = "no ID token"
            return
        refused = not (identity and identity.get("sub"))
        # An OAuth client without OpenID Connect never looks at the ID token that came along.
        ignores = self.row.verifies == "ignores it"
        verdict.signature = "yes" if refused else "no (ignores it)" if ignores else "no (TLS)"
        verdict.refusal = said if refused else ""
        if refused != (self.row.verifies is True):
            raise Wrong(f"signature: expected {self.row.verifies}, but with a forged one the app said: {said}")

    def strict(self):
        """Without `pkce = "optional"` the client must fail: what is not needed is not registered."""
        if self.row.strict_id is None:
            return
        self.begin("direct", self.row.strict_id)
        try:
            identity, _ = self.sign_in()
        finally:
            self.end()
        if identity and identity.get("sub"):
            raise Wrong('it signs in without pkce = "optional" too: the row must not ask for it')

    def run(self, update_golden):
        """The verdict over the row."""
        verdict = Verdict(self.row)
        try:
            install(self.row)
            verdict.version = self.row.version()
            self.direct()
            self.seen(verdict)
            self.forged(verdict)
            self.strict()
            if update_golden and self.row.golden:
                golden.write(self.row, verdict.shapes)
            changed = golden.compare(self.row, verdict.shapes)
            if changed:
                raise Wrong(changed)
            verdict.result = "passed"
        except CannotRun as reason:
            verdict.result, verdict.detail = "cannot run", str(reason)
        except (Wrong, RuntimeError, OSError) as reason:
            verdict.detail = str(reason)
            if os.path.exists(self.log):
                with open(self.log, encoding="utf-8", errors="replace") as out:
                    verdict.detail += "\n" + tail(out.read())
        return verdict
