// Namespaces that come and go with their clients, and what is told of namespaces and rooms.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "socket/target_actions.hpp"
#include "support/socket_world.hpp"

namespace chorus::socket {
namespace {

using testing::ClientWorld;
using ::testing::ElementsAre;
using testing::HubWorld;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using namespace std::chrono_literals;

using Log = std::vector<std::string>;

class DynamicNamespaces : public ::testing::Test {
 protected:
  static HubSettings settings(bool cleanup) {
    HubSettings settings;
    settings.cleanup_empty_children = cleanup;
    return settings;
  }
  static Namespace pattern(HubWorld& in, std::string const& expression = "^/dyn-[0-9]+$") {
    in.registry->ensure_pattern("~" + expression, [pattern = std::regex(expression)](std::string_view name) {
      return std::regex_search(name.begin(), name.end(), pattern);
    });
    return {in.registry, "~" + expression};
  }
  static Namespace function(HubWorld& in, NamespaceDecider decides) {
    return {in.registry, in.registry->add_decider(std::move(decides))};
  }
  HubWorld world;
  Log log;
};

TEST_F(DynamicNamespaces, NS32_NS33_a_function_decides_about_names_with_the_clients_auth) {
  auto parent = function(world, [this](std::string_view name, ArgView auth, NamespaceVerdict verdict) {
    log.push_back(std::string(name) + std::string(auth.raw()));
    verdict(name.starts_with("/room-") && auth["key"].as<int>() == 1);
  });
  parent.on("x", [](Socket const& s) { s.emit("from", s.nsp()); });
  ClientWorld client(world);
  EXPECT_THAT(client.say(R"(0/room-1,{"key":1})"), ElementsAre(StartsWith(R"(0/room-1,{"sid":)")));
  EXPECT_THAT(client.say(R"(2/room-1,["x"])"), ElementsAre(R"(2/room-1,["from","/room-1"])"));
  EXPECT_THAT(client.say(R"(0/room-2,{"key":2})"), ElementsAre(R"(4/room-2,{"message":"Invalid namespace"})"));
  EXPECT_THAT(client.say("0/other,"), ElementsAre(R"(4/other,{"message":"Invalid namespace"})"));
  EXPECT_THAT(log, ElementsAre(R"(/room-1{"key":1})", R"(/room-2{"key":2})", "/other{}"));
}

TEST_F(DynamicNamespaces, a_function_may_decide_later_and_once) {
  std::vector<NamespaceVerdict> verdicts;
  function(world, [&](std::string_view, ArgView, NamespaceVerdict verdict) { verdicts.push_back(verdict); });
  ClientWorld client(world);
  EXPECT_THAT(client.say("0/a,"), IsEmpty());
  EXPECT_THAT(client.say("0/b,"), IsEmpty());
  verdicts[1](true);
  EXPECT_THAT(client.heard(), ElementsAre(StartsWith("0/b,")));
  verdicts[0](false);
  verdicts[0](true);
  verdicts[1](false);
  EXPECT_THAT(client.heard(), ElementsAre(R"(4/a,{"message":"Invalid namespace"})"));
}

TEST_F(DynamicNamespaces, a_client_that_is_gone_or_says_the_same_twice_gets_no_verdict) {
  std::vector<NamespaceVerdict> verdicts;
  function(world, [&](std::string_view, ArgView, NamespaceVerdict verdict) { verdicts.push_back(verdict); });
  {
    ClientWorld gone(world);
    gone.say("0/a,");
    gone.engine.hang_up(9);
    verdicts[0](true);
  }
  ClientWorld twice(world);
  twice.say("0/a,");
  EXPECT_THAT(twice.say("0/a,"), ::testing::Contains("close"));
  verdicts[1](true);
  EXPECT_EQ(world.hub.find("/a"), nullptr);
}

TEST_F(DynamicNamespaces, a_client_that_waits_for_a_verdict_is_closed_when_its_time_is_over) {
  function(world, [](std::string_view, ArgView, NamespaceVerdict) {});
  ClientWorld client(world);
  client.say("0/a,");
  world.timers.advance(46s);
  EXPECT_THAT(client.heard(), ::testing::Contains("close"));
}

TEST_F(DynamicNamespaces, are_asked_in_the_order_in_which_they_were_defined) {
  auto note = [this](std::string what, bool allow) {
    return [this, what, allow](std::string_view, ArgView, NamespaceVerdict verdict) {
      log.push_back(what);
      verdict(allow);
    };
  };
  function(world, note("first", false));
  pattern(world, "^/dyn").use([this](Handshake const&) {
    log.push_back("pattern");
    return admit();
  });
  function(world, note("last", true));
  ClientWorld client(world);
  client.say("0/dyn-1,");
  client.say("0/other,");
  EXPECT_THAT(log, ElementsAre("first", "pattern", "first", "last"));
}

TEST_F(DynamicNamespaces, a_function_that_throws_says_no) {
  function(world, [](std::string_view, ArgView, NamespaceVerdict) { throw std::runtime_error("boom"); });
  ClientWorld client(world);
  EXPECT_THAT(client.say("0/a,"), ElementsAre(R"(4/a,{"message":"Invalid namespace"})"));
}

TEST_F(DynamicNamespaces, NS28_NS34_NS35_new_namespaces_are_told_once_children_among_them) {
  world.registry->on_new_namespace([this](Namespace const& nsp) { log.push_back(nsp.name()); });
  pattern(world);
  world.of("/static");
  world.of("/static");
  ClientWorld first(world), second(world);
  first.say("0/dyn-1,");
  second.say("0/dyn-1,");
  EXPECT_THAT(log, ElementsAre("/static", "/dyn-1"));
}

TEST_F(DynamicNamespaces, what_a_new_child_is_given_holds_for_its_first_client) {
  world.registry->on_new_namespace([](Namespace nsp) {
    if (nsp.name() == "/dyn-2") nsp.use([](Handshake const&) { return refuse("closed"); });
  });
  auto parent = pattern(world);
  parent.on("x", [](Socket const& s) { s.emit("parents"); });
  ClientWorld client(world);
  EXPECT_THAT(client.say("0/dyn-1,"), ElementsAre(StartsWith("0/dyn-1,")));
  EXPECT_THAT(client.say("0/dyn-2,"), ElementsAre(R"(4/dyn-2,{"message":"closed"})"));
}

TEST_F(DynamicNamespaces, NS42_a_namespace_made_by_hand_that_matches_is_a_child_with_things_of_its_own) {
  auto parent = pattern(world);
  parent.on("x", [](Socket const& s) { s.emit("parents"); });
  world.registry->on_new_namespace([this](Namespace const& nsp) { log.push_back(nsp.name()); });
  auto child = world.of("/dyn-7");
  child.on("x", [](Socket const& s) { s.emit("own"); });
  parent.on("y", [](Socket const& s) { s.emit("later"); });
  ClientWorld client(world), other(world);
  client.say("0/dyn-7,");
  other.say("0/dyn-8,");
  EXPECT_THAT(client.say(R"(2/dyn-7,["x"])"), ElementsAre(R"(2/dyn-7,["parents"])", R"(2/dyn-7,["own"])"));
  EXPECT_THAT(client.say(R"(2/dyn-7,["y"])"), ElementsAre(R"(2/dyn-7,["later"])"));
  EXPECT_THAT(other.say(R"(2/dyn-8,["x"])"), ElementsAre(R"(2/dyn-8,["parents"])"));
  client.heard();
  parent.emit("to all");
  EXPECT_THAT(client.heard(), ElementsAre(R"(2/dyn-7,["to all"])"));
  EXPECT_THAT(log, ElementsAre("/dyn-7", "/dyn-8"));
}

TEST_F(DynamicNamespaces, NS36_NS37_with_cleanup_a_child_goes_with_its_last_socket_and_may_come_again) {
  HubWorld cleaning(settings(true));
  cleaning.registry->on_new_namespace([this](Namespace const& nsp) { log.push_back(nsp.name()); });
  pattern(cleaning);
  ClientWorld client(cleaning);
  client.say("0/dyn-1,");
  EXPECT_NE(cleaning.hub.find("/dyn-1"), nullptr);
  client.say("1/dyn-1,");
  EXPECT_EQ(cleaning.hub.find("/dyn-1"), nullptr);
  EXPECT_THAT(client.say("0/dyn-1,"), ElementsAre(StartsWith("0/dyn-1,")));
  EXPECT_THAT(log, ElementsAre("/dyn-1", "/dyn-1"));
}

TEST_F(DynamicNamespaces, NS29_NS38_NS39_NS40_NS41_what_stays_and_what_goes) {
  auto refuse_some = [](Namespace nsp) {
    nsp.use([](Handshake const& h) { return h.auth<bool>("no") ? refuse("no") : admit(); });
  };
  refuse_some(pattern(world));
  ClientWorld kept(world);
  kept.say(R"(0/dyn-1,{"no":true})");
  kept.say("0/dyn-2,");
  kept.say("1/dyn-2,");
  EXPECT_NE(world.hub.find("/dyn-1"), nullptr);
  EXPECT_NE(world.hub.find("/dyn-2"), nullptr);

  HubWorld cleaning(settings(true));
  refuse_some(pattern(cleaning));
  cleaning.of("/ordinary");
  ClientWorld client(cleaning), stays(cleaning);
  client.say("0/ordinary,");
  client.say("1/ordinary,");
  EXPECT_NE(cleaning.hub.find("/ordinary"), nullptr);
  client.say(R"(0/dyn-1,{"no":true})");
  EXPECT_EQ(cleaning.hub.find("/dyn-1"), nullptr);
  stays.say("0/dyn-1,");
  client.say(R"(0/dyn-1,{"no":true})");
  EXPECT_NE(cleaning.hub.find("/dyn-1"), nullptr);
}

TEST_F(DynamicNamespaces, a_handle_of_a_child_that_went_makes_it_a_child_again) {
  HubWorld cleaning(settings(true));
  pattern(cleaning).on("x", [](Socket const& s) { s.emit("parents"); });
  auto child = cleaning.of("/dyn-1");
  ClientWorld client(cleaning);
  client.say("0/dyn-1,");
  client.say("1/dyn-1,");
  child.on("y", [](Socket const& s) { s.emit("own"); });
  client.say("0/dyn-1,");
  EXPECT_THAT(client.say(R"(2/dyn-1,["x"])"), ElementsAre(R"(2/dyn-1,["parents"])"));
  EXPECT_THAT(client.say(R"(2/dyn-1,["y"])"), ElementsAre(R"(2/dyn-1,["own"])"));
}

// ---- handlers of a namespace

TEST_F(DynamicNamespaces, handlers_of_a_namespace_go_one_by_one_or_by_their_event) {
  auto nsp = world.of("/");
  auto note = [this](char const* what) { return [this, what](Socket const&) { log.emplace_back(what); }; };
  auto const first = nsp.on("x", note("1"));
  nsp.on("x", note("2"));
  nsp.on("y", note("y"));
  auto const connection = nsp.on_connect(note("connected"));
  ClientWorld client(world);
  client.say("0");
  client.say(R"(2["x"])");
  nsp.off(first);
  client.say(R"(2["x"])");
  nsp.off("x");
  client.say(R"(2["x"])");
  client.say(R"(2["y"])");
  nsp.off(connection);
  ClientWorld(world).say("0");
  EXPECT_THAT(log, ElementsAre("connected", "1", "2", "2", "y"));
  EXPECT_EQ(world.hub.counters().events_unhandled.get(), 1u);
}

TEST_F(DynamicNamespaces, NS6_connect_is_another_name_for_connection) {
  world.of("/").on_connect([this](Socket const&) { log.push_back("connected"); });
  ClientWorld(world).say("0");
  EXPECT_THAT(log, ElementsAre("connected"));
}

// ---- rooms

TEST_F(DynamicNamespaces, AD9_AD10_AD11_AD12_AD13_AD14_AD15_AD16_AD17_rooms_tell_of_their_members) {
  auto nsp = world.of("/");
  nsp.on_create_room([this](std::string const& room) { log.push_back("create " + room); });
  nsp.on_delete_room([this](std::string const& room) { log.push_back("delete " + room); });
  std::string first_id;
  auto who = [&first_id](std::string const& id) { return id == first_id ? " 1" : " 2"; };
  nsp.on_join_room(
      [this, who](std::string const& room, std::string const& id) { log.push_back("join " + room + who(id)); });
  nsp.on_leave_room(
      [this, who](std::string const& room, std::string const& id) { log.push_back("leave " + room + who(id)); });
  std::vector<Socket> sockets;
  nsp.on_connection([&](Socket const& s) { sockets.push_back(s); });
  ClientWorld one(world), two(world);
  one.say("0");
  two.say("0");
  first_id = sockets[0].id();
  sockets[0].join("r");
  sockets[0].join("r");
  sockets[1].join("r");
  sockets[0].leave("r");
  sockets[0].leave("r");
  sockets[1].join("s");
  two.engine.hang_up(9);
  EXPECT_THAT(log, IsEmpty());  // told by letter, in the room's home turn
  world.deliver_letters();
  EXPECT_THAT(log, ElementsAre("create r", "join r 1", "join r 2", "leave r 1", "create s", "join s 2", "leave s 2",
                               "delete s", "leave r 2", "delete r"));
}

// ---- servers among themselves

TEST_F(DynamicNamespaces, a_server_that_is_alone_hears_no_event_of_its_own_and_has_no_answer_at_once) {
  auto nsp = world.of("/");
  nsp.on_server_side("x", [this](int) { log.push_back("heard"); });
  nsp.server_side_emit("x", 1);
  nsp.server_side_ask(
      "x", [this](Answers const& all) { log.push_back(all.complete && all.answers.empty() ? "none" : "?"); }, 1);
  world.deliver_letters();
  EXPECT_THAT(log, ElementsAre("none"));
}

TEST_F(DynamicNamespaces, an_event_of_another_server_is_told_to_its_handlers_and_answered_once) {
  auto nsp = world.of("/");
  nsp.on_server_side("x", [this](std::string text, ServerAck ack) {
    log.push_back(text);
    ack(7);
    ack(8);
  });
  nsp.on_server_side("x", [this](int) { log.push_back("mistyped"); });
  hear_server_side(world.board, "/", "x", {R"("hello")", {}}, [this](ArgsWriter const& w) { log.push_back(w.text()); });
  hear_server_side(world.board, "/", "x", {R"("no answer asked")", {}}, {});
  hear_server_side(world.board, "/none", "x", {}, {});
  world.deliver_letters();
  EXPECT_THAT(log, ElementsAre("hello", "7", "no answer asked"));
}

}  // namespace
}  // namespace chorus::socket
