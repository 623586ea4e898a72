#include "socket/packet_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace chorus::socket {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

constexpr std::uint64_t plenty = 1u << 30;

LoggedPacket packet(std::string const& text) {
  auto target = make_target();
  target->nsp = "/";
  return {std::move(target), engine::SharedMessage::make(text)};
}

std::vector<std::string> texts(std::optional<PacketSlice> const& slice) {
  std::vector<std::string> list;
  if (!slice) return {"none"};
  slice->for_each([&](LoggedPacket const& p) { list.emplace_back(p.message->text().substr(1)); });
  return list;
}

class PacketLogTest : public ::testing::Test {
 protected:
  Budget packets{plenty}, bytes{plenty};
  TimePoint const start{1h};
};

TEST_F(PacketLogTest, gives_what_is_behind_a_number) {
  PacketLog log(packets, bytes);
  EXPECT_THAT(texts(log.since(0)), IsEmpty());
  EXPECT_THAT(texts(log.since(1)), ElementsAre("none")) << "there never was such a number";
  for (char const* text : {"a", "b", "c"}) log.append(packet(text));
  EXPECT_EQ(log.last(), 3u);
  EXPECT_THAT(texts(log.since(0)), ElementsAre("a", "b", "c"));
  EXPECT_THAT(texts(log.since(2)), ElementsAre("c"));
  EXPECT_THAT(texts(log.since(3)), IsEmpty());
  EXPECT_THAT(texts(log.since(4)), ElementsAre("none"));
}

TEST_F(PacketLogTest, a_slice_stays_what_it_was) {
  PacketLog log(packets, bytes);
  log.append(packet("a"));
  auto const slice = log.since(0);
  for (std::size_t i = 0; i < 3 * PacketBlock::packets_max; ++i) log.append(packet("later"));
  log.clear();
  EXPECT_THAT(texts(slice), ElementsAre("a"));
}

TEST_F(PacketLogTest, lets_the_oldest_go_where_there_is_no_room) {
  Budget few(2 * PacketBlock::packets_max);
  PacketLog log(few, bytes);
  auto const count = 5 * PacketBlock::packets_max + 1;
  for (std::size_t i = 1; i <= count; ++i) log.append(packet(std::to_string(i)));
  EXPECT_LE(few.used(), 2 * PacketBlock::packets_max);
  EXPECT_EQ(log.last(), count);
  EXPECT_THAT(texts(log.since(count - 1)), ElementsAre(std::to_string(count)));
  EXPECT_EQ(texts(log.since(count - PacketBlock::packets_max)).size(), PacketBlock::packets_max);
  EXPECT_THAT(texts(log.since(0)), ElementsAre("none"));
}

TEST_F(PacketLogTest, a_packet_without_room_leaves_a_gap_that_is_known) {
  Budget one_kilobyte(1024);
  PacketLog log(packets, one_kilobyte);
  log.append(packet("small"));
  log.append(packet(std::string(2048, 'x')));
  EXPECT_EQ(log.last(), 2u);
  EXPECT_THAT(texts(log.since(0)), ElementsAre("none"));
  EXPECT_THAT(texts(log.since(1)), ElementsAre("none")) << "the big one is missing";
  EXPECT_THAT(texts(log.since(2)), IsEmpty());
  log.append(packet("next"));
  EXPECT_THAT(texts(log.since(2)), ElementsAre("next"));
  log.clear();
  EXPECT_EQ(one_kilobyte.used(), 0u);
  EXPECT_EQ(packets.used(), 0u);
}

TEST_F(PacketLogTest, shares_its_room_with_other_logs) {
  Budget few(PacketBlock::packets_max);
  PacketLog quiet(few, bytes);
  {
    PacketLog busy(few, bytes);
    for (std::size_t i = 0; i < PacketBlock::packets_max; ++i) busy.append(packet("busy"));
    quiet.append(packet("lost"));
    EXPECT_THAT(texts(quiet.since(0)), ElementsAre("none"));
  }
  EXPECT_EQ(few.used(), 0u);
  quiet.append(packet("kept"));
  EXPECT_THAT(texts(quiet.since(1)), ElementsAre("kept"));
}

TEST_F(PacketLogTest, keeps_a_packet_at_least_its_time_and_no_longer_than_two_ticks_more) {
  PacketLog log(packets, bytes);
  log.append(packet("a"));
  log.tick(start, 10s);
  for (int second = 1; second <= 10; ++second) {
    log.tick(start + second * 1s, 10s);
    EXPECT_THAT(texts(log.since(0)), ElementsAre("a")) << second;
  }
  log.tick(start + 11s, 10s);
  EXPECT_TRUE(log.empty());
  EXPECT_THAT(texts(log.since(0)), ElementsAre("none"));
  EXPECT_THAT(texts(log.since(1)), IsEmpty()) << "who has heard it has missed nothing";
}

TEST_F(PacketLogTest, lets_go_what_is_old_while_new_ones_come) {
  PacketLog log(packets, bytes);
  auto now = start;
  for (int i = 0; i < 1'000; ++i, now += 1s) {
    log.append(packet("x"));
    log.tick(now, 10s);
    EXPECT_LE(packets.used(), PacketBlock::packets_max + 12);
    if (i > 10) {
      EXPECT_GE(texts(log.since(log.last() - 10)).size(), 10u);
    }
  }
}

TEST_F(PacketLogTest, agrees_with_a_plain_list_in_whatever_is_done_to_it) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    Budget few(300), small(200'000);
    PacketLog log(few, small);
    std::vector<std::string> all{""};  // by number
    auto now = start;
    for (int step = 0; step < 2'000; ++step) {
      auto const what = random() % 10;
      if (what < 7) {
        all.push_back(std::to_string(random()) + std::string(random() % 20 == 0 ? random() % 70'000 : 0, 'x'));
        log.append(packet(all.back()));
      } else if (what < 9) {
        log.tick(now += std::chrono::milliseconds(random() % 2'000), 10s);
      } else {
        auto const number = random() % (all.size() + 2);
        auto const slice = log.since(number);
        if (number >= all.size()) {
          ASSERT_FALSE(slice);
        } else if (slice) {
          ASSERT_EQ(texts(slice), std::vector(all.begin() + static_cast<std::ptrdiff_t>(number) + 1, all.end()));
        } else {
          ASSERT_LT(number, log.last()) << "at its end it has always all";
        }
      }
      ASSERT_LE(few.used(), 300u);
      ASSERT_LE(small.used(), 200'000u);
      ASSERT_EQ(log.empty(), few.used() == 0);
    }
    log.clear();
    ASSERT_EQ(small.used(), 0u);
  }
}

}  // namespace
}  // namespace chorus::socket
