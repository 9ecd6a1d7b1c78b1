// When the disk refuses: nothing that failed is acknowledged, nothing acknowledged is lost, reads
// go on, and the store comes back by itself. Decision T2; security corpus FX05, FX07, INV1, INV3,
// INV8.
#include <gtest/gtest.h>

#include "engines.h"
#include "faulty_disk.h"

namespace cardea::faulty_disk_test {

using namespace store_test;
using namespace store;
using store::sqlite::SqliteStore;

class OnAFaultyDisk : public testing::Test, public StoreTest {
 protected:
  std::unique_ptr<SqliteStore> open() {
    auto opened = sqlite::open({.path = scratch.file(), .clock = &clock});
    EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().reason);
    return opened.ok() ? *std::move(opened) : nullptr;
  }
  UseOnce once(const std::string& name) {
    return {.digest = digest<OnceDigest>(name), .expires_at = start + days(1), .now = start};
  }
  // Tries until it works; the store decides when it looks again.
  UseOnce::Outcome eventually(SqliteStore& store, const std::string& name) {
    const std::int64_t give_up = monotonic_ms() + 20'000;
    for (;;) {
      const auto got = answer(store.perform(once(name)));
      if (got) return *got;
      if (monotonic_ms() > give_up) {
        ADD_FAILURE() << "still failing: " << got.error().reason;
        return UseOnce::Outcome::replayed;
      }
    }
  }

  Scratch scratch;
  SettableClock clock{start};
  FaultyDisk disk;
};

// FX05: a full disk refuses writes, keeps reads, and is over when there is room again
TEST_F(OnAFaultyDisk, AFullDiskRefusesWritesAndNothingElse) {
  auto store = open();
  furnish(*store);
  disk.fail({.call = FaultyDisk::Call::write, .at = 1, .once = false, .with = SQLITE_FULL});
  for (int i = 0; i < 3; ++i) {
    const auto refused = answer(store->perform(redemption(*store)));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, Failure::Kind::unavailable);
    EXPECT_EQ(value(store->find_grant(GrantId("g1"), TokenId())), nullptr);
    EXPECT_TRUE(value(store->find_client(a_client().client_id)).has_value());
  }
  EXPECT_GE(disk.failures(), 3);
  EXPECT_EQ(store->statistics().failed_batches, 3);
  disk.heal();
  EXPECT_EQ(perform(*store, redemption(*store)), BeginGrant::Outcome::begun);
  store = nullptr;
  store = open();
  EXPECT_EQ(perform(*store, redemption(*store)), BeginGrant::Outcome::replayed);
}

// FX07; T2: a flush that failed once is not taken for durable, and the store is verified before it
// goes on
TEST_F(OnAFaultyDisk, AFailedFlushIsNotAcknowledgedAndTheStoreRecovers) {
  auto store = open();
  EXPECT_EQ(perform(*store, once("before")), UseOnce::Outcome::first);
  disk.fail({.call = FaultyDisk::Call::flush, .at = 1, .once = true, .with = SQLITE_IOERR_FSYNC});
  const auto refused = answer(store->perform(once("during")));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, Failure::Kind::unavailable);
  EXPECT_EQ(disk.failures(), 1);
  EXPECT_EQ(eventually(*store, "during"), UseOnce::Outcome::first);
  EXPECT_EQ(store->statistics().recoveries, 1);
  EXPECT_EQ(perform(*store, once("before")), UseOnce::Outcome::replayed);
}

// FX07: for ever: writes are refused quickly, reads go on
TEST_F(OnAFaultyDisk, FlushesThatKeepFailingRefuseWritesUntilTheyWork) {
  auto store = open();
  furnish(*store);
  disk.fail({.call = FaultyDisk::Call::flush, .at = 1, .once = false, .with = SQLITE_IOERR_FSYNC});
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(answer(store->perform(once("x"))).ok());
  EXPECT_TRUE(value(store->find_client(a_client().client_id)).has_value());
  disk.heal();
  EXPECT_EQ(eventually(*store, "x"), UseOnce::Outcome::first);
}

struct Outcomes {
  std::vector<std::string> acknowledged;
  std::vector<std::string> refused;
};

// Performs eight uses at once while the fault is set.
Outcomes perform_eight(ManualExecutor& executor, SqliteStore& store, const std::string& name) {
  Outcomes out;
  int done = 0;
  for (int i = 0; i < 8; ++i) {
    const std::string each = name + "/" + std::to_string(i);
    spawn(
        executor,
        store.perform(UseOnce{
            .digest = digest<OnceDigest>(each), .expires_at = start + days(1), .now = start}),
        [&, each](Answer<UseOnce::Outcome> answer) {
          ++done;
          if (!answer.ok()) {
            out.refused.push_back(each);
          } else {
            EXPECT_EQ(*answer, UseOnce::Outcome::first) << each;
            out.acknowledged.push_back(each);
          }
        },
        [](std::exception_ptr) { ADD_FAILURE(); });
  }
  executor.run_until([&] { return done == 8; });
  return out;
}

// FX07, FX35; INV1, INV3: whichever call of a batch fails, acknowledged means durable and refused
// may be tried again
TEST_F(OnAFaultyDisk, WhicheverCallFailsNothingAcknowledgedIsLost) {
  using Call = FaultyDisk::Call;
  int total_failures = 0;
  for (const auto& [call, with] :
       {std::pair(Call::read, SQLITE_IOERR_READ), std::pair(Call::write, SQLITE_IOERR_WRITE),
        std::pair(Call::write, SQLITE_FULL), std::pair(Call::flush, SQLITE_IOERR_FSYNC)}) {
    for (int at = 1; at <= 12; ++at) {
      const std::string name = std::to_string(with) + "@" + std::to_string(at);
      auto store = open();
      ASSERT_NE(store, nullptr);
      disk.fail({.call = call, .at = at, .once = true, .with = with});
      const Outcomes outcomes = perform_eight(executor(), *store, name);
      disk.heal();
      total_failures += disk.failures();
      for (const auto& each : outcomes.acknowledged) {
        EXPECT_EQ(eventually(*store, each), UseOnce::Outcome::replayed) << each;
      }
      store = nullptr;
      store = open();
      ASSERT_NE(store, nullptr);
      for (const auto& each : outcomes.acknowledged) {
        EXPECT_EQ(perform(*store, once(each)), UseOnce::Outcome::replayed) << each;
      }
      for (const auto& each : outcomes.refused) {
        EXPECT_EQ(perform(*store, once(each)), UseOnce::Outcome::first) << each;
      }
    }
  }
  EXPECT_GT(total_failures, 12);
}

}  // namespace cardea::faulty_disk_test
