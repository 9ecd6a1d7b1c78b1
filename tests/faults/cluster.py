"""Several nodes of one issuer on one PostgreSQL, all of this run: started, killed, frozen, started again."""
import base64
import os
import pwd
import random
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "crash"))

from served import CARDEA, Served, configuration  # noqa: E402

PROGRAMS = "/usr/lib/postgresql/15/bin"


class Database:
    """A PostgreSQL server in a folder of its own, reached through a socket there. Every commit is flushed."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "database")
        os.makedirs(self.folder)
        self.log = open(os.path.join(folder, "database.log"), "ab")
        self.owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        if self.owner:  # PostgreSQL refuses to run as root
            os.chmod(folder, 0o755)
            shutil.chown(self.folder, self.owner.pw_uid, self.owner.pw_gid)
        self.initialise()
        self.start()

    def initialise(self):
        self.run("initdb", "--pgdata", f"{self.folder}/data", "--username", "cardea", "--auth", "trust", "--encoding",
                 "UTF8", "--locale", "C", "--no-sync")

    def settings(self):
        return ["-c", "deadlock_timeout=200ms", "-c", "max_connections=50"]

    def url(self):
        return f"postgresql:///postgres?host={self.folder}&user=cardea"

    def spawn(self, name, *arguments):
        as_owner = {"user": self.owner.pw_uid, "group": self.owner.pw_gid} if self.owner else {}
        return subprocess.Popen([f"{PROGRAMS}/{name}", *arguments], stdout=self.log, stderr=self.log,
                                stdin=subprocess.DEVNULL, cwd="/", start_new_session=True, **as_owner)

    def run(self, name, *arguments):
        code = self.spawn(name, *arguments).wait(timeout=120)
        if code != 0:
            raise AssertionError(f"{name} ended with {code}")

    def start(self):
        self.process = self.spawn("postgres", "-D", f"{self.folder}/data", "-k", self.folder, "-c", "listen_addresses=",
                                  *self.settings())
        end = time.monotonic() + 60
        while self.spawn("pg_isready", "-q", "-h", self.folder, "-U", "cardea").wait() != 0:
            if time.monotonic() > end or self.process.poll() is not None:
                raise AssertionError("PostgreSQL does not start")

    def ask(self, command):
        """What a question of SQL is answered."""
        return subprocess.run([f"{PROGRAMS}/psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.folder,
                               "-U", "cardea", "postgres", "-c", command], capture_output=True, text=True,
                              check=True).stdout

    def crash(self):
        """As after a kill of all its processes: what was not flushed is gone."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=60)

    def freeze(self):
        os.killpg(self.process.pid, signal.SIGSTOP)

    def thaw(self):
        os.killpg(self.process.pid, signal.SIGCONT)

    def stop(self):
        self.thaw()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=60)
        self.log.close()


class Node(Served):
    """One of several servers of the same issuer."""

    def __init__(self, folder, database):
        super().__init__(folder)
        text = configuration(folder).replace(f"sqlite://{folder}/data/cardea.db", database.url())
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(text)

    def environment(self):
        return {name: value for name, value in os.environ.items() if not name.startswith("CARDEA_")}

    def is_running(self):
        return self.process is not None and self.process.poll() is None


class Cluster:
    """A database and its nodes, for the length of a with statement."""
    node = Node
    database_kind = Database

    def __init__(self, folder, count=3, program=CARDEA):
        self.folder = folder
        self.database = self.database_kind(folder)
        self.nodes = [self.node(os.path.join(folder, f"node{number}"), self.database) for number in range(count)]
        for node in self.nodes:
            node.program = program
        self.random = random.Random(1)
        self.faults = []

    def __enter__(self):
        key = base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=")
        for node in self.nodes:
            with open(os.open(os.path.join(node.folder, "root.key"), os.O_WRONLY | os.O_CREAT, 0o600), "wb") as out:
                out.write(key)
        for node in self.nodes:  # all at once, on an empty database
            node.spawn()
        for node in self.nodes:
            node.await_ready()
        return self

    def __exit__(self, *_):
        for node in self.nodes:
            node.kill()
        self.database.stop()

    @property
    def http(self):
        """Where the next request goes: any node, as through a balancer that asks nobody."""
        running = [node for node in self.nodes if node.is_running()]
        return self.random.choice(running or self.nodes).http

    @property
    def admin(self):
        return self.nodes[0].admin
