"""A `cardea serve` process to attack: its configuration, its certificate, its log at the most verbose level, and the
command line beside it. One speaks TLS itself, the other stands behind the plain listener of a proxy."""
import atexit
import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import urllib.request

from leak_search import Register

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CARDEA = os.environ.get("CARDEA_BINARY", os.path.join(ROOT, "build", "cardea"))
# A setting of whoever runs the tests must not become one of the servers here.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("CARDEA_")}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run_program(*words, **options):
    options = {"capture_output": True, "text": True, "env": ENVIRONMENT, "timeout": 120, "check": False} | options
    return subprocess.run([CARDEA, *words], **options)


def make_certificate(folder, host):
    """Paths of a certificate for the host, which is its own authority, and of its key."""
    certificate, key = os.path.join(folder, "tls.pem"), os.path.join(folder, "tls.key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days",
                    "2", "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}", "-keyout", key, "-out",
                    certificate], check=True, capture_output=True)
    os.chmod(key, 0o600)
    return certificate, key


class IssuerProcess:
    """A running server. `register` learns every secret that is used with it."""

    def __init__(self, name, tls, tables="", scalars="", certificate=None):
        self.folder = tempfile.mkdtemp(prefix=f"cardea-attack-{name}-")
        atexit.register(self.remove)
        self.register = Register()
        self.host = f"id.{name}.test"
        self.issuer = f"https://{self.host}"
        self.config = os.path.join(self.folder, "cardea.toml")
        self.data = os.path.join(self.folder, "data")
        self.scratch = os.path.join(self.folder, "tmp")
        self.log_path = os.path.join(self.folder, "log")
        self.log_read, self.marks = 0, set()
        os.mkdir(self.data, 0o700)
        os.mkdir(self.scratch, 0o700)
        self.tables, self.scalars = tables, scalars
        self.tls = None
        if tls:
            self.certificate = certificate or make_certificate(self.folder, self.host)
            self.tls = ssl.create_default_context(cafile=self.certificate[0])
        self.process = None
        self.server_errors = []  # (status, method, target) of answers of 500 and above
        self.refusal_texts = []  # heads and bodies of answers of 400 and above
        self.start()

    def write_config(self):
        tls = f'[tls]\ncertificate = "{self.certificate[0]}"\nkey = "{self.certificate[1]}"\n' if self.tls else ""
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(f'issuer = "{self.issuer}"\nlisten = ["127.0.0.1:{self.port}"]\n{self.scalars}\n{tls}'
                      f'[management]\nlisten = "127.0.0.1:{self.management}"\n'
                      f'[store]\nurl = "sqlite://{self.data}/cardea.db"\n'
                      f'[log]\nlevel = "debug"\nformat = "json"\n{self.tables}\n')
        os.chmod(self.config, 0o600)

    def start(self):
        for _ in range(3):  # another process may take a free port first
            self.port, self.management = free_port(), free_port()
            self.write_config()
            if self.started():
                return
        raise AssertionError(self.read_log())

    def started(self):
        notify = os.path.join(self.folder, "notify")
        if os.path.exists(notify):
            os.unlink(notify)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager, open(self.log_path, "ab") as log:
            manager.bind(notify)
            manager.settimeout(0.5)
            self.process = subprocess.Popen([CARDEA, "serve", "--config", self.config], stdout=log, stderr=log,
                                            env=dict(ENVIRONMENT, NOTIFY_SOCKET=notify, TMPDIR=self.scratch))
            for _ in range(240):
                try:
                    return manager.recv(100) == b"READY=1"
                except TimeoutError:
                    if self.process.poll() is not None:
                        return False
        return False

    def stop(self):
        """Ends the server in good order; its exit code."""
        if self.process is None or self.process.poll() is not None:
            return None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(timeout=60)

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def connect(self, source=None):
        """A connected socket, TLS where the server speaks it; from a loopback address of one's own."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=60,
                                         source_address=(source, 0) if source else None)
        return self.tls.wrap_socket(plain, server_hostname=self.host) if self.tls else plain

    def manage(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.management}{path}", timeout=60) as answer:
            return answer.read().decode()

    def is_alive(self):
        return self.process.poll() is None and self.manage("/livez") == "ok\n"

    def settle_log(self):
        """Waits until the log holds all that happened so far: lines are written by a thread of their own, in order, so
        it does once a request of ours is in it."""
        with self.connect() as connection:
            connection.sendall(f"GET /settle-log HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n\r\n".encode())
            response = http.client.HTTPResponse(connection)
            response.begin()
            mark = response.getheader("X-Request-Id")
        self.marks.add(mark)
        begin = max(0, os.path.getsize(self.log_path) - 4096)
        while mark not in self.read_log(begin):
            if self.process.poll() is not None:
                raise AssertionError("the server is gone: " + self.read_log(begin))

    def read_log(self, begin=0):
        with open(self.log_path, "rb") as log:
            log.seek(begin)
            return log.read().decode("utf-8", "replace")

    def log(self, begin=0):
        """What was logged from there on, but for the requests of settle_log()."""
        self.settle_log()
        lines = self.read_log(begin).splitlines(keepends=True)
        return "".join(line for line in lines
                       if '"endpoint":""' not in line or not any(mark in line for mark in self.marks))

    def log_size(self):
        self.settle_log()
        return os.path.getsize(self.log_path)

    def new_log(self):
        """What was logged since the last call."""
        begin, self.log_read = self.log_read, self.log_size()
        return self.read_log(begin)

    def events(self, name, begin=0):
        """The log's events of that name."""
        lines = self.log(begin).splitlines()
        return [event for event in (json.loads(line) for line in lines if f'"{name}"' in line)
                if event["event"] == name]

    def cardea(self, *words, code=0):
        """What the command line answers; the secrets in it are noted."""
        done = run_program(*words, "--json", "--config", self.config)
        if done.returncode != code:
            raise AssertionError(f"{words}: exit {done.returncode}: {done.stdout}{done.stderr}")
        answer = json.loads(done.stdout) if done.stdout.startswith("{") else {}
        self.register.add("client_secret", answer.get("client_secret"))
        self.register.add("link", answer.get("link", "").rsplit("/", 1)[-1])
        return answer

    def add_user(self, login, *words):
        """A person whom the command line may change; the password."""
        password = secrets.token_urlsafe(18)
        self.register.add("password", password)
        path = os.path.join(self.folder, "first-password")
        with open(path, "w", encoding="utf-8") as out:
            out.write(password)
        self.cardea("users", "add", login, "--password-file", path, *words)
        os.unlink(path)
        return password

    def resident_kib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(next(line for line in status if line.startswith("VmRSS")).split()[1])

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))
