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

// FX22: a connection that does not tell where others did, as through a pooler that mixes sessions,
// is none
TEST(Succession, ALinkThatDoesNotTellItsTimelineIsRefused) {
  const auto& database = test::ScratchDatabase::instance();
  database.run_sql(
      "CREATE SCHEMA untold; CREATE FUNCTION untold.pg_is_in_recovery() RETURNS boolean LANGUAGE "
      "plpgsql AS 'BEGIN RAISE EXCEPTION ''untold''; END'");
  LinkOptions options;
  options.conninfo = database.conninfo();
  ASSERT_TRUE(Link::open(options).ok());
  options.conninfo += " options='-c search_path=untold,pg_catalog'";
  const auto refused = Link::open(options);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().reason.find("did not tell its timeline"), std::string::npos);
}

}  // namespace cardea::succession_test
