// Whether what a node remembers is as new as the database, which counts what changes it (migration
// 0013); the counts come with each answer to Store::versions(). Decision 0022. Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "store/sql/kept_reads.h"
#include "store/store.h"

namespace cardea::store::postgres {

class ChangesSeen {
 public:
  // What was so when a question was sent.
  struct Asked {
    std::uint64_t connections = 0;
    std::uint64_t own_writes = 0;
  };
  Asked ask() const {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  // The answer. False when the database may have been replaced meanwhile, by one that counted
  // differently: the question is to be asked anew.
  bool answered(const Asked& asked, const Versions& answer) {
    const std::lock_guard lock(mutex_);
    if (asked.connections != now_.connections) return false;
    if (!seen_ || seen_->live_changes != answer.live_changes) memory_.forget();
    if (!seen_ || seen_->failure_changes != answer.failure_changes) counters_.forget();
    seen_ = answer;
    if (seen_own_writes_ < asked.own_writes) seen_own_writes_ = asked.own_writes;
    return true;
  }
  // Whether no answer is needed to see what this node wrote.
  bool is_up_to_date() const {
    const std::lock_guard lock(mutex_);
    return seen_ && seen_own_writes_ == now_.own_writes;
  }

  // Before anybody is told that something was written.
  void note_write() {
    const std::lock_guard lock(mutex_);
    ++now_.own_writes;
  }
  // A connection was opened anew, perhaps to another database that lost what was not replicated.
  void note_connection() {
    const std::lock_guard lock(mutex_);
    ++now_.connections;
    seen_.reset();
    memory_.forget();
    counters_.forget();
  }

  // What rests on the counts.
  sql::Memory& memory() { return memory_; }
  sql::KeptReads<std::vector<Counter>>& counters() { return counters_; }

 private:
  sql::Memory memory_;
  sql::KeptReads<std::vector<Counter>> counters_{limits::kept_counters_max};
  mutable std::mutex mutex_;
  Asked now_;
  std::optional<Versions> seen_;
  std::uint64_t seen_own_writes_ = 0;
};

}  // namespace cardea::store::postgres
