// Who may look by the Admin UI's namespace, and what may be done there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "admin/test_support.hpp"

namespace chorus::admin {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

// ---- what it refuses

std::string fault(AdminOptions options) {
  Server io;
  try {
    instrument(io, std::move(options));
  } catch (std::runtime_error const& error) {
    return error.what();
  }
  return {};
}

TEST(Instrument, wants_a_choice_of_who_may_look) {
  EXPECT_THAT(fault({}), AllOf(StartsWith("instrument: auth: "), HasSubstr("BasicAuth"), HasSubstr("NoAuth")));
  EXPECT_EQ(fault({.auth = NoAuth{}}), "");
  EXPECT_EQ(fault({.auth = BasicAuth{"admin", changeit}}), "");
}

TEST(Instrument, refuses_what_is_no_hash_and_does_not_repeat_it) {
  auto const refusal = fault({.auth = BasicAuth{"admin", "changeit"}});
  EXPECT_THAT(refusal, StartsWith("instrument: auth.password: it is no bcrypt hash"));
  EXPECT_THAT(refusal, Not(HasSubstr("changeit")));
  EXPECT_THAT(fault({.auth = BasicAuth{"", changeit}}), StartsWith("instrument: auth.username: "));
  EXPECT_THAT(fault({.auth = BasicAuth{"admin", changeit}, .hash_cost_max = 3}),
              "instrument: auth.password: its cost of 4 is above hash_cost_max, 3");
}

TEST(Instrument, refuses_options_that_cannot_be) {
  EXPECT_THAT(fault({.namespace_name = "/", .auth = NoAuth{}}), StartsWith("instrument: namespace_name: "));
  EXPECT_THAT(fault({.namespace_name = "", .auth = NoAuth{}}), StartsWith("instrument: namespace_name: "));
  EXPECT_THAT(fault({.auth = NoAuth{}, .stats_interval = 0ms}), StartsWith("instrument: stats_interval: 0 ms"));
  EXPECT_THAT(fault({.auth = BasicAuth{"a", changeit}, .store = {.kind = AdminStore::Kind::redis}}),
              "instrument: store.kind: redis is not allowed without ServerOptions::redis");
  EXPECT_THAT(fault({.auth = NoAuth{}, .attempts_max = 0}), StartsWith("instrument: attempts_max: 0 is not"));
  EXPECT_THAT(fault({.auth = BasicAuth{"a", changeit}, .store = {.session_duration = 0s}}),
              StartsWith("instrument: store.session_duration: 0 s"));
}

TEST(Instrument, is_called_once_and_before_the_start) {
  Server io({.listen = false, .workers = 1});
  instrument(io, {.auth = NoAuth{}});
  EXPECT_THROW(instrument(io, {.namespace_name = "/other", .auth = NoAuth{}}), std::runtime_error);
  Server started({.listen = false, .workers = 1});
  started.start();
  EXPECT_THROW(instrument(started, {.auth = NoAuth{}}), std::runtime_error);
}

INSTANTIATE_TEST_SUITE_P(Workers, Instrumented, ::testing::Values(1u, 3u));

// ---- signing in

TEST_P(Instrumented, lets_in_by_name_and_password_and_tells_a_session_first) {
  start({.auth = BasicAuth{"admin", changeit}});
  auto const admin = look(R"({"username":"admin","password":"changeit"})");
  ASSERT_TRUE(admin.connected());
  ASSERT_THAT(admin.heard(), Not(IsEmpty()));
  EXPECT_EQ(admin.heard().front().event, "session");
  auto const session = admin.last<std::string>("session");
  ASSERT_TRUE(session);
  // Once more when it is connected: the UI does not listen earlier.
  EXPECT_THAT(admin.received("session"), ElementsAre('"' + *session + '"', '"' + *session + '"'));
  EXPECT_THAT(*session, MatchesRegex("[0-9a-f]{32}"));

  auto const again = look(R"({"sessionId":")" + *session + R"("})");
  EXPECT_TRUE(again.connected());
  EXPECT_THAT(again.received("session"), IsEmpty()) << "it has one";
}

TEST_P(Instrumented, refuses_everybody_else_with_the_same_words) {
  start({.auth = BasicAuth{"admin", changeit}, .password_bytes_max = 20});
  for (char const* const auth :
       {"", "{}", R"({"username":"admin"})", R"({"password":"changeit"})", R"({"username":"admin","password":"wrong"})",
        R"({"username":"root","password":"changeit"})", R"({"username":"","password":""})",
        R"({"username":"admin","password":["changeit"]})", R"({"sessionId":"1234"})", R"({"sessionId":null})",
        R"({"sessionId":{"a":1},"username":"admin"})", R"({"username":"admin","password":"123456789012345678901"})"}) {
    auto const stranger = look(auth);
    EXPECT_FALSE(stranger.connected()) << auth;
    ASSERT_TRUE(stranger.connect_error()) << auth;
    EXPECT_EQ(stranger.connect_error()->message, "invalid credentials") << auth;
    EXPECT_THAT(stranger.heard(), IsEmpty()) << auth;
  }
}

TEST_P(Instrumented, gives_the_place_of_an_attempt_back) {
  start({.auth = BasicAuth{"admin", changeit}, .attempts_max = 1});
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(look(R"({"username":"admin","password":"wrong"})").connected());
  EXPECT_TRUE(look(R"({"username":"admin","password":"changeit"})").connected());
}

TEST_P(Instrumented, asks_for_the_password_again_when_the_session_is_over) {
  start({.auth = BasicAuth{"admin", changeit}, .store = {.session_duration = 60s}});
  auto const session = look(R"({"username":"admin","password":"changeit"})").last<std::string>("session");
  ASSERT_TRUE(session);
  auto const auth = R"({"sessionId":")" + *session + R"("})";
  harness->advance(59s);
  EXPECT_TRUE(look(auth).connected());
  harness->advance(1s);
  EXPECT_FALSE(look(auth).connected());
}

// ---- what may be done

std::vector<std::string> features(FakeClient const& admin) {
  auto const config = admin.last<RawJson>("config");
  if (!config) return {};
  return ArgView(config->text)["supportedFeatures"].as<std::vector<std::string>>().value_or(std::vector<std::string>{});
}

TEST_P(Instrumented, says_what_can_be_done) {
  start();
  EXPECT_THAT(features(look()), ElementsAre("EMIT", "JOIN", "LEAVE", "DISCONNECT", "MJOIN", "MLEAVE", "MDISCONNECT",
                                            "AGGREGATED_EVENTS", "ALL_EVENTS"));
}

TEST_P(Instrumented, says_that_nothing_can_be_done_when_it_is_read_only) {
  start({.auth = NoAuth{}, .readonly = true});
  auto const client = on_worker(0);
  auto const admin = look();
  EXPECT_THAT(features(admin), ElementsAre("AGGREGATED_EVENTS", "ALL_EVENTS"));
  admin.forget();
  admin.emit("emit", "/", nullptr, "hello");
  admin.emit("join", "/", "room");
  admin.emit("_disconnect", "/", true);
  EXPECT_TRUE(client.connected());
  EXPECT_THAT(client.heard(), IsEmpty());
  EXPECT_THAT(admin.received("room_joined"), IsEmpty());
}

TEST_P(Instrumented, tells_only_counts_in_production) {
  start({.auth = NoAuth{}, .mode = AdminOptions::Mode::production});
  auto const before = on_worker(0);
  auto const admin = look();
  EXPECT_EQ(features(admin).back(), "AGGREGATED_EVENTS");
  EXPECT_THAT(features(admin), SizeIs(8));
  auto const client = on_worker(1);
  client.emit("hello");
  client.disconnect();
  io.emit("all");
  harness->advance(2s);
  for (auto const& heard : admin.heard())
    EXPECT_TRUE(heard.event == "config" || heard.event == "server_stats") << heard.event;
  EXPECT_THAT(admin.received("server_stats"), Not(IsEmpty()));
}

// ---- actions

TEST_P(Instrumented, does_what_it_is_told_to_all_or_some_sockets_of_all_workers) {
  start();
  std::vector<FakeClient> clients;
  for (unsigned i = 0; i < 4; ++i) clients.push_back(on_worker(i));
  auto const elsewhere = on_worker(1, "/admin");
  auto const admin = look();

  admin.emit("emit", "/", nullptr, "to all", 1, "two", Binary("3"));
  for (auto const& client : clients) {
    EXPECT_THAT(client.received("to all"), ElementsAre(R"(1,"two",{"_placeholder":true,"num":0})"));
    EXPECT_EQ(client.last<Binary>("to all", 2), Binary("3"));
  }
  admin.emit("join", "/", "room", clients[1].id());
  admin.emit("join", "/", "room", clients[2].id());
  admin.emit("emit", "/", "room", "to some");
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_THAT(clients[i].received("to some"), SizeIs(i == 1 || i == 2 ? 1 : 0)) << i;
  EXPECT_THAT(story(admin, {"room_joined"}), IsSupersetOf({"room_joined /,room", "room_joined /,room"}));

  admin.emit("leave", "/", "room", clients[1].id());
  admin.emit("emit", "/", std::vector<std::string>{"room", clients[3].id()}, "to other some");
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_THAT(clients[i].received("to other some"), SizeIs(i == 2 || i == 3 ? 1 : 0)) << i;

  admin.emit("_disconnect", "/", false, clients[0].id());
  EXPECT_EQ(clients[0].disconnected(), "io server disconnect");
  admin.emit("_disconnect", "/", true, "room");
  EXPECT_TRUE(clients[2].disconnected());
  EXPECT_TRUE(clients[1].connected());
  admin.emit("join", "/", "everybody", "");
  admin.emit("leave", "/", "everybody");
  admin.emit("_disconnect", "/", true);
  EXPECT_TRUE(clients[1].disconnected());
  EXPECT_TRUE(clients[3].disconnected());
  EXPECT_TRUE(elsewhere.connected());
  EXPECT_TRUE(admin.connected());
}

TEST_P(Instrumented, ignores_what_is_no_action) {
  start();
  auto const client = on_worker(1);
  auto const admin = look();
  for (char const* const args :
       {R"(["emit"])", R"(["emit",1])", R"(["emit","/"])", R"(["emit","/",null,7])",
        R"(["emit","/",null,"disconnect"])", R"(["emit","/",null,"connect"])", R"(["emit","/",7,"x"])",
        R"(["emit","/",{},"x"])", R"(["emit","/",[],"x"])", R"(["emit","~^/x$",null,"x"])", R"(["emit","",null,"x"])",
        R"(["join","/"])", R"(["join","/",{}])", R"(["leave","/",5])", R"(["_disconnect"])",
        R"(["_disconnect",null,true])", R"(["_disconnect","/",true,[1]])", R"(["emit","/nowhere",null,"x"])",
        R"(["_disconnect","/nowhere",true])"})
    admin.send_raw("2/admin," + std::string(args));
  EXPECT_TRUE(client.connected());
  EXPECT_THAT(client.heard(), IsEmpty());
  EXPECT_TRUE(admin.connected());
  auto const stats = admin.last<RawJson>("server_stats");
  EXPECT_THAT(stats->text, Not(HasSubstr("nowhere"))) << "no namespace is made by it";
}

TEST_P(Instrumented, may_be_told_to_disconnect_itself) {
  start();
  auto const admin = look(), other = look();
  admin.emit("_disconnect", "/admin", true, admin.id());
  EXPECT_TRUE(admin.disconnected());
  EXPECT_THAT(story(other, {"socket_disconnected"}), ElementsAre("socket_disconnected /admin," + admin.id()));
  EXPECT_TRUE(other.connected());
}

}  // namespace
}  // namespace chorus::admin
