// Group commit: many operations share a commit, one bad operation does not spoil its batch, and the
// queue is bounded. Decision T2.
#include <gtest/gtest.h>

#include <thread>

#include "engines.h"

namespace cardea::writer_test {

using namespace store_test;
using namespace store;
using store::sqlite::OpenOptions;

UseOnce once(const std::string& name) {
  return {.digest = digest<OnceDigest>(name), .expires_at = start + days(1), .now = start};
}

class WriterOnEveryEngine : public EveryEngine {
 protected:
  // Performs all at once and gives the answers in order.
  template <class Op>
  std::vector<Answer<typename Op::Outcome>> all(std::vector<Op> operations) {
    std::vector<std::optional<Answer<typename Op::Outcome>>> slots(operations.size());
    std::size_t done = 0;
    for (std::size_t i = 0; i < operations.size(); ++i) {
      spawn(
          executor(), store().perform(std::move(operations[i])),
          [&, i](Answer<typename Op::Outcome> answer) {
            slots[i] = std::move(answer);
            ++done;
          },
          [](std::exception_ptr) { ADD_FAILURE(); });
    }
    executor().run_until([&] { return done == slots.size(); });
    std::vector<Answer<typename Op::Outcome>> out;
    for (auto& slot : slots) out.push_back(*std::move(slot));
    return out;
  }
};

TEST_P(WriterOnEveryEngine, ManyOperationsShareFewCommits) {
  std::vector<UseOnce> operations;
  for (int i = 0; i < 1000; ++i) operations.push_back(once(std::to_string(i)));
  const auto before = store().statistics();
  for (const auto& answer : all(operations)) ASSERT_TRUE(answer.ok());
  const auto after = store().statistics();
  EXPECT_EQ(after.operations - before.operations, 1000);
  EXPECT_EQ(after.commits - before.commits, after.batches - before.batches);
  EXPECT_LT(after.commits - before.commits, 500);
}

// Q6: one awaited write is one operation in one commit
TEST_P(WriterOnEveryEngine, OneOperationIsOneCommit) {
  const auto before = store().statistics();
  perform(once("a"));
  const auto after = store().statistics();
  EXPECT_EQ(after.operations - before.operations, 1);
  EXPECT_EQ(after.batches - before.batches, 1);
  EXPECT_EQ(after.commits - before.commits, 1);
}

// T2: a failing operation is isolated by its savepoint
TEST_P(WriterOnEveryEngine, AFailingOperationDoesNotSpoilItsBatch) {
  // The same code id twice breaks the table's key: the second is a fault, not an outcome.
  std::vector<ParkSealed> operations;
  for (const std::string id : {"a", "b", "a", "c"}) {
    operations.push_back({.value_id = ParkedId(id), .sealed = "x", .expires_at = start + days(1)});
  }
  const auto answers = all(operations);
  EXPECT_TRUE(answers[0].ok());
  EXPECT_TRUE(answers[1].ok());
  ASSERT_FALSE(answers[2].ok());
  EXPECT_EQ(answers[2].error().kind, Failure::Kind::unavailable);
  EXPECT_TRUE(answers[3].ok());
  EXPECT_EQ(store().statistics().failed_operations, 1);
  EXPECT_EQ(store().statistics().failed_batches, 0);
  for (const std::string id : {"a", "b", "c"}) {
    EXPECT_TRUE(value(store().find_parked(ParkedId(id))).has_value()) << id;
  }
}

// T2: a failed operation leaves no part of itself behind
TEST_P(WriterOnEveryEngine, AFailingOperationLeavesNothing) {
  furnish(store());
  perform(redemption(store(), "g1"));
  BeginGrant clash = redemption(store(), "g2");
  clash.refresh->grant_id = a_refresh("g1").grant_id;
  EXPECT_FALSE(answer(store().perform(clash)).ok());
  EXPECT_EQ(value(store().find_grant(GrantId("g2"), TokenId())), nullptr);
  const auto row = value(store().find_refresh(a_refresh("g1").grant_id));
  EXPECT_EQ(row->row.grant_id, GrantId("g1"));
}

// T2: what nobody waits for any more is not started
TEST_P(WriterOnEveryEngine, AnOperationPastItsDeadlineIsDropped) {
  const auto late = answer(store().perform(once("late"), monotonic_ms() - 1));
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().kind, Failure::Kind::past_deadline);
  EXPECT_EQ(perform(once("late")), UseOnce::Outcome::first);
  EXPECT_TRUE(answer(store().perform(once("in time"), monotonic_ms() + 60'000)).ok());
  EXPECT_EQ(store().statistics().past_deadline, 1);
}

// FX25: a full queue says so at once
TEST_P(WriterOnEveryEngine, AFullQueueIsOverloaded) {
  queue_max = 0;
  reopen();
  const auto refused = answer(store().perform(once("x")));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, Failure::Kind::overloaded);
  EXPECT_EQ(store().statistics().overloaded, 1);
  EXPECT_EQ(store().statistics().operations, 0);
}

// A store on disk whose writer is told how busy the loops are: here by the test.
class Gathering : public testing::Test, public StoreTest {
 protected:
  Gathering() { occupancy_.set_loops(1); }
  void open(std::chrono::milliseconds gather_max) {
    auto opened = store::sqlite::open({.path = scratch_.file(),
                                       .clock = &clock_,
                                       .occupancy = &occupancy_,
                                       .gather_max = gather_max});
    ASSERT_TRUE(opened.ok());
    store_ = std::move(*opened);
  }
  void submit(const std::string& name) {
    spawn(
        executor(), store_->perform(once(name)),
        [&](Answer<UseOnce::Outcome> answer) {
          EXPECT_TRUE(answer.ok());
          ++done_;
        },
        [](std::exception_ptr) { ADD_FAILURE(); });
  }
  void wait_for(int done) {
    executor().run_until([&] { return done_ == done; });
  }

  SettableClock clock_{start};
  Scratch scratch_;
  Occupancy occupancy_;
  std::unique_ptr<store::sqlite::SqliteStore> store_;
  int done_ = 0;
};

// While every loop works, what arrives shares one flush; an idle loop ends the wait.
TEST_F(Gathering, OperationsOfBusyLoopsShareACommit) {
  open(std::chrono::minutes(10));
  occupancy_.busy();
  const auto before = store_->statistics();
  for (int i = 0; i < 20; ++i) submit(std::to_string(i));
  EXPECT_EQ(store_->statistics().commits, before.commits);
  occupancy_.idle();
  wait_for(20);
  EXPECT_EQ(store_->statistics().commits - before.commits, 1);
}

TEST_F(Gathering, NobodyWaitsWhileALoopIsIdle) {
  open(std::chrono::minutes(10));
  submit("a");
  wait_for(1);
}

TEST_F(Gathering, TheWaitHasAnEndAlsoUnderLoad) {
  open(std::chrono::milliseconds(1));
  occupancy_.busy();
  submit("a");
  wait_for(1);
}

// What is queued is performed, however long it would have waited.
TEST_F(Gathering, ClosingTheStoreEndsTheWait) {
  open(std::chrono::minutes(10));
  occupancy_.busy();
  submit("a");
  store_.reset();
  wait_for(1);
}

// Reads see every acknowledged write, from any thread
TEST_P(WriterOnEveryEngine, AReadAfterAnAcknowledgementSeesIt) {
  const auto run = [&](const std::string& name) {
    StoreTest here;
    for (int i = 0; i < 60; ++i) {
      const TokenId token_id(name + std::to_string(i));
      here.perform(store(), MarkToken{.token_id = token_id, .expires_at = start + days(1)});
      EXPECT_TRUE(here.value(store().is_token_marked(token_id)));
    }
  };
  std::thread other([&] { run("b"); });
  run("a");
  other.join();
}

INSTANTIATE_TEST_SUITE_P(Store, WriterOnEveryEngine, every_engine(),
                         [](const auto& engine) { return store_test::name_of(engine.param); });

}  // namespace cardea::writer_test
