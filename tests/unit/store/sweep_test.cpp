// When the sweep removes what, over a connection that only counts: in turn, within its credit, and
// held after the clock jumped. Decisions Q6, T1.
#include "store/sql/sweep.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "store/sql/statements.h"

namespace cardea::sweep_test {

using namespace store::sql;

// Every sweep finds as many rows as it may remove.
class Counting final : public Connection {
 public:
  void each(const Statement&, Cells, const std::function<void(const Row&)>&) override {}
  std::int64_t change(const Statement& statement, Cells cells) override {
    ++visits[&statement];
    before = Instant{cells.begin()->integer};
    rows_max = (cells.begin() + 1)->integer;
    return std::min(found, rows_max);
  }
  void run(const Statement& statement, Cells cells) override { change(statement, cells); }
  void lock(const Statement&, Cells) override {}
  void run_script(std::string_view) override {}
  const std::optional<SqlFailure>& failure() const override { return failure_; }
  void clear_failure() override {}

  std::map<const Statement*, int> visits;
  Instant before{};
  std::int64_t rows_max = 0;
  std::int64_t found = 0;

 private:
  std::optional<SqlFailure> failure_;
};

constexpr Instant start{1'800'000'000'000};

Sweeper::Moment at(std::int64_t seconds, std::int64_t jumped = 0) {
  return {.now = start + Seconds{seconds + jumped}, .monotonic_ms = seconds * 1000};
}

// RT18: every table has its turn, and no row leaves at the very end of its time
TEST(Sweeper, VisitsEveryTableInTurnAndLeavesAMargin) {
  Sweeper sweeper(hours(1));
  Counting sql;
  for (int i = 0; i < 26; ++i) sweeper.sweep(sql, at(i), 1);
  EXPECT_EQ(sql.visits.size(), 12u);  // the grants are asked for as rows
  for (const auto& [statement, visits] : sql.visits) EXPECT_EQ(visits, 2) << statement->text;
  EXPECT_EQ(sql.before, start + Seconds{24} - sweep_margin);
}

TEST(Sweeper, RemovesMoreThanIsWrittenButNeverManyAtOnce) {
  Sweeper sweeper(hours(1));
  Counting sql;
  sweeper.sweep(sql, at(0), 1);
  EXPECT_EQ(sql.rows_max, 26);
  sweeper.sweep(sql, at(1), 1000);
  EXPECT_EQ(sql.rows_max, 256);
  sql.found = 256;
  for (int i = 0; i < 40; ++i) sweeper.sweep(sql, at(2), 0);
  EXPECT_EQ(sql.rows_max, 0);  // the credit is spent
}

// T1: the store's clock, stepped ahead, removes nothing for a while
TEST(Sweeper, IsHeldAfterTheClockJumped) {
  Sweeper sweeper(hours(1));
  Counting sql;
  sql.found = 1;
  EXPECT_EQ(sweeper.sweep(sql, at(0), 1), 1);
  EXPECT_EQ(sweeper.sweep(sql, at(100), 1), 1);  // time that went by is no jump
  EXPECT_EQ(sweeper.sweep(sql, at(101, 86400), 1), 0);
  EXPECT_EQ(sweeper.sweep(sql, at(101 + 3599, 86400), 1), 0);
  EXPECT_EQ(sweeper.sweep(sql, at(101 + 3600, 86400), 1), 1);
  EXPECT_EQ(sweeper.sweep(sql, at(5000, 0), 1), 1);  // a step back delays by itself
}

}  // namespace cardea::sweep_test
