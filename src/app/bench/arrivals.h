// When operations are to start. Closed loop: whenever a connection is free. Open loop: at a
// constant rate whatever the server does, and a latency counts from the moment at which its
// operation was due, so that a stall is seen by all that should have happened in it. Pure.
#pragma once

#include <cstdint>
#include <optional>

namespace cardea::app::bench {

class Arrivals {
 public:
  // rate: operations a second, above 0; nothing for the closed loop. began, until: nanoseconds.
  Arrivals(std::optional<double> rate, std::int64_t began_ns, std::int64_t until_ns)
      : rate_(rate), began_ns_(began_ns), until_ns_(until_ns) {}

  bool is_open() const { return rate_.has_value(); }
  // Whether one may still begin at `now`: the time is not over, and in the open loop, one that
  // falls due within it is left.
  bool may_start(std::int64_t now_ns) const {
    return now_ns < until_ns_ && due(now_ns) < until_ns_;
  }
  // When the next one is due: `now` in the closed loop.
  std::int64_t due(std::int64_t now_ns) const {
    if (!rate_) return now_ns;
    return began_ns_ + static_cast<std::int64_t>(static_cast<double>(started_) * 1e9 / *rate_);
  }
  // Takes the next one; its due time.
  std::int64_t take(std::int64_t now_ns) {
    const auto at = due(now_ns);
    ++started_;
    return at;
  }
  std::int64_t started() const { return started_; }
  std::int64_t until_ns() const { return until_ns_; }

 private:
  std::optional<double> rate_;
  std::int64_t began_ns_;
  std::int64_t until_ns_;
  std::int64_t started_ = 0;
};

}  // namespace cardea::app::bench
