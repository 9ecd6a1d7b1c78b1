"""What surrounds a server turns bad: disk full or read-only, the clock steps by a day, the root key is missing or
another one, the database is newer, damaged or put back from a backup. Each has its clear message, and nothing revives.
Run by tests/crash/run. Security corpus 5.5."""
import errno
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from client import NoReply, Person, admin, ask, patiently  # noqa: E402
from registration_points import App  # noqa: E402
from served import CARDEA, Served, StartFailed  # noqa: E402

DAY = 86400
SCRATCH = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
TEMPLATE = None


def setUpModule():
    """A store with its keys, made once."""
    global TEMPLATE  # read by every test, written here only
    TEMPLATE = tempfile.mkdtemp(prefix="cardea-crash-", dir=SCRATCH)
    served = Served(TEMPLATE).start()
    Person(served).reach_tokens("c0")
    served.terminate()


def tearDownModule():
    shutil.rmtree(TEMPLATE)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="cardea-crash-", dir=SCRATCH)
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.served = Served(self.folder, TEMPLATE)
        self.addCleanup(self.served.kill)

    def refused(self, prefix=()):
        """What the server says when it does not start; the exit code is that of a failure."""
        with self.assertRaises(StartFailed) as refusal:
            self.served.start(prefix)
        self.assertEqual(refusal.exception.code, 1, refusal.exception.said)
        return refusal.exception.said

    def wait_for_log(self, words, times=1):
        end = time.monotonic() + 60
        while self.served.said().count(words) < times:
            self.assertLess(time.monotonic(), end, f"the log never says {words}")
            time.sleep(0.05)


class Kills(Case):
    # FX03; RT10: killed between commit and reply: a refresh is given again, the same successor
    def test_a_refresh_whose_reply_was_killed(self):
        person = Person(self.served.start())
        family = person.reach_tokens("c0")
        self.served.control.arm("reply", 1, "kill_before")
        with self.assertRaises(NoReply):
            person.refresh(family)
        self.served.wait_dead()
        self.served.start()
        sent = family.refresh
        self.assertEqual(person.refresh(family).status, 200)
        successor, family.refresh = family.refresh, sent
        self.assertEqual(person.refresh(family).status, 200)
        self.assertEqual(family.refresh, successor)

    # FX03: a code whose reply was killed is spent; a new authorization asks the person nothing
    def test_an_exchange_whose_reply_was_killed(self):
        person = Person(self.served.start())
        code = person.reach_code("c0")
        self.served.control.arm("reply", 1, "kill_before")
        with self.assertRaises(NoReply):
            person.redeem("c0", code)
        self.served.wait_dead()
        self.served.start()
        self.assertEqual(person.redeem("c0", code).error, "invalid_grant")
        person.reach_tokens("c0")  # fails when it is asked to sign in or to allow
        person.check()


class Disks(Case):
    def check_reads(self, family):
        for path in ("/jwks", "/.well-known/openid-configuration"):
            self.assertEqual(ask(self.served.http, "GET", path).status, 200)
        self.assertEqual(Person(self.served).userinfo(family.access).status, 200)

    def mounted(self, options, then="true"):
        """A prefix that gives the server a small disk of its own below data/; who runs it may have to be root there."""
        script = f'mount -t tmpfs -o {options} disk "$1"; cp "$2" "$1/cardea.db"; {then}; shift 2; exec "$@"'
        user = [] if os.geteuid() == 0 else ["--map-root-user"]
        return ["unshare", *user, "--mount", "sh", "-ec", script, "sh", os.path.join(self.folder, "data"),
                os.path.join(TEMPLATE, "data", "cardea.db")]

    # FX05: a full disk: writes are 503, reads go on, and with room again everything works, without a restart
    def test_a_full_disk(self):
        person = Person(self.served.start(self.mounted("size=4m,mode=700")))
        family = person.reach_tokens("c0")
        code = person.reach_code("c0")
        app, other = App(self.served), App(self.served)
        app.register()
        filler = f"/proc/{self.served.process.pid}/root{self.folder}/data/filler"
        with open(filler, "wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError as full:
                self.assertEqual(full.errno, errno.ENOSPC)
        answers = [person.refresh(family).status for _ in range(60)]
        self.assertIn(503, answers)
        self.assertEqual(answers[-1], 503)
        self.assertEqual(person.redeem("c0", code).status, 503)
        self.assertEqual([act().status for act in (other.register, app.change, app.remove)], [503] * 3)
        self.check_reads(family)
        app.check()
        os.unlink(filler)
        self.assertEqual(patiently(lambda: person.refresh(family)).status, 200)
        self.assertEqual(patiently(lambda: person.redeem("c0", code)).status, 200)
        self.assertEqual([act().status for act in (other.register, app.change, app.remove)], [201, 200, 204])
        app.check()
        other.check()
        person.check()
        person.check_spent()

    # FX06: no file can be made any more: what has its files goes on, and a backup says why there is none
    def test_no_inode_is_left(self):
        crowded = self.mounted("size=16m,nr_inodes=12,mode=700")
        person = Person(self.served.start(crowded))
        family = person.reach_tokens("c0")
        disk = f"/proc/{self.served.process.pid}/root{self.folder}/data"
        fillers = []
        try:
            while True:
                fillers.append(os.path.join(disk, f"filler{len(fillers)}"))
                with open(fillers[-1], "x", encoding="ascii"):
                    pass
        except OSError as full:
            self.assertEqual(full.errno, errno.ENOSPC)
        for _ in range(20):
            self.assertEqual(person.refresh(family).status, 200)
        self.assertEqual(person.redeem("c0", person.reach_code("c0")).status, 200)
        told = admin(self.served.admin, "backup", path=os.path.join(self.folder, "data", "copy.db"))
        self.assertFalse(told["ok"])
        self.assertRegex(told["message"], "(?i)space|full")
        self.check_reads(family)
        for filler in fillers[:-1]:
            os.unlink(filler)
        self.assertTrue(admin(self.served.admin, "backup", path=os.path.join(self.folder, "data", "copy.db"))["ok"])
        person.check()
        person.check_spent()

    # FX08; FX09: a disk that turns read-only or fails for a while, and is well again
    def test_a_disk_that_fails_for_a_while(self):
        person = Person(self.served.start())
        family = person.reach_tokens("c0")
        for call, error in (("write", errno.EROFS), ("write", errno.EIO), ("write", errno.ENOSPC),
                            ("flush", errno.EIO)):
            with self.subTest(call=call, error=errno.errorcode[error]):
                code = person.reach_code("c0")
                self.served.control.arm(call, 1, "fail_for_ever", error)
                for _ in range(3):
                    self.assertEqual(person.refresh(family).status, 503)
                    self.assertEqual(person.redeem("c0", code).status, 503)
                    self.check_reads(family)
                self.served.control.heal()
                self.assertEqual(patiently(lambda: person.refresh(family)).status, 200)
                again = patiently(lambda: person.redeem("c0", code))
                self.assertIn((again.status, again.error), ((200, ""), (400, "invalid_grant")))
                person.check()
        person.check_spent()

    # FX09: a read-only disk at the start is named
    def test_a_read_only_disk_at_the_start(self):
        said = self.refused(self.mounted("size=4m,mode=700", 'mount -o remount,ro "$1"'))
        self.assertIn("data/cardea.db", said)
        self.assertRegex(said, "(?i)read-only|readonly")


class Clocks(Case):
    # FX28: a day ahead ends what ends within a day, and no more; set right again, nobody was signed out
    def test_a_day_ahead_and_back(self):
        person = Person(self.served.start())
        person.reach_tokens("c0")
        self.served.control.move_clock(DAY)
        self.wait_for_log("store.clock_stepped")
        family = person.live[0]
        self.assertEqual(person.refresh(family).status, 200)
        answer = person.visit("GET", person.authorize("c0").location)
        self.assertIn('value="sign-in"', answer.body)  # idle for more than 12 hours
        self.served.control.move_clock(0)
        self.wait_for_log("store.clock_stepped", 2)
        person.check()
        person.check_spent()

    # FX28: a day back revives nothing that was spent or revoked, and blocks nobody
    def test_a_day_back(self):
        person = Person(self.served.start())
        person.reach_tokens("c0")
        gone = person.reach_tokens("c0")
        person.revoke(gone, gone.refresh)
        kept = person.reach_tokens("c0")
        person.revoke(kept, kept.access)
        self.served.control.move_clock(-DAY)
        self.wait_for_log("store.clock_stepped")
        person.check()
        other = Person(self.served)
        other.reach_tokens("c1")
        other.check()
        self.served.kill()
        self.served.start()
        person.check()
        other.check()
        person.check_spent()


class RootKeys(Case):
    # FX31: without its root key a server refuses to start, says which file is missing, and makes no other one
    def test_a_missing_root_key(self):
        key = os.path.join(self.folder, "root.key")
        os.rename(key, key + ".kept")
        said = self.refused()
        self.assertIn(key, said)
        self.assertIn("missing", said)
        self.assertFalse(os.path.exists(key))
        done = self.served.run("keys", "list")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertFalse(os.path.exists(key))
        os.rename(key + ".kept", key)
        Person(self.served.start()).reach_tokens("c0")

    # FX31: another root key is told apart from a missing one
    def test_another_root_key(self):
        key = os.path.join(self.folder, "root.key")
        with open(key, "w", encoding="ascii") as out:
            out.write("A" * 43 + "\n")
        self.assertIn("not the one the store was made with", self.refused())

    # FX31: a root key that is empty or torn is named
    def test_a_torn_root_key(self):
        with open(os.path.join(self.folder, "root.key"), "w", encoding="ascii"):
            pass
        self.assertIn("root.key", self.refused())


class Files(Case):
    # FX11: a database of a newer version is refused and left alone
    def test_a_newer_database(self):
        with sqlite3.connect(self.served.store) as store:
            store.execute("INSERT INTO schema_migrations VALUES (9999, 'later', x'00', 0, 9999)")
        store.close()
        with open(self.served.store, "rb") as file:
            before = file.read()
        said = self.refused()
        self.assertIn("9999 (later)", said)
        self.assertIn("newer than this program", said)
        with open(self.served.store, "rb") as file:
            self.assertEqual(file.read(), before)

    def damage(self, path, at, size, dice):
        with open(path, "r+b") as file:
            file.seek(at)
            file.write(dice.randbytes(size))

    # FX10: a damaged header or page is named at the start, or the server does no harm with what is left
    def test_a_damaged_database(self):
        person = Person(self.served.start())
        person.reach_tokens("c0")
        family = person.reach_tokens("c0")
        person.revoke(family, family.refresh)
        self.assertEqual(self.served.terminate(), 0)
        whole = self.served.store + ".whole"
        shutil.copy(self.served.store, whole)
        size = os.path.getsize(whole)
        dice = random.Random(1)
        places = [(0, 100), (24, 8), (100, 200)] + [(dice.randrange(size // 4096) * 4096, 4096) for _ in range(16)]
        named = 0
        for at, length in places:
            with self.subTest(at=at, length=length):
                shutil.copy(whole, self.served.store)
                self.damage(self.served.store, at, length, dice)
                try:
                    self.served.start()
                except StartFailed as refusal:
                    self.assertEqual(refusal.code, 1, refusal.said)
                    self.assertRegex(refusal.said,
                                     "damaged|malformed|not a database|not a store|does not open|root key|migration")
                    named += 1
                    continue
                # What was hit may be refused, or need a new sign-in, but it is no wrong yes and no crash.
                self.assertNotEqual(patiently(lambda: person.refresh(person.revoked[0]), 1).status, 200)
                self.assertIsNone(self.served.process.poll())
                self.served.kill()
        self.assertGreater(named, 3)

    # FX10: a log with a damaged frame: what stands before it is there, the file is whole, people go on
    def test_a_damaged_log(self):
        person = Person(self.served.start())
        person.reach_tokens("c0")
        early = person.live[0].refresh
        for _ in range(5):
            person.refresh(person.live[0])
        self.served.kill()
        log = self.served.store + "-wal"
        self.damage(log, os.path.getsize(log) - 2000, 16, random.Random(1))
        self.served.start()
        self.assertNotEqual(person.token("c0", grant_type="refresh_token", refresh_token=early).status, 200)
        other = Person(self.served)
        other.reach_tokens("c1")
        other.check()
        self.served.terminate()
        with sqlite3.connect(self.served.store) as store:
            self.assertEqual(store.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        store.close()


class Backups(Case):
    """A store with a backup, and with codes and families of before and after it."""

    def setUp(self):
        super().setUp()
        self.person = Person(self.served.start())
        self.early = self.person.reach_code("c0")  # redeemed after the backup
        self.family = self.person.reach_tokens("c0")
        self.copy = os.path.join(self.folder, "copy.db")
        self.assertTrue(admin(self.served.admin, "backup", path=self.copy)["ok"])
        self.assertEqual(self.person.redeem("c0", self.early).status, 200)
        self.gone = self.person.live.pop()
        self.assertEqual(self.person.refresh(self.family).status, 200)
        self.assertEqual(self.served.terminate(), 0)

    def check_nothing_revived(self):
        person = self.person
        answer = person.authorize("c0")  # the session was there before and after the backup
        self.assertTrue(person.code_of("c0", answer), "neither the old store nor the restored one")
        self.assertNotEqual(person.token("c0", grant_type="authorization_code", code=self.early,
                                         redirect_uri="https://c0.example/cb",
                                         code_verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").status, 200)

    # FX13: codes of before are void, tokens that rotated since are refused, and nobody is stuck
    def test_a_restored_backup(self):
        done = self.served.run("restore", self.copy)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.served.start()
        self.check_nothing_revived()
        self.assertEqual(self.person.refresh(self.family).error, "invalid_grant")
        self.assertEqual(self.person.refresh(self.gone).error, "invalid_grant")
        self.person.live, self.person.spent = [], []
        self.person.reach_tokens("c0")  # the session is older than the backup: nobody is asked
        self.person.check()

    # FX13; FX01: a restore that is killed at any call leaves the old store or a restored one, never one in between
    def test_a_restore_that_is_killed(self):
        whole = self.folder + "-whole"
        shutil.copytree(os.path.join(self.folder, "data"), whole)
        self.addCleanup(shutil.rmtree, whole, ignore_errors=True)
        killed = 0
        for call, numbers in (("name", range(1, 8)), ("flush", range(1, 8)), ("write", range(1, 40, 3))):
            for number in numbers:
                with self.subTest(call=call, number=number):
                    shutil.rmtree(os.path.join(self.folder, "data"))
                    shutil.copytree(whole, os.path.join(self.folder, "data"))
                    self.served.control.arm(call, number, "kill_before")
                    done = subprocess.run([CARDEA, "restore", self.copy, "--config", self.served.config],
                                          env=self.served.environment(), capture_output=True, timeout=60, check=False)
                    hits = self.served.control.hits()
                    self.served.control.heal()
                    if not hits:
                        self.assertEqual(done.returncode, 0, done.stderr)
                        break
                    self.assertEqual(done.returncode, -signal.SIGKILL)
                    killed += 1
                    self.served.start()
                    self.check_nothing_revived()
                    fresh = Person(self.served)
                    fresh.reach_tokens("c1")
                    fresh.check()
                    self.served.terminate()
        self.assertGreater(killed, 3)


if __name__ == "__main__":
    unittest.main()
