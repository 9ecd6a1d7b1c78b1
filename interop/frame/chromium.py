"""Debian's Chromium as the person's browser, with a home of its own whose certificate store trusts the run's root."""
import json
import os
import shutil
import subprocess
import tempfile

from .app import CannotRun, node_path, tail
from .browser import Page
from .issuer import ENVIRONMENT

DRIVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "chromium.mjs")


def make_home(folder, ca):
    store = os.path.join(folder, ".pki/nssdb")
    os.makedirs(store)
    for arguments in (["-N", "--empty-password"], ["-A", "-t", "C,,", "-n", "interop run", "-i", ca]):
        done = subprocess.run(["certutil", *arguments, "-d", "sql:" + store], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise CannotRun("$ certutil " + " ".join(arguments) + "\n" + tail(done.stdout))


def allow_third_party_cookies(home):
    """The person's choice in the browser's settings; Chromium's own is to block them."""
    folder = os.path.join(home, "profile", "Default")
    os.makedirs(folder)
    with open(os.path.join(folder, "Preferences"), "w", encoding="utf-8") as out:
        json.dump({"profile": {"cookie_controls_mode": 0, "block_third_party_cookies": False}}, out)


class Chromium:
    """The same interface as PlainBrowser: visit, passwords_typed, close."""

    def __init__(self, person, issuer, ca, hosts, third_party_cookies):
        self.home, self.passwords_typed = tempfile.mkdtemp(prefix="interop-chromium-"), 0
        try:
            make_home(self.home, ca)
            if third_party_cookies:
                allow_third_party_cookies(self.home)
            rules = ", ".join(f"MAP {name}:443 127.0.0.1:{port}" for name, port in hosts.items())
            env = dict(ENVIRONMENT, PATH=node_path(), HOME=self.home, ISSUER=issuer, PERSON_LOGIN=person.login,
                       PERSON_PASSWORD=person.password, HOSTS=rules)
            self.errors = open(os.path.join(self.home, "errors"), "w+", encoding="utf-8")
            self.process = subprocess.Popen(["node", DRIVER], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=self.errors, text=True)
        except Exception:
            shutil.rmtree(self.home, ignore_errors=True)
            raise

    def visit(self, url):
        try:
            self.process.stdin.write(json.dumps({"visit": url}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except OSError:
            line = ""
        if not line:
            self.errors.seek(0)
            raise CannotRun(f"$ node {os.path.basename(DRIVER)}\n{tail(self.errors.read())}")
        told = json.loads(line)
        self.passwords_typed += told["typed"]
        return Page(told["url"], told["status"], [], told["text"])

    def close(self):
        try:
            self.process.stdin.close()
            self.process.wait(timeout=30)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        self.errors.close()
        shutil.rmtree(self.home, ignore_errors=True)
