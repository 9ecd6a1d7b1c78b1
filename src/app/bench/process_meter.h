// What processes cost, read from /proc: CPU time and memory of some processes and all their
// descendants. They are others' processes, so nothing but their public figures is read.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace cardea::app::bench {

struct ProcessFigures {
  std::int64_t processes = 0;  // how many there are
  // User and system time of all their threads, and of children that ended; in steps of 10 ms.
  std::int64_t cpu_us = 0;
  std::int64_t rss_kib = 0;  // resident memory; pages that several share count for each
  std::int64_t pss_kib = 0;  // the same, with shared pages divided; 0 where it may not be read
};

class ProcessMeter {
 public:
  explicit ProcessMeter(std::vector<pid_t> roots) : roots_(std::move(roots)) {}
  bool is_idle() const { return roots_.empty(); }
  // The first root that is no process; 0 when all are.
  pid_t find_missing() const;
  // CPU time and number alone, which is quick.
  ProcessFigures read_cpu() const;
  ProcessFigures read() const;

 private:
  std::vector<pid_t> tree() const;
  std::vector<pid_t> roots_;
};

}  // namespace cardea::app::bench
