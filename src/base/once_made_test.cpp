#include "base/once_made.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace chorus {
namespace {

TEST(OnceMade, is_made_by_the_first_who_asks_and_anew_after_clear) {
  OnceMade<std::string> value;
  int made = 0;
  auto const make = [&made] { return "value " + std::to_string(++made); };
  EXPECT_EQ(value.get(make), "value 1");
  EXPECT_EQ(value.get(make), "value 1");
  EXPECT_EQ(&value.get(make), &value.get(make));
  value.clear();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(value.get(make), "value 2");
}

TEST(OnceMade, is_made_by_the_next_when_one_throws) {
  OnceMade<int> value;
  EXPECT_THROW(value.get([]() -> int { throw std::runtime_error("not now"); }), std::runtime_error);
  EXPECT_EQ(value.get([] { return 7; }), 7);
}

TEST(OnceMade, is_made_once_however_many_ask) {
  for (int round = 0; round < 200; ++round) {
    OnceMade<int> value;
    std::atomic<int> made{0}, ready{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        ++ready;
        while (ready.load() < 3) std::this_thread::yield();
        EXPECT_EQ(value.get([&] { return ++made; }), 1);
      });
    }
    for (auto& thread : threads) thread.join();
    ASSERT_EQ(made.load(), 1);
  }
}

}  // namespace
}  // namespace chorus
