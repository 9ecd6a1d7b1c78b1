// Where a coroutine continues. The listener gives one per I/O context; tests turn one by hand.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

namespace cardea {

// post() is thread-safe. Work posted to one executor runs one piece at a time.
class Executor {
 public:
  virtual ~Executor() = default;
  virtual void post(std::move_only_function<void()> work) = 0;
};

// Runs what was posted when a test (or the CLI) says so.
class ManualExecutor final : public Executor {
 public:
  void post(std::move_only_function<void()> work) override;
  // Runs one piece of work; false when there is none.
  bool run_one();
  // Blocks until `done()` is true, running work as it arrives. For tests and the CLI.
  void run_until(const std::function<bool()>& done);

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::move_only_function<void()>> queue_;
};

}  // namespace cardea
