"""The issuer of a run: `cardea serve` over HTTPS with a file store, one client for each row, and one person."""
import json
import os
import secrets
import signal
import socket
import subprocess

READY_SECONDS = 60
# A setting of whoever runs this must not become one of the server.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("CARDEA_")}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def toml_value(value):
    """A value in TOML; JSON's form of texts, numbers and lists is TOML's."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml_value(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(toml_value(inner) for inner in value) + "]"
    return json.dumps(value)


def toml_table(name, members):
    lines = [f"[[{name}]]"] + [f"{key} = {toml_value(value)}" for key, value in members.items()]
    return "\n".join(lines) + "\n"


class Person:
    """Who signs in. sub is known once the server runs."""

    def __init__(self):
        self.login, self.password, self.sub = "ada", secrets.token_urlsafe(18), None
        self.claims = {"name": "Ada Byron", "given_name": "Ada", "family_name": "Byron", "preferred_username": "ada",
                       "email": "ada@example.com", "email_verified": True, "groups": ["engineers"]}


class Issuer:
    """`origin` is what clients are given; the gate listens there, the server on a port of its own."""

    def __init__(self, binary, folder, certificates, gate, settings):
        self.settings = settings  # "table.key": value, beyond those of every run
        self.binary, self.folder, self.certificates, self.gate = binary, folder, certificates, gate
        self.origin = f"https://localhost:{gate.port}"
        self.person, self.process = Person(), None
        self.config = os.path.join(folder, "cardea.toml")
        self.log = os.path.join(folder, "cardea.log")

    def write_config(self, clients, resources, port):
        os.mkdir(os.path.join(self.folder, "store"), 0o700)
        with open(self.config, "w", encoding="utf-8") as out:
            out.write("".join(f"{key} = {toml_value(value)}\n" for key, value in self.settings.items()))
            out.write(f'issuer = "{self.origin}"\nlisten = ["127.0.0.1:{port}"]\n'
                      f'[tls]\ncertificate = "{self.certificates.certificate}"\nkey = "{self.certificates.key}"\n'
                      f'[management]\nlisten = ""\n[store]\nurl = "sqlite://{self.folder}/store/cardea.db"\n'
                      '[log]\nlevel = "info"\nformat = "json"\n')
            out.write(toml_table("users", {"login": self.person.login, "password": self.person.password,
                                           "claims": self.person.claims}))
            for client in clients:
                out.write(toml_table("clients", client))
            for resource in resources:
                out.write(toml_table("resources", resource))

    def start(self, clients, resources=()):
        port = free_port()
        self.write_config(clients, resources, port)
        notify = os.path.join(self.folder, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(notify)
            manager.settimeout(1)
            with open(self.log, "ab") as log:
                self.process = subprocess.Popen([self.binary, "serve", "--config", self.config], stdout=log, stderr=log,
                                                stdin=subprocess.DEVNULL, env=dict(ENVIRONMENT, NOTIFY_SOCKET=notify))
            for _ in range(READY_SECONDS):
                try:
                    if manager.recv(100).startswith(b"READY=1"):
                        break
                except socket.timeout:
                    if self.process.poll() is not None:
                        break
            else:
                raise RuntimeError("the issuer was not ready in time")
        if self.process.poll() is not None:
            with open(self.log, encoding="utf-8") as log:
                raise RuntimeError("the issuer did not start:\n" + log.read())
        self.gate.issuer_port = port
        self.person.sub = self.find_sub()

    def find_sub(self):
        done = subprocess.run([self.binary, "users", "list", "--json", "--config", self.config], env=ENVIRONMENT,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
        found = json.loads(done.stdout)
        users = found["users"] if isinstance(found, dict) else found
        return next(user["sub"] for user in users if user["login"] == self.person.login)

    def stop(self):
        """Exit code of an orderly end."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
