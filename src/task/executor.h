// Where a coroutine continues. The listener gives one per I/O context; tests turn one by hand.
#pragma once

#include <condition_variable>
#include <coroutine>
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

// co_await EndOfTurn(): goes on after all that is at hand now. Who does something for others as
// well lets those come first.
struct EndOfTurn {
  bool await_ready() const { return false; }
  template <class P>
  void await_suspend(std::coroutine_handle<P> waiting) const {
    waiting.promise().executor->post([waiting] { waiting.resume(); });
  }
  void await_resume() const {}
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
