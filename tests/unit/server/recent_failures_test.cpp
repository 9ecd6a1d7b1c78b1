// Who has failed of late: never "no" of one who has, within twice the time that a failure counts.
#include <gtest/gtest.h>

#include "server/sign_in/recent_failures.h"

namespace cardea::recent_failures_test {

constexpr Seconds window = minutes(15);
constexpr std::int64_t window_ms = 15 * 60 * 1000;
constexpr std::int64_t start = 7'000'000;

// 6749-10: what was counted before this process began is not known until its time is over
TEST(RecentFailures, KnowsNobodyBeforeAWindowHasPassedTwice) {
  RecentFailures recent(window, start);
  EXPECT_TRUE(recent.may_hold("app", "192.0.2.1", start));
  EXPECT_TRUE(recent.may_hold("app", "192.0.2.1", start + 2 * window_ms - 1));
  EXPECT_FALSE(recent.may_hold("app", "192.0.2.1", start + 2 * window_ms));
}

TEST(RecentFailures, AnEmptyStoreIsKnownAtOnce) {
  RecentFailures recent(window, start);
  recent.begin_empty();
  EXPECT_FALSE(recent.may_hold("app", "192.0.2.1", start));
}

// 6749-10: a failure is remembered for its pair, at whatever moment of a generation it came
TEST(RecentFailures, AFailureIsRememberedForTwoWindowsAtLeastAndFourAtMost) {
  for (std::int64_t offset = 0; offset < 4 * window_ms; offset += window_ms / 3) {
    RecentFailures recent(window, start);
    recent.begin_empty();
    const auto failed_at = start + offset;
    recent.note("app", "192.0.2.1", failed_at);
    for (std::int64_t later = 0; later <= 2 * window_ms; later += window_ms / 7) {
      EXPECT_TRUE(recent.may_hold("app", "192.0.2.1", failed_at + later)) << offset << "+" << later;
    }
    EXPECT_FALSE(recent.may_hold("app", "192.0.2.1", failed_at + 4 * window_ms));
  }
}

TEST(RecentFailures, OthersAreNotAffected) {
  RecentFailures recent(window, start);
  recent.begin_empty();
  for (int i = 0; i < 100; ++i) recent.note("app", "192.0.2." + std::to_string(i), start);
  int mistaken = 0;
  for (int i = 0; i < 1000; ++i) {
    mistaken += recent.may_hold("web" + std::to_string(i), "198.51.100.1", start) ? 1 : 0;
  }
  EXPECT_LE(mistaken, 2);
}

// A process that slept over both generations remembers nothing of before.
TEST(RecentFailures, ALongSilenceClearsBothGenerations) {
  RecentFailures recent(window, start);
  recent.begin_empty();
  recent.note("app", "192.0.2.1", start);
  recent.note("app", "192.0.2.1", start + 2 * window_ms);
  EXPECT_FALSE(recent.may_hold("app", "192.0.2.1", start + 100 * window_ms));
}

}  // namespace cardea::recent_failures_test
