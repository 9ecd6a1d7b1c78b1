"""Glewlwyd (Debian package) on SQLite: its OpenID Connect plugin with an ES256 and an RS256 key, refresh tokens that
are good for one use. Its packages are unpacked, not installed: the machine gets no service and no new libraries. Its
sign-in page needs a script, which `cardea bench` does not run; an app of ours signs alice in by Glewlwyd's API."""
import contextlib
import glob
import gzip
import json
import os
import sqlite3
import urllib.request

from peer import CACHE, CALLBACK, DISCOVERY, JWKS, JWT_ES, JWT_RS, PASSWORD, SECRET, Peer, free_port, run
from sign_in_app import SignInApp

PLACE = os.path.join(CACHE, "glewlwyd")
UNPACKED = os.path.join(PLACE, "root")
WANTED = ("glewlwyd", "glewlwyd-common", "rnbyc")  # rnbyc makes its keys
ADMIN = ("admin", "password")  # as its own SQL sets it
SCOPE = "bench"  # client credentials must name one


class Glewlwyd(Peer):
    name = "Glewlwyd"
    store = "SQLite, rollback journal, synchronous=FULL"
    rows = (DISCOVERY, JWKS, ("client-credentials", JWT_ES), ("client-credentials", JWT_RS), ("introspection", JWT_ES),
            ("userinfo", JWT_ES), ("refresh", JWT_ES), ("refresh", JWT_RS))
    scope = "openid"

    def __init__(self, folder):
        super().__init__(folder)
        self.app, self.alice = SignInApp(free_port(), self.issuer, self.send_on), None

    def prepare(self):
        os.makedirs(PLACE, exist_ok=True)
        if not os.path.exists(os.path.join(UNPACKED, "usr/bin/glewlwyd")):
            simulated = run(["apt-get", "-s", "--no-install-recommends", "install", *WANTED, "dbconfig-no-thanks"])
            missing = {line.split()[1] for line in simulated.splitlines() if line.startswith("Inst ")}
            run(["apt-get", "download", *sorted(missing | set(WANTED))], cwd=PLACE)
            for package in glob.glob(os.path.join(PLACE, "*.deb")):
                run(["dpkg-deb", "-x", package, UNPACKED + ".part"])
            os.replace(UNPACKED + ".part", UNPACKED)  # all of it or nothing
        package = glob.glob(os.path.join(PLACE, "glewlwyd_*.deb"))[0]
        return run(["dpkg-deb", "-f", package, "Version"]).strip()

    @property
    def issuer(self):
        return f"http://127.0.0.1:{self.port}/api/oidc"

    def issuer_for(self, workload):
        return self.app.issuer if workload in ("refresh", "userinfo") else self.issuer

    def command(self):
        self.make_database()
        path = os.path.join(self.folder, "glewlwyd.conf")
        with open(path, "w", encoding="utf-8") as out:
            out.write(self.configuration())
        return [os.path.join(UNPACKED, "usr/bin/glewlwyd"), "--config-file", path]

    def configuration(self):
        modules = os.path.join(UNPACKED, "usr/lib/glewlwyd")
        return f"""port = {self.port}
bind_address = "127.0.0.1"
external_url = "http://127.0.0.1:{self.port}"
login_url = "login.html"
api_prefix = "api"
log_mode = "console"
log_level = "ERROR"
cookie_domain = "127.0.0.1"
cookie_secure = 0
user_module_path = "{modules}/user"
client_module_path = "{modules}/client"
user_auth_scheme_module_path = "{modules}/scheme"
plugin_module_path = "{modules}/plugin"
hash_algorithm = "SHA512"
database = {{ type = "sqlite3"; path = "{self.folder}/glewlwyd.db"; }};
"""

    def make_database(self):
        """Its plugin is a row from the beginning: it is ready when it answers discovery, which the plugin does."""
        script = os.path.join(UNPACKED, "usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz")
        with contextlib.closing(sqlite3.connect(os.path.join(self.folder, "glewlwyd.db"))) as database:
            with gzip.open(script, "rt", encoding="utf-8") as lines:
                database.executescript(lines.read())
            database.execute("INSERT INTO g_plugin_module_instance (gpmi_module, gpmi_name, gpmi_display_name, "
                             "gpmi_parameters) VALUES ('oidc', 'oidc', 'bench', ?)", (json.dumps(self.plugin()),))
            database.execute("UPDATE g_client_module_instance SET gcmi_parameters = "  # it forgets what is not listed
                             "json_set(gcmi_parameters, '$.data-format.sign_kid', json(?))",
                             (json.dumps({"multiple": False, "read": True, "write": True}),))
            database.commit()

    def plugin(self):
        keys = run([os.path.join(UNPACKED, "usr/bin/rnbyc"), "-j", "-g", "ec256", "-k", "ES256", "-a", "ES256",
                    "-g", "rsa2048", "-k", "RS256", "-a", "RS256", "-p", "/dev/null"],
                   env=dict(os.environ, **self.environment()))
        return {"iss": self.issuer, "jwks-private": keys[keys.index("{"):], "default-kid": "ES256", "jwks-show": True,
                "client-sign_kid-parameter": "sign_kid", "access-token-duration": 3600,
                "refresh-token-duration": 1209600, "code-duration": 600, "refresh-token-rolling": False,
                "refresh-token-one-use": "always", "allow-non-oidc": True, "auth-type-code-enabled": True,
                "auth-type-client-enabled": True, "auth-type-refresh-enabled": True, "pkce-allowed": True,
                "introspection-revocation-allowed": True, "introspection-revocation-allow-target-client": True}

    def environment(self):
        return {"LD_LIBRARY_PATH": ":".join(glob.glob(os.path.join(UNPACKED, "usr/lib/*-linux-gnu")))}

    def set_up(self):
        api = f"http://127.0.0.1:{self.port}/api"
        administrator = session(api, *ADMIN)
        call(api + "/user/", "POST", administrator, {
            "username": "alice", "password": PASSWORD, "name": "Alice", "email": "alice@example.com", "enabled": True,
            "scope": ["openid"]})
        for client in (JWT_ES, JWT_RS):
            call(api + "/client/", "POST", administrator, {
                "client_id": client, "name": client, "client_secret": SECRET, "confidential": True, "enabled": True,
                "redirect_uri": [CALLBACK], "scope": [SCOPE], "sign_kid": client.split("-")[1].upper(),
                "authorization_type": ["code", "refresh_token", "client_credentials"],
                "token_endpoint_auth_method": ["client_secret_basic"]})
        self.alice = session(api, "alice", PASSWORD)
        for client in (JWT_ES, JWT_RS):
            call(f"{api}/auth/grant/{client}", "PUT", self.alice, {"scope": self.scope})
        self.app.start()

    def send_on(self, endpoint, query):
        """Everybody gets alice's session. g_continue: what its own page adds when somebody is signed in."""
        return {"Set-Cookie": self.alice + "; Path=/", "Location": f"{endpoint}?{query}&g_continue"}

    def arguments(self, workload, client):
        more = super().arguments(workload, client)
        if workload in ("client-credentials", "introspection"):
            more += ["--client-scope", SCOPE]
        return more

    def __exit__(self, *more):
        self.app.stop()
        super().__exit__(*more)


def call(url, method, cookie, body):
    """The answer's headers."""
    headers = {"Content-Type": "application/json", **({"Cookie": cookie} if cookie else {})}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as reply:
        return reply.headers


def session(api, login, password):
    """The cookie of somebody who is signed in."""
    headers = call(api + "/auth/", "POST", None, {"username": login, "password": password})
    return headers["Set-Cookie"].split(";")[0]
