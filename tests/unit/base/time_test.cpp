// Instants, lifetimes and the two clocks that can be steered.
#include "base/time.h"

#include <gtest/gtest.h>

namespace cardea::time_test {

TEST(Time, InstantsCountMillisecondsAndLifetimesSeconds) {
  const Instant at = Instant::from_seconds(1'000);
  EXPECT_EQ((at + minutes(2)).unix_seconds(), 1'120);
  EXPECT_EQ((at - hours(1)).unix_seconds(), 1'000 - 3'600);
  EXPECT_EQ(days(2), hours(48));
  EXPECT_EQ(Instant{1'999}.unix_seconds(), 1);
  EXPECT_LT(at, at + Seconds{1});
}

TEST(Time, ASettableClockMovesOnlyByHand) {
  SettableClock clock(Instant::from_seconds(5));
  EXPECT_EQ(clock.now(), clock.now());
  clock.advance(Seconds{3});
  EXPECT_EQ(clock.now(), Instant::from_seconds(8));
  clock.set(Instant::from_seconds(1));
  EXPECT_EQ(clock.now(), Instant::from_seconds(1));
}

// T1: time goes on from the last answer of the store
TEST(Time, TheStoreClockFollowsTheStoreAndReportsTheStep) {
  StoreClock clock;
  const Instant ahead = clock.now() + days(10);
  EXPECT_GE(clock.synchronise(ahead), days(9).count * 1'000);
  EXPECT_GE(clock.now(), ahead);
  EXPECT_LT(clock.synchronise(ahead - days(20)), 0);
  EXPECT_LT(clock.now(), ahead);
}

}  // namespace cardea::time_test
