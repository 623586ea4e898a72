// The way from polling to a WebSocket (EIO v4, "Upgrade"), which lives in session_polling.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "engine/session.hpp"
#include "support/engine_world.hpp"

namespace chorus::engine {
namespace {

using namespace std::chrono_literals;
using testing::bad_request;
using ::testing::ElementsAre;
using testing::EngineWorld;
using ::testing::IsEmpty;

struct Upgrade : ::testing::Test {
  Upgrade() { world.open_polling(); }
  void probe() {
    EXPECT_TRUE(world.upgrade(9));
    world.text(9, "2probe");
    EXPECT_EQ(world.take_line(), "ws9 3probe");
  }
  EngineWorld world;
};

TEST_F(Upgrade, goes_from_polling_to_a_websocket) {
  probe();
  world.get(1);
  world.pass(100ms);
  EXPECT_EQ(world.take_line(), "#1 200 6");
  world.text(9, "5");
  EXPECT_EQ(world.take_line(), "upgraded");
  EXPECT_TRUE(world.session->upgraded());
  EXPECT_EQ(world.session->transport(), Transport::websocket);
  world.text(9, "4hello");
  world.session->send("hello");
  EXPECT_THAT(world.take_lines(), ElementsAre("message hello", "ws9 4hello"));
  EXPECT_EQ(world.timers.armed(), 1U);
}

TEST_F(Upgrade, ends_a_parked_poll_every_100_ms) {
  probe();
  world.get(1);
  world.pass(99ms);
  EXPECT_THAT(world.take_lines(), IsEmpty());
  world.pass(1ms);
  EXPECT_EQ(world.take_line(), "#1 200 6");
  world.get(2);
  world.pass(100ms);
  EXPECT_EQ(world.take_line(), "#2 200 6");
}

TEST_F(Upgrade, leaves_polls_alone_before_the_probe) {
  world.upgrade(9);
  world.get(1);
  world.pass(5s);
  EXPECT_THAT(world.take_lines(), IsEmpty());
}

TEST_F(Upgrade, ends_the_poll_that_is_parked_when_it_completes) {
  probe();
  world.get(1);
  world.text(9, "5");
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 6", "upgraded"));
}

TEST_F(Upgrade, hands_over_what_is_buffered_in_order) {
  std::array<Bytes, 1> const attachments{"x"};
  world.session->send("one");
  probe();
  world.session->send("51-", attachments);
  world.session->send_binary("y");
  world.text(9, "5");
  EXPECT_THAT(world.take_lines(), ElementsAre("ws9 4one", "ws9 451-", "ws9 binary x", "ws9 binary y", "upgraded"));
}

TEST_F(Upgrade, leaves_polling_requests_refused_and_the_session_alive) {
  probe();
  world.text(9, "5");
  world.take_lines();
  world.get(1);
  world.post(2, "4hello");
  EXPECT_FALSE(world.upgrade(8));
  EXPECT_THAT(world.take_lines(),
              ElementsAre(std::string("#1 ") + bad_request, std::string("#2 ") + bad_request, "ws8 close"));
  world.text(9, "4hello");
  EXPECT_EQ(world.take_line(), "message hello");
}

TEST_F(Upgrade, ES8_is_one_at_a_time) {
  probe();
  EXPECT_FALSE(world.upgrade(8));
  EXPECT_EQ(world.take_line(), "ws8 close");
  world.text(9, "5");
  EXPECT_EQ(world.take_line(), "upgraded");
}

TEST_F(Upgrade, is_given_up_at_any_other_message) {
  for (Bytes const other : {"4hello", "2", "2other", "3probe", "1", "", "abc"}) {
    EngineWorld fresh;
    fresh.open_polling();
    fresh.upgrade(9);
    fresh.text(9, other);
    EXPECT_EQ(fresh.take_line(), "ws9 close") << other;
    EXPECT_EQ(fresh.session->state(), SessionState::open);
    EXPECT_TRUE(fresh.upgrade(8)) << "another one may try";
  }
  probe();
  world.binary(9, "5");
  EXPECT_EQ(world.take_line(), "ws9 close");
}

TEST_F(Upgrade, ES55_is_given_up_with_its_websocket) {
  probe();
  world.get(1);
  world.hang_up(9);
  world.pass(1s);
  EXPECT_THAT(world.take_lines(), IsEmpty()) << "no noop any more";
  world.session->send("hello");
  EXPECT_EQ(world.take_line(), "#1 200 4hello");
}

TEST_F(Upgrade, tells_a_client_that_went_away_in_the_middle_of_it) {
  probe();
  world.get(1);
  world.pass(100ms);
  EXPECT_EQ(world.take_line(), "#1 200 6");
  world.hang_up(9);
  world.pass(9'999ms);
  EXPECT_THAT(world.take_lines(), IsEmpty());
  world.pass(1ms);
  EXPECT_EQ(world.take_line(), "closed transport close");
  EXPECT_EQ(world.timers.armed(), 0U);
}

TEST_F(Upgrade, goes_on_polling_when_its_websocket_is_lost) {
  probe();
  world.hang_up(9);
  world.pass(9s);
  world.get(1);
  world.pass(11s);
  EXPECT_EQ(world.session->state(), SessionState::open);
  EXPECT_TRUE(world.upgrade(8)) << "and may try again";
}

TEST_F(Upgrade, ES75_has_a_time_limit) {
  world.get(1);
  probe();
  world.pass(9'999ms);
  EXPECT_EQ(world.take_line(), "#1 200 6");
  world.get(2);
  world.take_lines();
  world.pass(1ms);
  EXPECT_EQ(world.take_line(), "ws9 close");
  EXPECT_EQ(world.session->state(), SessionState::open);
  EXPECT_EQ(world.timers.armed(), 1U);
}

TEST_F(Upgrade, ES74_ends_with_the_session) {
  probe();
  world.get(1);
  world.abort(1);
  EXPECT_THAT(world.take_lines(), ElementsAre("ws9 close", "closed transport error"));
}

TEST_F(Upgrade, ES83_of_a_closing_session_flushes_and_closes) {
  world.session->send("last");
  probe();
  world.session->close();
  world.text(9, "5");
  EXPECT_THAT(world.take_lines(), ElementsAre("ws9 4last", "ws9 close", "closed forced close"));
  EXPECT_EQ(world.timers.armed(), 0U);
}

TEST_F(Upgrade, ES82_leaves_nothing_behind_when_its_session_closes) {
  probe();
  world.text(9, "5");
  world.session->close();
  EXPECT_THAT(world.take_lines(), ElementsAre("upgraded", "ws9 close", "closed forced close"));
  EXPECT_EQ(world.timers.armed(), 0U);
  EXPECT_EQ(world.open_websockets(), 0U);
}

TEST_F(Upgrade, ES76_keeps_the_time_of_the_next_ping) {
  world.pass(20s);
  probe();
  world.text(9, "5");
  world.take_lines();
  world.pass(4'999ms);
  EXPECT_THAT(world.take_lines(), IsEmpty());
  world.pass(1ms);
  EXPECT_EQ(world.take_line(), "ws9 2");
  world.pass(20s);
  EXPECT_THAT(world.take_lines(), ElementsAre("ws9 close", "closed ping timeout"));
}

TEST_F(Upgrade, asks_again_when_a_pong_is_outstanding) {
  world.get(1);
  world.pass(25s);
  EXPECT_EQ(world.take_line(), "#1 200 2");
  world.pass(10s);
  probe();
  world.text(9, "5");
  EXPECT_THAT(world.take_lines(), ElementsAre("ws9 2", "upgraded"));
  world.pass(19s);
  world.text(9, "3");
  world.pass(25s);
  EXPECT_EQ(world.take_line(), "ws9 2");
}

TEST_F(Upgrade, asks_again_when_the_ping_was_never_fetched) {
  world.pass(25s);
  probe();
  world.text(9, "5");
  EXPECT_THAT(world.take_lines(), ElementsAre("ws9 2", "upgraded"));
}

TEST_F(Upgrade, ES129_under_load_loses_and_swaps_nothing) {
  std::string sent;
  for (int i = 0; i < 50; ++i) {
    auto const message = "<" + std::to_string(i) + ">";
    sent += message;
    world.session->send(message);
    if (i == 10) world.upgrade(9);
    if (i == 20) world.text(9, "2probe");
    if (i % 7 == 0 && i < 30) world.get(static_cast<std::uint64_t>(100 + i));
    if (i == 30) world.text(9, "5");
    if (i % 3 == 0) world.pass(100ms);
  }
  std::string got;
  for (auto const& line : world.take_lines()) {
    for (std::size_t at = line.find('<'); at != std::string::npos; at = line.find('<', at + 1)) {
      got += line.substr(at, line.find('>', at) + 1 - at);
    }
  }
  EXPECT_TRUE(world.session->upgraded());
  EXPECT_EQ(got, sent);
}

}  // namespace
}  // namespace chorus::engine
