// Who has work; see occupancy.h.
#include "task/occupancy.h"

#include <gtest/gtest.h>

namespace cardea::occupancy_test {

TEST(Occupancy, IsSaturatedWhileEveryLoopIsBusy) {
  Occupancy occupancy;
  EXPECT_FALSE(occupancy.is_saturated());  // nobody runs a loop
  occupancy.set_loops(2);
  EXPECT_FALSE(occupancy.is_saturated());
  occupancy.busy();
  EXPECT_FALSE(occupancy.is_saturated());
  occupancy.busy();
  EXPECT_TRUE(occupancy.is_saturated());
  occupancy.idle();
  EXPECT_FALSE(occupancy.is_saturated());
}

TEST(Occupancy, WakesWhoAwaitsAnIdleLoop) {
  Occupancy occupancy;
  occupancy.set_loops(1);
  int woken = 0;
  occupancy.on_idle([&] { ++woken; });
  occupancy.busy();
  occupancy.idle();
  EXPECT_EQ(woken, 0);  // nobody waits
  occupancy.busy();
  occupancy.await_idle(true);
  occupancy.idle();
  EXPECT_EQ(woken, 1);
  occupancy.on_idle({});
  occupancy.busy();
  occupancy.idle();
  EXPECT_EQ(woken, 1);
}

}  // namespace cardea::occupancy_test
