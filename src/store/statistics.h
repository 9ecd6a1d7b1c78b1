// What an engine counts of its writes, for tests and the management page. Every number only grows;
// an engine that has nothing of a kind leaves it 0.
#pragma once

#include <cstdint>

namespace cardea::store {

struct WriteStatistics {
  std::int64_t operations = 0;  // that started: neither overloaded nor past their deadline
  std::int64_t batches = 0;
  std::int64_t commits = 0;  // batches that are durable
  std::int64_t failed_operations = 0;
  std::int64_t failed_batches = 0;
  std::int64_t overloaded = 0;
  std::int64_t past_deadline = 0;
  std::int64_t swept_rows = 0;
  std::int64_t recoveries = 0;  // connections opened in place of broken ones
  std::int64_t checkpoints = 0;
  std::int64_t conflicts = 0;  // transactions done anew because another node's came first
};

}  // namespace cardea::store
