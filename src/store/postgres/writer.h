// The writes of a node: a bounded queue, and a few threads with a connection each that commit what
// is there as one transaction (group commit, decision T2). The operations of a batch go forward
// together (rehearsal.h): a batch costs as many round trips as the longest of them has questions.
// When one fails, each is done again in a transaction of its own. No outcome leaves before COMMIT
// has returned.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "base/log.h"
#include "store/postgres/link_keeper.h"
#include "store/postgres/rehearsal.h"
#include "store/sql/sweep.h"
#include "store/statistics.h"
#include "store/store.h"

namespace cardea::store::postgres {

struct WriterOptions {
  const LinkOptions& link;
  const Clock& clock;
  Log& log;
  std::size_t queue_max = 0;
  std::size_t batch_max = 0;
  Seconds token_retention{};
  Seconds sweep_hold{};
  std::size_t sweep_after = 0;  // operations, or
  std::chrono::milliseconds sweep_interval{};
  std::function<void()> wrote;  // called before the answers of a batch, on a thread of the writer's
};

class Writer {
 public:
  using Done = std::move_only_function<void(Answer<AnyOutcome>)>;

  // A thread for each link. What the options point to must outlive the writer.
  Writer(WriterOptions options, std::vector<std::unique_ptr<Link>> links);
  ~Writer();  // performs what is queued

  // Thread-safe. Calls done exactly once: at once when the queue is full, else on a thread of the
  // writer's.
  void submit(Operation operation, std::int64_t deadline_ms, Done done);
  WriteStatistics statistics() const;

 private:
  struct Job {
    Operation operation;
    std::int64_t deadline_ms = 0;
    Done done;
    std::vector<std::string_view> keys;
    bool is_alone = false;
    Instant now{};  // by which every run of it judges
    Rehearsal rehearsal;
    bool is_finished = false;
    std::optional<Answer<AnyOutcome>> answer;
  };
  // Jobs do not move: keys point into their operations.
  using Batch = std::vector<std::unique_ptr<Job>>;
  using Jobs = std::span<Job* const>;
  enum class Attempt {
    committed,
    conflict,  // somebody else's transaction came first: worth another try
    refused,   // the database will not have it
    lost       // the connection failed; perhaps it was committed
  };

  void run(LinkKeeper& keeper, bool sweeps);
  Batch take_batch();
  void take_together(Batch& batch);
  void drop_late(Batch& batch);
  void perform(LinkKeeper& keeper, Batch& batch);
  void perform_alone(LinkKeeper& keeper, Job& job);
  Attempt attempt(LinkKeeper& keeper, Jobs jobs);
  Attempt converse(LinkKeeper& keeper, Script& script, Jobs jobs);
  bool advance(Script& script, Job& job);
  static void roll_back(LinkKeeper& keeper, Script& script);
  void answer_all(Jobs jobs, const sql::SqlFailure& cause);
  void sweep(LinkKeeper& keeper, std::size_t operations);
  void count(const Batch& batch);

  WriterOptions options_;
  sql::Sweeper sweeper_;  // of the thread that sweeps
  std::size_t unswept_ = 0;
  std::int64_t swept_at_ms_ = 0;
  std::vector<std::unique_ptr<LinkKeeper>> keepers_;

  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::unique_ptr<Job>> queue_;
  bool stopping_ = false;
  WriteStatistics statistics_;
  std::vector<std::thread> threads_;  // last: they use all of the above
};

}  // namespace cardea::store::postgres
