// Work that nobody waits for: coalesced idle touches and other writes that stay off the reply
// (decision Q6). What is started here may be lost in a crash; nothing that must hold goes this way.
#pragma once

#include <atomic>

#include "task/executor.h"
#include "task/task.h"

namespace cardea {

// Thread-safe in every implementation.
class Background {
 public:
  virtual ~Background() = default;
  // Runs the task to its end after this call has returned. Its result is dropped; a throw is
  // dropped too.
  virtual void start(Task<Unit> task) = 0;
};

// Runs background tasks on one executor, which must outlive it.
class ExecutorBackground final : public Background {
 public:
  explicit ExecutorBackground(Executor& executor) : executor_(executor) {}
  void start(Task<Unit> task) override;
  // Whether all that was started has ended. Before executor and store go away, the owner runs the
  // executor until this is true.
  bool idle() const { return running_.load() == 0; }

 private:
  Executor& executor_;
  std::atomic<int> running_{0};
};

}  // namespace cardea
