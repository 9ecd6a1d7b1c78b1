// Clocks and percentiles; see meter.h.
#include "bench/meter.h"

#include <algorithm>

namespace cardea::bench {
namespace {

std::int64_t nanoseconds(const timespec& at) {
  return std::int64_t{at.tv_sec} * 1'000'000'000 + at.tv_nsec;
}

}  // namespace

std::int64_t now_ns() {
  timespec at{};
  clock_gettime(CLOCK_MONOTONIC, &at);
  return nanoseconds(at);
}

double Latencies::percentile(double share) {
  if (all_.empty()) return 0;
  const auto at = static_cast<std::size_t>(share * static_cast<double>(all_.size() - 1));
  std::nth_element(all_.begin(), all_.begin() + static_cast<std::ptrdiff_t>(at), all_.end());
  return static_cast<double>(all_[at]) / 1e6;
}

void LatenciesOverTime::add(std::int64_t due_ns, std::int64_t nanoseconds) {
  static constexpr std::int64_t tenth_ns = 100'000'000;
  const auto tenth = static_cast<std::size_t>(due_ns / tenth_ns);
  if (tenths_.size() <= tenth) tenths_.resize(tenth + 1);
  tenths_[tenth].add(nanoseconds);
}

double LatenciesOverTime::usual_percentile(double share) {
  std::vector<double> all;
  for (auto& tenth : tenths_) {
    if (tenth.count() > 0) all.push_back(tenth.percentile(share));
  }
  if (all.empty()) return 0;
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::nth_element(all.begin(), middle, all.end());
  return *middle;
}

CpuClock::CpuClock(pid_t pid) {
  known_ = pid != 0 && clock_getcpuclockid(pid, &clock_) == 0;
}

std::int64_t CpuClock::read() const {
  timespec at{};
  return known_ && clock_gettime(clock_, &at) == 0 ? nanoseconds(at) : 0;
}

}  // namespace cardea::bench
