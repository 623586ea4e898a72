#include "net/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <vector>

namespace chorus::net {
namespace {

using namespace std::chrono_literals;

TimePoint const start{};

struct Alarm {
  explicit Alarm(std::function<void()> f = {}) : then(std::move(f)) {}
  void ring(TimePoint now) {
    ++rung;
    at = now;
    if (then) then();
  }
  int rung = 0;
  TimePoint at{};
  std::function<void()> then;
  Timer timer{timer_callback<&Alarm::ring>, this};
};

TEST(TimerWheel, fires_at_the_deadline_or_at_most_a_tick_later) {
  TimerWheel wheel(start);
  Alarm alarm;
  wheel.arm(alarm.timer, start + 100ms);
  EXPECT_EQ(wheel.advance(start + 99ms), 0u);
  EXPECT_EQ(wheel.advance(start + 100ms + TimerWheel::tick), 1u);
  EXPECT_EQ(alarm.rung, 1);
  EXPECT_FALSE(alarm.timer.armed());
  EXPECT_EQ(wheel.size(), 0u);
}

TEST(TimerWheel, tells_when_to_come_back_and_nothing_when_nothing_is_armed) {
  TimerWheel wheel(start);
  EXPECT_EQ(wheel.next_deadline(), std::nullopt);
  Alarm late;
  Alarm early;
  wheel.arm(late.timer, start + 20s);
  wheel.arm(early.timer, start + 3s);
  ASSERT_TRUE(wheel.next_deadline());
  EXPECT_GE(*wheel.next_deadline(), start + 3s);
  EXPECT_LT(*wheel.next_deadline(), start + 3s + TimerWheel::tick);
  EXPECT_EQ(wheel.advance(*wheel.next_deadline()), 1u);
  EXPECT_GE(*wheel.next_deadline(), start + 20s);
  late.timer.disarm();
  EXPECT_EQ(wheel.next_deadline(), std::nullopt);
}

TEST(TimerWheel, keeps_a_deadline_of_a_later_revolution) {
  TimerWheel wheel(start);
  Alarm alarm;
  wheel.arm(alarm.timer, start + 100s);
  TimePoint now = start;
  int wakes = 0;
  while (alarm.rung == 0 && wakes < 100) {
    now = *wheel.next_deadline();
    wheel.advance(now);
    ++wakes;
  }
  EXPECT_GE(now, start + 100s);
  EXPECT_LE(now, start + 100s + TimerWheel::tick);
  EXPECT_LE(wakes, 5) << "once a revolution at most";
}

TEST(TimerWheel, fires_everything_after_a_long_stop) {
  TimerWheel wheel(start);
  std::vector<std::unique_ptr<Alarm>> alarms;
  for (int i = 0; i < 1000; ++i) {
    alarms.push_back(std::make_unique<Alarm>());
    wheel.arm(alarms.back()->timer, start + i * 97ms);
  }
  Alarm much_later;
  wheel.arm(much_later.timer, start + 2h);
  EXPECT_EQ(wheel.advance(start + 1h), 1000u);
  EXPECT_EQ(much_later.rung, 0);
}

TEST(TimerWheel, fires_a_deadline_in_the_past_in_the_next_turn_and_not_twice_in_one) {
  TimerWheel wheel(start);
  wheel.advance(start + 1s);
  Alarm again;
  again.then = [&] { wheel.arm(again.timer, start); };
  wheel.arm(again.timer, start);
  EXPECT_EQ(wheel.next_deadline(), start + 1s) << "at once";
  EXPECT_EQ(wheel.advance(start + 1s), 1u);
  EXPECT_EQ(wheel.advance(start + 1s), 1u);
  again.then = {};
  EXPECT_EQ(wheel.advance(start + 1s), 1u);
  EXPECT_EQ(wheel.advance(start + 1s), 0u);
}

TEST(TimerWheel, does_not_fire_while_a_turn_only_begins) {
  TimerWheel wheel(start);
  Alarm alarm;
  wheel.arm(alarm.timer, start + 10ms);
  wheel.set_now(start + 1s);
  EXPECT_EQ(wheel.now(), start + 1s);
  alarm.timer.disarm();  // the answer was waiting in the kernel
  EXPECT_EQ(wheel.fire_due(), 0u);
}

TEST(TimerWheel, never_lets_time_go_back) {
  TimerWheel wheel(start);
  wheel.advance(start + 1s);
  wheel.advance(start + 500ms);
  EXPECT_EQ(wheel.now(), start + 1s);
}

TEST(TimerWheel, lets_a_callback_disarm_others_that_are_due) {
  TimerWheel wheel(start);
  std::vector<std::unique_ptr<Alarm>> alarms;
  int rung = 0;
  for (int i = 0; i < 10; ++i) {
    alarms.push_back(std::make_unique<Alarm>([&] {
      ++rung;
      for (auto& other : alarms) other->timer.disarm();
    }));
    wheel.arm(alarms.back()->timer, start + 50ms);
  }
  EXPECT_EQ(wheel.advance(start + 100ms), 1u);
  EXPECT_EQ(rung, 1);
  EXPECT_EQ(wheel.next_deadline(), std::nullopt);
}

TEST(TimerWheel, lets_a_callback_destroy_its_own_timer_and_others) {
  TimerWheel wheel(start);
  auto other = std::make_unique<Alarm>();
  auto own = std::make_unique<Alarm>();
  int rung = 0;
  struct Bomb {
    void fire(TimePoint) { then(); }
    std::function<void()> then;
    Timer timer{timer_callback<&Bomb::fire>, this};
  };
  auto* const bomb = new Bomb;
  bomb->then = [&, bomb] {
    ++rung;
    other.reset();
    auto const keep = std::move(bomb->then);  // the closure that runs must outlive its owner
    delete bomb;
  };
  wheel.arm(bomb->timer, start + 8ms);
  wheel.arm(other->timer, start + 8ms);
  EXPECT_EQ(wheel.advance(start + 16ms), 1u);
  EXPECT_EQ(rung, 1);
  EXPECT_EQ(wheel.size(), 0u);
}

TEST(TimerWheel, disarms_what_is_left_when_it_dies) {
  Alarm alarm;
  Alarm overdue;
  {
    TimerWheel wheel(start);
    wheel.arm(alarm.timer, start + 1s);
    wheel.arm(overdue.timer, start - 1s);
  }
  EXPECT_FALSE(alarm.timer.armed());
  EXPECT_FALSE(overdue.timer.armed());
}

/// When a wheel that has turned up to `now` comes to the first slot with timers.
std::optional<TimePoint> first_turn(std::vector<std::unique_ptr<Alarm>> const& alarms, TimePoint now) {
  std::int64_t const turned = (now - start) / TimerWheel::tick;
  std::optional<TimePoint> first;
  for (auto const& alarm : alarms) {
    if (!alarm->timer.armed()) continue;
    Duration const since = alarm->timer.deadline() - start;
    std::int64_t const due = (since + TimerWheel::tick - Duration(1)) / TimerWheel::tick;
    auto const ahead = (due - turned - 1) % static_cast<std::int64_t>(TimerWheel::slots);
    auto const turn = due <= turned ? now : start + TimerWheel::tick * (turned + 1 + ahead);
    if (!first || turn < *first) first = turn;
  }
  return first;
}

class TimerWheelAmongMany : public ::testing::TestWithParam<std::size_t> {};

TEST_P(TimerWheelAmongMany, agrees_with_a_list_under_random_use) {
  std::mt19937 random(7);
  TimerWheel wheel(start);
  std::vector<std::unique_ptr<Alarm>> alarms;
  for (std::size_t i = 0; i < GetParam(); ++i) alarms.push_back(std::make_unique<Alarm>());
  TimePoint now = start;
  for (int step = 0; step < 20'000; ++step) {
    Alarm& alarm = *alarms[random() % alarms.size()];
    switch (random() % 4) {
      case 0:
        alarm.timer.disarm();
        break;
      case 1:
      case 2:
        wheel.arm(alarm.timer, now + std::chrono::milliseconds(random() % 60'000));
        break;
      default:
        now += std::chrono::milliseconds(random() % 200);
        wheel.advance(now);
        for (auto const& a : alarms) {
          if (a->timer.armed()) {
            ASSERT_GT(a->timer.deadline() + TimerWheel::tick, now) << "left behind";
          }
        }
    }
    auto const armed = static_cast<std::size_t>(
        std::count_if(alarms.begin(), alarms.end(), [](auto const& a) { return a->timer.armed(); }));
    ASSERT_EQ(wheel.size(), armed);
    ASSERT_EQ(wheel.next_deadline(), first_turn(alarms, now));
  }
}
INSTANTIATE_TEST_SUITE_P(, TimerWheelAmongMany, ::testing::Values(1, 3, 300));

}  // namespace
}  // namespace chorus::net
