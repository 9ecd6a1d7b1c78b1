// Time as an input. One Instant per request, passed as `now`; only SystemClock reads a clock (style
// rule 18).
#pragma once

#include <atomic>
#include <compare>
#include <cstdint>

namespace cardea {

// A duration in whole seconds, the unit of every lifetime in the specifications.
struct Seconds {
  std::int64_t count = 0;
  friend constexpr auto operator<=>(const Seconds&, const Seconds&) = default;
};

constexpr Seconds minutes(std::int64_t n) {
  return {n * 60};
}
constexpr Seconds hours(std::int64_t n) {
  return {n * 3600};
}
constexpr Seconds days(std::int64_t n) {
  return {n * 86400};
}

// A point in time: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
struct Instant {
  std::int64_t unix_ms = 0;

  // NumericDate of RFC 7519 2, rounded down.
  constexpr std::int64_t unix_seconds() const { return unix_ms / 1000; }
  static constexpr Instant from_seconds(std::int64_t seconds) { return {seconds * 1000}; }

  friend constexpr auto operator<=>(const Instant&, const Instant&) = default;
  friend constexpr Instant operator+(Instant at, Seconds by) {
    return {at.unix_ms + by.count * 1000};
  }
  friend constexpr Instant operator-(Instant at, Seconds by) {
    return {at.unix_ms - by.count * 1000};
  }
};

// Where the time comes from. Thread-safe in every implementation.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

// The machine's clock (CLOCK_REALTIME). The only reader of it besides StoreClock.
class SystemClock final : public Clock {
 public:
  Instant now() const override;
};

// Store time (decision T1): CLOCK_BOOTTIME plus the offset learned from the store's last answer, so
// that every node judges lifetimes by one clock and a stepped system clock cannot move it
// unnoticed.
class StoreClock final : public Clock {
 public:
  StoreClock();
  Instant now() const override;
  // store_now: what the store's clock said just now. Returns the step in ms against the time kept
  // so far.
  std::int64_t synchronise(Instant store_now);

 private:
  std::atomic<std::int64_t> offset_ms_;
};

// Milliseconds of CLOCK_BOOTTIME: for intervals and deadlines only, never for a lifetime that is
// stored.
std::int64_t monotonic_ms();
std::int64_t monotonic_ns();  // the same in nanoseconds

// A clock that tests move by hand.
class SettableClock final : public Clock {
 public:
  explicit SettableClock(Instant start) : now_ms_(start.unix_ms) {}
  Instant now() const override { return {now_ms_.load()}; }
  void set(Instant to) { now_ms_ = to.unix_ms; }
  void advance(Seconds by) { now_ms_ += by.count * 1000; }

 private:
  std::atomic<std::int64_t> now_ms_;
};

}  // namespace cardea
