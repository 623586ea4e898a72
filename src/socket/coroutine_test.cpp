// Handlers and middlewares that are coroutines: what they wait for, and what ends meanwhile.
#include "chorus/coroutine.hpp"

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
using ::testing::SizeIs;
using ::testing::StartsWith;
using namespace std::chrono_literals;

using Log = std::vector<std::string>;

// What would be gone when it is looked at is refused where it is registered.
static_assert(detail::are_values<std::tuple<Socket, std::string, Ack, OwnedArgs, RawJson>>);
static_assert(!detail::are_values<std::tuple<Socket const&>>);
static_assert(!detail::are_values<std::tuple<Socket, std::string_view>>);
static_assert(!detail::are_values<std::tuple<Socket, Args>>);
static_assert(!detail::are_values<std::tuple<Socket, ArgView>>);
static_assert(detail::is_coroutine<Task<> (*)(Socket)>);
static_assert(!detail::is_coroutine<void (*)(Socket)>);
static_assert(detail::is_safe_in_co_await<int (*)(std::string)>);
static_assert(detail::is_safe_in_co_await<std::string> == !detail::destroys_captures_twice);
static_assert(detail::is_safe_in_co_await<std::string&>);

class Coroutines : public ::testing::Test {
 protected:
  HubWorld world;
  Log log;
};

TEST_F(Coroutines, SK33_ST5_a_handler_waits_for_its_clients_answer) {
  world.of("/").on("ask me", [](Socket s, std::string text, Ack ack) -> Task<> {
    auto const answer = co_await s.emit_with_ack(1s, "q", text);
    ack(answer.as<int>(), answer.args.view()[1]);
  });
  ClientWorld client(world);
  client.say("0");
  EXPECT_THAT(client.say(R"(27["ask me","how many?"])"), ElementsAre(R"(20["q","how many?"])"));
  EXPECT_THAT(client.say(R"(30[5,"apples"])"), ElementsAre(R"(37[5,"apples"])"));
}

TEST_F(Coroutines, a_server_that_is_alone_counts_one_at_once) {
  world.of("/").on("x", [this](Socket) -> Task<> {
    auto const count = co_await world.of("/").server_count();
    log.push_back(count ? std::to_string(count.servers) : count.error);
  });
  ClientWorld client(world);
  client.say("0");
  client.say(R"(2["x"])");
  EXPECT_THAT(log, ElementsAre("1"));
  world.of("/").server_count([this](ServerCount const& count) { log.push_back(std::to_string(count.servers)); });
  EXPECT_THAT(log, ElementsAre("1", "1"));
}

TEST_F(Coroutines, ST4_no_answer_in_time_is_a_value) {
  world.of("/").on("x", [this](Socket s) -> Task<> {
    auto const answer = co_await s.timeout(100ms).emit_with_ack("q");
    log.push_back(answer.error == AskError::timeout ? "timeout" : "?");
  });
  ClientWorld client(world);
  client.say("0");
  client.say(R"(2["x"])");
  world.timers.advance(1s);
  EXPECT_THAT(log, ElementsAre("timeout"));
}

TEST_F(Coroutines, a_socket_that_ends_meanwhile_is_told_and_its_handle_does_nothing) {
  world.of("/").on("x", [this](Socket s) -> Task<> {
    auto const answer = co_await s.emit_with_ack(1s, "q");
    log.push_back(answer.error == AskError::disconnected ? "disconnected" : "?");
    log.push_back(s.emit("y") == chorus::Sent::dropped ? "dropped" : "?");
    auto const again = co_await s.emit_with_ack(1s, "q");
    log.push_back(again.error == AskError::disconnected ? "disconnected" : "?");
  });
  ClientWorld client(world);
  client.say("0");
  client.say(R"(2["x"])");
  client.engine.hang_up(9);
  EXPECT_THAT(log, ElementsAre("disconnected", "dropped", "disconnected"));
}

TEST_F(Coroutines, what_comes_at_once_costs_no_depth_of_the_stack) {
  Socket gone;
  world.of("/").on_connection([&](Socket const& s) { gone = s; });
  {
    ClientWorld client(world);
    client.say("0");
    client.engine.hang_up(9);
  }
  int rounds = 0;
  world.of("/run").on_connection([&](Socket) -> Task<> {
    for (; rounds < 200'000; ++rounds) co_await gone.emit_with_ack(1s, "q");
  });
  ClientWorld client(world);
  client.say("0/run,");
  EXPECT_EQ(rounds, 200'000);
}

TEST_F(Coroutines, sleep_ends_when_its_time_is_over_and_not_before) {
  world.of("/").on("x", [this](Socket, int n) -> Task<> {
    co_await sleep(std::chrono::milliseconds(n));
    log.push_back(std::to_string(n));
  });
  ClientWorld client(world);
  client.say("0");
  client.say(R"(2["x",200])");
  client.say(R"(2["x",100])");
  EXPECT_THAT(log, IsEmpty());
  world.timers.advance(150ms);
  EXPECT_THAT(log, ElementsAre("100"));
  world.timers.advance(150ms);
  EXPECT_THAT(log, ElementsAre("100", "200"));
  (void)sleep(1ms);
  EXPECT_EQ(world.timers.armed(), 0u);  // a sleep that nobody waits for is none
}

TEST_F(Coroutines, what_a_task_throws_is_counted_and_the_socket_lives) {
  world.of("/").on("at once", [](Socket) -> Task<> {
    throw std::runtime_error("boom");
    co_return;
  });
  world.of("/").on("later", [](Socket) -> Task<> {
    co_await sleep(1ms);
    throw std::runtime_error("boom");
  });
  world.of("/").on("ok", [](Socket s) -> Task<> {
    s.emit("ok");
    co_return;
  });
  ClientWorld client(world);
  client.say("0");
  client.say(R"(2["at once"])");
  client.say(R"(2["later"])");
  world.timers.advance(10ms);
  EXPECT_THAT(client.say(R"(2["ok"])"), ElementsAre(R"(2["ok"])"));
  EXPECT_EQ(world.hub.counters().handler_errors.get(), 2u);
}

Task<int> twice(int n) {
  co_await sleep(10ms);
  if (n < 0) throw std::runtime_error("negative");
  co_return 2 * n;
}

TEST_F(Coroutines, a_task_may_wait_for_another_and_have_its_result_or_what_it_threw) {
  world.of("/").on("x", [this](Socket, int n) -> Task<> {
    try {
      log.push_back(std::to_string(co_await twice(n)));
    } catch (std::runtime_error const& error) {
      log.push_back(error.what());
    }
  });
  ClientWorld client(world);
  client.say("0");
  client.say(R"(2["x",4])");
  client.say(R"(2["x",-4])");
  world.timers.advance(20ms);
  EXPECT_THAT(log, ElementsAre("8", "negative"));
  EXPECT_EQ(world.hub.counters().handler_errors.get(), 0u);
}

TEST_F(Coroutines, a_task_that_is_dropped_runs_on_by_itself) {
  auto later = [](Log* log) -> Task<int> {
    co_await sleep(10ms);
    log->push_back("later");
    co_return 1;
  };
  { auto const dropped = later(&log); }
  world.timers.advance(20ms);
  EXPECT_THAT(log, ElementsAre("later"));
}

TEST_F(Coroutines, captures_live_as_long_as_the_task_although_its_handler_was_removed) {
  auto const held = std::make_shared<int>(7);
  auto nsp = world.of("/");
  auto const id = nsp.on("x", [this, held](Socket) -> Task<> {
    co_await sleep(10ms);
    log.push_back(std::to_string(*held));
  });
  ClientWorld client(world);
  client.say("0");
  client.say(R"(2["x"])");
  nsp.off(id);
  world.deliver_letters();
  world.hub.end_of_turn();
  EXPECT_GT(held.use_count(), 1);
  world.timers.advance(20ms);
  EXPECT_THAT(log, ElementsAre("7"));
  EXPECT_EQ(held.use_count(), 1);
}

/// Says when it ends.
struct Local {
  Log& log;
  ~Local() { log.push_back("ended"); }
};

TEST(CoroutineEnd, tasks_that_wait_when_the_server_ends_are_destroyed_where_they_wait) {
  Log log;
  auto const held = std::make_shared<int>(0);
  {
    HubWorld world;
    auto inner = [](Log* log) -> Task<> {
      Local const local{*log};
      co_await sleep(1h);
      log->push_back("never");
    };
    world.of("/").on("x", [&log, held, inner](Socket s) -> Task<> {
      Local const local{log};
      co_await inner(&log);
      s.emit("never");
    });
    world.of("/").on("ask", [&log, held](Socket s) -> Task<> {
      Local const local{log};
      co_await s.broadcast().emit_with_ack("q");
      log.push_back("answered");
      co_await s.broadcast().sockets_join("room");
      co_await sleep(1h);
    });
    ClientWorld client(world), other(world);
    client.say("0");
    other.say("0");
    client.say(R"(2["x"])");
    client.say(R"(2["ask"])");
    other.say("30[1]");
  }
  EXPECT_THAT(log, ElementsAre("answered", "ended", "ended", "ended"));
  EXPECT_EQ(held.use_count(), 1);
}

TEST_F(Coroutines, MM17_MM18_a_broadcasts_answers_are_awaited_partial_ones_too) {
  world.of("/").on("x", [this](Socket s) -> Task<> {
    auto const all = co_await s.broadcast().timeout(100ms).emit_with_ack("q");
    log.push_back(std::to_string(all.answers.size()) + (all.complete ? " complete" : " partial"));
  });
  ClientWorld asker(world), one(world), two(world);
  for (auto* const client : {&asker, &one, &two}) client->say("0");
  asker.say(R"(2["x"])");
  one.say("30[1]");
  two.say("30[2]");
  asker.say(R"(2["x"])");
  two.say("31[2]");
  world.timers.advance(1s);
  EXPECT_THAT(log, ElementsAre("2 complete", "1 partial"));
}

TEST_F(Coroutines, UM1_UM4_UM6_UM8_utilities_are_awaited) {
  auto nsp = world.of("/");
  nsp.on("x", [this, nsp](Socket) -> Task<> {
    log.push_back(std::to_string((co_await nsp.fetch_sockets()).size()));
    std::vector<std::string> const rooms{"a", "b"};
    co_await nsp.sockets_join(rooms);
    log.push_back(std::to_string((co_await nsp.to("a").all_sockets()).size()));
    co_await nsp.sockets_leave("a");
    log.push_back(std::to_string((co_await nsp.to("a").fetch_sockets()).size()));
    for (auto const& info : co_await nsp.fetch_sockets()) info.emit("hello");
    co_await nsp.disconnect_sockets();
    log.push_back(std::to_string((co_await nsp.all_sockets()).size()));
  });
  ClientWorld client(world), other(world);
  client.say("0");
  other.say("0");
  other.heard();
  client.say(R"(2["x"])");
  EXPECT_THAT(log, ElementsAre("2", "2", "0", "0"));
  EXPECT_THAT(other.heard(), ElementsAre(R"(2["hello"])", "1"));
}

TEST_F(Coroutines, MW5_a_namespaces_middleware_may_wait) {
  auto nsp = world.of("/");
  nsp.use([](Socket s) -> Task<Admission> {
    co_await sleep(10ms);
    if (s.handshake().auth<std::string>("token") == "boom") throw std::runtime_error("boom");
    co_return s.handshake().auth<std::string>("token") == "x" ? admit() : refuse("no token");
  });
  nsp.use([this](Handshake) -> Task<Admission> {
    log.push_back("second");
    co_return admit();
  });
  ClientWorld client(world), refused(world), unlucky(world);
  EXPECT_THAT(client.say(R"(0{"token":"x"})"), IsEmpty());
  refused.say("0");
  unlucky.say(R"(0{"token":"boom"})");
  world.timers.advance(20ms);
  EXPECT_THAT(client.heard(), ElementsAre(StartsWith(R"(0{"sid":)")));
  EXPECT_THAT(refused.heard(), ElementsAre(R"(4{"message":"no token"})"));
  EXPECT_THAT(unlucky.heard(), ElementsAre(R"(4{"message":"Internal error"})"));
  EXPECT_THAT(log, ElementsAre("second"));
}

TEST_F(Coroutines, MW6_a_client_that_leaves_while_its_middleware_waits_is_never_connected) {
  world.of("/").use([](Socket) -> Task<Admission> {
    co_await sleep(10ms);
    co_return admit();
  });
  world.of("/").on_connection([this](Socket const&) { log.push_back("connected"); });
  ClientWorld client(world);
  client.say("0");
  client.engine.hang_up(9);
  world.timers.advance(20ms);
  EXPECT_THAT(log, IsEmpty());
}

TEST_F(Coroutines, other_handlers_may_be_coroutines_too) {
  auto nsp = world.of("/");
  nsp.on_connection([this](Socket s) -> Task<> {
    s.use([](EventDraft draft) -> Task<Admission> {
      co_await sleep(10ms);
      draft.set_args(draft.args()[0].as<int>().value_or(0) + 1);
      co_return admit();
    });
    s.once("x", [this](int n) -> Task<> {
      co_await sleep(1ms);
      log.push_back("x " + std::to_string(n));
    });
    s.on_any([this](std::string event, OwnedArgs args) -> Task<> {
      co_await sleep(1ms);
      log.push_back(event + args.text);
    });
    co_return;
  });
  nsp.on_disconnect([this](Socket, std::string reason) -> Task<> {
    co_await sleep(1ms);
    log.push_back(reason);
  });
  ClientWorld client(world);
  client.say("0");
  client.say(R"(2["x",1])");
  for (int i = 0; i < 5; ++i) world.timers.advance(10ms);
  client.engine.hang_up(9);
  world.timers.advance(10ms);
  EXPECT_THAT(log, ElementsAre("x1", "x 2", "transport close"));
}

TEST_F(Coroutines, spawn_begins_a_task_on_a_sockets_worker) {
  Socket socket;
  world.of("/").on_connection([&](Socket const& s) { socket = s; });
  ClientWorld client(world);
  client.say("0");
  spawn(socket, [socket]() -> Task<> {
    co_await sleep(1ms);
    socket.emit("spawned");
  });
  world.timers.advance(10ms);
  EXPECT_THAT(client.heard(), ElementsAre(R"(2["spawned"])"));
}

TEST_F(Coroutines, work_for_helpers_that_there_are_not_is_refused) {
  world.of("/").on("x", [this](Socket) -> Task<> {
    try {
      co_await offload([] { return 1; });
    } catch (OffloadRefused const&) {
      log.push_back("refused");
    }
  });
  ClientWorld client(world);
  client.say("0");
  client.say(R"(2["x"])");
  EXPECT_THAT(log, ElementsAre("refused"));
}

}  // namespace
}  // namespace chorus::socket
