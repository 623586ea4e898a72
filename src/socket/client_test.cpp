// Dialogues of one worker's Socket.IO side with real packets: connecting, events, answers, ends.
#include "socket/client.hpp"

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
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;
using namespace std::chrono_literals;

class ClientTest : public ::testing::Test {
 protected:
  HubWorld world;
};

TEST_F(ClientTest, connects_to_a_namespace_and_is_told_its_id) {
  ClientWorld client(world);
  EXPECT_THAT(client.say("0"), ElementsAre(StartsWith(R"(0{"sid":")")));
  world.of("/admin");
  EXPECT_THAT(client.say(R"(0/admin,{"token":"x"})"), ElementsAre(StartsWith(R"(0/admin,{"sid":")")));
  EXPECT_THAT(client.say("0/none,"), ElementsAre(R"(4/none,{"message":"Invalid namespace"})"));
}

TEST_F(ClientTest, breaks_of_the_protocol_close_the_connection) {
  for (std::string const packet : {"0", "2/none,[\"x\"]", "9", "2[\"disconnect\"]", "2{}", "0[]"}) {
    ClientWorld client(world);
    client.say("0");
    EXPECT_THAT(client.say(packet), ::testing::Contains("close")) << packet;
    EXPECT_EQ(client.engine.closes(), 1) << packet;
  }
  ClientWorld hasty(world);
  EXPECT_THAT(hasty.say("2[\"x\"]"), ::testing::Contains("close"));
}

TEST_F(ClientTest, SK43_SK44_NS21_NS22_what_is_emitted_may_be_compressed_unless_the_program_says_no) {
  auto nsp = world.of("/");
  std::optional<Socket> socket;
  nsp.on_connection([&](Socket const& s) { socket = s; });
  ClientWorld client(world);
  client.say("0");
  client.engine.compressions.clear();
  socket->emit("a");
  socket->compress(false).emit("b", "x");
  socket->compress(false).volatile_().emit("c");
  socket->volatile_().compress(true).emit("d");
  nsp.emit("e");
  nsp.everyone().compress(false).emit("f");
  nsp.everyone().compress(false).compress(true).emit("g");
  using enum engine::Compress;
  EXPECT_THAT(client.engine.compressions, ElementsAre(yes, no, no, yes, yes, no, yes));
  client.engine.unsent = 10;  // not ready to take a volatile one
  EXPECT_EQ(socket->compress(true).volatile_().emit("h"), chorus::Sent::dropped);
  EXPECT_EQ(socket->compress(false).emit("i"), chorus::Sent::queued);
}

TEST_F(ClientTest, a_handler_gets_its_types_or_is_not_called) {
  std::vector<std::string> calls;
  world.of("/").on("say", [&](Socket const&, std::string text, int n) { calls.push_back(text + std::to_string(n)); });
  ClientWorld client(world);
  client.say("0");
  client.say(R"(2["say","a\u0062",7])");
  client.say(R"(2["say",7,"a"])");
  client.say(R"(2["say","a"])");
  EXPECT_THAT(calls, ElementsAre("ab7"));
  EXPECT_EQ(world.hub.counters().events_mistyped.get(), 2u);
}

TEST_F(ClientTest, handlers_of_the_namespace_run_before_the_sockets_own_and_unknown_events_are_counted) {
  std::string order;
  auto nsp = world.of("/");
  nsp.on("x", [&](Socket const&) { order += "1"; });
  nsp.on("x", [&](Socket const&) { order += "2"; });
  nsp.on_connection([&](Socket const& s) { s.on("x", [&](Socket const&) { order += "3"; }); });
  ClientWorld client(world);
  client.say("0");
  client.say(R"(2["x"])");
  client.say(R"(2["y"])");
  client.say("2");
  EXPECT_EQ(order, "123");
  EXPECT_EQ(world.hub.counters().events_unhandled.get(), 2u);
}

TEST_F(ClientTest, answers_go_back_with_the_questions_id) {
  world.of("/").on("sum", [](Socket const&, int a, int b, Ack ack) { ack(a + b, "ok"); });
  ClientWorld client(world);
  client.say("0");
  EXPECT_THAT(client.say(R"(212["sum",1,2])"), ElementsAre(R"(312[3,"ok"])"));
  EXPECT_THAT(client.say(R"(2["sum",1,2])"), IsEmpty());
}

TEST_F(ClientTest, binary_comes_and_goes_as_attachments) {
  world.of("/").on("bin", [](Socket const& s, Binary data) { s.emit("bin", 1, data); });
  ClientWorld client(world);
  client.say("0");
  EXPECT_THAT(client.say(R"(51-["bin",{"_placeholder":true,"num":0}])"), IsEmpty());
  EXPECT_THAT(client.say_binary("abc"), ElementsAre(R"(51-["bin",1,{"_placeholder":true,"num":0}])", "binary abc"));
}

TEST_F(ClientTest, ST1_ST2_a_question_is_answered_once_or_times_out) {
  std::vector<std::string> answers;
  world.of("/").on("ask me", [&](Socket const& s) {
    s.ask("q", 100ms, [&](Answer const& a) { answers.push_back(a ? std::string(a.args.raw()) : "none"); });
  });
  ClientWorld client(world);
  client.say("0");
  EXPECT_THAT(client.say(R"(2["ask me"])"), ElementsAre(R"(20["q"])"));
  client.say("30[5]");
  client.say("30[6]");
  EXPECT_THAT(client.say(R"(2["ask me"])"), ElementsAre(R"(21["q"])"));
  world.timers.advance(1s);
  client.say("31[7]");
  client.say(R"(2["ask me"])");
  client.engine.hang_up(9);
  EXPECT_THAT(answers, ElementsAre("5", "none", "none"));
  EXPECT_EQ(world.timers.armed(), 0u);
}

TEST_F(ClientTest, a_handler_that_throws_costs_nobody_anything) {
  world.of("/").on("boom", [](Socket const&) { throw std::runtime_error("boom"); });
  world.of("/").on("ok", [](Socket const& s) { s.emit("ok"); });
  ClientWorld client(world);
  client.say("0");
  client.say(R"(2["boom"])");
  EXPECT_THAT(client.say(R"(2["ok"])"), ElementsAre(R"(2["ok"])"));
  EXPECT_EQ(world.hub.counters().handler_errors.get(), 1u);
}

TEST_F(ClientTest, NS13_rooms_are_there_while_disconnecting_and_gone_after) {
  std::vector<std::string> story;
  auto nsp = world.of("/");
  nsp.on_connection([](Socket const& s) { s.join("room"); });
  nsp.on_disconnecting([&](Socket const& s, std::string_view reason) {
    story.push_back(std::string(reason) + " " + std::to_string(s.rooms().size()));
  });
  nsp.on_disconnect([&](Socket const& s, std::string_view reason) {
    story.push_back(std::string(reason) + " " + std::to_string(s.rooms().size()));
  });
  ClientWorld leaver(world), loser(world), kicked(world);
  leaver.say("0");
  leaver.say("1");
  loser.say("0");
  loser.engine.hang_up(9);
  kicked.say("0");
  nsp.everyone().disconnect_sockets(true);
  EXPECT_THAT(kicked.heard(), ::testing::IsSupersetOf({"1", "close"}));
  EXPECT_THAT(story,
              ElementsAre("client namespace disconnect 2", "client namespace disconnect 0", "transport close 2",
                          "transport close 0", "server namespace disconnect 2", "server namespace disconnect 0"));
  EXPECT_THAT(world.board->interest, IsEmpty());
}

TEST_F(ClientTest, MW1_MW2_MW3_middlewares_decide_in_order_and_a_refusal_carries_data) {
  std::string order;
  auto nsp = world.of("/");
  nsp.use([&](Handshake const& hs) -> Admission {
    order += "1";
    auto const id = hs.auth<std::string>("id");
    return id ? admit(UserId{*id}, std::string("data of ") + *id) : refuse("no id", std::vector<int>{4, 2});
  });
  nsp.use([&](Socket const& s) -> Admission {
    order += "2" + s.data<std::string>();
    return admit();
  });
  ClientWorld nobody(world), ann(world);
  EXPECT_THAT(nobody.say("0"), ElementsAre(R"(4{"message":"no id","data":[4,2]})"));
  EXPECT_THAT(ann.say(R"(0{"id":"ann"})"), ElementsAre(StartsWith("0{")));
  EXPECT_EQ(order, "112data of ann");
  EXPECT_EQ(nsp.devices(UserId{"ann"}).size(), 1u);
}

TEST_F(ClientTest, MW6_a_verdict_may_come_late_twice_or_never) {
  std::vector<Verdict> verdicts;
  int connections = 0;
  auto nsp = world.of("/");
  nsp.use([&](Socket const& s, Verdict v) {
    s.join("hall");
    verdicts.push_back(v);
  });
  nsp.on_connection([&](Socket const&) { ++connections; });

  ClientWorld late(world);
  EXPECT_THAT(late.say("0"), IsEmpty());
  nsp.to("hall").emit("not yet");
  EXPECT_THAT(late.heard(), IsEmpty());
  verdicts[0](admit());
  verdicts[0](refuse("changed my mind"));
  EXPECT_THAT(late.heard(), ElementsAre(StartsWith("0{")));

  ClientWorld never(world);
  never.say("0");
  world.timers.advance(world.hub.settings().admission_timeout + 1s);
  EXPECT_THAT(never.heard(), ElementsAre(R"(4{"message":"Admission timed out"})"));
  verdicts[1](admit());

  ClientWorld gone(world);
  gone.say("0");
  gone.engine.hang_up(9);
  verdicts[2](admit());
  world.hub.end_of_turn();
  EXPECT_EQ(connections, 1);
  EXPECT_TRUE(never.heard().empty());
}

TEST_F(ClientTest, who_joins_no_namespace_is_closed_in_time) {
  ClientWorld idle(world), busy(world);
  busy.say("0");
  world.timers.advance(world.hub.settings().connect_timeout + 1s);
  EXPECT_EQ(idle.engine.closes(), 1);
  EXPECT_EQ(busy.engine.closes(), 0);
}

TEST_F(ClientTest, who_is_only_refused_is_closed_in_time_as_well) {
  world.of("/private").use([](Handshake const&) { return refuse("no"); });
  std::vector<Verdict> verdicts;
  world.of("/slow").use([&](Socket const&, Verdict verdict) { verdicts.push_back(std::move(verdict)); });
  ClientWorld refused(world), undecided(world), admitted_elsewhere(world);
  EXPECT_THAT(refused.say("0/private,"), ElementsAre(R"(4/private,{"message":"no"})"));
  undecided.say("0/slow,");
  admitted_elsewhere.say("0/private,");
  admitted_elsewhere.say("0");
  world.timers.advance(world.hub.settings().connect_timeout + 1s);
  EXPECT_EQ(refused.engine.closes(), 1);
  EXPECT_EQ(undecided.engine.closes(), 1);
  EXPECT_EQ(admitted_elsewhere.engine.closes(), 0);
}

TEST_F(ClientTest, MM5_MM13_AD5_audiences_reach_each_member_once_and_leave_out_the_excepted) {
  auto nsp = world.of("/");
  nsp.on("join", [](Socket const& s, std::string room) { s.join(room); });
  nsp.on("tell others", [](Socket const& s) { s.to("a").emit("others"); });
  ClientWorld first(world), second(world), third(world);
  for (auto* client : {&first, &second, &third}) client->say("0");
  first.say(R"(2["join","a"])");
  first.say(R"(2["join","b"])");
  second.say(R"(2["join","b"])");
  third.say(R"(2["join","c"])");

  nsp.to("a").to("b").to("c").except("c").emit("x");
  EXPECT_THAT(first.heard(), ElementsAre(R"(2["x"])"));
  EXPECT_THAT(second.heard(), ElementsAre(R"(2["x"])"));
  EXPECT_THAT(third.heard(), IsEmpty());

  EXPECT_THAT(first.say(R"(2["tell others"])"), IsEmpty());
  second.say(R"(2["join","a"])");
  first.say(R"(2["tell others"])");
  EXPECT_THAT(second.heard(), ElementsAre(R"(2["others"])"));

  second.engine.unsent = 10;  // not ready to take a volatile one
  nsp.to("b").volatile_().emit("v");
  EXPECT_THAT(first.heard(), ElementsAre(R"(2["v"])"));
  EXPECT_THAT(second.heard(), IsEmpty());
}

TEST_F(ClientTest, MM11_several_rooms_are_named_by_braces_or_by_a_list) {
  auto nsp = world.of("/");
  std::vector<std::string> const a_and_b = {"a", "b"};
  nsp.on("join", [](Socket const& s, std::vector<std::string> rooms) { s.join(rooms); });
  nsp.on("join braces", [](Socket const& s) { s.join({"a", "b"}); });
  nsp.on("tell", [&](Socket const& s) {
    s.to({"a", "b"}).emit("braces");
    s.to(a_and_b).emit("list");
    s.in({"a", "b"}).emit("in braces");
    s.in(a_and_b).emit("in list");
    s.except({"b", "c"}).emit("except braces");
    s.except(a_and_b).emit("except list");
    s.local().emit("local");
  });
  ClientWorld both(world), other(world), sender(world);
  for (auto* client : {&both, &other, &sender}) client->say("0");
  both.say(R"(2["join",["a","b"]])");
  sender.say(R"(2["join braces"])");
  EXPECT_THAT(sender.say(R"(2["tell"])"), IsEmpty());
  EXPECT_THAT(both.heard(),
              ElementsAre(R"(2["braces"])", R"(2["list"])", R"(2["in braces"])", R"(2["in list"])", R"(2["local"])"));
  EXPECT_THAT(other.heard(), ElementsAre(R"(2["except braces"])", R"(2["except list"])", R"(2["local"])"));
  nsp.everyone().in({"a", "b"}).emit("everyone in braces");
  EXPECT_THAT(sender.heard(), ElementsAre(R"(2["everyone in braces"])"));
  EXPECT_THAT(other.heard(), IsEmpty());
}

TEST(ClientLimits, a_socket_joins_no_more_rooms_than_it_may_and_none_of_too_long_a_name) {
  HubSettings settings;
  settings.rooms_max = 2;
  settings.room_name_bytes_max = 3;
  HubWorld world(settings);
  auto nsp = world.of("/");
  std::optional<Socket> socket;
  nsp.on_connection([&](Socket const& s) { socket = s; });
  ClientWorld client(world);
  client.say("0");
  socket->join({"four", "abc", std::string(10'000, 'x')});
  nsp.sockets_join({"fünf"}, [] {});
  world.deliver_letters();
  EXPECT_THAT(socket->rooms(), UnorderedElementsAre(socket->id(), "abc")) << "its own one is not counted";
  nsp.sockets_join({"b", "c"}, [] {});
  world.deliver_letters();
  EXPECT_THAT(socket->rooms(), UnorderedElementsAre(socket->id(), "abc", "b"));
}

TEST_F(ClientTest, MM15_MM16_a_question_to_many_gathers_what_came_in_time) {
  Answers gathered;
  int calls = 0;
  auto nsp = world.of("/");
  ClientWorld first(world), second(world);
  first.say("0");
  second.say("0");
  auto ask = [&] {
    nsp.everyone().timeout(50ms).ask("q", [&](Answers const& a) {
      gathered = a;
      ++calls;
    });
  };
  ask();
  first.say("30[1]");
  EXPECT_EQ(calls, 0);
  second.say("30[2]");
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(gathered.complete);
  EXPECT_EQ(gathered.answers.size(), 2u);
  ask();
  first.say("31[3]");
  world.timers.advance(1s);
  EXPECT_EQ(calls, 2);
  EXPECT_FALSE(gathered.complete);
  ASSERT_EQ(gathered.answers.size(), 1u);
  EXPECT_EQ(gathered.answers[0].text, "3");
  EXPECT_EQ(world.timers.armed(), 0u);
}

TEST_F(ClientTest, NS30_NS36_a_parent_emits_to_all_its_children_and_empty_ones_go_when_asked_to) {
  HubSettings settings;
  settings.cleanup_empty_children = true;
  HubWorld tidy(settings);
  tidy.registry->ensure_pattern("~dyn", [](std::string_view name) { return name.starts_with("/dyn-"); });
  Namespace parent(tidy.registry, "~dyn");
  parent.on("x", [](Socket const& s) { s.emit("of " + s.nsp()); });
  ClientWorld one(tidy), two(tidy);
  EXPECT_THAT(one.say("0/dyn-1,"), ElementsAre(StartsWith("0/dyn-1,{")));
  EXPECT_THAT(two.say("0/dyn-2,"), ElementsAre(StartsWith("0/dyn-2,{")));
  EXPECT_THAT(one.say(R"(2/dyn-1,["x"])"), ElementsAre(R"(2/dyn-1,["of /dyn-1"])"));
  parent.emit("all");
  EXPECT_THAT(one.heard(), ElementsAre(R"(2/dyn-1,["all"])"));
  EXPECT_THAT(two.heard(), ElementsAre(R"(2/dyn-2,["all"])"));
  one.say("1/dyn-1,");
  EXPECT_EQ(tidy.hub.find("/dyn-1"), nullptr);
  EXPECT_NE(tidy.hub.find("/dyn-2"), nullptr);
}

/// Whenever the connection breaks: told once, nothing left in rooms, users, timers.
TEST_F(ClientTest, a_dialogue_that_breaks_at_any_step_leaves_nothing_behind) {
  int connected = 0, disconnected = 0;
  auto nsp = world.of("/");
  nsp.use([](Handshake const&) { return admit(UserId{"ann"}); });
  nsp.on_connection([&](Socket const& s) {
    ++connected;
    s.join("room");
    s.ask("q", 5s, [](Answer const&) {});
  });
  nsp.on("leave", [](Socket const& s) { s.leave("room"); });
  nsp.on("kick me", [](Socket const& s) { s.disconnect(true); });
  nsp.on_disconnect([&](Socket const&, std::string_view) { ++disconnected; });
  std::vector<std::string> const script = {"0", R"(2["leave"])", R"(21["none"])", "30[1]", "1", "0", R"(2["kick me"])"};
  for (std::size_t steps = 0; steps <= script.size(); ++steps) {
    {
      ClientWorld client(world);
      for (std::size_t i = 0; i < steps; ++i) client.say(script[i]);
      client.engine.cut_everything();
      EXPECT_EQ(client.engine.closes(), 1) << steps;
      world.hub.end_of_turn();
    }
    EXPECT_EQ(connected, disconnected) << steps;
    EXPECT_THAT(world.board->interest, IsEmpty()) << steps;
    EXPECT_THAT(world.board->devices_of, IsEmpty()) << steps;
    EXPECT_EQ(world.timers.armed(), 0u) << steps;
  }
}

}  // namespace
}  // namespace chorus::socket
