// Moves the write-ahead log into the database on a thread and connection of its own, so that no
// commit pays for it (decision E7). A first pass runs beside the writer; a short second one holds
// it between two batches, so that the log is always emptied and never grows without bound.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "store/sqlite/connection.h"
#include "store/sqlite/turnstile.h"

namespace cardea::store::sqlite {

// Pages of 4 KiB in the log that make a checkpoint worth its flush.
inline constexpr int checkpoint_frames = 1000;

class Checkpointer {
 public:
  // end_snapshots: called while the writer is held, so that readers do not keep the log from
  // beginning anew.
  Checkpointer(std::unique_ptr<SqliteConnection> connection, Turnstile& turnstile,
               std::function<void()> end_snapshots);
  ~Checkpointer();
  // Waits for a running checkpoint and ends the thread. Once is enough.
  void stop();

  // frames: in the log, as of the last commit. Thread-safe and cheap.
  void noticed(int frames);
  std::int64_t checkpoints() const { return checkpoints_.load(); }

 private:
  void run();
  void checkpoint();

  std::unique_ptr<SqliteConnection> connection_;
  Turnstile& turnstile_;
  std::function<void()> end_snapshots_;
  std::mutex mutex_;
  std::condition_variable due_;
  int frames_ = 0;
  int next_at_ = checkpoint_frames;
  bool stopping_ = false;
  std::atomic<std::int64_t> checkpoints_ = 0;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace cardea::store::sqlite
