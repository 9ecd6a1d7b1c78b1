"""What a new TLS 1.3 connection costs a server that is asked nothing over it, and beside it nginx with the same
certificate: `openssl s_time` connects and leaves, each server in turn; the median of the rounds."""
import re
import statistics
import subprocess

from http2 import cpu_us
from server import Nginx, pinned

ROUNDS = 5


class NginxTls(Nginx):
    """One worker that speaks TLS with the certificate of the run."""

    def __init__(self, folder, body, certificate):
        super().__init__(folder, body)
        self.certificate = certificate

    def listen(self):
        certificate, key = self.certificate
        return (f"listen 127.0.0.1:{self.port} ssl; ssl_certificate {certificate}; ssl_certificate_key {key}; "
                "ssl_protocols TLSv1.2 TLSv1.3;")


def connect(bench, server):
    """One round: connections in a second, processor time of the server for one."""
    words = ["openssl", "s_time", "-connect", f"127.0.0.1:{server.port}", "-new", "-tls1_3", "-time",
             str(max(1, round(bench.options.seconds)))]
    before = cpu_us(server.pid)
    done = subprocess.run(pinned(1, words), capture_output=True, text=True, check=True, timeout=600)
    spent = cpu_us(server.pid) - before
    count, seconds = re.search(r"(\d+) connections in ([\d.]+) real seconds", done.stdout).groups()
    return {"rate": int(count) / float(seconds), "server_cpu_us": spent / int(count)}


def run_handshakes(bench, server):
    """Rows `handshake` and `handshake_nginx`."""
    if not bench.wants("handshake"):
        return
    nginx = NginxTls(bench.folder, bench.static_body, tuple(server.certificate()))
    if not nginx.available():
        return
    with nginx:
        rounds = {"handshake": [], "handshake_nginx": []}
        for _ in range(ROUNDS):
            rounds["handshake"].append(connect(bench, server))
            rounds["handshake_nginx"].append(connect(bench, nginx))
    for name, measured in rounds.items():
        bench.figures[name] = {what: statistics.median(one[what] for one in measured) for what in measured[0]}
        print(f"  {name:28} {bench.figures[name]['rate']:9.0f}/s {bench.figures[name]['server_cpu_us']:8.1f} us CPU",
              flush=True)
