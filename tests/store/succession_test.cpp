// A link of a primary that another has replaced is not used again, and not opened again.
#include "store/postgres/succession.h"

#include <gtest/gtest.h>

#include "store/postgres/link.h"
#include "support/scratch_database.h"

namespace cardea::succession_test {

using namespace store::postgres;

TEST(Succession, TheNewestTimelineIsAdmittedAndNoOlderOne) {
  Succession succession;
  EXPECT_TRUE(succession.admit(3));
  EXPECT_TRUE(succession.admit(3));
  EXPECT_FALSE(succession.admit(2));
  EXPECT_TRUE(succession.admit(4));
  EXPECT_EQ(succession.newest(), 4);
}

TEST(Succession, ALinkSaysWhichTimelineItsPrimaryIsOn) {
  LinkOptions options;
  options.conninfo = test::ScratchDatabase::instance().conninfo();
  ASSERT_TRUE(Link::open(options).ok());
  EXPECT_EQ(options.succession->newest(), 1);
}

// FX18: a primary that another has replaced is asked nothing more
TEST(Succession, LinksOfAPrimaryThatWasReplacedEnd) {
  LinkOptions options;
  options.conninfo = test::ScratchDatabase::instance().conninfo();
  const auto link = Link::open(options);
  ASSERT_TRUE(link.ok());
  EXPECT_TRUE((*link)->is_open());
  options.succession->admit(2);
  EXPECT_FALSE((*link)->is_open());
  const auto again = Link::open(options);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().kind, store::sql::SqlFailure::Kind::lost);
}

}  // namespace cardea::succession_test
