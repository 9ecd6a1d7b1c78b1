"""Ory Hydra (Go module) on PostgreSQL, with the login and consent app that it asks for: two redirects that accept."""
import base64
import http.server
import json
import os
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request

from go_program import build
from peer import CALLBACK, DISCOVERY, JWKS, JWT_RS, OPAQUE_RS, SECRET, Unavailable, free_port, pinned
from postgres import PeerOnPostgres, Postgres

VERSION = "v2.3.0"


class Hydra(PeerOnPostgres):
    name = "Ory Hydra"
    rows = (DISCOVERY, JWKS, ("client-credentials", OPAQUE_RS), ("client-credentials", JWT_RS),
            ("introspection", OPAQUE_RS), ("userinfo", OPAQUE_RS), ("refresh", OPAQUE_RS), ("refresh", JWT_RS))
    floors = {("client-credentials", OPAQUE_RS): 20, ("client-credentials", JWT_RS): 20, ("refresh", OPAQUE_RS): 20,
              ("refresh", JWT_RS): 20}

    def __init__(self, folder):
        super().__init__(folder)
        self.admin, self.app_port = free_port(), free_port()
        self.app = None

    def prepare(self):
        self.program = build("hydra", "github.com/ory/hydra/v2", VERSION, "github.com/ory/hydra/v2", replacements=(
            ("github.com/gobuffalo/pop/v6", "github.com/ory/pop/v6@v6.2.1-0.20241121111754-e5dfc0f3344b"),))
        return VERSION

    def command(self):
        self.database = Postgres(self.folder)
        with open(os.path.join(self.folder, "hydra.yml"), "w", encoding="utf-8") as out:
            out.write(json.dumps(self.configuration()))  # JSON is YAML
        migrate = [self.program, "migrate", "sql", "--yes", "--config", f"{self.folder}/hydra.yml", self.url()]
        done = subprocess.run(pinned(0, migrate), capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            raise Unavailable("`hydra migrate sql`: " + done.stderr.strip()[-300:])
        self.app = ConsentApp(self.app_port, self.admin)
        return [self.program, "serve", "all", "--dev", "--config", os.path.join(self.folder, "hydra.yml")]

    def url(self):
        return f"postgres://peer@127.0.0.1:{self.database.port}/postgres?sslmode=disable&max_conns=20"

    def configuration(self):
        app = f"http://127.0.0.1:{self.app_port}"
        return {"dsn": self.url(), "log": {"level": "error"}, "sqa": {"opt_out": True},
                "serve": {"public": {"host": "127.0.0.1", "port": self.port},
                          "admin": {"host": "127.0.0.1", "port": self.admin}},
                "urls": {"self": {"issuer": self.issuer}, "login": app + "/login", "consent": app + "/consent"},
                "secrets": {"system": [SECRET]}}

    def environment(self):
        return {"GOMEMLIMIT": "2GiB"}

    def set_up(self):
        for client in (OPAQUE_RS, JWT_RS):
            call(f"http://127.0.0.1:{self.admin}/admin/clients", "POST", {
                "client_id": client, "client_secret": SECRET, "redirect_uris": [CALLBACK],
                "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
                "response_types": ["code"], "scope": "openid offline_access",
                "token_endpoint_auth_method": "client_secret_basic", "access_token_strategy": client.split("-")[0]})
        self.make_keys()

    def make_keys(self):
        """It makes each RSA key when somebody first needs it; 32 who ask at once would have it make 32."""
        urllib.request.urlopen(self.issuer + "/.well-known/jwks.json", timeout=60).close()
        for client in (OPAQUE_RS, JWT_RS):
            credentials = base64.b64encode(f"{client}:{SECRET}".encode()).decode()
            request = urllib.request.Request(self.issuer + "/oauth2/token", b"grant_type=client_credentials",
                                             {"Authorization": "Basic " + credentials})
            urllib.request.urlopen(request, timeout=60).close()

    def arguments(self, workload, client):
        more = super().arguments(workload, client)
        if workload == "introspection":
            more += ["--introspection-endpoint", f"http://127.0.0.1:{self.admin}/admin/oauth2/introspect"]
        return more

    def __exit__(self, *more):
        if self.app is not None:
            self.app.stop()
        super().__exit__(*more)


def call(url, method, body):
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as reply:
        return json.loads(reply.read())


class ConsentApp:
    """Signs everybody in as alice and grants what was asked for."""

    def __init__(self, port, admin):
        base = f"http://127.0.0.1:{admin}/admin/oauth2/auth/requests"

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urllib.parse.urlsplit(self.path)
                query = dict(urllib.parse.parse_qsl(parts.query))
                step = parts.path.strip("/")
                challenge = query[step + "_challenge"]
                where = f"{base}/{step}/accept?{step}_challenge={urllib.parse.quote(challenge)}"
                if step == "login":
                    answer = {"subject": "alice", "remember": True, "remember_for": 3600}
                else:
                    with urllib.request.urlopen(f"{base}/consent?consent_challenge={urllib.parse.quote(challenge)}",
                                                timeout=30) as reply:
                        asked = json.loads(reply.read())
                    answer = {"grant_scope": asked["requested_scope"], "remember": True, "remember_for": 3600}
                self.send_response(302)
                self.send_header("Location", call(where, "PUT", answer)["redirect_to"])
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
