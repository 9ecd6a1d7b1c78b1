// The reads of a node: what waits goes to the database together, on a few threads with a connection
// each. Outside of a transaction, so a read sees every commit that came before it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "store/postgres/link_keeper.h"
#include "store/postgres/rehearsal.h"
#include "store/store.h"

namespace cardea::store::postgres {

class Reader {
 public:
  // Is run again from its start until it has all its answers.
  using Read = std::function<void(sql::Connection&)>;
  using Done = std::move_only_function<void(Status<Failure>)>;

  // A thread for each link. on_reopen: see LinkKeeper. Both references must outlive the reader.
  Reader(const LinkOptions& options, Log& log, std::size_t queue_max,
         std::vector<std::unique_ptr<Link>> links, const std::function<void()>& on_reopen);
  ~Reader();
  // Answers what is queued, and refuses what comes from now on.
  void stop();

  // Thread-safe. Calls done exactly once, on a thread of the reader's unless the queue is full;
  // `read` is not called any more by then.
  void submit(Read read, Done done);

 private:
  struct Job {
    Read read;
    Done done;
    Rehearsal rehearsal;
    bool is_finished = false;
  };
  using Batch = std::vector<std::unique_ptr<Job>>;

  void run(LinkKeeper& keeper);
  Batch take_batch();
  // What is left of the batch afterwards could not be answered.
  std::optional<sql::SqlFailure> perform(LinkKeeper& keeper, Batch& batch);
  // Answers all of it.
  void perform_anyhow(LinkKeeper& keeper, Batch batch);
  static void finish(Batch& batch);

  std::size_t queue_max_;
  std::vector<std::unique_ptr<LinkKeeper>> keepers_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::unique_ptr<Job>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;  // last: they use all of the above
};

}  // namespace cardea::store::postgres
