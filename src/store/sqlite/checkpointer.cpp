// The checkpoint thread; see checkpointer.h.
#include "store/sqlite/checkpointer.h"

#include <utility>

namespace cardea::store::sqlite {

Checkpointer::Checkpointer(std::unique_ptr<SqliteConnection> connection, Turnstile& turnstile,
                           std::function<void()> end_snapshots)
    : connection_(std::move(connection)),
      turnstile_(turnstile),
      end_snapshots_(std::move(end_snapshots)),
      thread_([this] { run(); }) {}

Checkpointer::~Checkpointer() {
  stop();
}

void Checkpointer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    due_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Checkpointer::noticed(int frames) {
  const std::lock_guard lock(mutex_);
  // The log began anew: count from its start again.
  if (frames < frames_) next_at_ = checkpoint_frames;
  frames_ = frames;
  if (frames_ >= next_at_) due_.notify_all();
}

void Checkpointer::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    due_.wait(lock, [&] { return stopping_ || frames_ >= next_at_; });
    if (stopping_) return;
    // A reader may keep the log from beginning anew; then wait for as much again.
    next_at_ = frames_ + checkpoint_frames;
    lock.unlock();
    checkpoint();
    lock.lock();
  }
}

void Checkpointer::checkpoint() {
  const auto left = connection_->checkpoint();
  if (!left) return;  // tried again after as many frames
  turnstile_.hold();
  end_snapshots_();
  connection_->checkpoint();
  turnstile_.release();
  ++checkpoints_;
}

}  // namespace cardea::store::sqlite
