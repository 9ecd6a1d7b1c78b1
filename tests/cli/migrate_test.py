"""`cardea migrate` and `cardea restore`, on a file and on a database, as an operator upgrades and restores."""
import base64
import json
import os
import signal
import sqlite3
import sys
import unittest
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "faults"))

from cluster import Database  # noqa: E402
from serve_test import FILE_SECRET, ServeCase, run_program  # noqa: E402

# What the newest migration made, taken back: the store of a program that was one version older.
BEFORE_THE_LAST = "DROP TABLE change_counts; DELETE FROM schema_migrations WHERE version = 13;"
ON_A_DATABASE = "DROP FUNCTION count_change() CASCADE;"


class MigrateCase(ServeCase):
    def stop_server(self):
        self.server.send_signal(signal.SIGTERM)
        self.assertEqual(self.server.wait(timeout=30), 0)

    def go_back(self):
        """Makes the store one version older."""
        with sqlite3.connect(os.path.join(self.folder, "data", "cardea.db")) as store:
            store.executescript(BEFORE_THE_LAST)
        store.close()

    def assert_goes_up(self):
        """From the version before the last, step by step."""
        status = self.run_cardea("migrate", "status")
        newest = status["program"]
        self.assertEqual((status["schema"], status["pending"]), (newest - 1, 1))
        plan = self.run_cardea("migrate", "plan", "--try")
        self.assertEqual([row["migration"] for row in plan["plan"]], [newest])
        self.assertEqual(plan["plan"][0]["nodes"], "go on serving")
        self.assertGreaterEqual(plan["tried_and_taken_back_ms"], 0)
        self.assertEqual(self.run_cardea("migrate", "status")["pending"], 1)
        self.assertEqual(self.run_cardea("migrate", "up"), {"applied": 1, "schema": newest})
        self.assertEqual(self.run_cardea("migrate", "status")["pending"], 0)
        self.assertEqual(self.run_cardea("migrate", "up")["applied"], 0)


class OnAFile(MigrateCase):
    def test_status_and_plan_are_read_while_the_server_runs(self):
        status = self.run_cardea("migrate", "status")
        self.assertEqual((status["schema"], status["pending"]), (status["program"], 0))
        self.assertEqual(self.run_cardea("migrate", "plan")["plan"], [])
        self.run_cardea("migrate", "plan", "--try", code=5)
        self.assertIn("Nothing is pending", run_program("migrate", "plan", "--config", self.config).stderr)

    def test_an_older_store_goes_up(self):
        self.stop_server()
        self.go_back()
        self.assert_goes_up()
        self.start()
        self.assertEqual(self.token("owned", FILE_SECRET), 200)

    def test_without_a_store_there_is_nothing_to_tell(self):
        self.stop_server()
        os.rename(os.path.join(self.folder, "data", "cardea.db"), os.path.join(self.folder, "kept"))
        self.run_cardea("migrate", "status", code=4)

    def test_a_restore_needs_its_backup(self):
        self.stop_server()
        self.run_cardea("restore", code=2)


class OnADatabase(MigrateCase):
    def setUp(self):
        self.database = None
        super().setUp()

    def start(self):
        if self.database is None:
            self.database = Database(self.folder)
            self.addCleanup(self.database.stop)
            with open(self.config, encoding="utf-8") as file:
                text = file.read()
            with open(self.config, "w", encoding="utf-8") as file:
                file.write(text.replace(f"sqlite://{self.folder}/data/cardea.db", self.database.url()))
        super().start()

    def tearDown(self):
        self.stop()
        self.doCleanups()
        super().tearDown()

    def go_back(self):
        self.database.run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", self.database.folder, "-U", "cardea", "postgres",
                          "-c", ON_A_DATABASE + BEFORE_THE_LAST)

    def call(self, path, **parameters):
        owned = base64.b64encode(f"owned:{FILE_SECRET}".encode()).decode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", urllib.parse.urlencode(parameters).encode(),
            {"Authorization": f"Basic {owned}", "Host": f"localhost:{self.port}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def test_an_older_database_goes_up(self):
        self.stop_server()
        self.go_back()
        self.assert_goes_up()
        self.start()
        self.assertEqual(self.token("owned", FILE_SECRET), 200)

    def test_an_empty_database_goes_up(self):
        self.stop_server()
        self.database.run("psql", "-q", "-h", self.database.folder, "-U", "cardea", "postgres", "-c",
                          "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        status = self.run_cardea("migrate", "status")
        self.assertEqual((status["schema"], status["pending"]), (0, status["program"]))
        self.run_cardea("migrate", "plan", "--try")
        self.assertEqual(self.run_cardea("migrate", "up")["applied"], status["program"])
        self.start()
        self.assertEqual(self.token("owned", FILE_SECRET), 200)

    # FX24: the server that starts does it as well, since others could go on
    def test_a_server_brings_what_others_can_live_with(self):
        self.stop_server()
        self.go_back()
        self.start()
        self.assertEqual(self.run_cardea("migrate", "status")["pending"], 0)

    # RT14: after a restore what was sealed before is void, and nobody may serve meanwhile
    def test_a_restored_database_gets_a_new_epoch(self):
        token = self.call("/token", grant_type="client_credentials")["access_token"]
        self.assertTrue(token.startswith("at1_"))
        self.assertTrue(self.call("/introspect", token=token)["active"])
        self.run_cardea("restore", code=5)
        self.run_cardea("restore", "some.dump", code=2)
        self.stop_server()
        self.run_cardea("restore")
        self.start()
        self.assertFalse(self.call("/introspect", token=token)["active"])
        token = self.call("/token", grant_type="client_credentials")["access_token"]
        self.assertTrue(self.call("/introspect", token=token)["active"])


if __name__ == "__main__":
    unittest.main()
