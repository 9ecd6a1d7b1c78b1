// Lets the checkpoint thread hold the writer between two batches, without ever starving: the writer
// waits while somebody asks.
#pragma once

#include <condition_variable>
#include <mutex>

namespace cardea::store::sqlite {

class Turnstile {
 public:
  // The writer's side, around each batch.
  void begin_batch() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !held_; });
    writing_ = true;
  }
  void end_batch() {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    changed_.notify_all();
  }
  // The other side: hold() returns when no batch runs, and none begins until release().
  void hold() {
    std::unique_lock lock(mutex_);
    held_ = true;
    changed_.wait(lock, [&] { return !writing_; });
  }
  void release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool writing_ = false;
  bool held_ = false;
};

}  // namespace cardea::store::sqlite
