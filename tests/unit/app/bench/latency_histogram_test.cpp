// Percentiles agree with sorted values to a thousandth, whatever was added where.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "app/bench/arrivals.h"
#include "app/bench/latency_histogram.h"

namespace cardea::bench_latency_test {

using app::bench::Arrivals;
using app::bench::LatencyHistogram;

// Values of five magnitudes, without a random source.
std::vector<std::int64_t> samples() {
  std::vector<std::int64_t> out;
  std::int64_t value = 1;
  for (int i = 0; i < 5000; ++i) {
    value = (value * 48271) % 2147483647;
    out.push_back(value % (std::int64_t{1000} << (i % 5 * 5)));
  }
  return out;
}

TEST(LatencyHistogramTest, PercentilesAreThoseOfSortedValues) {
  auto values = samples();
  LatencyHistogram histogram;
  for (const auto value : values) histogram.add(value);
  std::ranges::sort(values);
  for (const double share : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999}) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * 5000)) - 1;
    const auto exact = values[rank];
    EXPECT_GE(histogram.percentile(share), exact) << share;
    EXPECT_LE(histogram.percentile(share), exact + exact / 1000 + 1) << share;
  }
  EXPECT_EQ(histogram.percentile(1), values.back());
  EXPECT_EQ(histogram.count(), 5000);
}

TEST(LatencyHistogramTest, TwoHalvesAreOneWhole) {
  LatencyHistogram whole;
  LatencyHistogram half;
  LatencyHistogram other;
  int at = 0;
  for (const auto value : samples()) {
    whole.add(value);
    (++at % 2 == 0 ? half : other).add(value);
  }
  half.add(other);
  for (const double share : {0.0, 0.3, 0.77, 1.0}) {
    EXPECT_EQ(half.percentile(share), whole.percentile(share));
  }
  EXPECT_DOUBLE_EQ(half.mean_ns(), whole.mean_ns());
}

TEST(LatencyHistogramTest, TheEndsOfTheRange) {
  LatencyHistogram histogram;
  EXPECT_EQ(histogram.percentile(0.5), 0);
  EXPECT_EQ(histogram.mean_ns(), 0);
  histogram.add(-5);
  EXPECT_EQ(histogram.percentile(1), 0);
  histogram.add(LatencyHistogram::max_ns * 4);
  EXPECT_EQ(histogram.percentile(1), LatencyHistogram::max_ns);
}

// coordinated omission: what falls due while everything is busy keeps its due time
TEST(ArrivalsTest, AnOpenLoopHoldsItsRateThroughAStall) {
  Arrivals arrivals(1000.0, 5'000'000'000, 6'000'000'000);
  EXPECT_EQ(arrivals.take(5'000'000'000), 5'000'000'000);
  EXPECT_EQ(arrivals.due(5'000'500'000), 5'001'000'000);
  // half a second later, the second operation was due at its own time all the same
  EXPECT_EQ(arrivals.take(5'500'000'000), 5'001'000'000);
  EXPECT_EQ(arrivals.take(5'500'000'000), 5'002'000'000);
  EXPECT_EQ(arrivals.started(), 3);
}

TEST(ArrivalsTest, NoneStartsBehindTheEnd) {
  Arrivals arrivals(2.0, 0, 1'000'000'000);
  EXPECT_TRUE(arrivals.may_start(0));
  arrivals.take(0);
  arrivals.take(0);
  EXPECT_FALSE(arrivals.may_start(10));  // the third falls due at the end
  EXPECT_FALSE(Arrivals(2.0, 0, 1'000'000'000).may_start(1'000'000'000));
}

TEST(ArrivalsTest, AClosedLoopStartsWhenItCan) {
  Arrivals arrivals(std::nullopt, 0, 100);
  EXPECT_EQ(arrivals.take(42), 42);
  EXPECT_TRUE(arrivals.may_start(99));
  EXPECT_FALSE(arrivals.may_start(100));
}

}  // namespace cardea::bench_latency_test
