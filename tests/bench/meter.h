// What the bench driver measures: latencies with their percentiles, and the CPU time of a process.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <vector>

namespace cardea::bench {

// Nanoseconds of the monotonic clock.
std::int64_t now_ns();

class Latencies {
 public:
  void add(std::int64_t nanoseconds) { all_.push_back(nanoseconds); }
  std::size_t count() const { return all_.size(); }
  // Milliseconds that the given share (0 to 1) of all stayed below; 0 when there are none.
  double percentile(double share);

 private:
  std::vector<std::int64_t> all_;
};

// Latencies by the tenth of a second in which their requests were due, so that what stops the whole
// machine for a moment can be told from what the server does all the time.
class LatenciesOverTime {
 public:
  // due_ns: since the beginning.
  void add(std::int64_t due_ns, std::int64_t nanoseconds);
  // What percentile() says of half of the tenths, or less; 0 when there are none.
  double usual_percentile(double share);

 private:
  std::vector<Latencies> tenths_;
};

// User and system time of all threads of a process, in nanoseconds; 0 for pid 0 or a gone process.
class CpuClock {
 public:
  explicit CpuClock(pid_t pid);
  std::int64_t read() const;

 private:
  bool known_ = false;
  clockid_t clock_{};
};

}  // namespace cardea::bench
