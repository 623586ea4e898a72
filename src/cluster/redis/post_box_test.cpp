#include "cluster/redis/post_box.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace chorus::cluster::redis {
namespace {

using namespace std::chrono_literals;
using Posted = PostBox::Posted;

CommandLetter command(std::size_t bytes) { return {.arguments = {std::string(bytes, 'x')}, .on_reply = nullptr}; }

TEST(PostBox, keeps_letters_in_their_order_and_wakes_once_for_all_of_them) {
  PostBox box({});
  std::string order;
  EXPECT_EQ(box.post(PublishLetter{"a", "1"}), Posted::and_wake);
  EXPECT_EQ(box.post(Errand([&] { order = "ran"; })), Posted::yes);
  EXPECT_EQ(box.post(UnsubscribeLetter{SubscriptionKind::channel, "a"}), Posted::yes);
  auto& letters = box.collect();
  ASSERT_EQ(letters.size(), 3u);
  EXPECT_EQ(std::get<PublishLetter>(letters[0]).payload, "1");
  std::get<Errand>(letters[1])();
  EXPECT_EQ(order, "ran");
  EXPECT_EQ(std::get<UnsubscribeLetter>(letters[2]).name, "a");
  EXPECT_TRUE(box.collect().empty());
  EXPECT_EQ(box.post(PublishLetter{"a", "2"}), Posted::and_wake);
}

TEST(PostBox, drops_the_publish_that_finds_no_room_and_counts_it) {
  PostBox box({.spool_messages_max = 2});
  for (int i = 0; i < 3; ++i) box.post(PublishLetter{"a", "1"});
  EXPECT_EQ(box.stats().ledger.published, 3u);
  EXPECT_EQ(box.stats().ledger.waiting, 2u);
  EXPECT_EQ(box.stats().ledger.dropped, 1u);
  EXPECT_EQ(box.collect().size(), 2u);
  EXPECT_EQ(box.post(PublishLetter{"a", "1"}), Posted::and_wake);

  PostBox small({.spool_bytes_max = 1000});
  small.post(PublishLetter{"a", std::string(1001, 'x')});
  small.post(PublishLetter{"a", std::string(700, 'x')});
  small.post(PublishLetter{"a", std::string(700, 'x')});
  EXPECT_EQ(small.stats().ledger.dropped, 2u);
}

TEST(PostBox, keeps_the_answer_of_a_command_that_finds_no_room) {
  PostBox box({.commands_max = 2, .commands_bytes_max = 1000});
  for (std::size_t const bytes : {1001u, 10u, 10u, 10u}) box.post(command(bytes));
  std::string full;
  for (Letter const& letter : box.collect()) {
    auto const& read = std::get<CommandLetter>(letter);
    full += read.full ? "f" : "-";
    EXPECT_EQ(read.full, read.arguments.empty());
  }
  EXPECT_EQ(full, "f--f");
}

TEST(PostBox, shows_counters_that_add_up_while_letters_move) {
  PostBox box({});
  auto const adds_up = [&] {
    auto const ledger = box.stats().ledger;
    return ledger.published == ledger.settled() + ledger.waiting + ledger.in_flight;
  };
  box.post(PublishLetter{"a", "1"});
  EXPECT_TRUE(adds_up());
  box.collect();
  EXPECT_TRUE(adds_up());
  EXPECT_EQ(box.stats().ledger.waiting, 1u);
  RedisStats stats;
  stats.ledger = {.published = 1, .in_flight = 1};
  box.show(stats);
  box.post(PublishLetter{"a", "2"});
  EXPECT_TRUE(adds_up());
  EXPECT_EQ(box.stats().ledger.published, 2u);
}

TEST(PostBox, gives_back_what_comes_after_it_was_closed_and_counts_publishes_as_dropped) {
  PostBox box({});
  box.post(command(1));
  EXPECT_EQ(box.close().size(), 1u);
  Letter late = command(5);
  EXPECT_EQ(box.post(std::move(late)), Posted::closed);
  EXPECT_EQ(std::get<CommandLetter>(late).arguments[0], "xxxxx");
  EXPECT_EQ(box.post(PublishLetter{"a", "1"}), Posted::closed);
  EXPECT_EQ(box.stats().ledger.dropped, 1u);
  EXPECT_EQ(box.ask_to_stop(1s), Posted::closed);
}

TEST(PostBox, tells_the_post_office_when_it_is_asked_to_stop) {
  PostBox box({});
  EXPECT_FALSE(box.stop_asked());
  EXPECT_EQ(box.ask_to_stop(2s), Posted::and_wake);
  EXPECT_EQ(box.stop_asked(), 2s);
}

}  // namespace
}  // namespace chorus::cluster::redis
