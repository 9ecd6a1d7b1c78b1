// A COMMIT whose wait for the standby was cut short is not acknowledged, though PostgreSQL calls it
// done. Decision T2.
#include <gtest/gtest.h>

#include <future>
#include <optional>

#include "store/postgres/link.h"
#include "support/scratch_database.h"

namespace cardea::unreplicated_commit_test {

using namespace store::postgres;
using store::sql::SqlFailure;
using store::sql::Statement;
using test::ScratchDatabase;

constexpr Statement begin{"BEGIN"};
constexpr Statement make_table{"CREATE TABLE made_here (number BIGINT)"};
constexpr Statement drop_table{"DROP TABLE made_here"};
constexpr Statement commit{"COMMIT"};

// A standby that is never there, for the length of a scope.
struct AbsentStandby {
  AbsentStandby() { set("SET synchronous_standby_names = 'absent'"); }
  ~AbsentStandby() { set("RESET synchronous_standby_names"); }
  static void set(const std::string& change) {
    ScratchDatabase::instance().run_sql("ALTER SYSTEM " + change);
    ScratchDatabase::instance().run_sql("SELECT pg_reload_conf()");
  }
};

std::unique_ptr<Link> open() {
  LinkOptions options;
  options.conninfo = ScratchDatabase::instance().new_schema();
  auto opened = Link::open(options);
  EXPECT_TRUE(opened.ok());
  return *std::move(opened);
}

// Commits until one is not acknowledged. The server takes up the setting soon, not at once.
std::optional<SqlFailure> commit_again_and_again(Link& link) {
  constexpr int tries_max = 500;
  for (int tries = 0; tries < tries_max; ++tries) {
    link.queue(begin, {});
    link.queue(tries % 2 == 0 ? make_table : drop_table, {});
    link.queue(commit, {});
    const auto answers = link.exchange();
    if (!answers) return answers.error();
  }
  return std::nullopt;
}

// FX20: a commit that did not wait for its standby is not acknowledged
TEST(UnreplicatedCommit, IsNotAcknowledgedWhenItsWaitIsCutShort) {
  const auto link = open();
  const AbsentStandby absent;
  auto done = std::async(std::launch::async, [&] { return commit_again_and_again(*link); });
  while (done.wait_for(std::chrono::milliseconds(10)) != std::future_status::ready) {
    ScratchDatabase::instance().run_sql(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
  }
  const auto failure = done.get();
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->kind, SqlFailure::Kind::lost);
  EXPECT_TRUE(failure->reason.contains("with a warning")) << failure->reason;
  EXPECT_FALSE(link->is_open());
}

}  // namespace cardea::unreplicated_commit_test
