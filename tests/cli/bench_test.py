"""`cardea bench` against a real server: every workload without an error, figures that can be true, errors counted and
told by the exit code, a curve in both forms, and no load for other people's machines."""
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
import unittest
import urllib.request
import zlib

from serve_test import CARDEA, ENVIRONMENT, ServeCase

PASSWORD = "correct horse battery staple"
CALLBACK = "https://app.example/cb"
ALL = ["discovery", "jwks", "client-credentials", "introspection", "code", "refresh", "userinfo"]


def bench(*words, code=0, secret="", password=PASSWORD, json_form=True):
    """Runs it; the JSON object, or both outputs where none was asked for."""
    environment = dict(ENVIRONMENT, CARDEA_BENCH_CLIENT_SECRET=secret, CARDEA_BENCH_PASSWORD=password)
    done = subprocess.run([CARDEA, "bench", *(["--json"] if json_form else []), *words], capture_output=True, text=True,
                          env=environment, timeout=120, check=False)
    if done.returncode != code:
        raise AssertionError(f"exit code {done.returncode}, not {code}\n{done.stdout}{done.stderr}")
    for hidden in filter(None, (secret, password)):
        if hidden in done.stdout + done.stderr:
            raise AssertionError("a secret was printed")
    return json.loads(done.stdout) if json_form else done


class AgainstOurServer(ServeCase):
    """A client with every grant, and somebody who can sign in; consent is asked for."""

    def setUp(self):
        super().setUp()
        self.issuer = f"http://localhost:{self.port}"
        password_file = os.path.join(self.folder, "password")
        with open(password_file, "w", encoding="utf-8") as out:
            out.write(PASSWORD + "\n")
        self.run_cardea("users", "add", "alice", "--password-file", password_file)
        self.secret = self.run_cardea(
            "clients", "add", "web", "--set", f"redirect_uris={CALLBACK}", "--set",
            "scope=openid profile offline_access", "--set",
            "grant_types=authorization_code,refresh_token,client_credentials")["client_secret"]
        self.client = ["--client-id", "web", "--redirect-uri", CALLBACK, "--user", "alice", "--scope",
                       "openid offline_access"]
        self.short = ["--seconds", "0.3", "--warm-up", "0", "--connections", "4"]

    def check_figures(self, row):
        """What holds for any run without errors."""
        latency = row["latency_ms"]
        self.assertEqual((row["failed"], row["errors"], row["gave_up"]), (0, [], False), row)
        self.assertGreater(row["operations"], 0)
        self.assertGreaterEqual(row["seconds"], 0.3)
        self.assertAlmostEqual(row["rate"], row["operations"] / row["seconds"], delta=row["rate"] * 0.01)
        shares = [latency[name] for name in ("p50", "p90", "p99", "p999", "max")]
        self.assertEqual(shares, sorted(shares))
        self.assertGreater(shares[0], 0)
        self.assertTrue(latency["mean"] <= latency["max"] < 30000, row)

    # each workload really does its work: no error, and the server's own figures beside it
    def test_every_workload_succeeds(self):
        report = bench(self.issuer, "--workload", ",".join(ALL), "--pid", str(self.server.pid), *self.client,
                       *self.short, secret=self.secret)
        self.assertTrue(report["passed"])
        self.assertEqual([row["workload"] for row in report["results"]], ALL)
        for row in report["results"]:
            self.check_figures(row)
            self.assertEqual(row["loop"], "closed")
            self.assertEqual(row["server"]["processes"], 1)
            self.assertGreater(row["server"]["rss_kib"], 1024)
            self.assertTrue(0 <= row["server"]["cores"] < 64)

    # what it says it did is what the server counted
    def test_the_server_counted_as_many(self):
        def counted():
            with urllib.request.urlopen(f"http://127.0.0.1:{self.management}/metrics", timeout=10) as reply:
                rows = [line for line in reply.read().decode().splitlines()
                        if line.startswith("cardea_http_requests_total") and 'endpoint="token"' in line]
            return sum(float(row.rsplit(" ", 1)[1]) for row in rows)

        before = counted()
        report = bench(self.issuer, "--workload", "client-credentials", "--client-id", "web", *self.short,
                       secret=self.secret)
        self.assertEqual(counted() - before, report["results"][0]["operations"])

    # an open loop keeps its rate, and latency counts from when an operation was due
    def test_an_open_loop_keeps_its_rate(self):
        row = bench(self.issuer, "--rate", "200", "--seconds", "1", "--warm-up", "0")["results"][0]
        self.check_figures(row)
        self.assertEqual((row["loop"], row["offered_rate"], row["not_started"]), ("open", 200, 0))
        self.assertEqual(row["operations"], 200)

    def test_a_stalled_server_is_seen_by_all_that_was_due(self):
        bench_words = [self.issuer, "--rate", "100", "--connections", "2", "--seconds", "2", "--warm-up", "0"]
        words = [CARDEA, "bench", "--json", *bench_words]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as driver:
            time.sleep(0.7)
            os.kill(self.server.pid, signal.SIGSTOP)
            time.sleep(0.8)
            os.kill(self.server.pid, signal.SIGCONT)
            row = json.loads(driver.communicate(timeout=60)[0])["results"][0]
        self.assertEqual((row["operations"] + row["not_started"], row["failed"]), (200, 0))
        # Some 80 of 200 fell due in the stall. Two connections alone would have seen it twice: a hundredth.
        self.assertGreater(row["latency_ms"]["p90"], 300, row)

    # a refused client: every operation failed under its name, the run stopped early, the exit code says so
    def test_a_wrong_secret_is_counted(self):
        report = bench(self.issuer, "--workload", "client-credentials", "--client-id", "web", *self.short,
                       secret="not the secret", code=1)
        row = report["results"][0]
        self.assertFalse(report["passed"])
        self.assertEqual(row["operations"], 0)
        self.assertGreater(row["failed"], 0)
        self.assertEqual(sum(error["count"] for error in row["errors"]), row["failed"])
        self.assertIn("401 invalid_client", [error["error"] for error in row["errors"]])

    def test_a_wrong_password_ends_before_the_load(self):
        report = bench(self.issuer, "--workload", "code", *self.client, *self.short, secret=self.secret,
                       password="not the password", code=7)
        self.assertIn("asks for the password again", report["error"]["message"])

    def test_for_people(self):
        done = bench(self.issuer, "--workload", "jwks", "--connections", "2", "--seconds", "2.5", "--warm-up", "0",
                     json_form=False)
        heading, row = done.stdout.splitlines()
        self.assertTrue(heading.startswith("workload "))
        self.assertTrue(row.startswith("jwks "))
        self.assertIn(" done ", done.stderr)  # progress

    def test_curves(self):
        words = [self.issuer, "--workload", "jwks", "--connections", "2", "--seconds", "0.1", "--warm-up", "0",
                 "--curve"]
        svg = os.path.join(self.folder, "curve.svg")
        report = bench(*words, svg)
        self.assertEqual(len(report["results"]), 15)
        with open(svg, encoding="utf-8") as file:
            self.assertEqual(file.read().count("<circle"), 28)
        png = os.path.join(self.folder, "curve.png")
        bench(*words, png)
        with open(png, "rb") as file:
            content = file.read()
        size = struct.unpack(">I", content[content.index(b"IDAT") - 4:content.index(b"IDAT")])[0]
        start = content.index(b"IDAT") + 4
        rows = zlib.decompress(content[start:start + size])
        self.assertEqual(struct.unpack(">II", content[16:24]), (900, 560))
        self.assertEqual(len(rows), 560 * 451)
        bench(*words, os.path.join(self.folder, "none", "curve.svg"), code=1)
        bench(*words, "curve.gif", code=2)


class OverTls(unittest.TestCase):
    """The development issuer, whose authority this machine does not know."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="cardea-bench-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.server = subprocess.Popen([CARDEA, "dev", "--json", "--port", "0", "--home", self.folder], env=ENVIRONMENT,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(self.stop)
        self.ready = json.loads(self.server.stdout.readline())

    def stop(self):
        self.server.terminate()
        self.server.communicate(timeout=30)

    def test_https_by_the_given_authority(self):
        client = next(each for each in self.ready["clients"] if each["client_id"] == "web")
        user = self.ready["users"][0]
        words = [self.ready["issuer"], "--workload", "jwks,code", "--client-id", "web", "--redirect-uri",
                 client["redirect_uris"][0], "--user", user["login"], "--seconds", "0.3", "--warm-up", "0",
                 "--connections", "2"]
        report = bench(*words, "--ca", self.ready["ca_file"], secret=client["client_secret"], password=user["password"])
        self.assertEqual([row["failed"] for row in report["results"]], [0, 0], report)
        refused = bench(*words, code=6)
        self.assertIn("certificate", refused["error"]["message"])


class WithoutAServer(unittest.TestCase):
    """What is refused before anything is sent."""

    def test_other_peoples_servers_are_not_loaded(self):
        report = bench("https://id.example.com", code=5)
        self.assertIn("--yes-i-may-load-that-server", report["error"]["message"])

    def test_what_a_workload_needs(self):
        issuer = "http://127.0.0.1:1"
        self.assertIn("--client-id", bench(issuer, "--workload", "refresh", code=2)["error"]["message"])
        self.assertIn("--user", bench(issuer, "--workload", "code", "--client-id", "x", code=2)["error"]["message"])
        bench(issuer, "--client-id", "x", "--client-secret-file", "-", "--password-file", "-", code=2)
        bench(issuer, "--pid", "99999999", code=2)
        bench(issuer, "--curve", "x.svg", "--rate", "5", code=2)
        bench("not a URL", code=2)

    def test_nobody_listens(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            bench(f"http://127.0.0.1:{probe.getsockname()[1]}", code=6)
        bench("http://no-such-name.localhost.invalid", "--yes-i-may-load-that-server", code=6)


if __name__ == "__main__":
    unittest.main()
