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

constexpr auto unknown_session = R"(400 {"code":1,"message":"Session ID unknown"})";

std::string answer(int request, std::string const& body) { return "#" + std::to_string(request) + " " + body; }

struct PollingSession : ::testing::Test {
  PollingSession() { world.open_polling(); }
  EngineWorld world;
};

TEST_F(PollingSession, asks_for_compression_when_one_of_its_messages_does) {
  world.session->send("plain", {}, Compress::no);
  world.session->send(SharedMessage::make("plain too", {}, Compress::no));
  world.get(1);
  world.session->send("plain", {}, Compress::no);
  world.session->send("hello");
  world.get(2);
  world.get(3);
  world.session->send_binary("b", Compress::no);
  world.get(4);
  world.session->send_binary("b");
  world.post(5, "3");
  using enum Compress;
  EXPECT_EQ(world.compressions, (std::vector{no, no, yes, no, yes, no}));
}

TEST(PollingHandshake, ES25_ES28_ES33_is_answered_with_the_open_packet) {
  EngineWorld world;
  EXPECT_EQ(
      world.open_polling(),
      R"(#0 200 0{"sid":"the-sid","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})");
  EXPECT_EQ(world.session->transport(), Transport::polling);
}

TEST(PollingHandshake, ES31_ES32_offers_no_upgrade_that_is_not_allowed) {
  for (bool const websocket : {false, true}) {
    Settings settings;
    settings.websocket_enabled = websocket;
    settings.allow_upgrades = !websocket;
    EngineWorld world(settings);
    EXPECT_NE(world.open_polling().find(R"("upgrades":[])"), std::string::npos);
    EXPECT_FALSE(world.upgrade(9));
    EXPECT_EQ(world.take_line(), "ws9 close");
  }
}

TEST_F(PollingSession, answers_a_post_when_its_messages_were_handled) {
  world.post(1,
             "4test1\x1e"
             "4\xd0\xbf\x1e"
             "bAQIDBA==");
  EXPECT_THAT(world.take_lines(),
              ElementsAre("message test1", "message \xd0\xbf", "message binary \x01\x02\x03\x04", "#1 200 ok"));
}

TEST_F(PollingSession, gives_a_poll_everything_that_is_buffered) {
  world.session->send("test1");
  world.session->send(SharedMessage::make("test2"));
  world.session->send_binary("\x01\x02\x03\x04");
  EXPECT_EQ(world.session->buffered_messages(), 3U);
  EXPECT_EQ(world.session->buffered_bytes(), 6U + 6U + 9U);
  world.get(1);
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 4test1\x1e"
                                              "4test2\x1e"
                                              "bAQIDBA==",
                                              "drain"));
  EXPECT_EQ(world.session->buffered_bytes(), 0U);
}

TEST_F(PollingSession, answers_a_parked_poll_with_the_first_message) {
  world.get(1);
  EXPECT_THAT(world.take_lines(), IsEmpty());
  world.session->send("hello");
  world.session->send("later");
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 4hello"));
  world.get(2);
  EXPECT_THAT(world.take_lines(), ElementsAre("#2 200 4later", "drain"));
}

TEST_F(PollingSession, answers_a_parked_poll_with_each_form_of_message) {
  std::array<Bytes, 1> const attachments{"\x01\x02\x03"};
  world.get(1);
  world.session->send("51-", attachments);
  world.get(2);
  world.session->send(SharedMessage::make("51-", attachments));
  world.get(3);
  world.session->send_binary("\x01\x02\x03");
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 451-\x1e"
                                              "bAQID",
                                              "#2 200 451-\x1e"
                                              "bAQID",
                                              "#3 200 bAQID"));
}

TEST_F(PollingSession, gathers_what_the_handlers_of_one_post_send) {
  world.handler = [&](MessageKind, Bytes data) { world.session->send(data); };
  world.get(1);
  world.post(2,
             "4a\x1e"
             "4b");
  EXPECT_THAT(world.take_lines(), ElementsAre("message a", "message b",
                                              "#1 200 4a\x1e"
                                              "4b",
                                              "drain", "#2 200 ok"));
}

TEST(PollingPayload, is_cut_between_messages_at_its_limit) {
  Settings settings;
  settings.payload_bytes_max = 9;
  EngineWorld world(settings);
  world.open_polling();
  std::array<Bytes, 1> const attachments{"abc"};
  for (Bytes const text : {"one", "two", "six"}) world.session->send(text);
  world.session->send("51-", attachments);
  for (std::uint64_t poll = 1; poll <= 3; ++poll) world.get(poll);
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 4one\x1e"
                                              "4two",
                                              "#2 200 4six",
                                              "#3 200 451-\x1e"
                                              "bYWJj",
                                              "drain"));
}

TEST_F(PollingSession, is_writable_while_a_poll_is_parked) {
  EXPECT_FALSE(world.session->writable());
  world.get(1);
  EXPECT_TRUE(world.session->writable());
  world.upgrade(9);
  EXPECT_FALSE(world.session->writable());
  world.hang_up(9);
  EXPECT_TRUE(world.session->writable());
  world.session->send("x");
  EXPECT_FALSE(world.session->writable());
}

// What clients must not do.

TEST_F(PollingSession, ends_at_a_second_poll_while_one_is_parked) {
  world.get(1);
  world.get(2);
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 1", "closed transport error", answer(2, bad_request)));
  EXPECT_EQ(world.session->close_detail(), "overlap from client");
  world.get(3);
  EXPECT_EQ(world.take_line(), answer(3, unknown_session));
}

TEST_F(PollingSession, ends_at_a_second_post_while_one_is_under_way) {
  world.get(1);
  world.begin_post(2);
  world.post(3, "4hello");
  EXPECT_THAT(world.take_lines(),
              ElementsAre("#1 200 1", answer(2, unknown_session), "closed transport error", answer(3, bad_request)));

  EngineWorld other;
  other.open_polling();
  other.begin_post(2);
  other.begin_post(3);
  EXPECT_THAT(other.take_lines(), ElementsAre(answer(2, unknown_session), "closed transport error"));
}

TEST_F(PollingSession, ES64_ends_a_post_that_is_under_way_when_it_ends) {
  world.begin_post(1);
  world.session->shut_down();
  EXPECT_THAT(world.take_lines(), ElementsAre(answer(1, unknown_session), "closed server shutting down"));
  world.session->on_request_gone(EngineWorld::ticket(1));
  EXPECT_THAT(world.take_lines(), IsEmpty());

  EngineWorld other;
  other.open_polling();
  other.begin_post(1);
  other.session->close();
  EXPECT_THAT(other.take_lines(), IsEmpty()) << "it goes on until the close packet is out";
  other.get(2);
  EXPECT_THAT(other.take_lines(), ElementsAre("#2 200 1", answer(1, unknown_session), "closed forced close"));
}

TEST_F(PollingSession, takes_begun_posts_one_after_the_other) {
  world.begin_post(1);
  world.post(1, "4a");
  world.begin_post(2);
  world.session->on_post_refused(EngineWorld::ticket(2));
  world.begin_post(3);
  world.post(3, "4b");
  EXPECT_THAT(world.take_lines(), ElementsAre("message a", "#1 200 ok", "message b", "#3 200 ok"));
}

TEST_F(PollingSession, ES57_ends_when_the_connection_of_its_poll_breaks) {
  world.get(1);
  world.abort(1);
  EXPECT_THAT(world.take_lines(), ElementsAre("closed transport error"));
  EXPECT_EQ(world.session->close_detail(), "poll connection closed prematurely");
}

TEST_F(PollingSession, ends_when_the_connection_of_a_begun_post_breaks) {
  world.get(1);
  world.begin_post(2);
  world.session->on_request_gone(EngineWorld::ticket(2));
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 1", "closed transport error"));
  EXPECT_EQ(world.session->close_detail(), "data request connection closed prematurely");
}

TEST_F(PollingSession, does_not_care_about_connections_of_answered_requests) {
  world.get(1);
  world.session->send("x");
  world.session->on_request_gone(EngineWorld::ticket(1));
  world.session->on_request_gone({});
  EXPECT_EQ(world.session->state(), SessionState::open);
}

TEST_F(PollingSession, ES65_refuses_a_binary_post) {
  world.get(1);
  world.post(2, "4hello", PostType::octet_stream);
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 1", "closed transport error", answer(2, bad_request)));
}

TEST_F(PollingSession, refuses_a_post_that_is_too_large_and_goes_on) {
  world.post(1, "4" + std::string(1'000'000, 'x'));
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 413 "));
  world.post(2, "4" + std::string(999'999, 'x'));
  EXPECT_EQ(world.lines.back(), "#2 200 ok");
}

TEST(PollingPayload, ES73_that_cannot_be_decoded_ends_the_session) {
  for (Bytes const garbage : {"abc", "", "7", "b!", "\x1e", "4\xff", "4\xed\xa0\x80"}) {
    EngineWorld world;
    world.open_polling();
    world.get(1);
    world.post(2, garbage);
    EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 1", "closed parse error", answer(2, bad_request))) << garbage;
    world.get(3);
    EXPECT_EQ(world.take_line(), answer(3, unknown_session));
  }
}

TEST(PollingPayload, PI4_is_handled_up_to_what_cannot_be_decoded) {
  EngineWorld world;
  world.open_polling();
  world.post(1,
             "4a\x1e"
             "x\x1e"
             "4b");
  EXPECT_THAT(world.take_lines(), ElementsAre("message a", "closed parse error", answer(1, bad_request)));
}

TEST_F(PollingSession, ignores_packets_that_mean_nothing_here) {
  world.post(1,
             "6\x1e"
             "5\x1e"
             "0");
  EXPECT_EQ(world.take_line(), "#1 200 ok");
}

TEST_F(PollingSession, refuses_the_clients_ping) {
  world.post(1, "2");
  EXPECT_THAT(world.take_lines(), ElementsAre("closed transport error", "#1 200 ok"));
}

// The end.

TEST_F(PollingSession, ES52_ends_when_the_client_says_close_and_releases_its_poll) {
  world.get(1);
  world.post(2,
             "1\x1e"
             "4late");
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 6", "closed transport close", "#2 200 ok"));
}

TEST_F(PollingSession, ES49_closes_at_once_through_a_parked_poll) {
  world.get(1);
  world.session->close();
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 1", "closed forced close"));
}

TEST_F(PollingSession, ES80_closes_after_what_is_buffered) {
  world.session->send("last");
  world.session->send("words");
  world.session->close();
  EXPECT_EQ(world.session->state(), SessionState::closing);
  world.session->send("too late");
  EXPECT_THAT(world.take_lines(), IsEmpty());
  world.get(1);
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 4last\x1e"
                                              "4words\x1e"
                                              "1",
                                              "closed forced close"));
}

TEST(ClosingPollingSession, ES85_fetches_what_is_buffered_in_several_polls) {
  Settings settings;
  settings.payload_bytes_max = 5;
  EngineWorld world(settings);
  world.open_polling();
  world.session->send("last");
  world.session->send("word");
  world.session->close();
  world.get(1);
  world.get(2);
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 4last",
                                              "#2 200 4word\x1e"
                                              "1",
                                              "closed forced close"));
}

TEST_F(PollingSession, ES81_closes_without_the_client_when_no_poll_comes) {
  world.session->close();
  world.pass(29'999ms);
  EXPECT_THAT(world.take_lines(), IsEmpty());
  world.pass(1ms);
  EXPECT_THAT(world.take_lines(), ElementsAre("closed forced close"));
  EXPECT_EQ(world.timers.armed(), 0U);
}

TEST_F(PollingSession, drops_messages_while_closing_but_hears_the_client_say_close) {
  world.session->close();
  world.post(1, "4hello");
  world.post(2, "3");
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 ok", "#2 200 ok"));
  world.post(3, "1");
  EXPECT_THAT(world.take_lines(), ElementsAre("closed transport close", "#3 200 ok"));
}

TEST_F(PollingSession, ES78_keeps_its_buffer_readable_in_on_close) {
  std::size_t seen = 0;
  world.session->send("unsent");
  world.close_handler = [&](CloseReason) { seen = world.session->buffered_messages(); };
  world.session->shut_down();
  EXPECT_THAT(world.take_lines(), ElementsAre("closed server shutting down"));
  EXPECT_EQ(seen, 1U);
  EXPECT_EQ(world.session->buffered_messages(), 0U);
}

TEST_F(PollingSession, ES79_shuts_down_even_while_closing) {
  world.session->send("unsent");
  world.session->close();
  world.session->shut_down();
  EXPECT_THAT(world.take_lines(), ElementsAre("closed server shutting down"));
  world.get(1);
  EXPECT_EQ(world.take_line(), answer(1, unknown_session));
}

TEST_F(PollingSession, ES54_handles_nothing_of_a_payload_after_its_handler_closed) {
  world.get(1);
  world.handler = [&](MessageKind, Bytes) {
    world.session->send("bye");
    world.session->close();
  };
  world.post(2,
             "4a\x1e"
             "4b");
  EXPECT_THAT(world.take_lines(), ElementsAre("message a",
                                              "#1 200 4bye\x1e"
                                              "1",
                                              "closed forced close", "#2 200 ok"));
}

TEST_F(PollingSession, handles_nothing_of_a_payload_after_its_handler_closed_without_a_poll) {
  world.handler = [&](MessageKind, Bytes) { world.session->close(); };
  world.post(1,
             "4a\x1e"
             "4b");
  EXPECT_THAT(world.take_lines(), ElementsAre("message a", "#1 200 ok"));
  world.get(2);
  EXPECT_THAT(world.take_lines(), ElementsAre("#2 200 1", "closed forced close"));
}

TEST(PollingBuffer, beyond_its_limit_ends_the_session_in_another_turn) {
  Settings settings;
  settings.buffer_bytes_max = 10;
  EngineWorld world(settings);
  world.open_polling();
  for (int i = 0; i < 3; ++i) world.session->send("1234");
  EXPECT_THAT(world.take_lines(), IsEmpty());
  EXPECT_EQ(world.session->buffered_bytes(), 0U);
  world.pass(0ms);
  EXPECT_THAT(world.take_lines(), ElementsAre("closed transport error"));
  EXPECT_EQ(world.session->close_detail(), "send buffer full");
}

TEST(PollingBuffer, beyond_its_limit_is_told_to_a_poll_that_comes_first) {
  Settings settings;
  settings.buffer_messages_max = 1;
  EngineWorld world(settings);
  world.open_polling();
  world.session->send("a");
  world.session->send("b");
  world.get(1);
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 1", "closed transport error"));
}

// Heartbeat.

TEST_F(PollingSession, pings_through_a_parked_poll) {
  for (std::uint64_t i = 1; i < 7; i += 2) {
    world.get(i);
    world.pass(25s);
    world.post(i + 1, "3");
    EXPECT_THAT(world.take_lines(),
                ElementsAre(answer(static_cast<int>(i), "200 2"), answer(static_cast<int>(i) + 1, "200 ok")));
  }
}

TEST_F(PollingSession, ES102_pings_before_all_that_is_buffered) {
  world.session->send("a");
  world.pass(25s);
  world.get(1);
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 2\x1e"
                                              "4a",
                                              "drain"));
}

TEST_F(PollingSession, ES45_ES63_ES71_without_pong_ends_and_tells_a_parked_poll) {
  world.get(1);
  world.pass(25s);
  world.get(2);
  world.pass(20s);
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 2", "#2 200 1", "closed ping timeout"));
}

TEST_F(PollingSession, ES46_ES59_without_poll_times_out_too) {
  world.pass(44'999ms);
  EXPECT_THAT(world.take_lines(), IsEmpty());
  world.pass(1ms);
  EXPECT_THAT(world.take_lines(), ElementsAre("closed ping timeout"));
  EXPECT_EQ(world.timers.armed(), 0U);
}

TEST_F(PollingSession, has_timed_out_for_a_poll_that_comes_before_the_wheels_tick) {
  world.pass(25s);
  world.timers.pass_unfired(20s - 1ms);
  world.post(1, "4in time");
  EXPECT_THAT(world.take_lines(), ElementsAre("message in time", "#1 200 ok"));
  world.timers.pass_unfired(1ms);
  world.get(2);
  EXPECT_THAT(world.take_lines(), ElementsAre("closed ping timeout", answer(2, unknown_session)));
}

TEST_F(PollingSession, is_not_blamed_by_a_poll_after_the_process_was_held_up) {
  world.pass(25s);
  world.timers.pass_unfired(60s);
  world.get(1);
  world.post(2, "3");
  EXPECT_THAT(world.take_lines(), ElementsAre("#1 200 2", "#2 200 ok"));
}

}  // namespace
}  // namespace chorus::engine
