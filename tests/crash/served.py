"""A real `cardea serve` on a Unix socket, with the interposer of interpose.cpp before the C library: started, armed,
killed, started again."""
import mmap
import os
import shutil
import signal
import socket
import struct
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("CARDEA_BUILD_DIR", os.path.join(ROOT, "build"))
CARDEA = os.path.join(BUILD, "cardea")
INTERPOSER = os.path.join(BUILD, "libcrash_interpose.so")
# A setting of whoever runs the tests must not become one of the servers here.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("CARDEA_")}

ISSUER = "https://id.example"
SECRET = "0123456789abcdef0123456789abcdef"
PASSWORD = "a calm threshold 42"
CLIENTS = 14

# As in interpose.cpp.
CALLS = ("write", "flush", "reply", "truncate", "name")
ACTIONS = ("none", "kill_before", "kill_half_way", "kill_after", "fail_once", "fail_for_ever")


class Control:
    """The file through which the interposer is told what to do."""

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as out:
            out.write(bytes(64))
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 64)

    def arm(self, call="write", at=1, action="none", error=0):
        """Counts anew, and from now on acts at the at-th call."""
        self.map[0:4] = bytes(4)
        self.map[4:52] = struct.pack("=12I", CALLS.index(call), at, error, 0, *[0] * 8)
        self.map[0:4] = struct.pack("=I", ACTIONS.index(action))

    def heal(self):
        self.map[0:4] = bytes(4)

    def hits(self):
        return struct.unpack("=I", self.map[16:20])[0]

    def counts(self):
        return dict(zip(CALLS, struct.unpack("=5I", self.map[20:40])))

    def move_clock(self, seconds):
        self.map[56:64] = struct.pack("=q", seconds * 1000)


def configuration(folder):
    clients = "".join(f"""
[[clients]]
client_id = "c{number}"
client_secret = "{SECRET}"
redirect_uris = ["https://c{number}.example/cb"]
post_logout_redirect_uris = ["https://c{number}.example/bye"]
scope = "openid profile offline_access"
grant_types = ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"]
refresh_grace = 60
""" for number in range(CLIENTS))
    return f"""issuer = "{ISSUER}"
listen = ["unix:{folder}/http"]
[management]
listen = ""
admin_socket = "{folder}/admin/cardea.sock"
[store]
url = "sqlite://{folder}/data/cardea.db"
[sign_in]
open_interactions_per_address = 100000
[registration]
mode = "open"
unused_per_address = 100000
clients_max = 100000
{clients}
[[users]]
login = "alice"
password = "{PASSWORD}"
[[users]]
login = "bob"
password = "{PASSWORD}"
"""


class StartFailed(Exception):
    """The server did not start; holds its exit code and what it said."""

    def __init__(self, code, said):
        super().__init__(f"exit code {code}: {said}")
        self.code, self.said = code, said


class Served:
    """One server in a folder of its own."""

    def __init__(self, folder, template=None):
        self.folder = folder
        os.makedirs(os.path.join(folder, "data"), exist_ok=True)
        self.config = os.path.join(folder, "cardea.toml")
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(configuration(folder))
        if template:
            for name in ("root.key", "data/cardea.db"):
                shutil.copy(os.path.join(template, name), os.path.join(folder, name))
        self.control = Control(os.path.join(folder, "control"))
        self.log = os.path.join(folder, "log")
        self.http = os.path.join(folder, "http")
        self.admin = os.path.join(folder, "admin", "cardea.sock")
        self.store = os.path.join(folder, "data", "cardea.db")
        self.process = None
        self.program = CARDEA

    def environment(self):
        return dict(ENVIRONMENT, LD_PRELOAD=INTERPOSER, CRASH_CONTROL=self.control.path)

    def spawn(self, prefix=()):
        """Starts without waiting; what it says goes to the log."""
        self.notify = os.path.join(self.folder, "notify")
        for path in (self.notify, self.http):
            if os.path.exists(path):
                os.unlink(path)
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.manager.bind(self.notify)
        self.manager.settimeout(0.02)
        self.said_from = os.path.getsize(self.log) if os.path.exists(self.log) else 0
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([*prefix, self.program, "serve", "--config", self.config], stderr=log,
                                            stdout=log, stdin=subprocess.DEVNULL,
                                            env=dict(self.environment(), NOTIFY_SOCKET=self.notify))

    def said(self):
        with open(self.log, "rb") as log:
            log.seek(self.said_from)
            return log.read().decode("utf-8", "replace")

    def start(self, prefix=()):
        self.spawn(prefix)
        return self.await_ready()

    def await_ready(self):
        """After spawn(): until the server is ready; StartFailed when it ends before."""
        try:
            for _ in range(6000):
                try:
                    if self.manager.recv(100) == b"READY=1":
                        return self
                except socket.timeout:
                    pass
                if self.process.poll() is not None:
                    raise StartFailed(self.process.returncode, self.said())
            self.process.kill()
            self.process.wait()
            raise StartFailed(None, "not ready after two minutes: " + self.said())
        finally:
            self.manager.close()

    def wait_dead(self):
        """After a kill that was met: the process is gone, and by nothing else."""
        code = self.process.wait(timeout=60)
        if code != -signal.SIGKILL:
            raise AssertionError(f"the server ended with {code}, not by the kill: {self.said()[-2000:]}")

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(timeout=60)

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def run(self, *words):
        """A cardea command on this configuration."""
        return subprocess.run([self.program, *words, "--json", "--config", self.config], capture_output=True, text=True,
                              env=ENVIRONMENT, timeout=120, check=False)
