// The only reader of the machine's clocks.
#include "base/time.h"

#include <time.h>

namespace cardea {
namespace {

std::int64_t read_ns(clockid_t id) {
  timespec at{};
  clock_gettime(id, &at);
  return std::int64_t{at.tv_sec} * 1'000'000'000 + at.tv_nsec;
}

std::int64_t read_ms(clockid_t id) {
  return read_ns(id) / 1'000'000;
}

}  // namespace

Instant SystemClock::now() const {
  return {read_ms(CLOCK_REALTIME)};
}

std::int64_t monotonic_ms() {
  return read_ms(CLOCK_BOOTTIME);
}

std::int64_t monotonic_ns() {
  return read_ns(CLOCK_BOOTTIME);
}

StoreClock::StoreClock() : offset_ms_(read_ms(CLOCK_REALTIME) - read_ms(CLOCK_BOOTTIME)) {}

Instant StoreClock::now() const {
  return {read_ms(CLOCK_BOOTTIME) + offset_ms_.load()};
}

std::int64_t StoreClock::synchronise(Instant store_now) {
  const std::int64_t offset = store_now.unix_ms - read_ms(CLOCK_BOOTTIME);
  return offset - offset_ms_.exchange(offset);
}

}  // namespace cardea
