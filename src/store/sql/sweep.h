// Expired rows leave with the write path: each batch takes a bounded number of one table, in turn,
// so that no janitor needs a schedule and no commit grows long (decision Q6). The sweep boundary is
// raised in the same transaction (decision Q7).
#pragma once

#include <cstddef>
#include <optional>

#include "store/sql/connection.h"

namespace cardea::store::sql {

// Rows stay this long after their end, so that a small step back of the clock revives nothing.
inline constexpr Seconds sweep_margin = hours(1);

class Sweeper {
 public:
  // hold: how long nothing is removed after the store's clock jumped forward, so that a wrong clock
  // that is set right again has cost nobody a sign-in (decision T1).
  explicit Sweeper(Seconds hold) : hold_(hold) {}

  struct Moment {
    Instant now{};                  // the store's clock
    std::int64_t monotonic_ms = 0;  // which tells a jump of it from time that went by
  };
  // Called once for each batch, inside its transaction. operations: how many the batch holds.
  // Returns the number of rows removed. Thread use: the writer's.
  std::int64_t sweep(Connection& sql, const Moment& at, std::size_t operations);

 private:
  bool is_held(const Moment& at);

  Seconds hold_;
  std::optional<std::int64_t> offset_ms_;  // of the store's clock to the monotonic one
  std::int64_t held_until_ms_ = 0;
  std::size_t turn_ = 0;
  std::int64_t credit_ = 0;  // rows that may be removed; grows with what is written
};

}  // namespace cardea::store::sql
