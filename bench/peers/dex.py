"""Dex (its repository, built here) on PostgreSQL: its defaults, by which refresh tokens rotate at each use and keys are
RS256. It keeps one refresh token for a person and a client, so each connection needs a person of its own: an app of
ours signs them in by Dex's own form."""
import itertools
import json
import os
import shutil
import urllib.error
import urllib.parse
import urllib.request

from peer import CACHE, CALLBACK, DISCOVERY, JWKS, JWT_RS, PASSWORD, SECRET, Unavailable, free_port, run
from postgres import PeerOnPostgres, Postgres
from sign_in_app import SignInApp

VERSION = "v2.45.1"
REPOSITORY = "https://github.com/dexidp/dex"  # the module proxy does not give it; CARDEA_PEERS_DEX names a mirror
PLACE = os.path.join(CACHE, "dex")
PEOPLE = 256
HASH = "$2a$10$cmfpKppLgpUFcf.bAZCQZubbtt3GiaAoPXeD8mLFUXugbQnT8g6T2"  # bcrypt, of PASSWORD; Dex wants a cost of 10


class Dex(PeerOnPostgres):
    name = "Dex"
    rows = (DISCOVERY, JWKS, ("introspection", JWT_RS), ("userinfo", JWT_RS), ("refresh", JWT_RS))

    def __init__(self, folder):
        super().__init__(folder)
        self.next_person = itertools.count()
        self.app = SignInApp(free_port(), self.issuer, self.send_on)

    def prepare(self):
        self.program = os.path.join(PLACE, f"dex-{VERSION}")
        if not os.path.exists(self.program):
            source = os.path.join(PLACE, "source")
            shutil.rmtree(source, ignore_errors=True)
            os.makedirs(PLACE, exist_ok=True)
            run(["git", "clone", "--quiet", "--depth", "1", "--branch", VERSION,
                 os.environ.get("CARDEA_PEERS_DEX", REPOSITORY), source])
            run(["go", "build", "-p", "2", "-o", self.program, "./cmd/dex"], cwd=source, timeout=3600,
                env=dict(os.environ, CGO_ENABLED="0"))  # what needs C is its SQLite alone
        return VERSION

    def issuer_for(self, workload):
        return self.app.issuer if workload == "refresh" else self.issuer

    def person(self, workload):
        """Every token is a person's: it has no client credentials."""
        return ["--user", login(0), "--scope", self.scope]

    def command(self):
        self.database = Postgres(self.folder)
        path = os.path.join(self.folder, "dex.yml")
        with open(path, "w", encoding="utf-8") as out:
            json.dump(self.configuration(), out)  # JSON is YAML
        return [self.program, "serve", path]

    def configuration(self):
        return {"issuer": self.issuer, "web": {"http": f"127.0.0.1:{self.port}"}, "logger": {"level": "error"},
                "storage": {"type": "postgres", "config": {
                    "host": "127.0.0.1", "port": self.database.port, "database": "postgres", "user": "peer",
                    "ssl": {"mode": "disable"}}},
                "oauth2": {"skipApprovalScreen": True, "responseTypes": ["code"]}, "enablePasswordDB": True,
                "staticClients": [{"id": JWT_RS, "name": JWT_RS, "secret": SECRET, "redirectURIs": [CALLBACK]}],
                "staticPasswords": [{"email": login(number), "username": f"alice{number}", "userID": str(number),
                                     "hash": HASH} for number in range(PEOPLE)]}

    def set_up(self):
        self.app.start()

    def send_on(self, endpoint, query):
        """Signs the next person in; where Dex then sends the browser, back to the client with a code."""
        opener = urllib.request.build_opener(ClientsRedirect)
        with opener.open(f"{endpoint}?{query}", timeout=30) as page:
            form = urllib.parse.urlencode({"login": login(next(self.next_person) % PEOPLE), "password": PASSWORD})
            try:
                opener.open(page.url, form.encode(), timeout=30).close()
            except urllib.error.HTTPError as answer:
                if answer.headers.get("Location"):
                    return {"Location": answer.headers["Location"]}
                raise
        raise Unavailable("Dex's sign-in form does not lead back to the client")

    def __exit__(self, *more):
        self.app.stop()
        super().__exit__(*more)


def login(number):
    return f"alice{number}@example.com"


class ClientsRedirect(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but not to the client."""

    def redirect_request(self, request, reply, code, message, headers, url):
        if url.startswith(CALLBACK):
            return None
        return super().redirect_request(request, reply, code, message, headers, url)
