// The one writer of a SQLite store: a thread that drains a bounded queue and commits what is there
// as one transaction (group commit, decision T2). When an operation fails, the batch is done again
// with a savepoint around each, so that only that one is refused; no outcome leaves before COMMIT
// has returned. While every loop has work to do, a batch waits a moment for more: one flush then
// serves more of them, and nobody is kept waiting who would not wait for the processor.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "base/log.h"
#include "store/sql/apply.h"
#include "store/sql/sweep.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/turnstile.h"
#include "store/store.h"
#include "task/occupancy.h"

namespace cardea::store::sqlite {

struct WriterOptions {
  using Reopen = std::function<Result<std::unique_ptr<SqliteConnection>, sql::SqlFailure>()>;
  Reopen reopen;  // a fresh writing connection, verified
  const Clock& clock;
  Log& log;
  std::size_t queue_max = 0;
  std::size_t batch_max = 0;
  Seconds token_retention{};
  Seconds sweep_hold{};
  // After each batch, before its outcomes leave; whether it may have touched what is remembered of
  // the store.
  std::function<void(bool touched)> committed;
  Turnstile* turnstile = nullptr;          // with a checkpoint thread
  std::shared_mutex* exclusion = nullptr;  // in memory: readers wait while a batch runs
  Occupancy* occupancy = nullptr;          // null: no batch waits for more
  std::chrono::milliseconds gather_max{};
};

class Writer {
 public:
  using Done = std::move_only_function<void(Answer<AnyOutcome>)>;

  Writer(std::unique_ptr<SqliteConnection> connection, WriterOptions options);
  ~Writer();
  // Performs what is queued, then ends the thread; the connection stays open. Once is enough.
  void stop();

  // Thread-safe. Calls done exactly once: at once when the queue is full, else on the writer
  // thread.
  void submit(Operation operation, std::int64_t deadline_ms, Done done);
  WriteStatistics statistics() const;

 private:
  struct Job {
    Operation operation;
    std::int64_t deadline_ms = 0;
    Done done;
    std::optional<Answer<AnyOutcome>> answer;
  };
  using Batch = std::vector<Job>;
  enum class Attempt { committed, disturbed, transaction_lost, failed };
  // Operations are values, so a batch may be done again from the start.
  enum class Isolation { none, savepoints };

  void run();
  Batch take_batch();
  void gather(std::unique_lock<std::mutex>& lock);
  void perform(Batch& batch);
  Attempt attempt(Batch& batch, Isolation isolation);
  bool apply_together(Job& job);
  void apply_isolated(Job& job);
  AnyOutcome apply(const Job& job);
  void sweep(std::size_t operations);
  Attempt commit(Batch& batch);
  void measure_commit(std::int64_t took_ns);
  void abandon(Batch& batch, const sql::SqlFailure& cause);
  bool is_healthy();
  void recover();

  WriterOptions options_;
  std::unique_ptr<SqliteConnection> connection_;
  sql::Sweeper sweeper_;
  std::int64_t commit_ns_ = 0;  // what a commit takes when nothing disturbs it, about
  bool touched_ = false;        // by the batch at hand
  bool must_recover_ = false;
  std::int64_t recover_at_ms_ = 0;
  sql::SqlFailure last_failure_;

  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  bool gathering_ = false;
  WriteStatistics statistics_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace cardea::store::sqlite
