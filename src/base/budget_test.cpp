#include "base/budget.hpp"

#include <gtest/gtest.h>

namespace chorus {
namespace {

TEST(Budget, gives_up_to_its_limit_and_nothing_in_part) {
  Budget budget(10);
  EXPECT_TRUE(budget.take(7));
  EXPECT_FALSE(budget.take(4));
  EXPECT_EQ(budget.used(), 7u);
  EXPECT_TRUE(budget.take(3));
  EXPECT_FALSE(budget.take(1));
  budget.give_back(10);
  EXPECT_EQ(budget.used(), 0u);
}

TEST(Budget, never_gives_more_than_its_limit_at_once) {
  Budget budget(10);
  EXPECT_FALSE(budget.take(11));
  EXPECT_FALSE(budget.take(~std::uint64_t{0}));
  EXPECT_TRUE(budget.take(10));
}

}  // namespace
}  // namespace chorus
