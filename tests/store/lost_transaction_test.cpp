// When SQLite itself gives up the transaction of a whole batch because of one operation, as it does
// on some errors of the disk and of memory. Here a trigger asks for it, so that it happens where
// the test says. Decision T2.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "engines.h"

namespace cardea::lost_transaction_test {

using namespace store_test;
using namespace store;

// Holds up the writer's thread, which asks for the time at each operation: meanwhile operations
// gather, and they become one batch.
class Gate final : public Clock {
 public:
  Instant now() const override {
    std::unique_lock lock(mutex_);
    is_waited_at_ = is_waited_at_ || !is_open_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return is_open_ || std::this_thread::get_id() == owner_; });
    return start;
  }
  void close() {
    const std::lock_guard lock(mutex_);
    is_open_ = false;
    is_waited_at_ = false;
  }
  void wait_for_somebody() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return is_waited_at_; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }

 private:
  const std::thread::id owner_ = std::this_thread::get_id();
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  mutable bool is_waited_at_ = false;
  bool is_open_ = true;
};

struct LostTransaction : testing::Test, StoreTest {
  LostTransaction() {
    const auto ours = sql::migrations(sql::Dialect::sqlite);
    migrations.assign(ours.begin(), ours.end());
    migrations.push_back({.version = static_cast<std::int64_t>(migrations.size()) + 1,
                          .name = "loses",
                          .script = "CREATE TRIGGER loses BEFORE INSERT ON parked_values "
                                    "WHEN NEW.value_id LIKE 'lost%' "
                                    "BEGIN SELECT RAISE(ROLLBACK, 'lost'); END;"});
    auto opened = sqlite::open({.path = scratch.file(), .clock = &gate, .migrations = migrations});
    EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().reason);
    if (opened) store = *std::move(opened);
  }

  // Parks a code under each id, all in one batch; whether each was acknowledged.
  std::vector<bool> park_together(const std::vector<std::string>& ids) {
    std::vector<bool> acknowledged(ids.size());
    std::size_t done = 0;
    const auto park = [&](const std::string& id, auto then) {
      spawn(
          executor(),
          store->perform(
              ParkSealed{.value_id = ParkedId(id), .sealed = "x", .expires_at = start + days(1)}),
          [&done, then](const Answer<ParkSealed::Outcome>& answer) { ++done, then(answer.ok()); },
          [](std::exception_ptr) { ADD_FAILURE(); });
    };
    gate.close();
    park("ahead", [](bool ok) { EXPECT_TRUE(ok); });
    gate.wait_for_somebody();
    for (std::size_t i = 0; i < ids.size(); ++i) {
      park(ids[i], [&acknowledged, i](bool ok) { acknowledged[i] = ok; });
    }
    gate.open();
    executor().run_until([&] { return done == ids.size() + 1; });
    EXPECT_EQ(store->statistics().batches, 2);
    return acknowledged;
  }

  bool is_parked(const std::string& id) {
    return value(store->find_parked(ParkedId(id))).has_value();
  }

  Scratch scratch;
  Gate gate;
  std::vector<sql::Migration> migrations;
  std::unique_ptr<sqlite::SqliteStore> store;
};

// T2: the operation that lost the transaction is refused, those beside it are done once more
TEST_F(LostTransaction, CostsTheOperationThatLostItAndNoOther) {
  EXPECT_EQ(park_together({"a", "b", "lost", "c"}), (std::vector<bool>{true, true, false, true}));
  for (const std::string id : {"a", "b", "c"}) EXPECT_TRUE(is_parked(id)) << id;
  EXPECT_FALSE(is_parked("lost"));
  EXPECT_EQ(store->statistics().failed_operations, 1);
  EXPECT_EQ(store->statistics().failed_batches, 0);
}

// T2: lost once more, the batch is refused as a whole and nothing of it stands
TEST_F(LostTransaction, LostTwiceNothingOfTheBatchIsAcknowledgedOrStored) {
  EXPECT_EQ(park_together({"a", "lost 1", "b", "lost 2"}), std::vector<bool>(4, false));
  for (const std::string id : {"a", "lost 1", "b", "lost 2"}) EXPECT_FALSE(is_parked(id)) << id;
  EXPECT_EQ(store->statistics().failed_batches, 1);
  const ParkSealed again{.value_id = ParkedId("a"), .sealed = "x", .expires_at = start + days(1)};
  EXPECT_EQ(perform(*store, again), ParkSealed::Outcome::stored);
}

}  // namespace cardea::lost_transaction_test
