// What is different for clients of revision 3: heartbeat, payloads, binary.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "engine/session.hpp"
#include "support/engine_world.hpp"

namespace chorus::engine {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using ::testing::ElementsAre;
using testing::EngineWorld;
using ::testing::IsEmpty;

constexpr auto handshake =
    R"(0{"sid":"the-sid","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})";
constexpr auto gone = R"(400 {"code":1,"message":"Session ID unknown"})";

class SessionV3 : public ::testing::Test {
 protected:
  explicit SessionV3(BinaryForm binary = BinaryForm::bytes) : world({}, {Revision::v3, binary}) {}

  void send_text_and_binary() {
    std::array<Bytes, 1> const one{"\x01\x02\x03\x04"};
    world.session->send("hello", one);
    world.session->send(SharedMessage::make("€", one));
    world.session->send_binary("\x01");
  }

  EngineWorld world;
};

class SessionV3Base64 : public SessionV3 {
 protected:
  SessionV3Base64() : SessionV3(BinaryForm::base64) {}
};

// Heartbeat.

TEST_F(SessionV3, answers_pings_with_their_data) {
  world.open_websocket();
  world.text(9, "2");
  world.text(9, "2probe");
  EXPECT_THAT(world.take_lines(), ElementsAre("ws9 3", "ws9 3probe"));
}

TEST_F(SessionV3, answers_a_binary_ping_without_its_data_since_a_pong_is_text) {
  world.open_websocket();
  world.binary(9, "\x02\xff");
  world.text(9, "b2/w==");
  EXPECT_THAT(world.take_lines(), ElementsAre("ws9 3", "ws9 3"));
}

TEST_F(SessionV3, answers_pings_over_polling_in_their_turn) {
  world.open_polling();
  world.handler = [this](MessageKind, Bytes data) { world.session->send(data); };
  world.post(1, "2:4a1:22:4b3:2xy");
  world.take_lines();
  world.get(2);
  EXPECT_THAT(world.take_lines(), ElementsAre("#2 200 2:4a1:32:4b3:3xy"));
  world.get(3);
  world.post(4, "1:2");
  EXPECT_THAT(world.take_lines(), ElementsAre("#3 200 1:3", "#4 200 ok"));
}

TEST_F(SessionV3, ES62_asks_for_no_sign_of_life_but_ends_without_one) {
  world.open_websocket();
  for (int i = 0; i < 3; ++i) {
    world.pass(44'999ms);
    EXPECT_THAT(world.take_lines(), IsEmpty());
    world.text(9, "2");
    EXPECT_EQ(world.take_line(), "ws9 3");
  }
  world.text(9, "4hello");  // a message is none
  world.take_lines();
  world.pass(44'999ms);
  EXPECT_THAT(world.take_lines(), IsEmpty());
  world.pass(1ms);
  EXPECT_THAT(world.take_lines(), ElementsAre("ws9 close", "closed ping timeout"));
}

TEST_F(SessionV3, is_over_for_a_request_that_comes_too_late_though_no_tick_has_come) {
  world.open_polling();
  world.timers.pass_unfired(45s);
  world.post(1, "1:2");
  EXPECT_THAT(world.take_lines(), ElementsAre("closed ping timeout", "#1 "s + gone));
}

TEST_F(SessionV3, has_its_own_direction_of_the_heartbeat) {
  world.open_websocket();
  world.text(9, "3");
  EXPECT_THAT(world.take_lines(), ElementsAre("ws9 close", "closed transport error"));
  EXPECT_EQ(world.session->close_detail(), "invalid heartbeat direction");
}

// Payloads.

TEST_F(SessionV3, begins_with_a_payload_that_is_counted) {
  EXPECT_EQ(world.open_polling(), "#0 200 " + std::to_string(std::string(handshake).size()) + ":" + handshake);
}

TEST_F(SessionV3, begins_on_a_websocket_as_any) {
  EXPECT_EQ(world.open_websocket(),
            R"(ws9 0{"sid":"the-sid","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})");
}

TEST_F(SessionV3, reads_text_and_binary_payloads) {
  world.open_polling();
  world.post(1, "6:4hello10:b4AQIDBA==2:4€");
  EXPECT_THAT(world.take_lines(),
              ElementsAre("message hello", "message binary \x01\x02\x03\x04", "message €", "#1 200 ok"));
  world.post(2, "\x00\x04\xff"s + "4€" + "\x01\x03\xff\x04\x00\xff"s, PostType::octet_stream);
  EXPECT_THAT(world.take_lines(), ElementsAre("message €", "message binary \x00\xff"s, "#2 200 ok"));
  world.post(3, "", PostType::octet_stream);
  world.post(4, "0:");
  EXPECT_THAT(world.take_lines(), ElementsAre("#3 200 ok", "#4 200 ok"));
}

TEST_F(SessionV3, ends_at_what_is_no_payload_and_hears_what_was_before) {
  world.open_polling();
  world.post(1, "2:4aabc");
  EXPECT_THAT(world.take_lines(),
              ElementsAre("message a", "closed parse error", R"(#1 400 {"code":3,"message":"Bad request"})"));
  for (auto const& [body, type] :
       {std::pair("4hello"s, PostType::text), std::pair(""s, PostType::text), std::pair("1:9"s, PostType::text),
        std::pair("2:4\xff"s, PostType::text), std::pair("2:4a"s, PostType::octet_stream)}) {
    EngineWorld other({}, {Revision::v3});
    other.open_polling();
    other.post(1, body, type);
    EXPECT_THAT(other.take_lines(), ElementsAre("closed parse error", R"(#1 400 {"code":3,"message":"Bad request"})"))
        << body;
  }
}

TEST_F(SessionV3, refuses_what_is_too_large_and_goes_on) {
  world.open_polling();
  world.post(1, std::string(1'000'001, 'x'), PostType::octet_stream);
  EXPECT_EQ(world.take_line(), "#1 413 ");
  EXPECT_EQ(world.session->state(), SessionState::open);
}

TEST_F(SessionV3, ends_when_its_pongs_are_not_fetched) {
  world.open_polling();
  std::string pings;
  for (int i = 0; i < 100'000; ++i) pings += "1:2";
  world.post(1, pings);
  world.pass(1ms);
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 ok", "closed transport error"));
  EXPECT_EQ(world.session->close_detail(), "send buffer full");
}

TEST_F(SessionV3, answers_polls_in_binary_when_there_is_binary) {
  world.open_polling();
  send_text_and_binary();
  world.get(1);
  EXPECT_THAT(world.take_lines(),
              ElementsAre("#1 200 octets "s + "\x00\x06\xff"s + "4hello" + "\x01\x05\xff\x04\x01\x02\x03\x04" +
                          "\x00\x04\xff"s + "4€" + "\x01\x05\xff\x04\x01\x02\x03\x04" + "\x01\x02\xff\x04\x01"));
  world.session->send("hello");
  world.get(2);
  EXPECT_THAT(world.take_lines(), ElementsAre("#2 200 6:4hello"));
}

TEST_F(SessionV3Base64, gets_binary_as_base64) {
  world.open_polling();
  send_text_and_binary();
  world.get(1);
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 6:4hello10:b4AQIDBA==2:4€10:b4AQIDBA==6:b4AQ=="));
  world.post(2, "\x01\x02\xff\x04\x01", PostType::octet_stream);
  EXPECT_THAT(world.take_lines(), ElementsAre("message binary \x01", "#2 200 ok"));
}

TEST_F(SessionV3, sends_at_once_to_a_parked_poll) {
  world.open_polling();
  world.get(1);
  std::array<Bytes, 1> const one{"\x01"};
  world.session->send("a", one);
  world.get(2);
  world.session->send(SharedMessage::make("b", one));
  world.get(3);
  world.session->send("c");
  world.get(4);
  world.session->send_binary("\x02");
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 octets "s + "\x00\x02\xff"s + "4a" + "\x01\x02\xff\x04\x01",
                                              "#2 200 octets "s + "\x00\x02\xff"s + "4b" + "\x01\x02\xff\x04\x01",
                                              "#3 200 2:4c", "#4 200 octets \x01\x02\xff\x04\x02"));
}

TEST_F(SessionV3, closes_with_a_counted_packet) {
  world.open_polling();
  world.session->send("last words");
  world.session->close();
  world.get(1);
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 11:4last words1:1", "closed forced close"));

  EngineWorld polite({}, {Revision::v3});
  polite.open_polling();
  polite.get(1);
  polite.post(2, "1:1");
  EXPECT_THAT(polite.take_lines(), ElementsAre("#1 200 1:6", "closed transport close", "#2 200 ok"));
}

// WebSockets, and the way there.

TEST_F(SessionV3, has_a_type_before_binary_on_a_websocket) {
  world.open_websocket();
  send_text_and_binary();
  EXPECT_THAT(world.take_lines(), ElementsAre("ws9 4hello", "ws9 binary \x04\x01\x02\x03\x04", "ws9 4€",
                                              "ws9 binary \x04\x01\x02\x03\x04", "ws9 binary \x04\x01"));
  world.binary(9, "\x04\x01\x02");
  world.text(9, "b4AQI=");
  world.text(9, "4hello");
  EXPECT_THAT(world.take_lines(), ElementsAre("message binary \x01\x02", "message binary \x01\x02", "message hello"));
  world.binary(9, "");
  EXPECT_THAT(world.take_lines(), ElementsAre("ws9 close", "closed parse error"));
}

TEST_F(SessionV3Base64, gets_base64_on_a_websocket_too) {
  world.open_websocket();
  send_text_and_binary();
  EXPECT_THAT(world.take_lines(),
              ElementsAre("ws9 4hello", "ws9 b4AQIDBA==", "ws9 4€", "ws9 b4AQIDBA==", "ws9 b4AQ=="));
}

TEST_F(SessionV3Base64, gets_bytes_once_it_is_on_a_websocket_that_takes_them) {
  world.open_polling();
  world.get(1);
  EXPECT_TRUE(world.upgrade(9, BinaryForm::bytes));
  world.text(9, "2probe");
  EXPECT_EQ(world.take_line(), "ws9 3probe");
  world.pass(100ms);
  EXPECT_EQ(world.take_line(), "#1 200 1:6");
  send_text_and_binary();
  world.text(9, "5");
  EXPECT_THAT(world.take_lines(), ElementsAre("ws9 4hello", "ws9 binary \x04\x01\x02\x03\x04", "ws9 4€",
                                              "ws9 binary \x04\x01\x02\x03\x04", "ws9 binary \x04\x01", "upgraded"));
  world.pass(44'899ms);
  EXPECT_THAT(world.take_lines(), IsEmpty());
  world.pass(1ms);
  EXPECT_THAT(world.take_lines(), ElementsAre("ws9 close", "closed ping timeout"));
}

}  // namespace
}  // namespace chorus::engine
