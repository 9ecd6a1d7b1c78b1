// The affinity mask; see cores.h.
#include "base/cores.h"

#include <sched.h>

#include <algorithm>
#include <thread>

namespace cardea {

unsigned usable_cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    return std::max(1u, static_cast<unsigned>(CPU_COUNT(&allowed)));
  }
  return std::max(1u, std::thread::hardware_concurrency());  // more than 1024 cores
}

}  // namespace cardea
