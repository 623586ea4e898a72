#include "socket/timeline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "socket/offset.hpp"
#include "support/socket_world.hpp"

namespace chorus::socket {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// As many workers as wanted, interested as wanted.
class Board final : public Switchboard {
 public:
  unsigned workers() const override { return 4; }
  void post(unsigned, Letter) override {}
  void gained(std::string_view, std::string_view, unsigned) override {}
  void lost(std::string_view, std::string_view, unsigned) override {}
  void joins_began() override {}
  void joins_ended() override {}
  WorkerSet interested(Target const&) const override { return members; }
  void device_came(std::string_view, UserId const&, Device) override {}
  void device_went(std::string_view, UserId const&, std::string_view) override {}
  std::vector<Device> devices(std::string_view, UserId const&) const override { return {}; }
  std::vector<OnlineUser> users(std::string_view, std::size_t) const override { return {}; }
  Uplink* uplink() const override { return nullptr; }

  WorkerSet members = 0b0011;
};

class TimelineTest : public ::testing::Test {
 protected:
  TimelineTest() { timeline.open(); }

  Timeline::Put append(std::string const& name, Timeline::Offset offset = Timeline::Offset::own) {
    std::string packet = "2[\"" + name + "\"]";
    if (offset != Timeline::Offset::none) append_offset_place(packet);
    auto target = make_target();
    target->nsp = "/";
    return timeline.append(board, std::move(target), engine::SharedMessage::begin(packet), offset);
  }
  static std::string described(engine::SharedMessage const& message) {
    auto const text = message.text();  // 42["name","offset"]
    std::string const name(text.substr(4, text.find('"', 4) - 4));
    if (text.find(',') == Bytes::npos) return name;
    return name + "@" + std::to_string(*sequence_of_offset(text.substr(text.find(',') + 2, offset_size)));
  }
  static std::vector<std::string> described(std::vector<Timeline::Step> const& steps) {
    std::vector<std::string> list;
    for (auto const& step : steps) {
      auto const* const packet = std::get_if<BroadcastLetter>(&step);
      list.push_back(packet != nullptr ? described(*packet->message) : "errand");
    }
    return list;
  }
  std::vector<std::string> taken(unsigned worker) {
    std::vector<Timeline::Step> steps;
    timeline.take(worker, steps);
    return described(steps);
  }
  static std::vector<std::string> described(std::optional<PacketSlice> const& slice) {
    std::vector<std::string> list;
    if (!slice) return {"none"};
    slice->for_each([&](LoggedPacket const& packet) { list.push_back(described(*packet.message)); });
    return list;
  }

  Board board;
  Budget packets{1'000}, bytes{1'000'000};
  Timeline timeline{"/", "", 4, packets, bytes};
};

TEST_F(TimelineTest, gives_every_worker_that_has_members_the_same_order) {
  append("a");
  append("b");
  EXPECT_THAT(taken(0), ElementsAre("a@1", "b@2"));
  append("c");
  EXPECT_THAT(taken(0), ElementsAre("c@3"));
  EXPECT_THAT(taken(1), ElementsAre("a@1", "b@2", "c@3"));
  EXPECT_THAT(taken(2), IsEmpty());
}

TEST_F(TimelineTest, what_cannot_be_recovered_carries_the_offset_before_it) {
  append("first", Timeline::Offset::current);
  append("a");
  append("shout", Timeline::Offset::current);
  append("question", Timeline::Offset::none);
  append("b");
  EXPECT_THAT(taken(0), ElementsAre("first@0", "a@1", "shout@1", "question", "b@2"));
  EXPECT_THAT(described(timeline.since(0)), ElementsAre("a@1", "b@2"));
}

TEST_F(TimelineTest, a_worker_is_told_once_until_it_has_looked) {
  EXPECT_EQ(append("a").to_wake, 0b0011u);
  auto const second = append("b");
  EXPECT_EQ(second.to_wake, 0u);
  EXPECT_EQ(second.has, 0b0011u);
  taken(0);
  EXPECT_EQ(append("c").to_wake, 0b0001u);
  EXPECT_EQ(timeline.put(2, [](Hub&) {}).to_wake, 0b0100u);
}

TEST_F(TimelineTest, errands_keep_their_place_among_packets) {
  append("a");
  timeline.put(1, [](Hub&) {});
  append("b");
  EXPECT_THAT(taken(0), ElementsAre("a@1", "b@2"));
  EXPECT_THAT(taken(1), ElementsAre("a@1", "errand", "b@2"));
}

TEST_F(TimelineTest, who_follows_has_each_packet_either_behind_it_or_before_it) {
  board.members = 0b0001;
  append("missed");
  board.members = 0b0011;
  append("both");
  std::vector<Timeline::Step> steps;
  auto const missed = timeline.follow(1, steps, 0);
  EXPECT_THAT(described(steps), ElementsAre("both@2"));
  EXPECT_THAT(described(missed), ElementsAre("missed@1", "both@2"));
  append("live");
  EXPECT_THAT(taken(1), ElementsAre("live@3"));
}

TEST_F(TimelineTest, closed_it_takes_nothing_and_holds_nothing) {
  append("a");
  timeline.close();
  EXPECT_EQ(append("b").has, 0u);
  EXPECT_EQ(timeline.put(0, [](Hub&) {}).has, 0u);
  EXPECT_THAT(taken(0), IsEmpty());
  EXPECT_TRUE(timeline.empty());
  EXPECT_EQ(packets.used(), 0u);
}

TEST_F(TimelineTest, threads_that_append_at_once_make_one_order_without_a_gap) {
  constexpr int threads_count = 4, each = 200;
  std::vector<std::thread> threads;
  for (int t = 0; t < threads_count; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < each; ++i) append(std::to_string(t));
    });
  for (auto& thread : threads) thread.join();
  auto const zero = taken(0), one = taken(1);
  EXPECT_EQ(zero, one);
  ASSERT_EQ(zero.size(), std::size_t{threads_count * each});
  for (std::size_t i = 0; i < zero.size(); ++i) EXPECT_TRUE(zero[i].ends_with("@" + std::to_string(i + 1))) << zero[i];
}

}  // namespace
}  // namespace chorus::socket
