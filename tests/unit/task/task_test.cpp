// Tasks, executors and deliveries: values arrive, exceptions end as `failed`, nothing leaks, and a
// completion on another thread continues on the owner's executor. Decision E2.
#include "task/task.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "task/background.h"
#include "task/delivery.h"
#include "task/frames.h"

namespace cardea::task_test {

Task<int> plain(int value) {
  co_return value;
}
Task<int> sum(int a, int b) {
  const int left = co_await plain(a);
  const int right = co_await plain(b);
  co_return left + right;
}
Task<int> failing() {
  throw std::runtime_error("broken");
  co_return 0;
}
Task<int> through() {
  co_return co_await failing() + 1;
}
template <class T>
Task<T> awaiting(Delivery<T> delivery) {
  co_return co_await delivery;
}
Task<Unit> note_after(Delivery<int> delivery, std::atomic<bool>& noted) {
  co_await delivery;
  noted = true;
  co_return Unit{};
}
Task<std::thread::id> thread_after(Delivery<int> delivery) {
  co_await delivery;
  co_return std::this_thread::get_id();
}

TEST(Task, GivesItsValueToWhoAwaitsIt) {
  ManualExecutor executor;
  EXPECT_EQ(run_blocking(executor, sum(2, 3)), 5);
}

TEST(Task, IsLazy) {
  bool ran = false;
  {
    auto task = [](bool& flag) -> Task<int> {
      flag = true;
      co_return 1;
    }(ran);
  }
  EXPECT_FALSE(ran);
}

TEST(Task, CarriesValuesThatCanOnlyMove) {
  ManualExecutor executor;
  const auto made = []() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
  EXPECT_EQ(*run_blocking(executor, made()), 7);
}

TEST(Task, AnExceptionReachesWhoAwaitsIt) {
  ManualExecutor executor;
  EXPECT_THROW(run_blocking(executor, through()), std::runtime_error);
}

TEST(Spawn, CallsExactlyOneOfDoneAndFailed) {
  ManualExecutor executor;
  int done = 0;
  int failed = 0;
  spawn(executor, sum(1, 1), [&](int) { ++done; }, [&](std::exception_ptr) { ++failed; });
  EXPECT_EQ(done, 1);
  spawn(executor, through(), [&](int) { ++done; }, [&](std::exception_ptr) { ++failed; });
  EXPECT_EQ(done, 1);
  EXPECT_EQ(failed, 1);
}

// An object whose living copies are counted.
class Counted {
 public:
  explicit Counted(int& alive) : alive_(&alive) { ++*alive_; }
  Counted(const Counted& other) : alive_(other.alive_) { ++*alive_; }
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --*alive_; }

 private:
  int* alive_;
};

TEST(Task, NothingIsLeftBehind) {
  int alive = 0;
  ManualExecutor executor;
  const auto holding = [](Counted held, bool fail) -> Task<int> {
    const Counted another = held;
    if (fail) throw std::runtime_error("broken");
    co_return co_await plain(1);
  };
  spawn(executor, holding(Counted(alive), false), [](int) {}, [](std::exception_ptr) {});
  EXPECT_EQ(alive, 0);
  spawn(executor, holding(Counted(alive), true), [](int) {}, [](std::exception_ptr) {});
  EXPECT_EQ(alive, 0);
  {
    const auto never_started = holding(Counted(alive), false);
  }
  EXPECT_EQ(alive, 0);
}

// Decision E2: after finish(), and not before, what background work uses may go away
TEST(Background, FinishWaitsForTheEndOfWhatWasStarted) {
  ManualExecutor executor;
  ExecutorBackground background(executor);
  std::atomic<bool> noted = false;
  std::atomic<bool> is_asked = false;
  Delivery<int> late;
  background.start(note_after(late, noted));
  std::thread turning([&] { executor.run_until([&] { return background.idle(); }); });
  std::thread answering([&, sink = late.sink()] {
    is_asked.wait(false);
    sink.deliver(1);
  });
  EXPECT_FALSE(background.idle());
  is_asked = true;
  is_asked.notify_one();
  background.finish();
  EXPECT_TRUE(noted);
  EXPECT_TRUE(background.idle());
  answering.join();
  turning.join();
}

TEST(Delivery, MayComeBeforeItIsAwaited) {
  ManualExecutor executor;
  Delivery<std::string> delivery;
  delivery.sink().deliver("early");
  EXPECT_EQ(run_blocking(executor, awaiting(delivery)), "early");
}

TEST(Delivery, ContinuesOnTheOwnersExecutor) {
  ManualExecutor executor;
  Delivery<int> delivery;
  std::thread producer([sink = delivery.sink()] { sink.deliver(1); });
  EXPECT_EQ(run_blocking(executor, thread_after(delivery)), std::this_thread::get_id());
  producer.join();
}

TEST(Delivery, OfManyThreadsAllArriveOnce) {
  constexpr int threads = 8;
  constexpr int each = 200;
  ManualExecutor executor;
  std::vector<Delivery<int>> deliveries(threads * each);
  std::vector<std::thread> producers;
  for (int t = 0; t < threads; ++t) {
    producers.emplace_back([&deliveries, t] {
      for (int i = 0; i < each; ++i) deliveries[t * each + i].sink().deliver(1);
    });
  }
  int arrived = 0;
  for (const auto& delivery : deliveries) {
    spawn(
        executor, awaiting(delivery), [&](int value) { arrived += value; },
        [](std::exception_ptr) { ADD_FAILURE(); });
  }
  executor.run_until([&] { return arrived == threads * each; });
  for (auto& producer : producers) producer.join();
  EXPECT_EQ(arrived, threads * each);
  EXPECT_FALSE(executor.run_one());
}

TEST(ManualExecutor, RunsWhatWasPostedInOrder) {
  ManualExecutor executor;
  std::string order;
  executor.post([&] { order += 'a'; });
  executor.post([&] {
    order += 'b';
    executor.post([&] { order += 'c'; });
  });
  EXPECT_EQ(order, "");
  while (executor.run_one()) {
  }
  EXPECT_EQ(order, "abc");
}

// Frames are given back on whatever thread ends the task, also after others of their size.
TEST(Frames, AreUsedAgainAndMayEndOnAnotherThread) {
  using task_detail::allocate_frame;
  using task_detail::free_frame;
  for (const std::size_t size : {1U, 128U, 129U, 1000U, 4096U, 4097U, 100'000U}) {
    std::vector<char*> frames;
    for (int i = 0; i < 40; ++i) {  // more than a thread keeps
      frames.push_back(static_cast<char*>(allocate_frame(size)));
      std::fill_n(frames.back(), size, static_cast<char>(i));
    }
    for (std::size_t i = 0; i < frames.size(); ++i) {
      EXPECT_EQ(frames[i][0], static_cast<char>(i));
      EXPECT_EQ(frames[i][size - 1], static_cast<char>(i));
    }
    std::thread other([&] {
      for (std::size_t i = 0; i < 20; ++i) free_frame(frames[i], size);
    });
    other.join();
    for (std::size_t i = 20; i < frames.size(); ++i) free_frame(frames[i], size);
  }
}

}  // namespace cardea::task_test
