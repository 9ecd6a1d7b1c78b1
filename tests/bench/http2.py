"""HTTP/2 over TLS 1.3, driven by h2load: the light endpoints, and beside each nginx with a file of the same size, once
without a word about its requests and once with a line for each in its log, as ours has."""
import os
import re
import shutil
import subprocess
import sys

from server import Nginx, pinned
from workloads import WORKLOADS

CONNECTIONS, STREAMS = 16, 8
LIGHT = ("discovery", "jwks", "introspection")


class NginxHttp2(Nginx):
    """One worker that serves a file over HTTP/2 with the certificate of the run."""

    def __init__(self, folder, body, certificate, logs=False):
        super().__init__(folder, body)
        self.certificate = certificate
        if logs:
            self.access_log = os.path.join(folder, "access.log") + " combined buffer=64k flush=1s"

    def listen(self):
        certificate, key = self.certificate
        return f"listen 127.0.0.1:{self.port} ssl http2; ssl_certificate {certificate}; ssl_certificate_key {key};"


def is_available():
    return shutil.which("h2load") is not None


def cpu_us(pid):
    """Processor time of all threads, to the microsecond."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as spent:
            total += int(spent.read().split()[0])
    return total / 1000


def load(bench, server, target, plan=None):
    """One round; its figures. plan: of a workload, for its body and authorization."""
    log = os.path.join(bench.folder, "h2load.log")
    words = ["h2load", "-D", str(max(1, round(bench.options.seconds))), "-c", str(CONNECTIONS), "-m", str(STREAMS),
             "--log-file", log, "--connect-to", f"127.0.0.1:{server.port}", f"https://{server.host}{target}"]
    if plan and "bodies" in plan:
        body = os.path.join(bench.folder, "h2load.body")
        with open(body, "w", encoding="utf-8") as out:
            out.write(plan["bodies"][0])
        words += ["-d", body, "-H", "content-type: application/x-www-form-urlencoded", "-H",
                  f"authorization: {plan['authorization']}"]
    if os.path.exists(log):
        os.unlink(log)
    before = cpu_us(server.pid)
    done = subprocess.run(pinned(1, words), capture_output=True, text=True, check=True, timeout=600)
    spent = cpu_us(server.pid) - before
    rate = float(re.search(r"finished in [^,]+, ([\d.]+) req/s", done.stdout).group(1))
    count, failed = (int(re.search(pattern, done.stdout).group(1)) for pattern in (r"(\d+) 2xx", r"(\d+) failed"))
    if failed or not count:
        sys.exit(f"bench: h2load failed\n{done.stdout}")
    with open(log, encoding="ascii") as lines:
        times = sorted(int(line.split()[2]) / 1000 for line in lines)
    return {"rate": rate, "server_cpu_us": spent / len(times), "p50_ms": times[len(times) // 2],
            "p99_ms": times[len(times) * 99 // 100]}


def best(bench, *what):
    rounds = [load(bench, *what) for _ in range(bench.options.rounds)]
    figures = max(rounds, key=lambda one: one["rate"])
    figures["server_cpu_us"] = min(one["server_cpu_us"] for one in rounds)
    return figures


def show(bench, name, figures):
    bench.figures[name] = figures
    print(f"  {name:28} {figures['rate']:9.0f}/s {figures['server_cpu_us']:8.1f} us CPU  "
          f"p99 {figures['p99_ms']:.1f} ms", flush=True)


def run_over_http2(bench, server, person):
    """Rows `discovery_h2` and so on, each with `discovery_h2_nginx` and `discovery_h2_nginx_logs` of a file as long as
    its answer."""
    for name in LIGHT:
        if not bench.wants(name + "_h2"):
            continue
        plan = WORKLOADS[name](person, bench.options)
        show(bench, name + "_h2", best(bench, server, plan["target"], plan))
        if bench.options.train:
            continue
        body = plan["bodies"][0] if "bodies" in plan else None
        headers = {"Authorization": plan["authorization"]} if body else {}
        _, answer = person.request("POST" if body else "GET", plan["target"], body, headers)
        file = os.path.join(bench.folder, f"{name}.json")
        with open(file, "w", encoding="utf-8") as out:
            out.write(answer)
        for suffix, logs in (("_h2_nginx", False), ("_h2_nginx_logs", True)):
            nginx = NginxHttp2(bench.folder, file, tuple(server.certificate()), logs)
            if nginx.available():
                with nginx:
                    show(bench, name + suffix, best(bench, nginx, f"/{name}.json"))
