// The executor that is turned by hand; see executor.h.
#include "task/executor.h"

#include <chrono>
#include <condition_variable>
#include <utility>

namespace cardea {
namespace {

// One condition for all manual executors: they wait rarely and briefly (tests, CLI).
std::condition_variable arrived;

}  // namespace

void ManualExecutor::post(std::move_only_function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
  }
  arrived.notify_all();
}

bool ManualExecutor::run_one() {
  std::move_only_function<void()> work;
  {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) return false;
    work = std::move(queue_.front());
    queue_.pop_front();
  }
  work();
  return true;
}

void ManualExecutor::run_until(const std::function<bool()>& done) {
  while (!done()) {
    if (run_one()) continue;
    std::unique_lock lock(mutex_);
    arrived.wait_for(lock, std::chrono::milliseconds(50), [&] { return !queue_.empty(); });
  }
}

}  // namespace cardea
