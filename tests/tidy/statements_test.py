"""Every statement of the store, read from its sources and explained by SQLite on the real schema: none goes through a
whole table but those that docs/operating/scale.md lists, and what each reaches is what that page says (decision E7)."""
import glob
import os
import re
import sqlite3
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = os.path.join(ROOT, "docs/operating/scale.md")
# By which column the rows of a table would be spread over machines. Other tables are small, and everywhere.
SPREAD_BY = {
    "users": "user_id", "consents": "user_id", "second_factors": "user_id", "recovery_codes": "user_id",
    "sessions": "session_id", "session_clients": "session_id", "interactions": "handle", "grants": "grant_id",
    "refresh_tokens": "grant_id", "revoked_tokens": "token_id", "once_values": "digest", "password_links": "digest",
    "parked_values": "value_id", "polled_requests": "request_id", "failure_counters": "counter_key",
    "client_notices": "client_id", "notice_lanes": "client_id",
}
NO_TABLE = ("FROM sqlite_master", "pg_stat_activity", "clock_timestamp()", "pg_current_wal_lsn()", "set_config(",
            "pg_trigger")


def statements():
    """Name and text of each."""
    found = {}
    for path in sorted(glob.glob(os.path.join(ROOT, "src/store/**/*.*"), recursive=True)):
        with open(path, encoding="utf-8") as source:
            text = source.read()
        for name, pieces in re.findall(r'Statement (\w+)\{((?:\s*"(?:[^"\\]|\\.)*")+)\s*\}', text):
            words = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', pieces))
            if " " in words and not words.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")):
                found[name] = words
    return {name: text for name, text in found.items() if not any(mark in text for mark in NO_TABLE)}


def schema():
    """A database with every migration applied, and nothing in it."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE schema_migrations (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL,"
                     " checksum BYTEA NOT NULL, applied_at BIGINT NOT NULL)")
    for path in sorted(glob.glob(os.path.join(ROOT, "migrations/*.sql"))):
        if path.endswith(".postgres.sql"):
            continue
        with open(path, encoding="utf-8") as script:
            database.executescript(script.read())
    return database


def tables_of(text):
    """Each mention of a table with the name that it goes by there."""
    no_alias = "|".join(("SET", "WHERE", "ON", "JOIN", "LEFT", "ORDER", "LIMIT", "FOR", "VALUES"))
    pattern = rf"\b(?:FROM|JOIN|INTO|UPDATE) (\w+)(?: (?!(?:{no_alias})\b)(\w+))?"
    return [(table, alias or table) for table, alias in re.findall(pattern, text) if table in SPREAD_BY]


def is_bound(text, table, alias):
    """'parameter' when the column that spreads the table equals one, 'joined' when it equals another table's, or ''."""
    if re.search(rf"INSERT INTO {table}\b", text) and alias == table:
        return "parameter"
    column = SPREAD_BY[table]
    for left in {f"{alias}.{column}", f"{table}.{column}"} | ({column} if alias == table else set()):
        if re.search(rf"(?<![\w.]){re.escape(left)} = \$\d+", text) or re.search(rf"\$\d+ = {re.escape(left)}", text):
            return "parameter"
    for left in (f"{alias}.{column}", column):
        if re.search(rf"(?<![\w.]){re.escape(left)} = (\w+\.\w+|\(SELECT)", text):
            return "joined"
        if re.search(rf"\w+\.\w+ = {re.escape(left)}(?!\w)", text):
            return "joined"
    return ""


def reach(text):
    """one: every row lies where its parameter says. joined: a fixed number of places. several: found by another key."""
    kinds = [is_bound(text, table, alias) for table, alias in tables_of(text)]
    if "" in kinds or (kinds and "parameter" not in kinds):
        return "several"
    return "joined" if "joined" in kinds else "one"


def listed():
    """The rows of the page's table: name to reach."""
    with open(PAGE, encoding="utf-8") as page:
        return dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", page.read(), re.M))


class Statements(unittest.TestCase):
    def test_there_are_as_many_as_the_store_has(self):
        declared = []
        for name in ("statements.h", "locks.h"):
            with open(os.path.join(ROOT, "src/store/sql", name), encoding="utf-8") as header:
                declared += re.findall(r"^inline constexpr Statement (\w+)\{", header.read(), re.M)
        self.assertGreater(len(declared), 140)
        self.assertLessEqual(set(declared), set(statements()))

    def test_none_goes_through_a_whole_table_unless_listed(self):
        database, page = schema(), listed()
        for name, text in statements().items():
            with self.subTest(name):
                text = re.sub(r" FOR (UPDATE|KEY SHARE)$", "", text)
                count = max(map(int, re.findall(r"\$(\d+)", text)), default=0)
                values = {str(number): None for number in range(1, count + 1)}
                plan = database.execute("EXPLAIN QUERY PLAN " + text, values).fetchall()
                scans = [row[3] for row in plan if re.match(r"SCAN (?!CONSTANT ROW|n$|waiting$)", row[3])]
                if page.get(name) != "all":
                    self.assertEqual(scans, [], text)

    def test_each_reaches_what_the_page_says(self):
        page, found = listed(), statements()
        self.assertEqual(set(page) - set(found), set())
        for name, text in found.items():
            with self.subTest(name):
                said = page.get(name, "one")
                allowed = ("one", "several") if said == "all" else (said,)
                self.assertIn(reach(text), allowed, text)

    def test_the_reading_of_a_statement(self):
        self.assertEqual(reach("SELECT 1 FROM users WHERE user_id = $1"), "one")
        self.assertEqual(reach("SELECT 1 FROM users WHERE login = $1"), "several")
        by_session = "SELECT 1 FROM sessions s JOIN users u ON u.user_id = s.user_id WHERE s.session_id = $1"
        self.assertEqual(reach(by_session), "joined")
        self.assertEqual(reach("UPDATE grants SET state = $2 WHERE user_id = $1"), "several")
        self.assertEqual(reach("SELECT document FROM clients ORDER BY client_id"), "one")


if __name__ == "__main__":
    unittest.main()
