#include "cluster/redis/outbox.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cluster/redis/resp_reader.hpp"

namespace chorus::cluster::redis {
namespace {

constexpr std::size_t no_limit = SIZE_MAX;

/// An outbox, what it wrote and what its commands were told.
struct World {
  explicit World(OutboxLimits limits = {}) : outbox(limits) {}

  std::string take(std::size_t bytes_max = no_limit) {
    std::string out;
    outbox.take(out, bytes_max);
    return out;
  }
  bool answer(Bytes wire) {
    RespReader reader;
    EXPECT_TRUE(reader.read(wire));
    return outbox.answer(reader.value());
  }
  void command(std::string name) {
    outbox.command({name}, [this, name](Reply const& reply) {
      told.push_back(name + ":" + std::string(reply.is_error() ? reply.error_code() : reply.text()));
    });
  }
  /// The ledger's counters in the order of their declaration, after its sum has proved right.
  std::vector<std::uint64_t> counters() const {
    auto const l = outbox.ledger();
    EXPECT_EQ(l.published, l.settled() + l.waiting + l.in_flight);
    return {l.confirmed, l.spooled_sent, l.dropped, l.unknown, l.waiting, l.in_flight};
  }

  Outbox outbox;
  std::vector<std::string> told;
};

using Counters = std::vector<std::uint64_t>;

std::string published(std::string_view channel, std::string_view payload) {
  return "*3\r\n$7\r\nPUBLISH\r\n$" + std::to_string(channel.size()) + "\r\n" + std::string(channel) + "\r\n$" +
         std::to_string(payload.size()) + "\r\n" + std::string(payload) + "\r\n";
}

TEST(Outbox, sends_all_that_was_posted_in_one_piece_and_confirms_by_the_answers) {
  World world;
  world.outbox.up();
  world.outbox.publish("a", "1");
  world.outbox.publish("b", "22");
  EXPECT_EQ(world.counters(), (Counters{0, 0, 0, 0, 2, 0}));
  EXPECT_EQ(world.take(), published("a", "1") + published("b", "22"));
  EXPECT_EQ(world.counters(), (Counters{0, 0, 0, 0, 0, 2}));
  EXPECT_TRUE(world.answer(":3\r\n"));
  EXPECT_EQ(world.counters(), (Counters{1, 0, 0, 0, 0, 1}));
  EXPECT_TRUE(world.answer(":0\r\n"));
  EXPECT_EQ(world.counters(), (Counters{2, 0, 0, 0, 0, 0}));
  EXPECT_TRUE(world.outbox.empty());
}

TEST(Outbox, keeps_what_is_published_while_down_and_sends_it_in_order_before_what_comes_later) {
  World world;
  world.outbox.publish("a", "1");
  world.outbox.publish("a", "2");
  EXPECT_EQ(world.take(), "");
  world.outbox.up();
  world.outbox.publish("a", "3");
  EXPECT_EQ(world.take(), published("a", "1") + published("a", "2") + published("a", "3"));
  for (int i = 0; i < 3; ++i) world.answer(":1\r\n");
  EXPECT_EQ(world.counters(), (Counters{1, 2, 0, 0, 0, 0}));
}

TEST(Outbox, never_sends_again_what_was_written_and_not_answered) {
  World world;
  world.outbox.up();
  world.outbox.publish("a", "1");
  world.outbox.publish("a", "2");
  world.take();
  world.answer(":1\r\n");
  world.outbox.publish("a", "3");
  world.outbox.down();
  EXPECT_EQ(world.counters(), (Counters{1, 0, 0, 1, 1, 0}));
  world.outbox.up();
  EXPECT_EQ(world.take(), published("a", "3"));
  world.answer(":1\r\n");
  EXPECT_EQ(world.counters(), (Counters{1, 1, 0, 1, 0, 0}));
}

TEST(Outbox, counts_a_message_as_spooled_through_every_outage_it_waited_in) {
  World world;
  world.outbox.publish("a", "1");
  world.outbox.publish("a", "2");
  world.outbox.up();
  EXPECT_EQ(world.take(1), published("a", "1"));
  world.outbox.publish("a", "3");
  world.outbox.down();
  EXPECT_EQ(world.counters(), (Counters{0, 0, 0, 1, 2, 0}));
  world.outbox.up();
  EXPECT_EQ(world.take(), published("a", "2") + published("a", "3"));
  world.answer(":1\r\n");
  world.answer(":1\r\n");
  EXPECT_EQ(world.counters(), (Counters{0, 2, 0, 1, 0, 0}));
}

TEST(Outbox, drops_the_new_message_when_the_spool_holds_as_many_as_it_may) {
  World world({.spool_messages_max = 2});
  for (auto const* payload : {"1", "2", "3"}) world.outbox.publish("a", payload);
  EXPECT_EQ(world.counters(), (Counters{0, 0, 1, 0, 2, 0}));
  world.outbox.up();
  EXPECT_EQ(world.take(), published("a", "1") + published("a", "2"));
  world.outbox.publish("a", "4");
  EXPECT_EQ(world.counters(), (Counters{0, 0, 1, 0, 1, 2}));
}

TEST(Outbox, drops_the_new_message_when_the_spool_is_full_of_bytes) {
  World world({.spool_bytes_max = 1000});
  world.outbox.publish("a", std::string(1001, 'x'));
  EXPECT_EQ(world.counters(), (Counters{0, 0, 1, 0, 0, 0}));
  world.outbox.publish("a", std::string(500, 'x'));
  world.outbox.publish("a", std::string(500, 'y'));
  world.outbox.publish("a", "small");
  EXPECT_EQ(world.counters(), (Counters{0, 0, 2, 0, 2, 0}));
  world.outbox.up();
  world.take();
  world.outbox.publish("a", std::string(500, 'x'));
  EXPECT_EQ(world.counters(), (Counters{0, 0, 2, 0, 1, 2})) << "what was taken has left room";
}

TEST(Outbox, lets_messages_wait_beyond_what_may_be_in_flight_and_counts_them_as_confirmed) {
  World world({.in_flight_bytes_max = 300});
  world.outbox.up();
  for (int i = 0; i < 3; ++i) world.outbox.publish("a", std::string(200, 'x'));
  world.take();
  EXPECT_EQ(world.counters(), (Counters{0, 0, 0, 0, 1, 2}));
  EXPECT_EQ(world.take(), "");
  world.answer(":1\r\n");
  EXPECT_EQ(world.take(), published("a", std::string(200, 'x')));
  world.answer(":1\r\n");
  world.answer(":1\r\n");
  EXPECT_EQ(world.counters(), (Counters{3, 0, 0, 0, 0, 0}));
}

TEST(Outbox, counts_what_redis_refuses_as_dropped) {
  World world;
  world.outbox.up();
  world.outbox.publish("a", "1");
  world.take();
  EXPECT_TRUE(world.answer("-LOADING Redis is loading the dataset in memory\r\n"));
  EXPECT_EQ(world.counters(), (Counters{0, 0, 1, 0, 0, 0}));
  EXPECT_EQ(world.outbox.ledger().refused, 1u);
}

TEST(Outbox, drops_what_is_left_at_the_end_and_what_comes_after_it) {
  World world;
  world.outbox.up();
  world.outbox.publish("a", "1");
  world.take();
  world.outbox.publish("a", "2");
  world.command("GET");
  world.outbox.close();
  world.outbox.publish("a", "3");
  world.command("SET");
  EXPECT_EQ(world.counters(), (Counters{0, 0, 2, 1, 0, 0}));
  EXPECT_EQ(world.told, (std::vector<std::string>{"GET:DOWN", "SET:DOWN"}));
}

TEST(Outbox, keeps_commands_in_their_place_among_publishes) {
  World world;
  world.outbox.publish("a", "1");
  world.outbox.up();
  world.command("INCR");
  world.outbox.publish("a", "2");
  EXPECT_EQ(world.take(), published("a", "1") + "*1\r\n$4\r\nINCR\r\n" + published("a", "2"));
  world.answer(":1\r\n");
  EXPECT_TRUE(world.told.empty());
  world.answer("$2\r\nok\r\n");
  EXPECT_EQ(world.told, (std::vector<std::string>{"INCR:ok"}));
  world.answer(":1\r\n");
  EXPECT_EQ(world.counters(), (Counters{1, 1, 0, 0, 0, 0}));
}

TEST(Outbox, answers_every_command_once_with_what_is_known) {
  World world({.commands_max = 3});
  world.command("early");
  world.outbox.up();
  world.command("sent");
  world.command("sent too");
  world.take();
  world.command("waiting");
  world.command("one too many");
  EXPECT_EQ(world.told, (std::vector<std::string>{"early:DOWN", "one too many:FULL"}));
  world.answer("-ERR no\r\n");
  world.outbox.down();
  EXPECT_EQ(world.told,
            (std::vector<std::string>{"early:DOWN", "one too many:FULL", "sent:ERR", "sent too:LOST", "waiting:DOWN"}));
  world.outbox.up();
  EXPECT_EQ(world.take(), "") << "no command is sent again";
  world.command("later");
  EXPECT_EQ(world.told.size(), 5u) << "those that were lost have left room";
}

TEST(Outbox, holds_the_bytes_of_commands_against_their_limit) {
  World world({.commands_bytes_max = 1000});
  world.outbox.up();
  world.command(std::string(1001, 'x'));
  world.command(std::string(700, 'y'));
  world.command(std::string(100, 'z'));
  EXPECT_EQ(world.told, (std::vector<std::string>{std::string(1001, 'x') + ":FULL", std::string(100, 'z') + ":FULL"}));
  world.take();
  world.answer("+OK\r\n");
  world.command("GET");
  EXPECT_EQ(world.told.size(), 3u);
}

TEST(Outbox, lets_a_command_come_back_with_another_whatever_it_was_told) {
  World world;
  std::vector<std::string> told;
  std::function<void(Reply const&)> again = [&](Reply const& reply) {
    told.emplace_back(reply.text());
    if (told.size() < 4) world.outbox.command({"GET"}, again);
  };
  world.outbox.up();
  world.outbox.command({"GET"}, again);
  world.take();
  world.answer("+first\r\n");
  world.take();
  world.outbox.down();
  EXPECT_EQ(told, (std::vector<std::string>{"first", std::string(reply_lost().text()), std::string(reply_down().text()),
                                            std::string(reply_down().text())}));
}

TEST(Outbox, takes_a_ping_into_its_place_and_knows_its_answer) {
  World world;
  world.outbox.up();
  world.outbox.publish("a", "1");
  auto out = world.take();
  world.outbox.publish("a", "2");
  world.outbox.ping(out);
  EXPECT_EQ(out, published("a", "1") + "*1\r\n$4\r\nPING\r\n");
  world.answer(":1\r\n");
  world.answer("+PONG\r\n");
  EXPECT_EQ(world.counters(), (Counters{1, 0, 0, 0, 1, 0}));
}

TEST(Outbox, does_not_know_an_answer_that_nobody_awaits) {
  World world;
  world.outbox.up();
  EXPECT_FALSE(world.answer(":1\r\n"));
}

}  // namespace
}  // namespace chorus::cluster::redis
