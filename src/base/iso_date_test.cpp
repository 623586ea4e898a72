#include "base/iso_date.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace chorus {
namespace {

std::string date(double milliseconds) {
  std::string text;
  return append_iso_date(text, milliseconds) ? text : "none" + text;
}

TEST(IsoDate, is_written_as_javascript_writes_it) {
  EXPECT_EQ(date(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(date(-0.0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(date(1'795'388'538'123), "2026-11-22T23:02:18.123Z");
  EXPECT_EQ(date(951'782'400'000), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(date(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(date(253'402'300'799'999), "9999-12-31T23:59:59.999Z");
}

TEST(IsoDate, years_beyond_four_digits_have_a_sign_and_six) {
  EXPECT_EQ(date(253'402'300'800'000), "+010000-01-01T00:00:00.000Z");
  EXPECT_EQ(date(-62'167'219'200'000), "0000-01-01T00:00:00.000Z");
  EXPECT_EQ(date(-62'167'219'200'001), "-000001-12-31T23:59:59.999Z");
  EXPECT_EQ(date(8.64e15), "+275760-09-13T00:00:00.000Z");
  EXPECT_EQ(date(-8.64e15), "-271821-04-20T00:00:00.000Z");
}

TEST(IsoDate, the_fraction_of_a_millisecond_is_cut_off) {
  EXPECT_EQ(date(1.9), "1970-01-01T00:00:00.001Z");
  EXPECT_EQ(date(-1.9), "1969-12-31T23:59:59.999Z");
}

TEST(IsoDate, there_are_times_that_no_date_has) {
  EXPECT_EQ(date(8.64e15 + 1), "none");
  EXPECT_EQ(date(-8.64e15 - 1), "none");
  EXPECT_EQ(date(std::numeric_limits<double>::infinity()), "none");
  EXPECT_EQ(date(std::numeric_limits<double>::quiet_NaN()), "none");
}

}  // namespace
}  // namespace chorus
