"""`cardea doctor` as an operator runs it: beside a running server and over the configuration alone, with exit codes
that a script can use, and without a trace of itself."""
import json
import os
import shutil
import stat
import tempfile
import unittest

from serve_test import ServeCase, run_program


def snapshot(folder):
    """Every file with its size, mode and time of change; what stands in the log is not the doctor's."""
    found = {}
    for path, _, names in os.walk(folder):
        for name in [".", *names]:
            facts = os.lstat(os.path.join(path, name))
            found[os.path.join(path, name)] = (facts.st_size, facts.st_mode, facts.st_mtime_ns)
    return found


def levels(answer, check):
    return {finding["level"] for finding in answer["findings"] if finding["check"] == check}


class BesideAServer(ServeCase):
    """The server tells of its clients, keys and people; the rest is looked at from outside."""

    def setUp(self):
        super().setUp()
        os.chmod(self.config, 0o600)
        os.chmod(os.path.join(self.folder, "data"), 0o700)

    # warnings leave the exit code at 0; the issuer's documents were read over the network
    def test_warnings_are_no_failure(self):
        self.run_cardea("clients", "add", "old", "--set", "redirect_uris=https://old.example/cb", "--set",
                        "pkce=optional")
        answer = self.run_cardea("doctor")
        self.assertTrue(answer["passed"])
        self.assertIn("running server", answer["looked_at"])
        self.assertEqual(levels(answer, "client old"), {"warning"})
        self.assertEqual(levels(answer, "users"), {"warning"})
        self.assertEqual(levels(answer, "issuer"), {"warning"})
        self.assertEqual(levels(answer, "metadata"), {"ok"})
        self.assertEqual(levels(answer, "clock"), {"ok"})
        self.assertEqual(levels(answer, "key ES256"), {"ok"})
        for finding in answer["findings"]:
            self.assertEqual(sorted(finding), ["check", "fix", "level", "text", "why"])

    # a failure is exit code 1, and says what to do
    def test_a_failure_is_told_by_the_exit_code(self):
        os.chmod(self.config, 0o644)
        answer = self.run_cardea("doctor", code=1)
        self.assertFalse(answer["passed"])
        found = [each for each in answer["findings"] if each["level"] == "failure"]
        self.assertEqual([each["check"] for each in found], ["configuration"])
        self.assertIn("chmod 0640", found[0]["fix"])

    # profiles judge clients that the command line added, one or all
    def test_profiles_know_the_servers_clients(self):
        self.add_service("job")
        answer = self.run_cardea("doctor", "--profile", "fapi2", "--client", "job", code=1)
        rows = {row["id"]: row for row in answer["rows"]}
        self.assertEqual(rows["fapi2.sender_constrained"]["verdict"], "fails")
        self.assertIn("job", rows["fapi2.sender_constrained"]["found"])
        self.assertNotIn("owned", rows["fapi2.sender_constrained"]["found"])
        self.assertEqual(rows["fapi2.pkce"]["verdict"], "unused")
        self.assertEqual(rows["fapi2.iss"]["verdict"], "always")
        everybody = self.run_cardea("doctor", "--profile", "fapi2", code=1)
        self.assertIn("owned", json.dumps(everybody))

    def test_what_cannot_be_looked_at(self):
        self.run_cardea("doctor", "--profile", "mcp", "--client", "nobody", code=4)
        self.run_cardea("doctor", "--profile", "fapi3", code=2)
        self.run_cardea("doctor", "--client", "owned", code=2)


class OverTheConfiguration(unittest.TestCase):
    """No server runs, and none is needed."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="cardea-doctor-")
        os.mkdir(os.path.join(self.folder, "data"), 0o700)
        self.config = os.path.join(self.folder, "cardea.toml")

    def tearDown(self):
        shutil.rmtree(self.folder)

    def write(self, more=""):
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(f"""issuer = "https://localhost:1"
trusted_proxies = ["127.0.0.1"]
[store]
url = "sqlite://{self.folder}/data/cardea.db"
[[clients]]
client_id = "web"
client_secret = "0123456789abcdef0123456789abcdef"
redirect_uris = ["https://app.example/cb"]
{more}
""")
        os.chmod(self.config, stat.S_IRUSR | stat.S_IWUSR)

    def doctor(self, *words):
        return run_program("doctor", "--config", self.config, *words)

    # reads only: no store, no key, no line is left behind
    def test_nothing_is_made(self):
        self.write()
        before = snapshot(self.folder)
        done = self.doctor()
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(done.stderr, "")
        self.assertIn("no server runs", done.stdout)
        self.assertIn("ok       client web:", done.stdout)
        self.assertEqual(snapshot(self.folder), before)

    # lines fit a terminal, and a pipe gets no colours
    def test_the_report_is_for_eighty_columns(self):
        self.write()
        for words in ([], ["--profile", "fapi2"], ["--profile", "oauth21"], ["--profile", "mcp"]):
            done = self.doctor(*words)
            self.assertNotIn("\x1b", done.stdout)
            for line in done.stdout.splitlines():
                if self.folder not in line:
                    self.assertLessEqual(len(line), 80, line)

    # the same file before and after one member, by the exit code alone
    def test_a_profile_is_met_or_not(self):
        self.write()
        done = self.doctor("--profile", "oauth21")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertTrue(done.stdout.endswith("The profile is met.\n"))
        self.write('pkce = "optional"')
        done = self.doctor("--profile", "oauth21")
        self.assertEqual(done.returncode, 1)
        self.assertIn("4.1.1: Every client that uses codes uses PKCE\n         is   web: pkce is optional",
                      done.stdout)

    # a configuration that cannot be used is told as everywhere
    def test_an_unusable_configuration(self):
        self.write("no_such_member = 1")
        done = self.doctor()
        self.assertEqual(done.returncode, 3)
        self.assertIn("no_such_member", done.stderr)


del ServeCase  # its own tests run where it stands

if __name__ == "__main__":
    unittest.main()
