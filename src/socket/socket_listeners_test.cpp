// A socket's own handlers, catch-all listeners and middlewares, as dialogues with real packets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "support/socket_world.hpp"

namespace chorus::socket {
namespace {

using testing::ClientWorld;
using ::testing::ElementsAre;
using testing::HubWorld;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

using Log = std::vector<std::string>;

/// One client that has joined "/", and its socket.
class SocketListeners : public ::testing::Test {
 protected:
  SocketListeners() {
    world.of("/").on_connection([this](Socket const& s) { socket = s; });
    client.say("0");
  }
  HubWorld world;
  Socket socket;
  ClientWorld client{world};
  Log log;
};

TEST_F(SocketListeners, several_handlers_of_an_event_run_in_order_and_go_one_by_one_or_together) {
  auto note = [this](char const* what) { return [this, what](Socket const&) { log.emplace_back(what); }; };
  socket.on("x", note("1"));
  auto const second = socket.on("x", note("2"));
  socket.on("x", note("3"));
  socket.on("y", note("y"));
  client.say(R"(2["x"])");
  socket.off(second);
  socket.off(second);
  client.say(R"(2["x"])");
  socket.off("x");
  socket.off("no such event");
  client.say(R"(2["x"])");
  client.say(R"(2["y"])");
  socket.off();
  client.say(R"(2["y"])");
  EXPECT_THAT(log, ElementsAre("1", "2", "3", "1", "3", "y"));
  EXPECT_EQ(world.hub.counters().events_unhandled.get(), 2u);
}

TEST_F(SocketListeners, a_handler_may_hear_one_event_only) {
  socket.once("x", [this](Socket const& s, int n) {
    log.push_back(std::to_string(n));
    s.emit("heard");
  });
  EXPECT_THAT(client.say(R"(2["x",1])"), ElementsAre(R"(2["heard"])"));
  EXPECT_THAT(client.say(R"(2["x",2])"), IsEmpty());
  EXPECT_THAT(log, ElementsAre("1"));
}

TEST_F(SocketListeners, handlers_may_remove_themselves_and_others_and_add_some_while_they_run) {
  auto const kept = std::make_shared<int>(0);
  ListenerId own, later;
  own = socket.on("x", [this, kept, &own, &later](Socket const& s) {
    log.push_back("first");
    s.off(own);
    s.off(later);
    s.on("x", [this](Socket const&) { log.push_back("added"); });
    ++*kept;  // what it captured is still there
  });
  later = socket.on("x", [this](Socket const&) { log.push_back("never"); });
  client.say(R"(2["x"])");
  EXPECT_EQ(*kept, 1);
  EXPECT_EQ(kept.use_count(), 1);
  client.say(R"(2["x"])");
  socket.on("z", [](Socket const& s) { s.off(); });
  client.say(R"(2["z"])");
  client.say(R"(2["x"])");
  EXPECT_THAT(log, ElementsAre("first", "added"));
}

TEST_F(SocketListeners, who_listens_can_be_asked_in_the_order_of_the_calls) {
  EXPECT_THAT(socket.event_names(), IsEmpty());
  EXPECT_THAT(socket.listeners("x"), IsEmpty());
  EXPECT_THAT(socket.listeners_any(), IsEmpty());
  EXPECT_THAT(socket.listeners_any_outgoing(), IsEmpty());
  auto const nothing = [](Socket const&) {};
  auto const hears_all = [](std::string_view, Args const&) {};
  auto const first = socket.on("x", nothing), second = socket.once("x", nothing);
  socket.on("a", nothing);
  auto const any = socket.on_any(hears_all), before = socket.prepend_any(hears_all);
  auto const outgoing = socket.on_any_outgoing(hears_all);
  EXPECT_THAT(socket.event_names(), ElementsAre("a", "x"));
  EXPECT_THAT(socket.listeners("x"), ElementsAre(first, second));
  EXPECT_THAT(socket.listeners_any(), ElementsAre(before, any));
  EXPECT_THAT(socket.listeners_any_outgoing(), ElementsAre(outgoing));
  client.say(R"(2["x"])");
  EXPECT_THAT(socket.listeners("x"), ElementsAre(first)) << "the other was for once";
  socket.off(first);
  socket.off_any(before);
  EXPECT_THAT(socket.event_names(), ElementsAre("a"));
  EXPECT_THAT(socket.listeners_any(), ElementsAre(any));
}

TEST_F(SocketListeners, a_volatile_question_that_was_dropped_ends_by_its_time_out) {
  std::vector<AskError> ends;
  client.heard();
  client.engine.unsent = 10;
  socket.volatile_().timeout(1s).ask("q", [&](Answer const& answer) { ends.push_back(answer.error); });
  client.engine.unsent = 0;
  EXPECT_THAT(client.heard(), IsEmpty());
  EXPECT_THAT(ends, IsEmpty());
  world.timers.advance(2s);
  EXPECT_THAT(ends, ElementsAre(AskError::timeout));
}

TEST_F(SocketListeners, SK54_SK55_SK56_catch_all_listeners_hear_every_event_in_their_order_until_removed) {
  auto const first = socket.on_any([this](std::string_view event, Args const& args) {
    log.push_back("a:" + std::string(event) + std::string(args.raw()));
  });
  socket.prepend_any([this](Incoming const& in) { log.push_back("b:" + std::string(in.event)); });
  socket.on("x", [this](Socket const&) { log.push_back("handler"); });
  client.say(R"(2["x",1,"two"])");
  client.say(R"(2["unhandled"])");
  EXPECT_THAT(log, ElementsAre("b:x", R"(a:x1,"two")", "handler", "b:unhandled", "a:unhandled"));
  log.clear();
  socket.off_any(first);
  client.say(R"(2["x"])");
  socket.off_any();
  client.say(R"(2["x"])");
  EXPECT_THAT(log, ElementsAre("b:x", "handler", "handler"));
}

TEST_F(SocketListeners, SK57_SK60_SK61_outgoing_listeners_hear_every_emit_in_their_order_until_removed) {
  auto const first = socket.on_any_outgoing([this](std::string_view event, Args const& args) {
    log.push_back("a:" + std::string(event) + std::string(args.raw()));
  });
  socket.prepend_any_outgoing([this](Outgoing const& out) { log.push_back("b:" + std::string(out.event)); });
  socket.emit("x", 1, "two");
  socket.ask(
      "q", 1s, [](Answer const&) {}, 3);
  client.engine.unsent = 10;
  socket.emit_volatile("dropped");
  client.engine.unsent = 0;
  EXPECT_THAT(log, ElementsAre("b:x", R"(a:x1,"two")", "b:q", "a:q3"));
  log.clear();
  socket.off_any_outgoing(first);
  socket.emit("x");
  socket.off_any_outgoing();
  socket.emit("x");
  EXPECT_THAT(log, ElementsAre("b:x"));
}

TEST_F(SocketListeners, SK58_SK59_outgoing_listeners_hear_broadcasts_too_with_binary_among_them) {
  socket.on_any_outgoing([this](Outgoing const& out) {
    log.push_back(std::string(out.event));
    if (auto const bytes = out.args[1].binary()) log.push_back(std::string(*bytes));
    log.push_back(std::string(out.args[0].raw()));
  });
  client.heard();
  world.of("/").emit("to all", 7);
  world.of("/").emit("bin\nary", "x", Binary("\x01\x02"));
  EXPECT_THAT(log, ElementsAre("to all", "7", "bin\nary", "\x01\x02", "\"x\""));
  EXPECT_THAT(client.heard(), ElementsAre(R"(2["to all",7])", R"(51-["bin\nary","x",{"_placeholder":true,"num":0}])",
                                          "binary \x01\x02"));
}

TEST_F(SocketListeners, what_an_outgoing_listener_emits_to_its_socket_is_sent_and_not_told) {
  socket.on_any_outgoing([this](Outgoing const& out) {
    log.push_back(std::string(out.event));
    out.socket.emit("copy");
  });
  client.heard();
  socket.emit("x");
  EXPECT_THAT(client.heard(), ElementsAre(R"(2["copy"])", R"(2["x"])"));
  EXPECT_THAT(log, ElementsAre("x"));
}

TEST_F(SocketListeners, an_outgoing_listener_may_end_the_socket) {
  socket.on_any_outgoing([](Outgoing const& out) { out.socket.disconnect(); });
  client.heard();
  EXPECT_EQ(socket.emit("x"), chorus::Sent::dropped);
  EXPECT_THAT(client.heard(), ElementsAre("1"));
}

TEST_F(SocketListeners, outgoing_listeners_of_a_middleware_hear_the_first_emit) {
  world.of("/").use([this](Socket const& s) {
    s.on_any_outgoing([this](Outgoing const& out) { log.push_back(std::string(out.event)); });
    return admit();
  });
  ClientWorld other(world);
  other.say("0");
  socket.emit("hello");
  EXPECT_THAT(log, ElementsAre("hello"));
}

TEST_F(SocketListeners, SM1_middlewares_run_for_every_event_in_order_and_may_change_name_and_arguments) {
  socket.use([this](EventDraft const& draft) {
    log.push_back("1:" + draft.event());
    draft.set_event("renamed");
    return admit();
  });
  socket.use([this](EventDraft const& draft, Verdict next) {
    log.push_back("2:" + draft.event() + std::string(draft.args().raw()));
    draft.set_args("new", 2, Binary("b"));
    next(admit());
  });
  socket.on("renamed",
            [](std::string text, int n, Binary bytes, Ack ack) { ack(text + std::to_string(n) + bytes.bytes()); });
  EXPECT_THAT(client.say(R"(27["x","old"])"), ElementsAre(R"(37["new2b"])"));
  EXPECT_THAT(log, ElementsAre("1:x", R"(2:renamed"old")"));
}

TEST_F(SocketListeners, SM2_a_refusal_keeps_the_event_from_its_handlers_and_is_told_with_message_and_data) {
  socket.use([](EventDraft const& draft) {
    return draft.event() == "join" ? refuse("not allowed", std::map<std::string, int>{{"code", 403}}) : admit();
  });
  socket.on("join", [this](Socket const&) { log.push_back("joined"); });
  client.say(R"(2["join"])");  // told to nobody: logged
  socket.on_error([this](Socket const& s, EventError const& e) {
    EXPECT_EQ(s, socket);
    log.push_back(e.event + ":" + e.message + e.data_json);
  });
  auto const all = world.of("/").on_error([this](Socket const&, EventError const&) { log.push_back("of all"); });
  client.say(R"(2["join"])");
  world.of("/").off(all);
  client.say(R"(2["join"])");
  EXPECT_THAT(log, ElementsAre("of all", R"(join:not allowed{"code":403})", R"(join:not allowed{"code":403})"));
}

TEST_F(SocketListeners, a_later_verdict_counts_once_and_only_while_the_socket_lives) {
  std::vector<Verdict> verdicts;
  socket.use([&](EventDraft const&, Verdict next) { verdicts.push_back(next); });
  socket.on("x", [this](int n) { log.push_back(std::to_string(n)); });
  client.say(R"(2["x",1])");
  client.say(R"(2["x",2])");
  client.say(R"(2["x",3])");
  verdicts[1](admit());
  verdicts[1](admit());
  verdicts[0](admit());
  client.engine.hang_up(9);
  verdicts[2](admit());
  EXPECT_THAT(log, ElementsAre("2", "1"));
}

TEST_F(SocketListeners, a_middleware_that_throws_refuses) {
  socket.use([](EventDraft const&) -> Admission { throw std::runtime_error("boom"); });
  socket.on_error([this](Socket const&, EventError const& e) { log.push_back(e.message); });
  client.say(R"(2["x"])");
  EXPECT_THAT(log, ElementsAre("Internal error"));
}

TEST(SocketMiddleware, of_events_that_wait_for_a_verdict_the_newest_is_refused_beyond_the_limit) {
  HubSettings settings;
  settings.drafts_pending_max = 2;
  HubWorld world(settings);
  Log log;
  std::vector<Verdict> verdicts;
  world.of("/").on_connection([&](Socket const& s) {
    s.use([&](EventDraft const&, Verdict next) { verdicts.push_back(next); });
    s.on_error([&](Socket const&, EventError const& e) { log.push_back(e.event + ": " + e.message); });
    s.on_any([&](Incoming const&) { log.push_back("any"); });
  });
  world.of("/").on("x", [&](int n) { log.push_back(std::to_string(n)); });
  ClientWorld client(world);
  client.say("0");
  for (int n = 1; n <= 3; ++n) client.say("2[\"x\"," + std::to_string(n) + "]");
  EXPECT_THAT(log, ElementsAre("any", "any", "any", "x: Too many events wait for a middleware"));
  log.clear();
  verdicts[0](admit());
  verdicts.erase(verdicts.begin() + 1);  // dropped without a word
  client.say(R"(2["x",4])");
  verdicts.back()(admit());
  EXPECT_THAT(log, ElementsAre("1", "any", "4"));
}

TEST_F(SocketListeners, SK23_send_is_the_event_message) {
  socket.send("hello", 1);
  socket.volatile_().send("v");
  world.of("/").send("all");
  EXPECT_THAT(client.heard(), ElementsAre(R"(2["message","hello",1])", R"(2["message","v"])", R"(2["message","all"])"));
}

TEST_F(SocketListeners, ST1_ST2_ST3_a_timeout_before_a_question_bounds_its_answer) {
  auto ask = [this] {
    socket.timeout(100ms).ask("q", [this](Answer const& a) { log.push_back(a ? std::string(a.args.raw()) : "none"); });
  };
  ask();
  ask();
  client.say("30[5]");
  world.timers.advance(1s);
  client.say("31[6]");  // too late
  EXPECT_THAT(log, ElementsAre("5", "none"));
}

TEST_F(SocketListeners, ends_are_told_with_reason_and_occasion_to_handlers_that_are_still_there) {
  socket.on_disconnect([this](Socket const&, std::string_view reason, std::string_view detail) {
    log.push_back(std::string(reason) + "|" + std::string(detail));
  });
  auto const gone = socket.on_disconnect([this](Socket const&, std::string_view) { log.push_back("gone"); });
  auto const of_all = world.of("/").on_disconnect([this](Socket const&, std::string_view) { log.push_back("of all"); });
  socket.on_disconnecting(
      [this](Socket const&, std::string_view reason) { log.push_back("leaving: " + std::string(reason)); });
  socket.off(gone);
  world.of("/").off(of_all);
  client.engine.hang_up(9);
  EXPECT_THAT(log, ElementsAre("leaving: transport close", "transport close|websocket closed"));
}

TEST_F(SocketListeners, SK51_SK53_after_the_end_handlers_and_joins_do_nothing) {
  client.engine.hang_up(9);
  EXPECT_FALSE(socket.on("x", [](Socket const&) {}));
  EXPECT_FALSE(socket.on_any([](Incoming const&) {}));
  socket.off();
  socket.off_any_outgoing();
  socket.use([](EventDraft const&) { return admit(); });
  socket.join("room");
  EXPECT_THAT(socket.rooms(), IsEmpty());
  EXPECT_TRUE(world.board->interest.empty());
}

}  // namespace
}  // namespace chorus::socket
