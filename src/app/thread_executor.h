// An executor with a thread of its own: background writes and start-up work run here, off the I/O
// contexts.
#pragma once

#include <memory>

#include "task/executor.h"

namespace cardea::app {

class ThreadExecutor final : public Executor {
 public:
  ThreadExecutor();
  ~ThreadExecutor() override;  // finishes the piece of work under way; later ones are dropped

  void post(std::move_only_function<void()> work) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cardea::app
