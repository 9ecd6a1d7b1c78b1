"""The rows of the table: each `interop/<client>/<name>.toml` is one client in one flow. docs: interop/README.md."""
import glob
import json
import os
import subprocess
import tomllib

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KNOWN = {"name", "runtime", "tier", "flow", "app", "install", "version", "verifies", "refresh", "logout", "browser",
         "settings", "client", "resource", "environment", "note", "ready", "golden", "tls", "issuer", "login"}
# What an issuer's operator need not think about; everything else in a registration is shown as its need.
ORDINARY = {"client_id", "client_name", "client_secret", "redirect_uris", "post_logout_redirect_uris", "scope"}
# Settings of the issuer that a row needs only because everything here is on loopback.
OF_THE_RUN = {"outgoing.private_addresses", "outgoing.ca_file"}
ORDINARY_GRANTS = {"authorization_code", "refresh_token"}


class Row:
    """One row: what its file says. `key` names it: folder, or folder/file where the folder has several."""

    def __init__(self, path):
        with open(path, "rb") as source:
            told = tomllib.load(source)
        strangers = set(told) - KNOWN
        if strangers:
            raise ValueError(f"{path}: unknown {', '.join(sorted(strangers))}")
        self.folder = os.path.dirname(path)
        file = os.path.splitext(os.path.basename(path))[0]
        self.key = os.path.basename(self.folder) + ("" if file == "client" else f"/{file}")
        self.name, self.runtime, self.flow = told["name"], told["runtime"], told["flow"]
        self.tier, self.app, self.install = told.get("tier", 2), told["app"], told.get("install")
        self.version_from = told["version"]
        # What this client does by design; the run measures each and a difference is a failure.
        self.verifies, self.refresh, self.logout = told["verifies"], told["refresh"], told["logout"]
        self.login = told.get("login", "app")  # where the browser is in the end: "app", or "issuer" (the device flow)
        self.browser, self.settings = told.get("browser", "plain"), told.get("settings", [])
        self.environment, self.note = told.get("environment", {}), told.get("note", "")
        self.client, self.resource = told.get("client", {}), told.get("resource")  # no client: it comes by itself
        self.issuer_settings = told.get("issuer", {})
        self.golden, self.tls = told.get("golden", True), told.get("tls", False)

    @property
    def client_id(self):
        return "interop" + "".join(letter for letter in self.key if letter.isalnum())

    @property
    def origin(self):
        """Where people find the app: a public-looking name, as serve wants for a web client, that only the run's
        browsers resolve (to the row's front)."""
        return f"https://{self.client_id}.interop.test"

    @property
    def public(self):
        return self.client.get("token_endpoint_auth_method") == "none"

    @property
    def strict_id(self):
        """The same client registered without its `pkce = "optional"`; None where it needs none."""
        return self.client_id + "strict" if self.client.get("pkce") == "optional" else None

    @property
    def ordinary_grants(self):
        return set(self.client.get("grant_types", [])) <= ORDINARY_GRANTS

    @property
    def has_key(self):
        """Whether the client proves itself by a key of its own instead of a secret."""
        return self.client.get("token_endpoint_auth_method") == "private_key_jwt"

    def registrations(self, credentials):
        """This client in the issuer's configuration, and its strict twin if it has one; {app} is where the app runs."""
        if not self.client:
            return []
        members = {"client_id": self.client_id, "client_name": self.name}
        if self.has_key:
            members["jwks"] = {"keys": [credentials.key.public]}
        elif not self.public:
            members["client_secret"] = credentials.secret
        members.update({key: placed(value, {"app": self.origin}) for key, value in self.client.items()})
        if self.strict_id is None:
            return [members]
        twin = {key: value for key, value in members.items() if key != "pkce"}
        return [members, dict(twin, client_id=self.strict_id)]

    def resources(self, loopback):
        """The API in the issuer's configuration, if the row has one; {loopback} is where programs reach the app."""
        return [placed(self.resource, {"loopback": loopback})] if self.resource else []

    def needs(self):
        """The settings of the registration, and of the issuer, that differ from the defaults."""
        ordinary = ORDINARY | ({"grant_types"} if self.ordinary_grants else set())
        mine = [f"{key} = {json.dumps(value)}" for key, value in self.client.items() if key not in ordinary]
        if self.has_key:
            mine.append('jwks = {"keys": […]}')
        return mine + [f"issuer: {key} = {json.dumps(value)}" for key, value in self.issuer_settings.items()
                       if key not in OF_THE_RUN]

    def version(self):
        """The version that is installed here."""
        kind, name = next(iter(self.version_from.items()))
        if kind == "npm":
            with open(os.path.join(self.folder, "package-lock.json"), encoding="utf-8") as lock:
                return json.load(lock)["packages"][f"node_modules/{name}"]["version"]
        command = name
        if kind == "debian":
            command = ["dpkg-query", "-W", "-f=${source:Upstream-Version}", name]
        done = subprocess.run(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, check=False)
        return done.stdout.strip() or "?"


def placed(value, places):
    """The value with what stands for each {place} in its texts."""
    if isinstance(value, dict):
        return {key: placed(inner, places) for key, inner in value.items()}
    if isinstance(value, list):
        return [placed(inner, places) for inner in value]
    if isinstance(value, str):
        for name, text in places.items():
            value = value.replace("{" + name + "}", text)
    return value


def read_rows():
    """Every row, by key."""
    paths = sorted(glob.glob(os.path.join(HERE, "*", "*.toml")))
    return [Row(path) for path in paths if "/frame/" not in path and "/golden/" not in path]
