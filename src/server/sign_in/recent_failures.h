// Who has failed of late, roughly: so that an attempt of somebody who has not need not ask the
// store what it counted. Says "perhaps" of a few who have not, and never "no" of one who has: a
// failure is noted before it is counted. Good only where every failure is noted here.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "base/time.h"

namespace cardea {

// Thread-safe. now_ms everywhere: monotonic_ms().
class RecentFailures {
 public:
  // window: how long a failure counts. It is remembered for two to four times that, for the store's
  // clock may be set. What was counted before now_ms is not known.
  RecentFailures(Seconds window, std::int64_t now_ms);

  // Nothing is counted yet.
  void begin_empty() { known_from_ms_ = 0; }
  void note(std::string_view account, std::string_view address, std::int64_t now_ms);
  // Takes no lock but where a generation ends.
  bool may_hold(std::string_view account, std::string_view address, std::int64_t now_ms);

 private:
  // 16 KiB: with a thousand failures one attempt in five thousand is taken for another's.
  static constexpr std::size_t bits = 1 << 17;
  using Generation = std::array<std::atomic<std::uint64_t>, bits / 64>;

  void turn_to(std::int64_t turn);  // under the mutex

  const std::int64_t turn_ms_;
  std::atomic<std::int64_t> known_from_ms_;
  std::atomic<std::int64_t> turn_;  // the generation that is written; the other is the one before
  std::mutex mutex_;                // of noting and turning
  std::array<Generation, 2> generations_{};
};

}  // namespace cardea
