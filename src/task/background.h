// Work that nobody waits for: coalesced idle touches and other writes that stay off the reply
// (decision Q6). What is started here may be lost in a crash; nothing that must hold goes this way.
#pragma once

#include <condition_variable>
#include <mutex>

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

// Runs background tasks on one executor, which must outlive it. What the tasks use goes away only
// after finish(), or where the owner runs the executor itself, once idle().
class ExecutorBackground final : public Background {
 public:
  explicit ExecutorBackground(Executor& executor) : executor_(executor) {}
  void start(Task<Unit> task) override;
  // Whether all that was started has ended.
  bool idle() const;
  // Blocks until all that was started has ended, while another thread runs the executor. Nothing is
  // started any more.
  void finish();

 private:
  void ended();

  Executor& executor_;
  mutable std::mutex mutex_;
  std::condition_variable last_ended_;
  int running_ = 0;
};

}  // namespace cardea
