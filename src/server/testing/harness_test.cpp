// What users' tests are made of (chorus/testing.hpp): the whole of a server's handlers on one thread, by hand.
#include "server/testing/harness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "chorus/coroutine.hpp"
#include "chorus/server.hpp"

namespace chorus {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

ServerOptions with_workers(unsigned workers) { return {.workers = workers}; }

class HarnessTest : public ::testing::TestWithParam<unsigned> {
 protected:
  FakeClient on_worker(unsigned worker, std::string auth = {}) {
    return harness.connect({.auth = std::move(auth), .worker = worker % io.workers()});
  }

  Server io{with_workers(GetParam())};
  Harness harness{io};
};
INSTANTIATE_TEST_SUITE_P(Workers, HarnessTest, ::testing::Values(1u, 3u));

TEST_P(HarnessTest, what_follows_from_a_call_has_happened_when_it_returns) {
  io.on("add", [](Socket const& socket, int a, int b, Ack ack) {
    ack(a + b, "sum");
    socket.broadcast().emit("added", a, b);
  });
  auto const ann = on_worker(0), bob = on_worker(1);
  EXPECT_TRUE(ann.connected());
  EXPECT_FALSE(ann.id().empty());
  auto const sum = ann.emit_with_ack("add", 1, 2);
  EXPECT_TRUE(sum);
  EXPECT_EQ(sum.text(), R"(3,"sum")");
  EXPECT_EQ(sum.as<int>(), 3);
  EXPECT_THAT(bob.received("added"), ElementsAre("1,2"));
  EXPECT_EQ(bob.last<int>("added", 1), 2);
  EXPECT_THAT(ann.heard(), IsEmpty());
  EXPECT_FALSE(ann.emit_with_ack("unknown"));
  EXPECT_EQ(io.stats().packets_in, 2u);
  EXPECT_EQ(io.stats().events_unhandled, 1u);
  EXPECT_EQ(io.clients_count(), 2u);
}

TEST_P(HarnessTest, middlewares_let_in_and_refuse_and_users_are_addresses) {
  std::vector<std::string> presence;
  io.use([](Handshake const& hs) -> Admission {
    auto const name = hs.auth<std::string>("name");
    return name ? admit(UserId{*name}) : refuse("name missing", std::vector{4, 2});
  });
  io.of("/").on_presence([&](Presence const& p) {
    presence.push_back(p.user.value + (p.online ? " on " : " off ") + std::to_string(p.devices.size()));
  });
  auto const nobody = on_worker(0);
  EXPECT_FALSE(nobody.connected());
  EXPECT_EQ(nobody.connect_error()->message, "name missing");
  EXPECT_EQ(nobody.connect_error()->data_json, "[4,2]");
  auto const phone = on_worker(0, R"({"name":"ann"})"), computer = on_worker(1, R"({"name":"ann"})");
  auto const other = on_worker(2, R"({"name":"bob"})");
  io.user(UserId{"ann"}).emit("hello", "both");
  EXPECT_THAT(phone.received("hello"), ElementsAre(R"("both")"));
  EXPECT_THAT(computer.received("hello"), ElementsAre(R"("both")"));
  EXPECT_THAT(other.received("hello"), IsEmpty());
  phone.disconnect();
  computer.lose_connection();
  EXPECT_THAT(presence, ElementsAre("ann on 1", "ann on 2", "bob on 1", "ann on 1", "ann off 0"));
  EXPECT_EQ(io.clients_count(), 1u);
}

TEST_P(HarnessTest, a_client_brings_what_its_request_would) {
  std::string seen;
  io.on_connection([&](Socket const& socket) {
    auto const& hs = socket.handshake();
    seen = std::string(hs.header("user-agent")) + " " + std::string(hs.query("room").value_or("")) + " " +
           std::string(hs.url()) + " " + std::string(hs.address()) + " " + std::string(socket.transport());
  });
  harness.connect({.headers = {{"User-Agent", "test"}}, .query = {{"room", "a&b"}}, .address = "192.0.2.7"});
  EXPECT_EQ(seen, "test a&b /socket.io/?EIO=4&transport=websocket&room=a%26b 192.0.2.7 websocket");
}

TEST_P(HarnessTest, questions_of_the_server_are_answered_by_hand_or_time_out) {
  std::vector<std::string> story;
  io.on("invite", [&](Socket socket, std::string whom) -> Task<> {
    auto const answer = co_await socket.emit_with_ack(10s, "invited", whom);
    story.push_back(answer ? std::string(answer.args.text) : "none");
    co_await sleep(5s);
    socket.emit("done", whom);
  });
  auto const ann = on_worker(1);
  EXPECT_FALSE(ann.answer("invited", "too early"));
  ann.emit("invite", "bob");
  EXPECT_THAT(ann.received("invited"), ElementsAre(R"("bob")"));
  EXPECT_TRUE(ann.answer("invited", "yes", 1));
  EXPECT_FALSE(ann.answer("invited", "twice"));
  EXPECT_THAT(story, ElementsAre(R"("yes",1)"));
  harness.advance(4'999ms);
  EXPECT_THAT(ann.received("done"), IsEmpty());
  harness.advance(1ms);
  EXPECT_THAT(ann.received("done"), ElementsAre(R"("bob")"));
  ann.emit("invite", "eve");
  harness.advance(10s);
  EXPECT_THAT(story, ElementsAre(R"("yes",1)", "none"));
  EXPECT_EQ(harness.elapsed(), 15s);
}

TEST_P(HarnessTest, what_is_offloaded_runs_on_the_tests_thread_and_its_result_or_error_comes_back) {
  auto const thread = std::this_thread::get_id();
  io.on("work", [thread](Socket, int n, Ack ack) -> Task<> {
    auto const work = [thread](int x) {
      if (x < 0) throw std::runtime_error("negative");
      return std::this_thread::get_id() == thread ? 2 * x : 0;
    };
    try {
      ack(co_await offload(work, n));
    } catch (std::runtime_error const& error) {
      ack(error.what());
    }
  });
  auto const client = on_worker(1);
  EXPECT_EQ(client.emit_with_ack("work", 4).as<int>(), 8);
  EXPECT_EQ(client.emit_with_ack("work", -1).as<std::string>(), "negative");
}

TEST_P(HarnessTest, who_answers_pings_stays_and_who_is_silent_times_out_at_once) {
  std::vector<std::string> gone;
  io.on_disconnect([&](Socket const&, std::string_view reason) { gone.emplace_back(reason); });
  auto const lively = on_worker(0), silent = on_worker(1);
  harness.advance(1h);
  EXPECT_TRUE(silent.connected());
  silent.go_silent();
  io.emit("to all");
  EXPECT_THAT(lively.received("to all"), SizeIs(1));
  EXPECT_THAT(silent.received("to all"), IsEmpty());
  harness.advance(45s - 1ms);
  EXPECT_THAT(gone, IsEmpty());
  harness.advance(1ms);
  EXPECT_THAT(gone, ElementsAre("ping timeout"));
  EXPECT_TRUE(lively.connected());
}

TEST_P(HarnessTest, ends_are_told_to_both_sides_in_their_words) {
  std::vector<std::string> gone;
  io.on_disconnect([&](Socket const&, std::string_view reason) { gone.emplace_back(reason); });
  io.on("kick me", [](Socket const& socket) { socket.disconnect(true); });
  auto const leaver = on_worker(0), loser = on_worker(1), kicked = on_worker(2), wrong = on_worker(0);
  EXPECT_FALSE(leaver.disconnected());
  leaver.disconnect();
  loser.lose_connection();
  kicked.emit("kick me");
  wrong.send_raw("2{}");
  EXPECT_EQ(leaver.disconnected(), "io client disconnect");
  EXPECT_EQ(loser.disconnected(), "transport close");
  EXPECT_EQ(kicked.disconnected(), "io server disconnect");
  EXPECT_EQ(wrong.disconnected(), "transport close");
  EXPECT_THAT(gone, ElementsAre("client namespace disconnect", "transport close", "server namespace disconnect",
                                "forced close"));
  EXPECT_EQ(io.clients_count(), 0u);
  kicked.emit("kick me");
  kicked.reconnect();
  EXPECT_TRUE(kicked.connected());
  EXPECT_FALSE(kicked.disconnected());
  EXPECT_EQ(io.clients_count(), 1u);
}

TEST_P(HarnessTest, a_verdict_may_come_late_from_another_thread_or_never) {
  std::vector<Verdict> verdicts;
  io.use([&](Socket const&, Verdict verdict) { verdicts.push_back(std::move(verdict)); });
  auto const late = on_worker(0), never = on_worker(1);
  EXPECT_FALSE(late.connected());
  std::thread([&] { verdicts[0](admit()); }).join();
  EXPECT_TRUE(late.connected());
  harness.advance(30s);
  EXPECT_EQ(never.connect_error()->message, "Admission timed out");
}

TEST_P(HarnessTest, attachments_travel_both_ways) {
  io.on("echo", [](Socket const& socket, int n, Binary data, Ack ack) {
    socket.emit("echo", n, data, data);
    ack(data);
  });
  auto const client = on_worker(2);
  Binary const bytes(std::string("ab\0c", 4));
  auto const answer = client.emit_with_ack("echo", 1, bytes);
  EXPECT_EQ(answer.as<Binary>(), bytes);
  EXPECT_EQ(client.last<Binary>("echo", 2), bytes);
}

TEST_P(HarnessTest, joins_rooms_and_namespaces_are_those_of_all_workers) {
  io.of_pattern("^/room-.*$").on("say", [](Socket const& socket, std::string text) {
    socket.broadcast().emit("said", socket.nsp(), text);
  });
  io.on("join", [](Socket const& socket, std::string room) { socket.join(room); });
  std::vector<FakeClient> clients;
  for (unsigned i = 0; i < 6; ++i) clients.push_back(on_worker(i));
  for (unsigned i = 0; i < 6; i += 2) clients[i].emit("join", "even");
  io.to("even").except("odd").emit("x");
  for (unsigned i = 0; i < 6; ++i) EXPECT_THAT(clients[i].received("x"), SizeIs(i % 2 == 0 ? 1 : 0)) << i;
  auto const one = harness.connect({.nsp = "/room-1", .worker = 0});
  auto const two = harness.connect({.nsp = "/room-1", .worker = io.workers() - 1});
  auto const none = harness.connect({.nsp = "/none"});
  one.emit("say", "hi");
  EXPECT_THAT(two.received("said"), ElementsAre(R"("/room-1","hi")"));
  EXPECT_EQ(none.connect_error()->message, "Invalid namespace");
}

TEST_P(HarnessTest, what_other_threads_emit_happens_in_the_next_call) {
  auto const client = on_worker(1);
  std::thread([&] { io.emit("from afar", 1); }).join();
  EXPECT_THAT(client.received("from afar"), ElementsAre("1"));
  io.emit("from here", 2);
  EXPECT_THAT(client.received("from here"), ElementsAre("2"));
  client.forget();
  EXPECT_THAT(client.heard(), IsEmpty());
}

TEST_P(HarnessTest, handlers_may_look_at_clients_and_speak_for_them) {
  auto const client = on_worker(0);
  io.on("first", [&](Socket const& socket) {
    client.emit("second");
    socket.emit("heard", client.heard().size());
  });
  io.on("second", [&](Socket const& socket) { socket.emit("heard", client.heard().size()); });
  client.emit("first");
  EXPECT_THAT(client.received("heard"), ElementsAre("0", "0"));
}

TEST(Harness, a_client_that_comes_back_goes_on_where_it_was_until_that_has_expired) {
  ServerOptions options{.workers = 2};
  options.connection_state_recovery.max_disconnection = 2min;
  Server io(options);
  io.on_connection([](Socket const& socket) {
    if (!socket.recovered()) socket.join("room");
  });
  Harness harness(io);
  auto const client = harness.connect({.auth = R"({"a":1})", .worker = 1});
  auto const first_id = client.id();
  io.to("room").emit("n", 1);
  client.lose_connection();
  io.to("room").emit("n", 2);
  harness.advance(119s);
  client.reconnect();
  EXPECT_TRUE(client.recovered());
  EXPECT_EQ(client.id(), first_id);
  EXPECT_THAT(client.received("n"), ElementsAre(StartsWith("1,"), StartsWith("2,")));

  client.go_silent();  // the server has not noticed when it comes back
  io.to("room").emit("n", 3);
  client.reconnect();
  EXPECT_TRUE(client.recovered());
  EXPECT_EQ(client.last<int>("n"), 3);

  client.lose_connection();
  harness.advance(3min);
  client.reconnect();
  EXPECT_FALSE(client.recovered());
  EXPECT_TRUE(client.connected());
  EXPECT_EQ(io.stats().recovery.recovered, 2u);
  EXPECT_EQ(io.stats().recovery.unknown_session, 1u);
}

TEST(Harness, runs_the_same_way_each_time) {
  auto const run = [] {
    std::string story;
    Server io({.workers = 3});
    io.on_connection([&](Socket const& socket) {
      socket.join("all");
      story += "c" + std::to_string(socket.worker());
    });
    io.on("go", [&](Socket socket) -> Task<> {
      for (int i = 0; i < 3; ++i) {
        co_await sleep(1s);
        socket.to("all").emit("n", i);
        story += std::to_string(socket.worker());
      }
    });
    Harness harness(io);
    std::vector<FakeClient> clients;
    for (int i = 0; i < 6; ++i) clients.push_back(harness.connect());
    for (auto const& client : clients) client.emit("go");
    harness.advance(5s);
    for (auto const& client : clients)
      for (auto const& heard : client.heard()) story += heard.args.text;
    return story;
  };
  auto const first = run();
  EXPECT_THAT(first, StartsWith("c0c1c2c0c1c2"));
  EXPECT_EQ(run(), first);
}

TEST(Harness, two_of_them_do_not_meet) {
  Server one({.workers = 1}), other({.workers = 1});
  Harness first(one), second(other);
  auto const here = first.connect(), there = second.connect();
  one.emit("x");
  first.advance(10s);
  EXPECT_THAT(here.received("x"), SizeIs(1));
  EXPECT_THAT(there.received("x"), IsEmpty());
  EXPECT_EQ(second.elapsed(), 0s);
}

TEST(Harness, handles_that_outlive_it_do_nothing) {
  Server io({.workers = 1});
  std::optional<Socket> socket;
  io.on_connection([&](Socket const& s) { socket = s; });
  io.on("wait", [](Socket) -> Task<> { co_await sleep(1h); });
  std::optional<FakeClient> client;
  {
    Harness harness(io);
    client = harness.connect();
    client->emit("wait");
    io.emit("x", 1);
    harness.settle();
  }
  socket->emit("y");
  io.emit("z");
  client->emit("wait");
  client->reconnect();
  EXPECT_THAT(client->received("x"), ElementsAre("1"));
  EXPECT_THAT(client->heard(), SizeIs(1));
}

TEST(Harness, says_what_it_cannot_do) {
  ServerOptions options{.workers = 1};
  options.redis.url = "redis://localhost";
  Server io(options);
  EXPECT_THROW(Harness{io}, std::runtime_error);
}

TEST(HarnessDeathTest, time_is_not_moved_from_within_a_handler) {
  auto const misuse = [] {
    Server io({.workers = 1});
    Harness harness(io);
    io.on("x", [&](Socket const&) { harness.advance(1s); });
    harness.connect().emit("x");
  };
  EXPECT_DEATH(misuse(), "time is moved outside of handlers");
}

}  // namespace
}  // namespace chorus
