"""A client's app under way: its install command, its process on a loopback port, its output."""
import os
import socket
import subprocess
import time

from .issuer import ENVIRONMENT, free_port

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
READY_SECONDS = 90
INSTALL_SECONDS = 1800  # a hundred crates on a busy machine


class CannotRun(Exception):
    """The app does not come up here; the text is the failing command with its output."""


def tail(text, lines=12):
    return "\n".join(text.strip().splitlines()[-lines:])


def run_install(command, folder, env):
    try:
        done = subprocess.run(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired as late:
        said = (late.stdout or b"").decode("utf-8", "replace")
        raise CannotRun(f"$ {' '.join(command)}\nnot done after {INSTALL_SECONDS} s\n{tail(said)}") from late
    except OSError as error:
        raise CannotRun(f"$ {' '.join(command)}\n{error}") from error
    if done.returncode != 0:
        raise CannotRun(f"$ {' '.join(command)}\n{tail(done.stdout)}")


def node_path():
    """PATH with a Node that the tested clients support first. Not for npm, which runs on the machine's own."""
    found = subprocess.run([os.path.join(ROOT, "tools/node/find")], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           text=True, check=True)
    return found.stdout.strip() + os.pathsep + ENVIRONMENT["PATH"]


def install(row):
    """Brings what the row's lock file names; nothing is downloaded when it is there."""
    if row.runtime == "node":
        run_install([os.path.join(ROOT, "tools/install_node_modules"), row.folder], ROOT, ENVIRONMENT)
    if row.browser.startswith("chromium"):
        run_install([os.path.join(ROOT, "tools/install_node_modules"), os.path.join(ROOT, "tests/browser")], ROOT,
                    ENVIRONMENT)
    if row.install:
        run_install(row.install, row.folder, ENVIRONMENT)


class App:
    """One process of the row's app. Its environment is the whole interface: interop/README.md."""

    def __init__(self, row, env, front, log):
        self.row, self.log, self.port = row, log, free_port()
        front.inner_port = self.port
        env = dict(ENVIRONMENT, **env, **row.environment, PORT=str(self.port))
        if row.runtime == "node":
            env["PATH"] = node_path()
        try:
            with open(log, "wb") as out:
                self.process = subprocess.Popen(row.app, cwd=row.folder, env=env, stdin=subprocess.DEVNULL, stdout=out,
                                                stderr=subprocess.STDOUT, start_new_session=True)
        except OSError as error:
            raise CannotRun(f"$ {' '.join(row.app)}\n{error}") from error
        self.wait()

    def wait(self):
        """Until the app listens."""
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise CannotRun(f"$ {' '.join(self.row.app)}\n{self.output()}")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        self.stop()
        raise CannotRun(f"$ {' '.join(self.row.app)}\ndid not listen on its port\n{self.output()}")

    def output(self):
        with open(self.log, encoding="utf-8", errors="replace") as out:
            return tail(out.read())

    def stop(self):
        """Ends the app and what it started, by its process group."""
        if self.process.poll() is None:
            try:
                os.killpg(self.process.pid, 15)
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, 9)
                self.process.wait()
