#include "admin/event_counts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chorus::admin {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// "100 packetsIn 3", "100 rawDisconnection (transport close) 1"
std::vector<std::string> texts(std::vector<EventCount> const& counts) {
  std::vector<std::string> all;
  for (auto const& each : counts) {
    auto text = std::to_string(each.second.count()) + ' ' + std::string(type_name(each.what));
    if (!each.sub_type.empty()) text += " (" + each.sub_type + ')';
    all.push_back(text + ' ' + std::to_string(each.count));
  }
  return all;
}

TEST(EventCounts, counts_by_second_and_kind_and_reason) {
  EventCounts counts;
  counts.add(100s, Happening::packets_in);
  counts.add(100s, Happening::bytes_in, 7);
  counts.add(100s, Happening::packets_in);
  counts.add(100s, Happening::raw_disconnection, 1, "transport close");
  counts.add(100s, Happening::raw_disconnection, 1, "ping timeout");
  counts.add(100s, Happening::raw_disconnection, 1, "transport close");
  counts.add(101s, Happening::packets_in);
  counts.add(101s, Happening::bytes_in, 5);
  EXPECT_THAT(texts(counts.take()),
              ElementsAre("100 rawDisconnection (transport close) 2", "100 rawDisconnection (ping timeout) 1",
                          "100 packetsIn 2", "100 bytesIn 7", "101 packetsIn 1", "101 bytesIn 5"));
  EXPECT_THAT(counts.take(), IsEmpty());
}

TEST(EventCounts, begins_anew_when_they_were_taken) {
  EventCounts counts;
  counts.add(100s, Happening::packets_out, 3);
  counts.take();
  counts.add(100s, Happening::bytes_out, 4);
  counts.add(100s, Happening::packets_out, 1);
  EXPECT_THAT(texts(counts.take()), ElementsAre("100 packetsOut 1", "100 bytesOut 4"));
}

TEST(EventCounts, forgets_old_seconds_when_nobody_takes_them) {
  EventCounts counts;
  for (int second = 0; second < 100'000; ++second) {
    counts.add(std::chrono::seconds(second), Happening::packets_in);
    counts.add(std::chrono::seconds(second), Happening::bytes_in, 2);
  }
  auto const kept = counts.take();
  EXPECT_THAT(kept, SizeIs(2 * EventCounts::seconds_max.count()));
  EXPECT_EQ(kept.front().second, 99'990s);
  EXPECT_EQ(kept.back().second, 99'999s);
}

TEST(EventCounts, a_second_that_lies_far_behind_is_no_reason_to_lose_the_newest) {
  EventCounts counts;
  counts.add(100s, Happening::packets_in);
  counts.add(100s, Happening::bytes_in, 9);
  counts.add(1000s, Happening::bytes_in, 1);
  counts.add(1000s, Happening::packets_in);
  counts.add(1000s, Happening::bytes_in, 1);
  EXPECT_THAT(texts(counts.take()), ElementsAre("1000 packetsIn 1", "1000 bytesIn 2"));
}

TEST(EventCounts, those_of_several_workers_become_one_list) {
  EventCounts one, other;
  one.add(100s, Happening::packets_in, 1);
  other.add(100s, Happening::packets_in, 2);
  other.add(100s, Happening::raw_disconnection, 1, "ping timeout");
  auto all = one.take();
  merge(all, other.take());
  EXPECT_THAT(texts(all), ElementsAre("100 packetsIn 3", "100 rawDisconnection (ping timeout) 1"));
}

}  // namespace
}  // namespace chorus::admin
