"""The issuer of a plan: `cardea serve` over HTTPS on loopback, a store of its own, the plan's clients and one person.
"""
import json
import os
import secrets
import signal
import socket
import ssl
import subprocess
import urllib.request

from frame.issuer import ENVIRONMENT, free_port, toml_table, toml_value
from kit.keys import client_key, server_certificate

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
READY_SECONDS = 30
LOGIN = "ada"


def fill(value, values):
    """`value` with every {NAME} replaced, also within lists and tables."""
    if isinstance(value, dict):
        return {name: fill(inner, values) for name, inner in value.items()}
    if isinstance(value, list):
        return [fill(inner, values) for inner in value]
    if isinstance(value, str):
        for name, text in values.items():
            value = value.replace("{" + name + "}", text)
    return value


class NotStarted(Exception):
    """The server ended before it listened: what it said of that."""


def why_it_ended(log):
    """The first line of `log` that refuses something; the last one where none does."""
    lines = log.strip().splitlines() or ["it said nothing"]
    return next((line for line in lines if line.startswith("cardea: ") and not line.startswith("cardea: warning:")),
                lines[-1])


class Issuer:
    """Writes its files into `folder` when made; start() runs it. `host` must name this machine's loopback."""

    def __init__(self, binary, folder, host, plan, suite, suite_certificate, allow_missing_pkce):
        self.binary, self.folder, self.plan, self.process = binary, folder, plan, None
        self.may_miss_pkce = allow_missing_pkce and not plan.sends_pkce
        self.port = free_port()
        self.origin = f"https://{host}:{self.port}"
        self.login, self.password = LOGIN, secrets.token_urlsafe(18)
        test = f"{suite.base}test/a/{plan.alias}"
        self.api_port, self.person_port, mtls_port = free_port(), free_port(), free_port()
        self.values = {"ISSUER": self.origin, "API": f"https://{host}:{self.api_port}", "SUITE": suite.base,
                       "MTLS_ADDRESS": f"127.0.0.1:{mtls_port}", "MTLS_ORIGIN": f"https://{host}:{mtls_port}",
                       "PERSON": f"http://127.0.0.1:{self.person_port}/", "TEST": test, "CALLBACK": test + "/callback",
                       "SUITE_CERTIFICATE": suite_certificate, "LOGIN": LOGIN, "PASSWORD": self.password}
        self.keys = {role: client_key(folder, role, algorithm) for role, algorithm in plan.keys.items()}
        self.clients = {role: self.client(role, members) for role, members in plan.clients.items()}
        self.certificate, self.key = server_certificate(folder, host)
        self.config = os.path.join(folder, "cardea.toml")
        self.write_config()

    def client(self, role, members):
        """A row of [[clients]]: the plan's members, with a name, a secret or a key of this run."""
        row = {"client_id": self.plan.key.replace("/", "-") + "-" + role, "client_name": "Conformance " + role}
        if members.get("token_endpoint_auth_method", "").startswith("client_secret"):
            row["client_secret"] = secrets.token_hex(24)
        if role in self.keys:
            key = self.keys[role]
            row["jwks"] = {"keys": [key.public]}
        if self.may_miss_pkce:
            row["pkce"] = "optional"
        return dict(row, **fill(members, self.values))

    def write_config(self):
        os.mkdir(os.path.join(self.folder, "store"), 0o700)
        with open(os.path.join(HERE, "cardea.toml"), encoding="utf-8") as file:
            shared = fill(file.read(), self.values)
        with open(self.config, "w", encoding="utf-8") as out:
            settings = fill(self.plan.settings, self.values)
            if self.may_miss_pkce:
                settings["registration.pkce"] = "optional"
            out.write("".join(f"{name} = {toml_value(value)}\n" for name, value in settings.items()))
            out.write(f'issuer = "{self.origin}"\nlisten = ["127.0.0.1:{self.port}"]\n'
                      f'tls.certificate = "{self.certificate}"\ntls.key = "{self.key}"\nmanagement.listen = ""\n'
                      f'store.url = "sqlite://{self.folder}/store/cardea.db"\nlog.format = "json"\n' + shared)
            for row in self.clients.values():
                out.write("\n" + toml_table("clients", row))
            for row in self.plan.resources:
                out.write("\n" + toml_table("resources", fill(row, self.values)))

    def start(self):
        """Until it listens. NotStarted: it did not, with the sentence that says why."""
        notify, log = os.path.join(self.folder, "notify"), os.path.join(self.folder, "cardea.log")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager, open(log, "ab") as out:
            manager.bind(notify)
            manager.settimeout(1)
            self.process = subprocess.Popen([self.binary, "serve", "--config", self.config], stdout=out, stderr=out,
                                            stdin=subprocess.DEVNULL, env=dict(ENVIRONMENT, NOTIFY_SOCKET=notify))
            for _ in range(READY_SECONDS):
                try:
                    if manager.recv(100).startswith(b"READY=1"):
                        return
                except socket.timeout:
                    if self.process.poll() is not None:
                        break
        with open(log, encoding="utf-8") as text:
            raise NotStarted(why_it_ended(text.read()))

    def metadata(self):
        context = ssl.create_default_context(cafile=self.certificate)
        address = self.origin + "/.well-known/openid-configuration"
        with urllib.request.urlopen(address, timeout=10, context=context) as answer:
            return json.load(answer)

    def rotate_keys(self):
        """A new signing key, at once."""
        subprocess.run([self.binary, "keys", "rotate", "--now", "--config", self.config], env=ENVIRONMENT, check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
