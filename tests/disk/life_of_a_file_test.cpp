// The fault layer while a store file is made, migrated, opened with a log left over, checkpointed,
// closed and copied: whatever call fails or is the last before the power goes, opening it again is
// clear, and nothing acknowledged before is lost. Decision T2; security corpus 5.5. story.h says
// how a run is planned and a point reproduced.
#include <gtest/gtest.h>

#include <filesystem>

#include "crypto/hash.h"
#include "store/sqlite/checkpointer.h"
#include "story.h"

namespace cardea::life_of_a_file_test {

using namespace disk_test;
using store::sqlite::OpenError;
using store::sqlite::SqliteStore;

class LifeOfAFile : public testing::Test {
 protected:
  SimulatedDisk disk;
  Plan plan;
  Story story{disk};
  test::ScratchFolder folder;
  SettableClock clock{test::start};
  Met met;
  static constexpr int calls_max = 4000;
  static constexpr std::uint64_t quick_one_of = 40;

  const std::string now = folder.file("now.db");
  const std::string later = folder.file("later.db");

  void TearDown() override {
    met.tell(plan);
    if (plan.only.empty()) EXPECT_GT(met.points(), 0);
  }

  Result<std::unique_ptr<SqliteStore>, OpenError> open(
      const std::string& path, std::span<const store::sql::Migration> to =
                                   store::sql::migrations(store::sql::Dialect::sqlite)) {
    return store::sqlite::open({.path = path, .clock = &clock, .migrations = to});
  }
  void clear(const std::string& path) {
    for (const auto* beside : {"", "-wal", "-shm", "-journal", ".lock"}) {
      std::filesystem::remove(path + beside);
    }
    disk.heal();
    disk.forget();
  }

  // Visits one point: `prepare` makes the file, `act` is what the fault is set for, and `check` is
  // given the path of what is left. Whether there were as many calls.
  struct Scene {
    std::string name;
    std::function<void()> prepare;
    std::function<void()> act;  // closes what it opens
    std::function<void(const std::string&)> check;
  };
  bool visit(const Scene& scene, const Point& point) {
    SCOPED_TRACE(plan.reproduction(point.name()));
    scene.prepare();
    disk.arm(point.fault);
    scene.act();
    const bool is_hit = disk.hits() > 0;
    const bool was_cut = !disk.has_power();
    disk.heal();
    if (was_cut) {
      disk.power_returns(now, later, point.unflushed, plan.number_for(point.name()));
      disk.forget();
    }
    scene.check(was_cut ? later : now);
    if (is_hit) met.add(point, plan);
    return is_hit;
  }

  // Calls of one kind during a scene, until there are no more.
  void visit_all(const Scene& scene, DiskCall call, DiskFate fate,
                 Unflushed unflushed = Unflushed::by_seed) {
    const bool cuts = fate == DiskFate::power_cut || fate == DiskFate::torn_power_cut;
    const int rounds = cuts && unflushed == Unflushed::by_seed ? plan.rounds() : 1;
    for (int round = 0; round < rounds; ++round) {
      follow(scene.name, [&](int number) {
        const Point point{.during = scene.name,
                          .fault = {.call = call, .at = number, .fate = fate},
                          .unflushed = unflushed,
                          .round = round};
        return !plan.takes(point.name(), number == 1 ? 1 : quick_one_of) || visit(scene, point);
      });
    }
  }
  // Numbers calls until one is not made any more.
  void follow(const std::string& name, const std::function<bool(int)>& visit_call) {
    for (int number = 1; number < calls_max; ++number) {
      if (!visit_call(number)) return;
    }
    EXPECT_FALSE(plan.visits_every_call()) << name << " makes more calls than are visited";
  }
  void visit_all(const Scene& scene) {
    for (const DiskCall call : every_call) visit_all(scene, call, DiskFate::io_error);
    visit_all(scene, DiskCall::write, DiskFate::full);
    visit_all(scene, DiskCall::write, DiskFate::partial);
    visit_all(scene, DiskCall::sync, DiskFate::lost_flush);
    for (const DiskCall call :
         {DiskCall::write, DiskCall::sync, DiskCall::truncate, DiskCall::remove}) {
      for (const Unflushed unflushed : {Unflushed::by_seed, Unflushed::lost, Unflushed::kept}) {
        visit_all(scene, call, DiskFate::power_cut, unflushed);
      }
    }
    visit_all(scene, DiskCall::write, DiskFate::torn_power_cut);
    if (!plan.only.empty()) return;
    EXPECT_GT(met.furthest(scene.name, DiskCall::write), 0);
    EXPECT_GT(met.furthest(scene.name, DiskCall::sync), 0);
  }

  // The ledger of the end, on what is left of the file.
  void check_the_end(const std::string& path) {
    Journey at(path);
    at.ledger = story.ledgers.at("the end");
    at.check();
    at.check_spent();
    at.close();
    check_file(path);
  }
  // A person signs in at a server on this file.
  void check_usable(const std::string& path) {
    Journey at(path);
    at.reach_tokens();
    EXPECT_EQ(at.refresh(at.ledger.live.front()).status, 200);
    at.close();
    check_file(path);
  }
};

// FX44; FX08: a store that is being made
TEST_F(LifeOfAFile, Making) {
  visit_all({.name = "making",
             .prepare = [&] { clear(now); },
             .act = [&] { static_cast<void>(open(now).ok()); },
             .check = [&](const std::string& path) { check_usable(path); }});
}

// FX44: a migration that is killed is done again whole; the older program still knows the file, or
// refuses it as newer
TEST_F(LifeOfAFile, Migrating) {
  const auto ours = store::sql::migrations(store::sql::Dialect::sqlite);
  std::vector<store::sql::Migration> newer(ours.begin(), ours.end());
  newer.push_back(
      {static_cast<std::int64_t>(ours.size()) + 1, "later",
       "CREATE TABLE later (x BIGINT NOT NULL); INSERT INTO later SELECT 1 FROM sessions;"
       "CREATE INDEX later_x ON later (x); DROP INDEX later_x; ALTER TABLE later ADD y BIGINT"});
  visit_all({.name = "migrating",
             .prepare = [&] { story.copy_files("the end", now); },
             .act = [&] { static_cast<void>(open(now, newer).ok()); },
             .check =
                 [&](const std::string& path) {
                   {
                     const auto older = open(path);
                     if (!older.ok()) {
                       EXPECT_EQ(older.error().kind, OpenError::Kind::newer_schema)
                           << older.error().reason;
                       return;
                     }
                   }
                   check_the_end(path);
                 }});
  // And the newer program finishes what was begun.
  visit_all({.name = "migrated",
             .prepare = [&] { story.copy_files("the end", now); },
             .act = [&] { static_cast<void>(open(now, newer).ok()); },
             .check =
                 [&](const std::string& path) {
                   const auto again = open(path, newer);
                   EXPECT_TRUE(again.ok()) << again.error().reason;
                 }});
}

// FX01; FX08: a start with a log that a killed server left
TEST_F(LifeOfAFile, Starting) {
  visit_all({.name = "starting",
             .prepare = [&] { story.copy_files("the end", now); },
             .act = [&] { static_cast<void>(open(now).ok()); },
             .check = [&](const std::string& path) { check_the_end(path); }});
}

// FX01; FX08: the log is emptied into the database when a server stops
TEST_F(LifeOfAFile, Closing) {
  std::unique_ptr<Journey> at;
  visit_all({.name = "closing",
             .prepare = [&] { at = story.resume("the end", now); },
             .act = [&] { at.reset(); },
             .check = [&](const std::string& path) { check_the_end(path); }});
}

// FX05; FX08: the checkpoint thread empties a long log while the server writes
TEST_F(LifeOfAFile, Checkpointing) {
  met.leave_out_digest();
  // A log that is one write short of its checkpoint.
  const std::string full = folder.file("full.db");
  {
    auto at = story.resume("the end", now);
    const auto log_bytes = [&] { return std::filesystem::file_size(now + "-wal"); };
    for (int i = 0; log_bytes() < (store::sqlite::checkpoint_frames - 4) * 4120; ++i) {
      at->server->stored(at->server->store->perform(
          store::UseOnce{.digest = OnceDigest(crypto::sha256("fill" + std::to_string(i))),
                         .expires_at = test::start + days(1),
                         .now = test::start}));
    }
    for (const auto* beside : {"", "-wal"}) {
      std::filesystem::copy_file(now + beside, full + beside);
    }
  }
  std::unique_ptr<Journey> at;
  std::vector<std::string> acknowledged;
  visit_all({.name = "checkpointing",
             .prepare =
                 [&] {
                   clear(now);
                   for (const auto* beside : {"", "-wal"}) {
                     std::filesystem::copy_file(full + beside, now + beside);
                   }
                   at = std::make_unique<Journey>(now);
                   acknowledged.clear();
                 },
             .act =
                 [&] {
                   for (int i = 0; i < 12; ++i) {
                     const std::string name = "more" + std::to_string(i);
                     const auto done = at->server->await(at->server->store->perform(
                         store::UseOnce{.digest = OnceDigest(crypto::sha256(name)),
                                        .expires_at = test::start + days(1),
                                        .now = test::start}));
                     if (done.ok()) acknowledged.push_back(name);
                   }
                   at.reset();
                 },
             .check =
                 [&](const std::string& path) {
                   {
                     auto opened = open(path);
                     ASSERT_TRUE(opened.ok()) << opened.error().reason;
                     ManualExecutor executor;
                     for (const auto& name : acknowledged) {
                       const auto again =
                           run_blocking(executor, (*opened)->perform(store::UseOnce{
                                                      .digest = OnceDigest(crypto::sha256(name)),
                                                      .expires_at = test::start + days(1),
                                                      .now = test::start}));
                       ASSERT_TRUE(again.ok());
                       EXPECT_EQ(*again, store::UseOnce::Outcome::replayed) << name;
                     }
                   }
                   check_the_end(path);
                 }});
}

// FX13; FX08: a backup is whole or is not there
TEST_F(LifeOfAFile, BackingUp) {
  std::unique_ptr<Journey> at;
  const std::string copy = folder.file("copy.db");
  bool is_copied = false;
  const auto each = [&](DiskCall call, DiskFate fate) {
    follow("backing up", [&](int number) {
      const Point point{.during = "backing up", .fault = {call, number, fate}};
      if (!plan.takes(point.name(), number == 1 ? 1 : quick_one_of)) return true;
      SCOPED_TRACE(plan.reproduction(point.name()));
      clear(copy);
      at = story.resume("the end", now);
      disk.arm(point.fault);
      is_copied = at->server->sqlite->backup_to(copy).ok();
      const bool is_hit = disk.hits() > 0;
      disk.heal();
      EXPECT_EQ(std::filesystem::exists(copy), is_copied);
      EXPECT_FALSE(std::filesystem::exists(copy + ".part"));
      at->check();
      at.reset();
      if (is_copied) check_the_end(copy);
      if (is_hit) met.add(point, plan);
      return is_hit;
    });
  };
  for (const DiskCall call : every_call) each(call, DiskFate::io_error);
  each(DiskCall::write, DiskFate::full);
}

}  // namespace cardea::life_of_a_file_test
