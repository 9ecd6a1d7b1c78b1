// Work that nobody waits for; see background.h.
#include "task/background.h"

namespace cardea {

void ExecutorBackground::start(Task<Unit> task) {
  ++running_;
  executor_.post([this, task = std::move(task)]() mutable {
    spawn(
        executor_, std::move(task), [this](Unit) { --running_; },
        [this](std::exception_ptr) { --running_; });
  });
}

}  // namespace cardea
