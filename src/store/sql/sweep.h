// Expired rows leave with the write path: each batch takes a bounded number of one table, in turn,
// so that no janitor needs a schedule and no commit grows long (decision Q6). The sweep boundary is
// raised in the same transaction (decision Q7).
#pragma once

#include <cstddef>

#include "store/sql/connection.h"

namespace cardea::store::sql {

// Rows stay this long after their end, so that a small step back of the clock revives nothing.
inline constexpr Seconds sweep_margin = hours(1);

class Sweeper {
 public:
  // Called once for each batch, inside its transaction. operations: how many the batch holds.
  // Returns the number of rows removed. Thread use: the writer's.
  std::int64_t sweep(Connection& sql, Instant now, std::size_t operations);

 private:
  std::size_t turn_ = 0;
  std::int64_t credit_ = 0;  // rows that may be removed; grows with what is written
};

}  // namespace cardea::store::sql
