// One attempt at a time for each guessed account and address: read the counter, verify, count. So
// parallel guesses cannot outrun the counter (security corpus H03), and a double click is just the
// second in line.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "task/delivery.h"
#include "task/task.h"

namespace cardea {

// Thread-safe. Must outlive every task and turn it gave.
class AttemptGate {
 public:
  // Holding it is being the one; the next in line follows when it ends.
  class Turn {
   public:
    Turn(Turn&& other) noexcept
        : gate_(std::exchange(other.gate_, nullptr)), key_(std::move(other.key_)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (gate_) gate_->leave(key_);
    }

   private:
    friend AttemptGate;
    Turn(AttemptGate* gate, std::string key) : gate_(gate), key_(std::move(key)) {}
    AttemptGate* gate_;
    std::string key_;
  };

  // Waits for the turn; nothing when the line is too long already.
  Task<std::optional<Turn>> enter(std::string key);

 private:
  using Line = std::deque<Delivery<Unit>::Sink>;
  void leave(const std::string& key);
  std::mutex mutex_;
  std::map<std::string, Line> lines_;  // present: somebody has the turn
};

}  // namespace cardea
