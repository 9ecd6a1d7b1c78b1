// Work that nobody waits for; see background.h.
#include "task/background.h"

namespace cardea {

void ExecutorBackground::start(Task<Unit> task) {
  {
    const std::lock_guard lock(mutex_);
    ++running_;
  }
  executor_.post([this, task = std::move(task)]() mutable {
    spawn(
        executor_, std::move(task), [this](Unit) { ended(); },
        [this](std::exception_ptr) { ended(); });
  });
}

bool ExecutorBackground::idle() const {
  const std::lock_guard lock(mutex_);
  return running_ == 0;
}

void ExecutorBackground::finish() {
  std::unique_lock lock(mutex_);
  last_ended_.wait(lock, [&] { return running_ == 0; });
}

// Under the lock to the end: whoever waits may destroy this object right afterwards.
void ExecutorBackground::ended() {
  const std::lock_guard lock(mutex_);
  if (--running_ == 0) last_ended_.notify_all();
}

}  // namespace cardea
