#include "load/histogram.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace load {
namespace {

TEST(Histogram, has_nothing_to_say_about_nothing) {
  Histogram const empty;
  EXPECT_EQ(empty.count(), 0u);
  EXPECT_EQ(empty.quantile(0.99), 0u);
  EXPECT_EQ(empty.max(), 0u);
}

TEST(Histogram, knows_small_values_exactly) {
  Histogram histogram;
  for (std::uint64_t ns = 1; ns <= 20; ++ns) histogram.add(ns);
  EXPECT_EQ(histogram.quantile(0.5), 10u);
  EXPECT_EQ(histogram.quantile(0.51), 11u);
  EXPECT_EQ(histogram.quantile(0.95), 19u);
  EXPECT_EQ(histogram.quantile(1), 20u);
}

TEST(Histogram, is_at_most_3_percent_too_high_and_never_too_low) {
  for (std::uint64_t ns = 1; ns < std::uint64_t{1} << 56; ns += ns / 20 + 1) {
    Histogram histogram;
    histogram.add(ns);
    histogram.add(ns * 8);  // so that the greatest does not cut the bucket
    std::uint64_t const found = histogram.quantile(0.5);
    ASSERT_GE(found, ns);
    ASSERT_LE(found, ns + ns / 32);
  }
}

TEST(Histogram, finds_the_few_slow_ones_among_many) {
  Histogram histogram;
  for (int i = 0; i < 9'980; ++i) histogram.add(100'000);
  for (int i = 0; i < 19; ++i) histogram.add(5'000'000);
  histogram.add(1'234'567'891);
  EXPECT_NEAR(static_cast<double>(histogram.quantile(0.99)), 100'000, 3'200);
  EXPECT_NEAR(static_cast<double>(histogram.quantile(0.999)), 5'000'000, 160'000);
  EXPECT_EQ(histogram.max(), 1'234'567'891u);
}

TEST(Quantiles, are_told_in_microseconds) {
  Histogram histogram;
  for (int i = 0; i < 90; ++i) histogram.add(1'000);
  for (int i = 0; i < 10; ++i) histogram.add(2'500);
  EXPECT_EQ(to_json(quantiles_of(histogram)),
            R"({"count":100,"p50_us":1.0,"p90_us":1.0,"p99_us":2.5,"p999_us":2.5,"max_us":2.5})");
}

TEST(Histogram, tells_no_quantile_above_the_greatest_value) {
  Histogram histogram;
  histogram.add(1'000'001);
  EXPECT_EQ(histogram.quantile(0.5), 1'000'001u);
}

}  // namespace
}  // namespace load
