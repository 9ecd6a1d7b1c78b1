// What a node remembers of tokens and people while others write to the same database. Decision
// 0022; Q6.
#include <gtest/gtest.h>

#include "kept_reads.h"
#include "store/sql/statements.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/watched_columns.h"

namespace cardea::kept_reads_test {

using namespace store_test;
using namespace store;

// Two nodes. What one changes, the other is asked about as a request asks: versions() first.
class KeptReadsOfNodes : public testing::Test, public StoreTest {
 protected:
  KeptReadsOfNodes() { renew(); }
  void renew() {
    first.reset();
    second.reset();
    conninfo = test::ScratchDatabase::instance().new_schema();
    open(first);
    open(second);
    furnish_with_grant(*this, *first);
  }
  void open(std::unique_ptr<postgres::PostgresStore>& into) {
    auto opened = postgres::open({.link = {.conninfo = conninfo},
                                  .clock = &clock,
                                  .sweep_hold = Seconds{0},
                                  .sweep_after = 1});
    ASSERT_TRUE(opened.ok()) << opened.error().reason;
    into = *std::move(opened);
  }
  std::string schema() const { return conninfo.substr(conninfo.rfind('=') + 1); }
  // By a hand that knows nothing of nodes, and of no schema.
  void run_by_hand(const std::string& verb, const std::string& table, const std::string& rest) {
    test::ScratchDatabase::instance().run_sql(verb + " " + schema() + "." + table + " " + rest);
  }
  std::shared_ptr<const GrantView> view(StoreTest& test) {
    test.value(first->versions());
    return test.value(first->find_grant(GrantId("g1"), TokenId("t1")));
  }
  Liveness liveness() {
    const auto found = view(*this);
    return found ? judge_liveness(*found, clock.now()) : Liveness::grant_absent;
  }
  std::int64_t count() { return value(first->versions()).live_changes; }

  std::string conninfo;
  SettableClock clock{start};
  std::unique_ptr<postgres::PostgresStore> first;
  std::unique_ptr<postgres::PostgresStore> second;
};

// Q6: on every way a token stays as live as the store says
TEST_F(KeptReadsOfNodes, EveryWayToEndATokenIsSeenByTheNextRequestAtTheOther) {
  for (const auto& [expected, end] : ways()) {
    renew();
    const auto kept = view(*this);
    ASSERT_EQ(liveness(), Liveness::live);
    EXPECT_EQ(view(*this), kept);
    end(*second);
    EXPECT_EQ(liveness(), expected) << name_of(expected);
  }
}

// Q6: what ends no token makes nobody read again, and one transaction counts once
TEST_F(KeptReadsOfNodes, OnlyWhatMayEndATokenIsCounted) {
  const auto kept = view(*this);
  const auto before = count();
  perform(*second, redemption(*second, "g2"));
  perform(*second, TouchSession{.session_id = SessionId("s1"), .now = start + hours(1)});
  perform(*second, UseOnce{.digest = digest<OnceDigest>("jti"), .expires_at = start, .now = start});
  EXPECT_EQ(count(), before);
  EXPECT_EQ(view(*this), kept);
  for (const std::string name : {"s2", "s3"}) {
    perform(*second, SignIn{.session = a_session(name),
                            .replaces = {},
                            .rehashed = {},
                            .interaction = {},
                            .now = start});
  }
  EXPECT_EQ(count(), before);
  perform(*second, EndAllSessions{.user_id = a_user().user_id, .keep = {}});
  EXPECT_EQ(count(), before + 1);
}

// Q6: rows that a sweep removes ended before
TEST_F(KeptReadsOfNodes, ASweepIsNotCounted) {
  perform(*second, SignIn{.session = a_session("s2"),
                          .replaces = {},
                          .rehashed = {},
                          .interaction = {},
                          .now = start});
  perform(*second, MarkToken{.token_id = TokenId("t9"), .expires_at = start + minutes(1)});
  const auto before = count();
  clock.advance(days(200));
  for (int i = 0; i < 40; ++i) {
    perform(*second, UseOnce{.digest = digest<OnceDigest>("o" + std::to_string(i)),
                             .expires_at = clock.now() + minutes(1),
                             .now = clock.now()});
  }
  EXPECT_GE(second->statistics().swept_rows, 4);  // both sessions, the mark, the grant
  EXPECT_EQ(value(first->find_session_by_id(SessionId("s2"))), std::nullopt);
  EXPECT_EQ(count(), before);
}

// Q6: a change that no node made is one as well
TEST_F(KeptReadsOfNodes, AChangeByHandIsSeen) {
  struct Hand {
    std::string verb, table, rest;
    Liveness ends_as;
  };
  const std::vector<Hand> hands{
      {"UPDATE", "users", "SET enabled = 0", Liveness::user_disabled},
      {"UPDATE", "sessions", "SET ends_at = created_at", Liveness::session_ended},
      {"DELETE FROM", "sessions", "", Liveness::session_ended},
      {"DELETE FROM", "consents", "", Liveness::consent_withdrawn},
      {"DELETE FROM", "clients", "", Liveness::client_disabled},
      {"DELETE FROM", "users", "", Liveness::user_absent},
      {"DELETE FROM", "grants", "", Liveness::grant_absent},
      {"TRUNCATE", "sessions", "CASCADE", Liveness::session_ended},
      {"TRUNCATE", "consents", "", Liveness::consent_withdrawn},
  };
  for (const auto& hand : hands) {
    renew();
    ASSERT_EQ(liveness(), Liveness::live);
    run_by_hand(hand.verb, hand.table, hand.rest);
    EXPECT_EQ(liveness(), hand.ends_as) << hand.verb << " " << hand.table;
  }
  run_by_hand("TRUNCATE", "store_meta", "");
  EXPECT_FALSE(answer(first->versions()).ok());
}

// Q6: a schema that was renamed counts what changes in it, and not in another that took its name
TEST_F(KeptReadsOfNodes, ARenamedSchemaCountsItsOwn) {
  auto& database = test::ScratchDatabase::instance();
  const auto named = schema();
  database.run_sql("ALTER SCHEMA " + named + " RENAME TO renamed_" + named);
  database.run_sql("CREATE SCHEMA " + named);
  const auto stranger_conninfo = conninfo;
  conninfo = conninfo.substr(0, conninfo.rfind('=') + 1) + "renamed_" + named;
  open(first);
  ASSERT_EQ(liveness(), Liveness::live);
  auto stranger = postgres::open({.link = {.conninfo = stranger_conninfo}, .clock = &clock});
  ASSERT_TRUE(stranger.ok()) << stranger.error().reason;
  run_by_hand("UPDATE", "users", "SET enabled = 0");
  EXPECT_EQ(liveness(), Liveness::user_disabled);
  EXPECT_EQ(value((*stranger)->versions()).live_changes, 0);
}

// Q6: where the database does not count, a node remembers nothing
TEST_F(KeptReadsOfNodes, NothingIsRememberedWhereNothingIsCounted) {
  run_by_hand("ALTER TABLE", "users", "DISABLE TRIGGER live_changes_by_column");
  open(first);
  const auto found = view(*this);
  EXPECT_NE(view(*this), found);
  run_by_hand("UPDATE", "users", "SET enabled = 0");
  EXPECT_EQ(liveness(), Liveness::user_disabled);
}

// Q14: a session that was used at another node lives on here
TEST_F(KeptReadsOfNodes, ASessionThatIsUsedElsewhereLivesOn) {
  ASSERT_EQ(liveness(), Liveness::live);
  clock.advance(hours(11));
  perform(*second, TouchSession{.session_id = SessionId("s1"), .now = clock.now()});
  clock.advance(hours(2));
  EXPECT_EQ(liveness(), Liveness::live);
  clock.advance(hours(10));
  EXPECT_EQ(liveness(), Liveness::session_ended);
}

// FX01: a database that comes back may be another one
TEST_F(KeptReadsOfNodes, NothingIsRememberedAcrossConnections) {
  const auto kept = view(*this);
  test::ScratchDatabase::instance().crash();
  test::ScratchDatabase::instance().start();
  std::shared_ptr<const GrantView> found;
  for (const auto until = monotonic_ms() + 20'000; !found && monotonic_ms() < until;) {
    if (!answer(first->versions())) continue;
    const auto again = answer(first->find_grant(GrantId("g1"), TokenId("t1")));
    if (again) found = *again;
  }
  ASSERT_NE(found, nullptr);
  EXPECT_NE(found, kept);
}

// Q6: an acknowledged end holds for the next request at the other node, whoever was asking there
TEST_F(KeptReadsOfNodes, NobodyWhoLooksMeanwhileMakesAnEndedTokenLive) {
  for (int round = 0; round < 40; ++round) {
    const std::string name = "r" + std::to_string(round);
    perform(*second, redemption(*second, name));
    const int wrong = wrong_looks(
        [&](StoreTest& test) {
          test.value(first->versions());
          return test.value(first->find_grant(GrantId(name), TokenId(name + ".t")));
        },
        [&] { perform(*second, RevokeGrant{.grant_id = GrantId(name), .reason = "revoked"}); });
    ASSERT_EQ(wrong, 0) << name;
  }
}

// 6749-10: what one node counts against a client holds at the next request at the other, and what
// is forgiven does as well
TEST_F(KeptReadsOfNodes, FailuresThatAnotherNodeCountsAreSeen) {
  const auto key = digest<CounterDigest>("client");
  const auto seen = [&] {
    value(first->versions());
    const auto counters = value(first->counters({key}));
    return counters.empty() ? 0 : counters.front().count;
  };
  EXPECT_EQ(seen(), 0);
  const auto before = value(first->versions());
  perform(*second, redemption(*second, "g2"));
  EXPECT_EQ(value(first->versions()).failure_changes, before.failure_changes);
  for (int failures = 1; failures < 4; ++failures) {
    perform(*second, AddToCounters{.additions = {{key}}, .window = minutes(5), .now = start});
    EXPECT_EQ(seen(), failures);
  }
  perform(*second, ClearCounters{{{.key = key, .count = 3, .window_start = start}}});
  EXPECT_EQ(seen(), 0);
  EXPECT_EQ(value(first->versions()).live_changes, before.live_changes);
}

// 6749-10; Q6: PostgreSQL counts whatever SQLite says touches what is remembered, row by row and
// column by column
TEST_F(KeptReadsOfNodes, TheDatabaseCountsAllThatIsRemembered) {
  auto opened = sqlite::SqliteConnection::open(":memory:", sqlite::Access::read_write);
  ASSERT_TRUE(opened.ok());
  auto& beside = **opened;
  ASSERT_TRUE(
      sql::migrate(beside, sql::migrations(sql::Dialect::sqlite), start, sql::Others::are_stopped)
          .ok());
  struct Counted {
    std::string triggers;
    std::vector<const sql::Statement*> statements;
    int columns_read;
  };
  const std::vector<Counted> kinds{
      {"live_changes_by_", {&sql::read_grant_view, &sql::read_user}, 26},
      {"failure_changes_by_", {&sql::read_counter}, 3}};
  static constexpr sql::Statement read_columns{
      "SELECT c.relname, a.attname,"
      " coalesce(bool_or(t.tgtype & 4 <> 0), false)::int::bigint,"
      " coalesce(bool_or(t.tgtype & 8 <> 0), false)::int::bigint,"
      " coalesce(bool_or(t.tgtype & 16 <> 0 AND a.attnum = ANY (t.tgattr)), false)::int::bigint,"
      " coalesce(bool_or(t.tgtype & 32 <> 0), false)::int::bigint,"
      " coalesce(bool_and(t.tgenabled = 'O' AND (t.tginitdeferred OR t.tgtype & 1 = 0)), true)"
      "::int::bigint"
      " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
      " LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND starts_with(t.tgname, $1)"
      " WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace"
      " GROUP BY 1, 2 ORDER BY 1, 2"};
  auto schema = postgres::open_schema({.conninfo = conninfo});
  ASSERT_TRUE(schema.ok());
  for (const auto& kind : kinds) {
    sqlite::WatchedColumns watched;
    for (const auto* remembered : kind.statements) beside.add_read_columns(*remembered, watched);
    int columns = 0;
    int read = 0;
    (*schema)->sql().each(read_columns, {kind.triggers}, [&](const sql::Row& row) {
      const auto table = row.text(0);
      const auto column = row.text(1);
      EXPECT_EQ(row.integer(2) != 0, watched.touched_by_insert(table)) << table;
      EXPECT_EQ(row.integer(3) != 0, watched.touched_by_delete(table)) << table;
      EXPECT_EQ(row.integer(4) != 0, watched.touched_by_update(table, column))
          << table << "." << column;
      EXPECT_EQ(row.integer(5) != 0, watched.touched_by_delete(table)) << table;
      EXPECT_EQ(row.integer(6), 1) << table;
      ++columns;
      read += watched.touched_by_update(table, column) ? 1 : 0;
    });
    EXPECT_GT(columns, 100);
    EXPECT_GE(read, kind.columns_read);
  }
}

}  // namespace cardea::kept_reads_test
