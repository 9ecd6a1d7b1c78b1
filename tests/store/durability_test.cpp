// What a store file promises: acknowledged writes survive restarts and SIGKILL, one process holds
// it, and what is not understood is refused. Decisions T2, P7, Q7; security corpus 5.3 and 5.5.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <thread>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "engines.h"
#include "store/sqlite/restore.h"

namespace cardea::durability_test {

using namespace store_test;
using namespace store;
using store::sqlite::OpenError;
using store::sqlite::OpenOptions;
using store::sqlite::SqliteStore;

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Durability : public testing::Test, public StoreTest {
 protected:
  OpenOptions options() { return {.path = scratch.file(), .clock = &clock}; }
  std::unique_ptr<SqliteStore> open() {
    auto opened = sqlite::open(options());
    EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().reason);
    return opened.ok() ? *std::move(opened) : nullptr;
  }
  OpenError refusal(const OpenOptions& with) {
    auto opened = sqlite::open(with);
    EXPECT_FALSE(opened.ok());
    return opened.ok() ? OpenError{} : opened.error();
  }
  UseOnce once(const std::string& name) {
    return {.digest = digest<OnceDigest>(name), .expires_at = start + days(1), .now = start};
  }

  Scratch scratch;
  SettableClock clock{start};
};

// P1; INV3: everything acknowledged is there after a restart
TEST_F(Durability, EverythingAcknowledgedIsThereAfterARestart) {
  std::string epoch;
  {
    auto store = open();
    furnish(*store);
    EXPECT_EQ(perform(*store, redemption(*store)), BeginGrant::Outcome::begun);
    EXPECT_EQ(perform(*store, once("jti")), UseOnce::Outcome::first);
    epoch = value(store->meta()).epoch;
  }
  auto store = open();
  EXPECT_EQ(value(store->meta()).epoch, epoch);
  EXPECT_EQ(perform(*store, redemption(*store)), BeginGrant::Outcome::replayed);
  EXPECT_EQ(perform(*store, once("jti")), UseOnce::Outcome::replayed);
  EXPECT_TRUE(value(store->find_session(a_session().handle)).has_value());
  EXPECT_TRUE(value(store->find_client(a_client().client_id)).has_value());
}

// P1: what was queued when the store is closed is performed, not dropped
TEST_F(Durability, ClosingPerformsWhatIsQueued) {
  ManualExecutor executor;
  int first = 0;
  int done = 0;
  {
    auto store = open();
    for (int i = 0; i < 500; ++i) {
      spawn(
          executor, store->perform(once(std::to_string(i))),
          [&](Answer<UseOnce::Outcome> answer) {
            ++done;
            if (answer.ok() && *answer == UseOnce::Outcome::first) ++first;
          },
          [](std::exception_ptr) {});
    }
  }
  executor.run_until([&] { return done == 500; });
  EXPECT_EQ(first, 500);
  auto store = open();
  EXPECT_EQ(perform(*store, once("499")), UseOnce::Outcome::replayed);
}

// Writes numbers of acknowledged operations to the pipe until it is killed.
[[noreturn]] void acknowledge_for_ever(const OpenOptions& options, int pipe_end) {
  auto opened = sqlite::open(options);
  if (!opened) _exit(1);
  ManualExecutor executor;
  for (std::int32_t i = 0;; i += 8) {
    int done = 0;
    for (std::int32_t k = i; k < i + 8; ++k) {
      spawn(
          executor,
          (*opened)->perform(UseOnce{.digest = digest<OnceDigest>(std::to_string(k)),
                                     .expires_at = start + days(1),
                                     .now = start}),
          [&done, k, pipe_end](Answer<UseOnce::Outcome> answer) {
            ++done;
            if (!answer.ok() || *answer != UseOnce::Outcome::first) _exit(2);
            if (write(pipe_end, &k, sizeof k) != sizeof k) _exit(3);
          },
          [](std::exception_ptr) { _exit(4); });
    }
    executor.run_until([&] { return done == 8; });
  }
}

// P1; FX02: a process killed under load loses nothing it acknowledged
TEST_F(Durability, NothingAcknowledgedIsLostToSigkill) {
  for (const int kill_after : {1, 40, 333, 2500}) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    OpenOptions with = options();
    with.path = scratch.file("killed-" + std::to_string(kill_after));
    const pid_t child = fork();
    if (child == 0) {
      close(ends[0]);
      acknowledge_for_ever(with, ends[1]);
    }
    close(ends[1]);
    std::vector<std::int32_t> acknowledged;
    std::int32_t number = 0;
    while (read(ends[0], &number, sizeof number) == sizeof number) {
      acknowledged.push_back(number);
      if (static_cast<int>(acknowledged.size()) == kill_after) kill(child, SIGKILL);
    }
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
    ASSERT_GE(acknowledged.size(), static_cast<std::size_t>(kill_after));

    auto opened = sqlite::open(with);
    ASSERT_TRUE(opened.ok()) << opened.error().reason;
    for (const std::int32_t each : acknowledged) {
      EXPECT_EQ(perform(**opened, once(std::to_string(each))), UseOnce::Outcome::replayed) << each;
    }
  }
}

// P7; FX12: one process at a time
TEST_F(Durability, ASecondOpenIsRefusedWithTheHoldersProcess) {
  auto store = open();
  const OpenError error = refusal(options());
  EXPECT_EQ(error.kind, OpenError::Kind::locked);
  EXPECT_EQ(error.locked_by, getpid());
  EXPECT_NE(error.reason.find(std::to_string(getpid())), std::string::npos);
  store.reset();
  EXPECT_NE(open(), nullptr);
}

TEST_F(Durability, OnlyTheOwnerMayReadTheFiles) {
  auto store = open();
  perform(*store, once("x"));
  for (const std::string suffix : {"", "-wal", "-shm", ".lock"}) {
    struct stat about{};
    ASSERT_EQ(stat((scratch.file() + suffix).c_str(), &about), 0) << suffix;
    EXPECT_EQ(about.st_mode & 0777, 0600u) << suffix;
  }
}

std::int64_t next_version() {
  return static_cast<std::int64_t>(sql::migrations(sql::Dialect::sqlite).size()) + 1;
}

// Our migrations, and one more.
std::vector<sql::Migration> and_then(std::string_view name, std::string_view script) {
  const auto ours = sql::migrations(sql::Dialect::sqlite);
  std::vector<sql::Migration> all(ours.begin(), ours.end());
  all.push_back({next_version(), name, script});
  return all;
}

// FX11: a store of a newer program, or with other migrations, is refused
TEST_F(Durability, NewerAndForeignSchemasAreRefusedAndLeftAlone) {
  const auto next = next_version();
  const auto newer = and_then("later", "CREATE TABLE later (x BIGINT)");
  OpenOptions with = options();
  with.migrations = newer;
  {
    ASSERT_TRUE(sqlite::open(with).ok());
  }
  OpenError error = refusal(options());
  EXPECT_EQ(error.kind, OpenError::Kind::newer_schema);
  EXPECT_NE(error.reason.find(std::to_string(next) + " (later)"), std::string::npos)
      << error.reason;

  const auto changed = and_then("later", "CREATE TABLE later (y BIGINT)");
  with.migrations = changed;
  EXPECT_EQ(refusal(with).kind, OpenError::Kind::changed_migration);
  with.migrations = newer;
  auto again = sqlite::open(with);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(value((*again)->meta()).schema_version, next);
}

// Migrations say what they mean for programs that serve meanwhile. Those after the first that can
// say it hold no table for as long as it has rows, unless nobody serves.
TEST(Migrations, AreQuickWhereOthersServe) {
  for (const auto& migration : sql::migrations(sql::Dialect::postgres)) {
    EXPECT_LE(sql::serves_from(migration), migration.version) << migration.name;
    if (sql::serves_from(migration) < migration.version) {
      EXPECT_TRUE(sql::tables_gone_through(migration).empty()) << migration.name;
    }
  }
}

TEST(Migrations, TellWhichTablesTheyGoThrough) {
  const auto of = [](std::string_view script) {
    return sql::tables_gone_through({.version = 1, .name = "x", .script = script});
  };
  using Tables = std::vector<std::string>;
  EXPECT_EQ(of("ALTER TABLE users ADD COLUMN x BIGINT;"), Tables{});
  EXPECT_EQ(of("CREATE TABLE a (x BIGINT);\nCREATE INDEX a_x ON a (x);"), Tables{});
  EXPECT_EQ(of("CREATE UNIQUE INDEX b_x ON users (x);\nUPDATE grants SET x = 1;"),
            (Tables{"grants", "users"}));
  EXPECT_EQ(of("UPDATE users SET x = 1; DELETE FROM users;"), Tables{"users"});
  EXPECT_EQ(of("CREATE TRIGGER t AFTER UPDATE OF x ON users EXECUTE FUNCTION f();"), Tables{});
  EXPECT_EQ(
      sql::serves_from({.version = 9, .name = "x", .script = "-- Serves programs from 7 on.\n"}),
      7);
  EXPECT_EQ(sql::serves_from({.version = 9, .name = "x", .script = "SELECT 1"}), 9);
}

// FX44: a migration is applied whole or not at all
TEST_F(Durability, AFailingMigrationChangesNothing) {
  {
    ASSERT_NE(open(), nullptr);
  }
  const auto broken =
      and_then("broken", "CREATE TABLE half (x BIGINT); CREATE TABLE half (x BIGINT)");
  OpenOptions with = options();
  with.migrations = broken;
  EXPECT_EQ(refusal(with).kind, OpenError::Kind::unavailable);
  const auto repaired = and_then("whole", "CREATE TABLE half (x BIGINT)");
  with.migrations = repaired;
  EXPECT_TRUE(sqlite::open(with).ok());
}

// FX10: damage is named, not worked with
TEST_F(Durability, ADamagedFileIsRefused) {
  {
    ASSERT_NE(open(), nullptr);
  }
  std::string bytes = content_of(scratch.file());
  for (std::size_t at = 4096; at < 4096 + 3000; ++at) bytes[at] = '\x5a';
  std::ofstream(scratch.file(), std::ios::binary) << bytes;
  EXPECT_EQ(refusal(options()).kind, OpenError::Kind::corrupt);
  std::ofstream(scratch.file(), std::ios::binary)
      << "This is a letter, not a database. " << std::string(8192, 'x');
  EXPECT_EQ(refusal(options()).kind, OpenError::Kind::corrupt);
}

TEST_F(Durability, AnotherProgramsDatabaseIsRefusedAndLeftAsItWas) {
  const std::vector<sql::Migration> other{{1, "other", "CREATE TABLE theirs (x BIGINT)"}};
  auto foreign = sqlite::SqliteConnection::open(scratch.file(), sqlite::Access::read_write);
  ASSERT_TRUE(foreign.ok());
  (*foreign)->run_script("CREATE TABLE theirs (x BIGINT)");
  ASSERT_FALSE((*foreign)->failure().has_value());
  *foreign = nullptr;
  const std::string before = content_of(scratch.file());
  EXPECT_EQ(refusal(options()).kind, OpenError::Kind::not_a_store);
  EXPECT_EQ(content_of(scratch.file()), before);
}

TEST_F(Durability, AFolderThatIsNotThereIsRefused) {
  OpenOptions with = options();
  with.path = scratch.file("absent/cardea.db");
  const OpenError error = refusal(with);
  EXPECT_EQ(error.kind, OpenError::Kind::unavailable);
  EXPECT_NE(error.reason.find("absent/cardea.db"), std::string::npos) << error.reason;
}

// FX13; RT14: a backup made while the store serves is whole, and restoring voids sealed codes
TEST_F(Durability, ABackupUnderLoadIsConsistentAndRestoringRenewsTheEpoch) {
  auto store = open();
  furnish(*store);
  const BeginGrant code = redemption(*store, "g1");
  EXPECT_EQ(perform(*store, code), BeginGrant::Outcome::begun);
  ManualExecutor executor;
  int done = 0;
  for (int i = 0; i < 600; ++i) {
    spawn(
        executor, store->perform(once(std::to_string(i))),
        [&](Answer<UseOnce::Outcome>) { ++done; }, [](std::exception_ptr) {});
  }
  const std::string copy = scratch.file("backup.db");
  const auto copied = store->backup_to(copy);
  ASSERT_TRUE(copied.ok()) << copied.error().reason;
  EXPECT_FALSE(store->backup_to(copy).ok());  // never replaces a file
  executor.run_until([&] { return done == 600; });
  struct stat about{};
  ASSERT_EQ(stat(copy.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);

  EXPECT_EQ(sqlite::restore(copy, options()).error().kind, OpenError::Kind::locked);
  store.reset();
  const auto put_back = sqlite::restore(copy, options());
  ASSERT_TRUE(put_back.ok()) << put_back.error().reason;
  auto restored = open();
  EXPECT_NE(value(restored->meta()).epoch, code.epoch);
  EXPECT_EQ(perform(*restored, code), BeginGrant::Outcome::other_epoch);
  EXPECT_TRUE(value(restored->find_session(a_session().handle)).has_value());
  EXPECT_EQ(value(restored->grants_of(a_user().user_id)).size(), 1u);
}

// A store with a session, a backup of it, and then a store without that session.
struct RestoreCrash : Durability {
  std::string backup = scratch.file("backup.db");
  std::string epoch;

  void SetUp() override {
    auto store = open();
    furnish(*store);
    epoch = value(store->meta()).epoch;
    ASSERT_TRUE(store->backup_to(backup).ok());
    perform(*store, EndSessions{.session_ids = {a_session().session_id}, .user_id = {}});
    ASSERT_FALSE(value(store->find_session(a_session().handle)).has_value());
  }
  // Restores in a process of its own that is killed after the step of that number; how it ended.
  int killed_after(int steps) {
    const pid_t child = fork();
    if (child == 0) {
      int left = steps;
      const auto done = sqlite::restore(backup, options(), [&](std::string_view) {
        if (--left == 0) kill(getpid(), SIGKILL);
      });
      _exit(done ? 0 : 1);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return status;
  }
};

// Q7; RT14: killed at any step, a restore leaves the former store, or the copy under a new epoch;
// the next start finishes what was begun, and never shows the copy under the epoch it was made in.
TEST_F(RestoreCrash, LeavesTheFormerStoreOrTheCopyUnderANewEpoch) {
  int restored = 0;
  int former = 0;
  bool finished = false;
  for (int steps = 1; !finished; ++steps) {
    ASSERT_LT(steps, 20);
    const int status = killed_after(steps);
    finished = WIFEXITED(status);
    ASSERT_TRUE(finished ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGKILL) << steps;
    auto store = open();
    const bool is_copy = value(store->find_session(a_session().handle)).has_value();
    EXPECT_EQ(value(store->meta()).epoch != epoch, is_copy) << steps;
    EXPECT_FALSE(is_copy ? former < 2 : restored > 0) << steps;
    (is_copy ? restored : former) += 1;
    if (!is_copy) continue;
    // Back to the beginning: what was kept is the former store, whole.
    store.reset();
    OpenOptions kept = options();
    kept.path = scratch.file() + ".before-restore";
    auto before = sqlite::open(kept);
    ASSERT_TRUE(before.ok()) << before.error().reason;
    EXPECT_EQ(value((*before)->meta()).epoch, epoch);
    EXPECT_FALSE(value((*before)->find_session(a_session().handle)).has_value());
    (*before).reset();
    std::filesystem::rename(kept.path, scratch.file());
  }
  EXPECT_GE(restored, 3);
  EXPECT_FALSE(std::filesystem::exists(scratch.file() + ".restored"));
}

// A backup that is none changes nothing.
TEST_F(RestoreCrash, ABackupThatIsNoneIsRefused) {
  const std::string text = scratch.file("text.db");
  std::ofstream(text) << "no database";
  for (const auto& path : {text, scratch.file("absent.db")}) {
    EXPECT_FALSE(sqlite::restore(path, options()).ok());
  }
  auto store = open();
  EXPECT_EQ(value(store->meta()).epoch, epoch);
  EXPECT_FALSE(std::filesystem::exists(scratch.file() + ".restoring"));
}

TEST_F(Durability, AStoreInMemoryCanBeBackedUpToo) {
  OpenOptions in_memory = options();
  in_memory.path = "";
  auto store = sqlite::open(in_memory);
  ASSERT_TRUE(store.ok());
  furnish(**store);
  const std::string copy = scratch.file("memory.db");
  ASSERT_TRUE((*store)->backup_to(copy).ok());
  OpenOptions with = options();
  with.path = copy;
  auto opened = sqlite::open(with);
  ASSERT_TRUE(opened.ok()) << opened.error().reason;
  EXPECT_TRUE(value((*opened)->find_session(a_session().handle)).has_value());
}

TEST_F(Durability, StoresInMemoryAreApart) {
  OpenOptions in_memory = options();
  in_memory.path = "";
  auto one = sqlite::open(in_memory);
  auto two = sqlite::open(in_memory);
  ASSERT_TRUE(one.ok());
  ASSERT_TRUE(two.ok());
  perform(**one, PutUser{.user = a_user()});
  EXPECT_TRUE(value((*two)->users_after("", 1)).empty());
}

// FX28: a clock that jumps a year ahead and is set right again has cost nobody a sign-in
TEST_F(Durability, AClockThatJumpsAheadDeletesNothingAtOnce) {
  auto store = open();
  furnish(*store);
  EXPECT_EQ(perform(*store, redemption(*store)), BeginGrant::Outcome::begun);
  clock.advance(days(365));
  for (int i = 0; i < 32; ++i) perform(*store, ClearCounters{});
  EXPECT_EQ(store->statistics().swept_rows, 0);
  clock.set(start);
  EXPECT_TRUE(value(store->find_refresh(a_refresh().grant_id)).has_value());
  EXPECT_TRUE(value(store->find_session(a_session().handle)).has_value());
}

// The write-ahead log is emptied by its own thread and never grows without bound
TEST_F(Durability, TheLogStaysBoundedWhileWritesGoOn) {
  auto store = open();
  ManualExecutor executor;
  int done = 0;
  constexpr int rounds = 40;
  constexpr int at_once = 500;
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < at_once; ++i) {
      spawn(
          executor, store->perform(once(std::to_string(round) + "/" + std::to_string(i))),
          [&](Answer<UseOnce::Outcome>) { ++done; }, [](std::exception_ptr) {});
    }
    executor.run_until([&] { return done == (round + 1) * at_once; });
  }
  EXPECT_GT(store->statistics().checkpoints, 0);
  struct stat about{};
  ASSERT_EQ(stat((scratch.file() + "-wal").c_str(), &about), 0);
  EXPECT_LT(about.st_size, 64 << 20);
  store.reset();
  // Closing empties the log into the database.
  EXPECT_NE(stat((scratch.file() + "-wal").c_str(), &about), 0);
  EXPECT_EQ(perform(*open(), once("39/499")), UseOnce::Outcome::replayed);
}

// T2: a read after an acknowledged write sees it, whatever snapshot its connection had kept.
TEST_F(Durability, AReadSeesEveryWriteAcknowledgedBefore) {
  auto store = open();
  furnish(*store);
  for (int round = 0; round < 50; ++round) {
    const CounterDigest key = digest<CounterDigest>("counter");
    ASSERT_EQ(perform(*store, AddToCounters{.additions = {{key}}, .window = days(1), .now = start}),
              AddToCounters::Outcome::added);
    const auto counters = value(store->counters({key}));
    ASSERT_EQ(counters.size(), 1u);
    ASSERT_EQ(counters[0].count, round + 1);
  }
}

// INV7: what is secret is never in the files; only digests and sealed values come in
TEST_F(Durability, OnlyDigestsOfBearerValuesAreInTheFiles) {
  auto store = open();
  furnish(*store);
  perform(*store, redemption(*store));
  perform(*store, once("bearer jti"));
  const std::string bytes = content_of(scratch.file()) + content_of(scratch.file() + "-wal");
  for (const std::string value : {"cookie s1", "g1 generation 1", "bearer jti"}) {
    EXPECT_EQ(bytes.find(value), std::string::npos) << value;
  }
  EXPECT_NE(bytes.find(crypto::sha256("cookie s1")), std::string::npos);
}

}  // namespace cardea::durability_test
