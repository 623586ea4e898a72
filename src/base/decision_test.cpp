#include "base/decision.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace chorus {
namespace {

class DecisionTest : public ::testing::Test {
 protected:
  std::vector<int> late;
  std::shared_ptr<Decision<int>> decision =
      std::make_shared<Decision<int>>([this](int value) { late.push_back(value); }, -1);
};

TEST_F(DecisionTest, given_during_the_call_is_had_at_its_end) {
  decision->handle()(5);
  EXPECT_EQ(decision->leave(), 5);
  decision.reset();
  EXPECT_TRUE(late.empty());
}

TEST_F(DecisionTest, given_later_is_told_then_and_once) {
  auto const handle = decision->handle();
  auto const copy = handle;
  EXPECT_EQ(decision->leave(), std::nullopt);
  decision.reset();
  handle(5);
  copy(6);
  handle(7);
  EXPECT_EQ(late, std::vector<int>{5});
}

TEST_F(DecisionTest, given_during_the_call_and_again_later_is_the_first_one) {
  auto const handle = decision->handle();
  handle(5);
  handle(6);
  EXPECT_EQ(decision->leave(), 5);
  handle(7);
  EXPECT_TRUE(late.empty());
}

TEST_F(DecisionTest, that_nobody_can_give_any_more_is_the_dropped_one) {
  auto handle = decision->handle();
  EXPECT_EQ(decision->leave(), std::nullopt);
  decision.reset();
  EXPECT_TRUE(late.empty());
  handle = nullptr;
  EXPECT_EQ(late, std::vector<int>{-1});
}

}  // namespace
}  // namespace chorus
