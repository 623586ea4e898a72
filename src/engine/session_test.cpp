// A session's heartbeat, its messages, and its life on a WebSocket. Polling and the upgrade: session_polling_test.cpp.
#include "engine/session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "support/engine_world.hpp"

namespace chorus::engine {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::EngineWorld;
using ::testing::IsEmpty;

TEST(Session, is_small_since_there_are_many) { EXPECT_LE(sizeof(Session), 256U); }

TEST(WebSocketSession, ES29_ES30_begins_with_the_open_packet) {
  EngineWorld world;
  EXPECT_EQ(world.open_websocket(),
            R"(ws9 0{"sid":"the-sid","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})");
  EXPECT_EQ(world.session->state(), SessionState::open);
  EXPECT_EQ(world.session->transport(), Transport::websocket);
  EXPECT_FALSE(world.session->upgraded());
}

TEST(WebSocketSession, PN1_passes_messages_up) {
  EngineWorld world;
  world.open_websocket();
  world.text(9, "4hello");
  world.text(9, "4");
  world.binary(9, "\x01\x02");
  world.text(9, "bAQI=");
  EXPECT_THAT(world.take_lines(),
              ElementsAre("message hello", "message ", "message binary \x01\x02", "message binary \x01\x02"));
}

TEST(WebSocketSession, sends_at_once_and_attachments_behind_their_text) {
  EngineWorld world;
  world.open_websocket();
  std::array<Bytes, 2> const attachments{"a", "b"};
  world.session->send("hello");
  world.session->send("52-", attachments);
  world.session->send(SharedMessage::make("shared", attachments));
  world.session->send_binary("\x01");
  EXPECT_THAT(world.take_lines(), ElementsAre("ws9 4hello", "ws9 452-", "ws9 binary a", "ws9 binary b", "ws9 4shared",
                                              "ws9 binary a", "ws9 binary b", "ws9 binary \x01"));
  EXPECT_EQ(world.session->buffered_bytes(), 0U);
}

TEST(WebSocketSession, says_of_each_message_whether_it_may_be_compressed) {
  EngineWorld world;
  world.open_websocket();
  std::array<Bytes, 1> const attachments{"a"};
  world.session->send("hello");
  world.session->send("51-", attachments, Compress::no);
  world.session->send(SharedMessage::make("shared", {}, Compress::no));
  world.session->send_binary("b", Compress::no);
  world.session->send_binary("b");
  using enum Compress;
  EXPECT_THAT(world.compressions, ElementsAre(no, yes, no, no, no, no, yes)) << "the open packet first";
}

TEST(WebSocketSession, is_writable_while_nothing_is_unsent) {
  EngineWorld world;
  EXPECT_FALSE(world.session->writable());
  world.open_websocket();
  EXPECT_TRUE(world.session->writable());
  world.unsent = 1;
  EXPECT_FALSE(world.session->writable());
  world.session->close();
  EXPECT_FALSE(world.session->writable());
}

TEST(WebSocketSession, ES72_ends_at_what_is_no_packet) {
  for (Bytes const garbage : {"abc", "", "7", "b!"}) {
    EngineWorld world;
    world.open_websocket();
    world.text(9, garbage);
    EXPECT_THAT(world.take_lines(), ElementsAre("ws9 close", "closed parse error")) << garbage;
  }
}

TEST(WebSocketSession, ignores_packets_that_mean_nothing_here) {
  EngineWorld world;
  world.open_websocket();
  for (Bytes const packet : {"0", "5", "6"}) world.text(9, packet);
  EXPECT_THAT(world.take_lines(), IsEmpty());
  EXPECT_EQ(world.session->state(), SessionState::open);
}

TEST(WebSocketSession, ES53_ends_when_the_client_says_close) {
  EngineWorld world;
  world.open_websocket();
  world.text(9, "1");
  EXPECT_THAT(world.take_lines(), ElementsAre("ws9 close", "closed transport close"));
}

TEST(WebSocketSession, ends_with_its_websocket) {
  EngineWorld world;
  world.open_websocket();
  world.hang_up(9);
  EXPECT_THAT(world.take_lines(), ElementsAre("closed transport close"));
  EXPECT_EQ(world.session->close_detail(), "websocket closed");

  EngineWorld other;
  other.open_websocket();
  other.hang_up(9, WebSocketEnd::failed);
  EXPECT_THAT(other.take_lines(), ElementsAre("closed transport error"));
}

TEST(WebSocketSession, ES50_ES91_closes_in_order_and_at_once) {
  EngineWorld world;
  world.open_websocket();
  world.session->send("last words");
  world.session->close();
  EXPECT_THAT(world.take_lines(), ElementsAre("ws9 4last words", "ws9 close", "closed forced close"));
}

TEST(WebSocketSession, says_going_away_when_the_server_shuts_down) {
  EngineWorld world;
  world.open_websocket();
  world.session->shut_down();
  EXPECT_THAT(world.take_lines(), ElementsAre("ws9 close 1001", "closed server shutting down"));
}

TEST(WebSocketSession, refuses_polling_requests_and_goes_on) {
  EngineWorld world;
  world.open_websocket();
  world.get(1);
  world.post(2, "4hello");
  EXPECT_THAT(world.take_lines(), ElementsAre(R"(#1 400 {"code":3,"message":"Bad request"})",
                                              R"(#2 400 {"code":3,"message":"Bad request"})"));
  EXPECT_FALSE(world.upgrade(5));
  EXPECT_THAT(world.take_lines(), ElementsAre("ws5 close"));
  world.text(9, "4hello");
  EXPECT_THAT(world.take_lines(), ElementsAre("message hello"));
}

TEST(WebSocketSession, may_be_closed_from_within_its_handler) {
  EngineWorld world;
  world.open_websocket();
  world.handler = [&](MessageKind, Bytes) { world.session->close(); };
  world.text(9, "4close me");
  EXPECT_THAT(world.take_lines(), ElementsAre("message close me", "ws9 close", "closed forced close"));
}

TEST(WebSocketSession, keeps_no_timer_after_its_end) {
  EngineWorld world;
  world.open_websocket();
  EXPECT_EQ(world.timers.armed(), 1U);
  world.session->close();
  EXPECT_EQ(world.timers.armed(), 0U);
}

TEST(ClosedSession, answers_requests_and_ignores_everything_else) {
  EngineWorld world;
  world.open_websocket();
  world.hang_up(9);
  world.take_lines();
  world.get(1);
  world.post(2, "4hello");
  EXPECT_THAT(world.take_lines(), ElementsAre(R"(#1 400 {"code":1,"message":"Session ID unknown"})",
                                              R"(#2 400 {"code":1,"message":"Session ID unknown"})"));
  EXPECT_FALSE(world.upgrade(7));
  EXPECT_EQ(world.take_line(), "ws7 close");
  world.session->send("too late");
  world.session->send(SharedMessage::make("too late"));
  world.session->send_binary("too late");
  world.session->close();
  world.session->shut_down();
  world.session->on_websocket_message(EngineWorld::ticket(9), MessageKind::text, "4late");
  world.session->on_websocket_closed(EngineWorld::ticket(9));
  world.session->on_request_gone(EngineWorld::ticket(1));
  world.begin_post(3);
  world.pass(1h);
  EXPECT_THAT(world.take_lines(), IsEmpty());
}

TEST(ClosingInOnClose, changes_nothing) {
  EngineWorld world;
  world.open_websocket();
  world.close_handler = [&](CloseReason) {
    world.session->close();
    world.session->send("too late");
    world.session->shut_down();
  };
  world.hang_up(9);
  EXPECT_THAT(world.take_lines(), ElementsAre("closed transport close"));
}

TEST(Heartbeat, ES60_asks_again_an_interval_after_each_pong) {
  EngineWorld world;
  world.open_websocket();
  for (int i = 0; i < 3; ++i) {
    world.pass(24'999ms);
    EXPECT_THAT(world.take_lines(), IsEmpty());
    world.pass(1ms);
    EXPECT_THAT(world.take_lines(), ElementsAre("ws9 2"));
    world.pass(19'999ms);
    world.text(9, "3");
    EXPECT_THAT(world.take_lines(), IsEmpty());
  }
}

TEST(Heartbeat, ES59_ES61_ES63_ES70_without_pong_ends_the_session) {
  EngineWorld world;
  world.open_websocket();
  world.pass(25s);
  world.pass(19'999ms);
  EXPECT_THAT(world.take_lines(), ElementsAre("ws9 2"));
  world.pass(1ms);
  EXPECT_THAT(world.take_lines(), ElementsAre("ws9 close", "closed ping timeout"));
}

TEST(Heartbeat, makes_up_for_a_late_tick_but_not_for_a_held_up_process) {
  for (auto const& [late, left] : {std::pair(8ms, 19'992ms), std::pair(1'000ms, 20'000ms)}) {
    EngineWorld world;
    world.open_websocket();
    world.timers.pass_unfired(25s + late);
    world.pass(left - 1ms);
    EXPECT_THAT(world.take_lines(), ElementsAre("ws9 2"));
    world.pass(1ms);
    EXPECT_THAT(world.take_lines(), ElementsAre("ws9 close", "closed ping timeout"));
  }
}

TEST(Heartbeat, is_not_kept_up_by_messages) {
  EngineWorld world;
  world.open_websocket();
  world.pass(25s);
  world.pass(10s);
  world.text(9, "4hello");
  world.pass(10s);
  EXPECT_EQ(world.lines.back(), "closed ping timeout");
}

TEST(Heartbeat, has_one_direction) {
  EngineWorld world;
  world.open_websocket();
  world.text(9, "2");
  EXPECT_THAT(world.take_lines(), ElementsAre("ws9 close", "closed transport error"));
  EXPECT_EQ(world.session->close_detail(), "invalid heartbeat direction");
}

}  // namespace
}  // namespace chorus::engine
