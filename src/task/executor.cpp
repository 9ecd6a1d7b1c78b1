// The executor that is turned by hand; see executor.h.
#include "task/executor.h"

#include <chrono>
#include <utility>

namespace cardea {

void ManualExecutor::post(std::move_only_function<void()> work) {
  // Notified under the lock: once it is free, whoever runs the work may end this executor.
  const std::lock_guard lock(mutex_);
  queue_.push_back(std::move(work));
  arrived_.notify_all();
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
    arrived_.wait_for(lock, std::chrono::milliseconds(50), [&] { return !queue_.empty(); });
  }
}

}  // namespace cardea
