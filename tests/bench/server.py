"""The servers that the bench starts: Cardea under a configuration of its own, the listener alone, nginx."""
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

PASSWORD = "correct horse battery staple"
SECRET = "0123456789abcdef0123456789abcdef"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
CALLBACK = "https://app.example/cb"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


def pinned(core, command):
    """The command on one core, where the machine has so many."""
    cores = sorted(os.sched_getaffinity(0))
    return ["taskset", "-c", str(cores[core % len(cores)]), *command]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"bench: nothing listens on port {port}")


def place_of(server):
    """Where it listens and whose time it takes, for the driver."""
    return {"host": server.host, "port": server.port, "pid": server.pid}


def plan_of_static(server):
    """For StaticAnswer and Nginx."""
    return {**place_of(server), "workload": "get", "target": "/answer.json", "expect": "answer"}


class Process:
    """A server for the length of a with statement."""
    port = 0

    def command(self):
        raise NotImplementedError

    def available(self):
        return True

    def __enter__(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CARDEA_")}
        environment.update(self.environment())
        self.process = subprocess.Popen(pinned(0, self.command()), stdout=subprocess.DEVNULL, stderr=self.log(),
                                        env=environment)
        self.pid = self.process.pid
        wait_for(self.port, self.process)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)

    def environment(self):
        return {}

    def log(self):
        return subprocess.DEVNULL

    def rss_kib(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))


class StaticAnswer(Process):
    """The listener with a handler that gives one body."""
    host = "localhost"

    def __init__(self, build, body):
        self.build, self.body, self.port = build, body, free_port()

    def command(self):
        return [os.path.join(self.build, "bench_static"), str(self.port), self.body]


class Nginx(Process):
    """One worker that serves the body from a file."""
    host = "localhost"

    access_log = "off"

    def listen(self):
        return f"listen 127.0.0.1:{self.port};"

    def __init__(self, folder, body):
        self.folder, self.body, self.port = folder, body, free_port()

    def available(self):
        return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin") is not None

    def command(self):
        path = os.path.join(self.folder, "nginx.conf")
        with open(path, "w", encoding="utf-8") as out:
            out.write(f"""daemon off; master_process off; worker_processes 1; pid {self.folder}/nginx.pid;
error_log /dev/null; events {{}}
http {{ access_log {self.access_log}; keepalive_requests 100000000; default_type application/json;
open_file_cache max=10;
client_body_temp_path {self.folder}/t1; proxy_temp_path {self.folder}/t2; fastcgi_temp_path {self.folder}/t3;
uwsgi_temp_path {self.folder}/t4; scgi_temp_path {self.folder}/t5;
server {{ {self.listen()} root {os.path.dirname(self.body)}; }} }}
""")
        return ["nginx", "-c", path, "-p", self.folder]


class Server(Process):
    """`cardea serve` as behind a proxy: an https issuer, plain HTTP on loopback, a store on disk."""
    host = "id.example"

    def __init__(self, build, folder, allocations="", tls=False, database=""):
        os.makedirs(folder, exist_ok=True)
        self.build, self.folder, self.allocations, self.tls = build, folder, allocations, tls
        self.port, self.management, self.mutual = free_port(), free_port(), free_port()
        self.store = database or "sqlite://" + os.path.join(folder, "cardea.db")

    def command(self):
        path = os.path.join(self.folder, "cardea.toml")
        with open(os.path.join(self.folder, "alice.password"), "w", encoding="utf-8") as out:
            out.write(PASSWORD)
        with open(path, "w", encoding="utf-8") as out:
            out.write(self.configuration())
        return [os.path.join(self.build, "cardea"), "serve", "--config", path]

    def environment(self):
        if not self.allocations:
            return {}
        return {"LD_PRELOAD": os.path.join(self.build, "libbench_allocations.so"),
                "BENCH_ALLOCATIONS": self.allocations}

    def log(self):
        return open(os.path.join(self.folder, "log"), "ab")

    def configuration(self):
        text = f"""issuer = "https://{self.host}"
listen = ["127.0.0.1:{self.port}"]
{self.tls_table()}[management]
listen = "127.0.0.1:{self.management}"
[store]
url = "{self.store}"
[keys]
root_key_file = "{self.folder}/root.key"
[[users]]
login = "alice"
password_file = "{self.folder}/alice.password"
claims = {{ name = "Alice", email = "alice@example.com", email_verified = true, groups = ["staff"] }}
[[resources]]
identifier = "https://es.example"
access_token_format = "jwt"
scopes = ["es.read"]
introspection_clients = ["es"]
[[resources]]
identifier = "https://rs.example"
access_token_format = "jwt"
access_token_signing_alg = "RS256"
scopes = ["rs.read"]
[[resources]]
identifier = "https://opaque.example"
access_token_format = "opaque"
scopes = ["opaque.read"]
"""
        for name, id_token, resource in (("es", "ES256", "es"), ("rs", "RS256", "rs"), ("opaque", "RS256", "opaque")):
            text += f"""[[clients]]
client_id = "{name}"
client_secret = "{SECRET}"
redirect_uris = ["{CALLBACK}"]
scope = "openid profile email offline_access {resource}.read"
grant_types = ["authorization_code", "refresh_token", "client_credentials", "{DEVICE}"]
id_token_signed_response_alg = "{id_token}"
default_resource = "https://{resource}.example"
consent = "skip"
"""
        return text + self.certified_client()

    def certified_client(self):
        """A client that the certificate of the run, its own authority, speaks for."""
        if not self.tls:
            return ""
        return f"""[[clients]]
client_id = "certified"
token_endpoint_auth_method = "tls_client_auth"
tls_client_auth_san_dns = "{self.host}"
tls_client_certificate_bound_access_tokens = true
scope = "es.read"
grant_types = ["client_credentials"]
default_resource = "https://es.example"
"""

    def certified_place(self):
        """Where and how that client speaks, for the driver."""
        certificate, key = self.certificate()
        return {"host": f"mtls.{self.host}", "port": self.mutual, "certificate": certificate, "key": key}

    def certificate(self):
        return (os.path.join(self.folder, name) for name in ("cert.pem", "key.pem"))

    def tls_table(self):
        """The certificate of the run, a P-256 one as production has, or nothing."""
        if not self.tls:
            return ""
        certificate, key = self.certificate()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "1", "-subj", f"/CN={self.host}", "-addext", f"subjectAltName=DNS:{self.host}",
                        "-keyout", key, "-out", certificate], check=True, capture_output=True)
        return f"""[tls]
certificate = "{certificate}"
key = "{key}"
[mtls]
listen = ["127.0.0.1:{self.mutual}"]
origin = "https://mtls.{self.host}"
ca_file = "{certificate}"
"""

    def allocation_count(self):
        with open(self.allocations, "rb") as counter:
            return int.from_bytes(counter.read(8), "little")

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def settle(self):
        """Waits until start-up work (the next signing keys) is over: nothing of it may count as an operation's."""
        for _ in range(100):
            before = self.cpu_seconds()
            time.sleep(0.3)
            if self.cpu_seconds() - before < 0.02:
                return

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.management}/metrics", timeout=10) as reply:
            return reply.read().decode()

    def counters(self):
        """What the store has done so far, by name."""
        found = re.findall(r"^cardea_store_(\w+)_total (\d+)", self.metrics(), re.M)
        return {name: int(count) for name, count in found}

    def counters_since(self, before):
        return {name: count - before.get(name, 0) for name, count in self.counters().items()}
