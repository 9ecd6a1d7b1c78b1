"""What peers have in common: a process pinned to one core, ready when it answers discovery, and what each is asked."""
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CACHE = os.path.join(ROOT, "build", "peers")  # what was downloaded and built

SECRET = "0123456789abcdef0123456789abcdef"
PASSWORD = "correct horse battery staple"
CALLBACK = "https://app.example/cb"

# What a client's tokens are: the access token, then the ID token.
OPAQUE_ES, OPAQUE_RS = "opaque-es256", "opaque-rs256"
JWT_ES, JWT_RS = "jwt-es256", "jwt-rs256"
# A row is a workload and the client that it is measured with; documents need none.
DISCOVERY, JWKS = ("discovery", None), ("jwks", None)


class Unavailable(Exception):
    """A peer cannot be had here; the text says which command failed and how."""


def pinned(core, command):
    """The command on one core, where the machine has so many."""
    cores = sorted(os.sched_getaffinity(0))
    return ["taskset", "-c", str(cores[core % len(cores)]), *command]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(command, timeout=1800, **more):
    """Its standard output. Raises Unavailable with the command and the end of what it said."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, **more)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"`{' '.join(command)}`: {error}") from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()[-3:]
        raise Unavailable(f"`{' '.join(command)}` ended with {done.returncode}: {' / '.join(said)[-500:]}")
    return done.stdout


class Peer:
    """A provider for the length of a with statement. What a subclass sets:"""
    name = ""          # as in the table
    store = ""         # where it keeps what must not be lost
    rows = ()          # what it is asked: (workload, client)
    warm_up = 2.0      # seconds
    scope = "openid offline_access"
    floors = {}        # row: how many times as fast we mean to be

    def __init__(self, folder):
        self.folder, self.port = os.path.join(folder, type(self).__name__), free_port()
        os.makedirs(self.folder)
        self.process = None

    def prepare(self):
        """Gets and builds it, once; its version. Raises Unavailable."""
        raise NotImplementedError

    def command(self):
        raise NotImplementedError

    def environment(self):
        return {}

    def set_up(self):
        """After it is ready: clients and people."""

    @property
    def issuer(self):
        return f"http://127.0.0.1:{self.port}"

    def issuer_for(self, workload):
        """Whom `cardea bench` asks for the metadata of a workload."""
        return self.issuer

    def pids(self):
        return [self.process.pid]

    def arguments(self, workload, client):
        """What `cardea bench` is told beside issuer and load."""
        if client is None:
            return []
        return ["--client-id", client, "--redirect-uri", CALLBACK, *self.person(workload)]

    def person(self, workload):
        return ["--user", "alice", "--scope", self.scope] if workload in ("code", "refresh", "userinfo") else []

    def launch(self, command):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CARDEA_")}
        environment.update(self.environment())
        with open(os.path.join(self.folder, "log"), "ab") as log:
            return subprocess.Popen(pinned(0, command), stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                    cwd=self.folder, env=environment, start_new_session=True)

    def wait_until_ready(self, seconds=180):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError, urllib.error.URLError):
                urllib.request.urlopen(self.issuer + "/.well-known/openid-configuration", timeout=2).close()
                return
            time.sleep(0.2)
        raise Unavailable(f"{self.name} did not answer: {self.last_words()}")

    def last_words(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as log:
            return " / ".join(log.read().strip().splitlines()[-3:])[-500:]

    def __enter__(self):
        try:
            self.process = self.launch(self.command())
            self.wait_until_ready()
            self.set_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process is not None:
            end(self.process)
        shutil.rmtree(self.folder, ignore_errors=True)


def end(process):
    """Asks it to stop, and its session if it does not."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=20)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
