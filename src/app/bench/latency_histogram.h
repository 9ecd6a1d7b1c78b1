// Latencies counted in buckets whose width grows with the value, so that a run of any length takes
// the same memory and a percentile is exact to a thousandth. No clock, no thread.
#pragma once

#include <cstdint>
#include <vector>

namespace cardea::app::bench {

class LatencyHistogram {
 public:
  LatencyHistogram();

  // Negative values count as 0, values above `max_ns` as that.
  void add(std::int64_t nanoseconds);
  void add(const LatencyHistogram& other);

  std::int64_t count() const { return count_; }
  // Nanoseconds that the given share (0 to 1) of all stayed at or below, to a thousandth; 0 when
  // there are none. 1 gives the greatest, exactly.
  std::int64_t percentile(double share) const;
  double mean_ns() const;

  static constexpr std::int64_t max_ns = (std::int64_t{1} << 37) - 1;  // 137 s

 private:
  std::vector<std::int64_t> buckets_;
  std::int64_t count_ = 0;
  std::int64_t greatest_ = 0;
  double sum_ = 0;
};

}  // namespace cardea::app::bench
