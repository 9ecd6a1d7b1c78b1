"""The whole cluster on one machine: six machines that are folders, each with a loopback address of its own.

db1 to db3 run etcd, Patroni and PostgreSQL; app1 to app3 run HAProxy and Cardea. The files they run on come from the
templates beside this one, which are what one copies to real machines (docs/operating/high-availability.md).
"""
import base64
import http.client
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import ssl
import string
import subprocess
import time

import processes
from authority import Authority

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = "/usr/lib/postgresql/15/bin"
DATABASES = ("db1", "db2", "db3")
APPLICATIONS = ("app1", "app2", "app3")
PORTS = {"db": (2379, 2380, 5432, 8008), "app": (8443, 9443, 9444, 9445)}
PASSWORDS = ("replication_password", "rewind_password", "owner_password", "node_password")
# What whoever starts a trial has set must not become a setting of its programs.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("CARDEA_", "PG", "PATRONI"))}


class Failure(Exception):
    """What went wrong, for people."""


def write(path, text, owner=None, mode=0o600):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as out:
        out.write(text)
    if owner:
        shutil.chown(path, owner.pw_uid, owner.pw_gid)


def filled(template, values):
    with open(os.path.join(HERE, template), encoding="utf-8") as text:
        return string.Template(text.read()).substitute(values)


class Trial:
    """A cluster in a folder, which must not be there before up()."""

    def __init__(self, folder, cardea, issuer="https://id.example", network="127.77.0"):
        self.folder = os.path.abspath(folder)
        self.cardea, self.issuer, self.network = os.path.abspath(cardea), issuer, network
        self.authority = Authority(os.path.join(self.folder, "authority"))
        # PostgreSQL refuses to run as root.
        self.owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())

    @classmethod
    def at(cls, folder):
        """One that is there already."""
        try:
            with open(os.path.join(folder, "trial.json"), encoding="utf-8") as facts:
                return cls(folder, **json.load(facts))
        except OSError as error:
            raise Failure(f"{folder} holds no trial: {error.strerror}") from error

    # --- where things are ---

    def machine(self, name):
        return os.path.join(self.folder, name)

    def address(self, name):
        return f"{self.network}.{(DATABASES + APPLICATIONS).index(name) + 1}"

    @property
    def issuer_host(self):
        return self.issuer.removeprefix("https://").partition(":")[0]

    # --- making it ---

    def up(self, extra=""):
        """Makes all files and starts all; extra is put at the end of Cardea's configuration. Ends all when it fails."""
        self.check()
        try:
            self.make(extra)
        except BaseException:
            self.down()
            raise

    def make(self, extra):
        os.makedirs(self.folder, mode=0o755, exist_ok=True)
        os.chmod(self.folder, 0o755)  # the owner of PostgreSQL passes through
        self.authority.make()
        self.authority.issue(self.authority.path("operator"), ["DNS:operator"])
        values = self.values()
        for name in DATABASES:
            self.make_database(name, values)
        for name in APPLICATIONS:
            self.make_application(name, values, extra)
        write(os.path.join(self.folder, "trial.json"),
              json.dumps({"cardea": self.cardea, "issuer": self.issuer, "network": self.network}) + "\n")
        for name in DATABASES:
            self.start(name)
        self.await_databases()
        self.make_roles(values)
        self.make_schema(values)
        for name in APPLICATIONS:
            self.start(name)
        self.await_applications()

    def check(self):
        """Nothing is there yet, and everything that is needed is."""
        if not re.fullmatch(r"[\w./-]+", self.folder):  # it stands in connection texts and configurations
            raise Failure(f"{self.folder}: only letters, digits and . _ - / may stand in the folder's path")
        if not re.fullmatch(r"127(\.\d{1,3}){2}", self.network):
            raise Failure(f"{self.network} is no loopback network such as 127.77.0")
        if os.path.exists(self.folder) and os.listdir(self.folder):
            raise Failure(f"{self.folder} is not empty")
        for program in ("etcd", "patroni", "haproxy", "openssl", self.cardea, f"{PROGRAMS}/postgres"):
            if not shutil.which(program):
                raise Failure(f"{program} is missing: deploy/ha/install, make build")
        for name in DATABASES + APPLICATIONS:
            for port in PORTS[name.rstrip("123")]:
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    try:
                        probe.bind((self.address(name), port))
                    except OSError as error:
                        where = f"{self.address(name)}:{port}"
                        raise Failure(f"{where}: {error.strerror}; choose another network") from error

    def values(self):
        """What is the same on all machines."""
        each = [(name, self.address(name)) for name in DATABASES]
        applications = [(name, self.address(name)) for name in APPLICATIONS]
        return {
            "network": "127.0.0.0/8", "owner": self.owner.pw_name, "programs": PROGRAMS,
            "issuer": self.issuer,
            "etcd_members": ",".join(f"{name}=https://{address}:2380" for name, address in each),
            "etcd_hosts": ",".join(f"{address}:2379" for _, address in each),
            "database_names": ",".join(DATABASES), "database_addresses": ",".join(address for _, address in each),
            "proxies": ", ".join(f'"{address}"' for _, address in applications),
            "servers": "\n".join(f"    server {name} {address}:9443 send-proxy-v2 check port 9445"
                                 for name, address in applications),
            **{name: secrets.token_urlsafe(24) for name in PASSWORDS}}

    def make_database(self, name, values):
        folder = self.machine(name)
        os.makedirs(folder, mode=0o700)
        # A connection from one loopback address to another comes from 127.0.0.1 unless it says otherwise.
        self.authority.issue(f"{folder}/machine", [f"DNS:{name}", f"IP:{self.address(name)}", "IP:127.0.0.1"])
        shutil.copy(self.authority.certificate, f"{folder}/ca.pem")
        values = dict(values, name=name, folder=folder, address=self.address(name))
        for template in ("etcd.yml", "patroni.yml"):
            write(f"{folder}/{template}", filled(template, values))
        for path in (folder, *(entry.path for entry in os.scandir(folder))):
            shutil.chown(path, self.owner.pw_uid, self.owner.pw_gid)

    def make_application(self, name, values, extra):
        folder = self.machine(name)
        os.makedirs(folder, mode=0o700)
        self.authority.issue(f"{folder}/issuer", [f"DNS:{self.issuer_host}"])
        shutil.copy(self.authority.certificate, f"{folder}/ca.pem")
        root_key = os.path.join(self.authority.folder, "root.key")
        if not os.path.exists(root_key):
            write(root_key, base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode())
        shutil.copy(root_key, f"{folder}/root.key")
        write(f"{folder}/pgpass", f"*:*:cardea:cardea_node:{values['node_password']}\n")
        # Each folder stands for a machine with a loopback of its own; here they share it, and have one address each.
        values = dict(values, name=name, folder=folder, address=self.address(name), management=self.address(name))
        for template in ("haproxy.cfg", "cardea.toml"):
            write(f"{folder}/{template}", filled(template, values) + (extra if template == "cardea.toml" else ""))

    def make_roles(self, values):
        folder = self.machine(self.primary())
        command = ["psql", "--no-psqlrc", "--quiet", "--host", folder, "--username", self.owner.pw_name,
                   "--dbname", "postgres", "--file", "-"]
        with open(os.path.join(HERE, "roles.sql"), encoding="utf-8") as roles:
            done = subprocess.run(
                command, stdin=roles, capture_output=True, text=True, cwd="/", check=False, **self.as_owner(),
                env=dict(ENVIRONMENT, HOME=folder, CARDEA_OWNER_PASSWORD=values["owner_password"],
                         CARDEA_NODE_PASSWORD=values["node_password"]))
        if done.returncode != 0:
            raise Failure(f"roles.sql: {done.stderr}")

    def make_schema(self, values):
        """By the role that may."""
        folder = self.machine(APPLICATIONS[0])
        passwords = f"{folder}/owner.pgpass"
        write(passwords, f"*:*:cardea:cardea_owner:{values['owner_password']}\n")
        url = (f"postgresql://cardea_owner@{values['database_names']}/cardea?hostaddr={values['database_addresses']}"
               f"&sslmode=verify-full&sslrootcert={folder}/ca.pem&passfile={passwords}")
        done = subprocess.run([self.cardea, "migrate", "up", "--config", f"{folder}/cardea.toml"], capture_output=True,
                              text=True, check=False, env=dict(ENVIRONMENT, HOME=folder, CARDEA_STORE__URL=url))
        os.unlink(passwords)
        if done.returncode != 0:
            raise Failure(f"cardea migrate up: {done.stderr}")

    # --- running it ---

    def as_owner(self):
        if os.geteuid() != 0:
            return {}
        return {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []}

    def spawn(self, name, part, command):
        who = self.as_owner() if name in DATABASES else {}
        with open(os.path.join(self.machine(name), part + ".log"), "ab") as log:
            subprocess.Popen([os.path.join(HERE, "supervise"), *command], stdout=log, stderr=log,
                             stdin=subprocess.DEVNULL, cwd=self.machine(name), start_new_session=True,
                             env=dict(ENVIRONMENT, HOME=self.machine(name)), **who)

    def start(self, name, part=""):
        """Starts what does not run of a machine."""
        folder = self.machine(name)
        commands = {"etcd": ["etcd", "--config-file", f"{folder}/etcd.yml"],
                    "patroni": ["patroni", f"{folder}/patroni.yml"]} if name in DATABASES else {
                        "cardea": [self.cardea, "serve", "--config", f"{folder}/cardea.toml"],
                        "haproxy": ["haproxy", "-db", "-f", f"{folder}/haproxy.cfg"]}
        for each, command in commands.items():
            if part in ("", each) and not processes.processes(folder, each):
                self.spawn(name, each, command)

    def kill(self, name, part=""):
        processes.kill(self.machine(name), part)

    def stop(self, name, part=""):
        if not processes.stop(self.machine(name), part):
            raise Failure(f"{name} does not stop")

    def freeze(self, name, part=""):
        processes.send(self.machine(name), part, signal.SIGSTOP)

    def thaw(self, name, part=""):
        processes.send(self.machine(name), part, signal.SIGCONT)

    def down(self):
        """Ends everything; the folder stays. Applications first, and PostgreSQL by Patroni."""
        for name in APPLICATIONS:
            if not processes.stop(self.machine(name), seconds=15):
                processes.kill(self.machine(name))
        for name in DATABASES:
            processes.send(self.machine(name), "", signal.SIGCONT)
        for name in DATABASES:
            if not processes.stop(self.machine(name), "patroni", seconds=20):
                processes.kill(self.machine(name), "patroni")
        for name in DATABASES:
            processes.kill(self.machine(name))

    # --- how it is ---

    def ask(self, name, port, path, context=None):
        """A GET of a machine: the status and the body; nothing when it does not answer within two seconds."""
        connection = http.client.HTTPConnection(self.address(name), port, timeout=2)
        if context:
            connection = http.client.HTTPSConnection(self.address(name), port, timeout=2, context=context)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def members(self):
        """Patroni's view of the databases: name to {role, state, timeline, lag}. Empty when nobody answers."""
        context = ssl.create_default_context(cafile=self.authority.certificate)
        context.load_cert_chain(self.authority.path("operator.pem"), self.authority.path("operator.key"))
        for name in DATABASES:
            answer = self.ask(name, 8008, "/cluster", context)
            if answer and answer[0] == 200:
                return {member["name"]: member for member in json.loads(answer[1]).get("members", [])}
        return {}

    def primary(self):
        """The name of the primary, or nothing."""
        return next((name for name, member in self.members().items()
                     if member["role"] == "leader" and member["state"] == "running"), None)

    def is_whole(self):
        """All three databases replicate, and one of them synchronously."""
        members = self.members()
        roles = sorted(member["role"] for member in members.values() if member["state"] in ("running", "streaming"))
        timelines = {member.get("timeline") for member in members.values()}
        return roles == ["leader", "replica", "sync_standby"] and len(timelines) == 1

    def is_ready(self, name):
        """Whether the node's database answers it."""
        answer = self.ask(name, 9444, "/readyz")
        return answer is not None and answer[0] == 200

    def await_databases(self, seconds=120):
        self.await_that(self.is_whole, seconds, "the databases do not come together")

    def await_ready(self, name, seconds=60):
        self.await_that(lambda: self.is_ready(name), seconds, f"{name} does not become ready")

    def await_applications(self):
        for name in APPLICATIONS:
            self.await_ready(name)

    def await_that(self, holds, seconds, otherwise):
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                raise Failure(f"{otherwise}: see the logs in {self.folder}")
            time.sleep(0.2)
