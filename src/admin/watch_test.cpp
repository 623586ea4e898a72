// What the Admin UI is told of a server.
#include "admin/watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "admin/test_support.hpp"

namespace chorus::admin {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class Watched : public Instrumented {};
INSTANTIATE_TEST_SUITE_P(Workers, Watched, ::testing::Values(1u, 3u));

constexpr char const* date = "\"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{12}Z\"";

// ---- who is there

TEST_P(Watched, lists_all_sockets_of_all_workers_to_who_begins_to_look) {
  start();
  std::vector<FakeClient> clients;
  for (unsigned i = 0; i < 6; ++i) clients.push_back(on_worker(i));
  io.on("hall", [](Socket const& socket) { socket.join("hall"); });
  clients[4].emit("hall");
  auto const admin = look();
  auto const sockets = admin.last<RawJson>("all_sockets");
  ASSERT_TRUE(sockets);
  std::vector<std::string> ids, expected;
  for (ArrayCursor c{ArgView(sockets->text)}; auto const each = c.next();) {
    ids.push_back((*each)["id"].as<std::string>().value_or("?"));
    EXPECT_EQ((*each)["transport"].as<std::string>(), "websocket");
    EXPECT_THAT((*each)["clientId"].as<std::string>().value_or(""), SizeIs(12));
    EXPECT_TRUE((*each)["handshake"]["auth"].is_missing());
    auto const rooms = (*each)["rooms"].as<std::vector<std::string>>().value_or(std::vector<std::string>{});
    if (ids.back() == clients[4].id())
      EXPECT_THAT(rooms, UnorderedElementsAre(ids.back(), "hall"));
    else
      EXPECT_THAT(rooms, ElementsAre(ids.back()));
  }
  for (auto const& client : clients) expected.push_back(client.id());
  expected.push_back(admin.id());
  EXPECT_THAT(ids, ::testing::UnorderedElementsAreArray(expected));
  // As the reference has it: of itself it is told before.
  EXPECT_THAT(story(admin, {"socket_connected"}), ElementsAre("socket_connected " + admin.id()));
}

TEST_P(Watched, leaves_out_sockets_that_are_too_many) {
  start({.auth = NoAuth{}, .sockets_bytes_max = 2'000});
  std::vector<FakeClient> clients;
  for (unsigned i = 0; i < 40; ++i) clients.push_back(on_worker(i));
  auto const sockets = look().last<RawJson>("all_sockets");
  ASSERT_TRUE(sockets);
  EXPECT_LT(sockets->text.size(), 4'000u);
  EXPECT_GT(ArgView(sockets->text).size(), 1u);
  EXPECT_LT(ArgView(sockets->text).size(), 40u);
}

TEST_P(Watched, tells_of_a_socket_from_its_coming_to_its_end) {
  start();
  std::optional<Socket> server_side;
  io.on_connection([&](Socket const& socket) { server_side = socket; });
  io.on("move", [](Socket const& socket) {
    socket.join("a");
    socket.join("b");
    socket.join("b");
    socket.leave("a");
    socket.set_data(std::vector{1, 2});
  });
  auto const admin = look();
  admin.forget();
  auto const client = on_worker(1);
  client.emit("move");
  auto const id = client.id();
  client.disconnect();
  EXPECT_THAT(story(admin, {"room_joined", "room_left", "socket_connected", "socket_disconnected", "socket_updated"}),
              ElementsAre("room_joined /," + id, "socket_connected " + id, "room_joined /,a", "room_joined /,b",
                          "room_left /,a", "socket_updated " + id, "socket_disconnected /," + id, "room_left /,b",
                          "room_left /," + id));
  EXPECT_THAT(admin.received("socket_disconnected"),
              ElementsAre(MatchesRegex("\"/\",\"" + id + "\",\"client namespace disconnect\"," + date)));
  EXPECT_THAT(admin.received("room_left").front(), MatchesRegex("\"/\",\"a\",\"" + id + "\"," + date));
  EXPECT_THAT(admin.received("socket_updated"), ElementsAre(R"({"id":")" + id + R"(","nsp":"/","data":[1,2]})"));
  EXPECT_THAT(admin.received("socket_connected").front(), EndsWith("Z\""));
}

TEST_P(Watched, tells_of_namespaces_that_come_later) {
  start();
  io.of_pattern("^/dynamic-[0-9]+$");
  auto const admin = look();
  admin.forget();
  auto const client = on_worker(2, "/dynamic-101");
  ASSERT_TRUE(client.connected());
  auto const told = admin.last<RawJson>("socket_connected");
  ASSERT_TRUE(told);
  EXPECT_EQ(ArgView(told->text)["nsp"].as<std::string>(), "/dynamic-101");
  EXPECT_EQ(ArgView(told->text)["id"].as<std::string>(), client.id());
}

TEST_P(Watched, shows_no_more_of_the_session_id_than_names_a_client) {
  start();
  auto const admin = look();
  std::string secret;
  io.on_connection([&](Socket const& socket) { secret = socket.conn().secret_id(); });
  auto const client = on_worker(0);
  ASSERT_THAT(secret, SizeIs(32));
  auto const told = admin.last<RawJson>("socket_connected");
  ASSERT_TRUE(told);
  EXPECT_EQ(ArgView(told->text)["clientId"].as<std::string>(), secret.substr(0, 12));
  for (auto const& heard : admin.heard()) EXPECT_THAT(heard.args.text, Not(HasSubstr(secret.substr(0, 13))));
}

TEST_P(Watched, fetch_sockets_tells_what_names_the_client_to_other_nodes) {
  start();
  auto const client = on_worker(1);
  std::string data;
  io.fetch_sockets([&](std::vector<SocketInfo> const& all) { data = all.at(0).data_json; });
  harness->settle();
  EXPECT_THAT(data, MatchesRegex(R"(\{"_admin":\{"clientId":"[A-Za-z0-9_-]{12}","transport":"websocket"\}\})"));
}

// ---- what is said

TEST_P(Watched, tells_of_events_in_both_directions) {
  start();
  io.on("add", [](Socket const& socket, int a, int b, Ack ack) {
    ack(a + b);
    socket.emit("added", a, b);
    socket.broadcast().emit("others", Binary(std::string("\1\2", 2)));
  });
  auto const admin = look();
  auto const ann = on_worker(0), bob = on_worker(1);
  admin.forget();
  EXPECT_EQ(ann.emit_with_ack("add", 1, 2).text(), "3");
  EXPECT_THAT(admin.received("event_received"),
              ElementsAre(MatchesRegex("\"/\",\"" + ann.id() + R"(",\["add",1,2\],)" + date)));
  EXPECT_THAT(admin.received("event_sent"),
              UnorderedElementsAre(
                  MatchesRegex("\"/\",\"" + ann.id() + R"(",\["added",1,2\],)" + date),
                  MatchesRegex("\"/\",\"" + bob.id() + R"(",\["others",\{"_placeholder":true,"num":0\}\],)" + date)));
  for (auto const& heard : admin.heard()) {
    if (heard.event == "event_sent" && heard.as<std::string>(1) == bob.id()) {
      EXPECT_EQ(heard.args.view()[2][1].binary(), std::string("\1\2", 2));
    }
  }
}

TEST_P(Watched, tells_of_questions_and_of_what_is_emitted_as_they_come) {
  start();
  io.on_connection([](Socket const& socket) {
    socket.emit("welcome");
    socket.ask("sure?", 1s, [](Answer const&) {});
  });
  auto const admin = look();
  admin.forget();
  auto const client = on_worker(1);
  EXPECT_THAT(
      story(admin, {"socket_connected", "event_sent"}),
      ElementsAre("socket_connected " + client.id(), "event_sent /," + client.id(), "event_sent /," + client.id()));
}

TEST_P(Watched, tells_nothing_of_what_is_said_to_those_who_look) {
  start();
  auto const one = look(), other = look();
  io.of("/admin").emit("server_stats", RawJson{"{}"});
  one.emit("emit", "/", nullptr, "hello");
  for (auto const& admin : {one, other}) {
    EXPECT_THAT(admin.received("event_sent"), IsEmpty());
    EXPECT_THAT(admin.received("event_received"), IsEmpty());
  }
}

TEST_P(Watched, tells_how_much_too_great_an_event_was) {
  start({.auth = NoAuth{}, .event_bytes_max = 100});
  auto const client = on_worker(0);
  auto const admin = look();
  client.emit("small", std::string(90, 'x'));
  client.emit("great", std::string(101, 'x'));
  auto const told = admin.received("event_received");
  ASSERT_THAT(told, SizeIs(2));
  EXPECT_THAT(told[0], HasSubstr(std::string(90, 'x')));
  EXPECT_THAT(told[1], HasSubstr(R"x(["great","(103 bytes)"])x"));
}

TEST_P(Watched, tells_of_no_more_events_in_a_second_than_it_may) {
  start({.auth = NoAuth{}, .events_per_second_max = 10});
  auto const client = on_worker(0);
  auto const admin = look();
  for (int i = 0; i < 50; ++i) client.emit("event", i);
  EXPECT_THAT(admin.received("event_received"), SizeIs(10));
  harness->advance(1s);
  client.emit("event");
  EXPECT_THAT(admin.received("event_received"), SizeIs(11));
}

TEST_P(Watched, programs_listeners_hear_what_they_did) {
  std::vector<std::string> heard;
  io.on_connection([&](Socket const& socket) {
    socket.on_any([&](std::string_view event, Args const&) { heard.push_back("in " + std::string(event)); });
    socket.on_any_outgoing([&](std::string_view event, Args const&) { heard.push_back("out " + std::string(event)); });
  });
  io.on("ping", [](Socket const& socket) { socket.emit("pong"); });
  start();
  auto const admin = look();
  auto const client = on_worker(0);
  client.emit("ping");
  io.emit("all");
  harness->settle();
  EXPECT_THAT(heard, ElementsAre("in ping", "out pong", "out all"));
  EXPECT_THAT(admin.received("event_sent"), SizeIs(2));
}

// ---- counts

/// "packetsIn 3" of each type, summed over the seconds.
std::map<std::string, std::uint64_t> sums(FakeClient const& admin) {
  std::map<std::string, std::uint64_t> all;
  for (auto const& heard : admin.heard()) {
    if (heard.event != "server_stats") continue;
    for (ArrayCursor c(heard.args.view()[0]["aggregatedEvents"]); auto const each = c.next();) {
      auto type = (*each)["type"].as<std::string>().value_or("?");
      if (auto const reason = (*each)["subType"].as<std::string>()) type += ' ' + *reason;
      all[type] += (*each)["count"].as<std::uint64_t>().value_or(0);
      EXPECT_EQ((*each)["timestamp"].as<std::uint64_t>().value_or(1) % 1000, 0u);
    }
  }
  return all;
}

TEST_P(Watched, tells_every_two_seconds_how_it_fares) {
  start({.auth = NoAuth{}, .server_id = "this one"});
  auto const admin = look();
  EXPECT_THAT(admin.received("server_stats"), SizeIs(1)) << "nobody waits for the first";
  auto const before = sums(admin);
  harness->advance(1'999ms);
  EXPECT_THAT(admin.received("server_stats"), SizeIs(1));
  auto const ann = on_worker(0), bob = on_worker(1);
  ann.emit("hello", 1);  // 2["hello",1]
  io.emit("all");        // 2["all"], to two
  bob.disconnect();      // 1
  harness->advance(1ms);
  ASSERT_THAT(admin.received("server_stats"), SizeIs(2));

  auto const stats = admin.last<RawJson>("server_stats")->text;
  ArgView const view(stats);
  EXPECT_EQ(view["serverId"].as<std::string>(), "this one");
  EXPECT_EQ(view["pid"].as<int>(), ::getpid());
  EXPECT_TRUE(view["hostname"].as<std::string>());
  EXPECT_EQ(view["uptime"].as<double>(), 2.0);
  EXPECT_EQ(view["clientsCount"].as<int>(), 2);
  EXPECT_EQ(view["pollingClientsCount"].as<int>(), 0);
  EXPECT_EQ(view["namespaces"].raw(), R"([{"name":"/","socketsCount":1},{"name":"/admin","socketsCount":1}])");

  auto now = sums(admin);
  auto grown = [&](std::string const& type) { return now[type] - (before.contains(type) ? before.at(type) : 0); };
  EXPECT_EQ(grown("rawConnection"), 2u);
  EXPECT_EQ(now["rawDisconnection transport close"], 1u);
  EXPECT_EQ(grown("packetsIn"), 2u + 1u + 1u);  // CONNECT twice, hello, DISCONNECT
  EXPECT_EQ(grown("bytesIn"), 2u + 12u + 1u) << "0, 0, 2[\"hello\",1], 1";
  harness->advance(10s);
  EXPECT_THAT(admin.received("server_stats"), SizeIs(7));
}

TEST_P(Watched, counts_what_goes_out_once_for_each_receiver) {
  start({.auth = NoAuth{}, .mode = AdminOptions::Mode::production});
  auto const ann = on_worker(0), bob = on_worker(1), cid = on_worker(2);
  harness->advance(60s);  // what they were told when they came is forgotten
  io.emit("all", Binary("12345"));
  harness->settle();
  auto const admin = look();
  auto const told = sums(admin);
  // Each an event and its attachment; and what the one who looks is told: CONNECT and its config, before the counts.
  auto const event = std::string(R"(51-["all",{"_placeholder":true,"num":0}])").size() + 5;
  EXPECT_EQ(told.at("packetsOut"), 3u * 2u + 2u);
  EXPECT_GT(told.at("bytesOut"), 3 * event);
  EXPECT_LT(told.at("bytesOut"), 3 * event + 250);
}

TEST_P(Watched, nothing_wakes_while_nobody_looks) {
  start();
  auto const client = on_worker(0);
  {
    auto const admin = look();
    harness->advance(4s);
    EXPECT_THAT(admin.received("server_stats"), SizeIs(3));
    admin.disconnect();
  }
  for (int i = 0; i < 1000; ++i) client.emit("event", i);
  harness->advance(60s);
  auto const admin = look();
  EXPECT_THAT(admin.received("server_stats"), SizeIs(1));
  EXPECT_THAT(admin.received("event_received"), IsEmpty());
  EXPECT_EQ(sums(admin)["packetsIn"], 1u) << "its own CONNECT; the seconds before are forgotten";
}

// ---- while it begins to look

TEST_P(Watched, misses_nothing_and_hears_nothing_twice_while_it_begins_to_look) {
  // Each handler that hears of one who begins to look changes something on another worker: some before that worker has
  // listed its sockets, some behind.
  start();
  std::vector<FakeClient> clients;
  for (unsigned i = 0; i < 3; ++i) clients.push_back(on_worker(i));
  auto const first = look();
  io.of("/admin").on_connection([this](Socket const&) {
    io.sockets_join(std::vector<std::string>{"late"}, nullptr);
    io.to("late").emit("hello");
  });
  auto const admin = look();
  std::map<std::string, int> in_late;
  bool listed = false;
  for (auto const& heard : admin.heard()) {
    if (heard.event == "all_sockets") {
      listed = true;
      in_late.clear();
      for (ArrayCursor c(heard.args.view()[0]); auto const socket = c.next();) {
        auto const rooms = (*socket)["rooms"].as<std::vector<std::string>>().value_or(std::vector<std::string>{});
        for (auto const& room : rooms)
          if (room == "late") ++in_late[(*socket)["id"].as<std::string>().value_or("?")];
      }
    } else if (heard.event == "room_joined" && heard.as<std::string>(1) == "late") {
      ++in_late[heard.as<std::string>(2).value_or("?")];
    }
  }
  EXPECT_TRUE(listed);
  EXPECT_THAT(in_late, SizeIs(3));
  for (auto const& [id, times] : in_late) EXPECT_EQ(times, 1) << id;
}

}  // namespace
}  // namespace chorus::admin
