// Buckets of latencies; see latency_histogram.h. Values below 2048 ns have a bucket each; every
// power of two above is cut into 1024.
#include "app/bench/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace cardea::app::bench {
namespace {

constexpr int kept_bits = 11;  // of a value's leading ones
constexpr std::uint64_t half = 1 << (kept_bits - 1);

std::size_t bucket_of(std::uint64_t value) {
  const int dropped = std::max(0, static_cast<int>(std::bit_width(value)) - kept_bits);
  return static_cast<std::size_t>(half * static_cast<unsigned>(dropped) + (value >> dropped));
}

// The greatest value that falls into the bucket.
std::int64_t top_of(std::size_t bucket) {
  if (bucket < 2 * half) return static_cast<std::int64_t>(bucket);
  const std::size_t dropped = bucket / half - 1;
  const std::uint64_t leading = bucket - half * dropped;
  return static_cast<std::int64_t>(((leading + 1) << dropped) - 1);
}

}  // namespace

LatencyHistogram::LatencyHistogram() : buckets_(bucket_of(max_ns) + 1) {}

void LatencyHistogram::add(std::int64_t nanoseconds) {
  const auto value = std::clamp<std::int64_t>(nanoseconds, 0, max_ns);
  ++buckets_[bucket_of(static_cast<std::uint64_t>(value))];
  ++count_;
  greatest_ = std::max(greatest_, value);
  sum_ += static_cast<double>(value);
}

void LatencyHistogram::add(const LatencyHistogram& other) {
  std::ranges::transform(buckets_, other.buckets_, buckets_.begin(), std::plus());
  count_ += other.count_;
  greatest_ = std::max(greatest_, other.greatest_);
  sum_ += other.sum_;
}

std::int64_t LatencyHistogram::percentile(double share) const {
  if (count_ == 0) return 0;
  const auto wanted = std::max<std::int64_t>(
      1, static_cast<std::int64_t>(std::ceil(share * static_cast<double>(count_))));
  std::int64_t seen = 0;
  for (std::size_t at = 0; at < buckets_.size(); ++at) {
    seen += buckets_[at];
    if (seen >= wanted) return std::min(top_of(at), greatest_);
  }
  return greatest_;
}

double LatencyHistogram::mean_ns() const {
  return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

}  // namespace cardea::app::bench
