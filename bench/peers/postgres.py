"""A PostgreSQL server of the run's own for peers that keep their state in one: every commit flushed, on the core of the
peer, reached over loopback."""
import os
import pwd
import shutil
import signal
import subprocess
import time

from peer import Peer, Unavailable, end, free_port, pinned

PROGRAMS = "/usr/lib/postgresql/15/bin"


class Postgres:
    def __init__(self, folder):
        self.folder, self.port = os.path.join(folder, "postgres"), free_port()
        os.makedirs(self.folder)
        self.owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        if self.owner:  # PostgreSQL refuses to run as root
            for above in (os.path.dirname(folder), folder):
                os.chmod(above, 0o755)
            shutil.chown(self.folder, self.owner.pw_uid, self.owner.pw_gid)
        self.wait_for(self.spawn("initdb", "--pgdata", f"{self.folder}/data", "--username", "peer", "--auth", "trust",
                                 "--encoding", "UTF8", "--locale", "C", "--no-sync"))
        self.process = self.spawn("postgres", "-D", f"{self.folder}/data", "-k", self.folder, "-p", str(self.port),
                                  "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=60",
                                  "-c", "shared_buffers=256MB")
        deadline = time.monotonic() + 60
        while self.spawn("pg_isready", "-q", "-h", self.folder, "-p", str(self.port), "-U", "peer").wait() != 0:
            if time.monotonic() > deadline or self.process.poll() is not None:
                self.stop()
                raise Unavailable("PostgreSQL does not start")
            time.sleep(0.1)

    def spawn(self, name, *arguments):
        as_owner = {"user": self.owner.pw_uid, "group": self.owner.pw_gid} if self.owner else {}
        return subprocess.Popen(pinned(0, [f"{PROGRAMS}/{name}", *arguments]), stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd="/", start_new_session=True,
                                **as_owner)

    @staticmethod
    def wait_for(process):
        if process.wait(timeout=120) != 0:
            raise Unavailable(f"{process.args[3]} ended with {process.returncode}")

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=60)


class PeerOnPostgres(Peer):
    """Sets `database` in command()."""
    store = "PostgreSQL, synchronous_commit=on"
    database = None

    def pids(self):
        return [self.process.pid, self.database.process.pid]

    def __exit__(self, *more):
        if self.process is not None:
            end(self.process)
        if self.database is not None:
            self.database.stop()
        super().__exit__(*more)
