// What a peer may do so often: a number at once, regained with time and by what it does that is of
// use. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"

namespace cardea::http {

class Allowance {
 public:
  Allowance(std::int64_t at_once, std::int64_t per_second)
      : at_once_(at_once), per_second_(per_second), left_(at_once), since_ms_(monotonic_ms()) {}

  // False when it is used up. Looks at the clock only then.
  bool take() {
    if (left_ <= 0) regain();
    if (left_ <= 0) return false;
    --left_;
    return true;
  }
  void earn(std::int64_t count) { left_ = std::min(at_once_, left_ + count); }

 private:
  void regain() {
    const auto now = monotonic_ms();
    const auto regained = (now - since_ms_) * per_second_ / 1000;
    if (regained <= 0) return;
    earn(regained);
    since_ms_ = now;
  }

  const std::int64_t at_once_;
  const std::int64_t per_second_;
  std::int64_t left_;
  std::int64_t since_ms_;
};

}  // namespace cardea::http
