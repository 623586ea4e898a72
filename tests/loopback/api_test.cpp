// What of the public face crosses threads: coroutines, helpers, the watchdog, room events, new namespaces.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "chorus/coroutine.hpp"
#include "chorus/server.hpp"
#include "support/four_workers.hpp"
#include "support/raw_client.hpp"

namespace chorus {
namespace {

using namespace testing;
using namespace std::chrono_literals;

std::string on_worker(int worker) { return "&worker=" + std::to_string(worker); }

/// Waits for what another thread does; false when it does not come.
bool comes(std::function<bool()> const& condition) {
  auto const deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST(Api, a_coroutine_that_asks_a_socket_of_another_worker_goes_on_on_its_own) {
  Server io(four_workers());
  io.on("id", [](Socket const& s, Ack ack) { ack(s.id()); });
  std::mutex mutex;
  std::map<std::string, Socket> sockets;
  io.on_connection([&](Socket const& s) {
    std::lock_guard const lock(mutex);
    sockets.emplace(std::string(s.id()), s);
  });
  io.on("relay", [&](Socket s, std::string id, int n, Ack ack) -> Task<> {
    Socket other;
    {
      std::lock_guard const lock(mutex);
      other = sockets.at(id);
    }
    auto const before = std::this_thread::get_id();
    auto const answer = co_await other.emit_with_ack(5s, "q", n);
    bool const same = std::this_thread::get_id() == before && s.connected();
    ack(answer.as<int>(), same, other.worker() != s.worker());
  });
  io.start();
  WebSocketClient a(io.port(), on_worker(0)), b(io.port(), on_worker(3));
  a.connect();
  b.connect();
  b.send("421[\"id\"]");
  auto const answer = b.receive();
  auto const id = answer.substr(5, answer.size() - 7);
  for (int n = 0; n < 200; ++n) {
    a.send("427[\"relay\",\"" + id + "\"," + std::to_string(n) + "]");
    auto const question = b.receive();  // 42<ack id>["q",n]
    auto const list = question.find('[');
    b.send("43" + question.substr(2, list - 2) + "[" + std::to_string(n + 1) + "]");
    ASSERT_EQ(a.receive(), "437[" + std::to_string(n + 1) + ",true,true]");
  }
}

TEST(Api, UM5_what_is_awaited_has_taken_effect_on_every_worker) {
  Server io(four_workers());
  io.on("pull", [&io](Socket, std::string room, Ack ack) -> Task<> {
    co_await io.sockets_join(room);
    io.to(room).emit("all");
    auto const ids = co_await io.to(room).all_sockets();
    co_await io.to(room).sockets_leave(room);
    auto const left = co_await io.to(room).fetch_sockets();
    ack(ids.size(), left.size());
  });
  io.start();
  std::vector<WebSocketClient> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back(io.port(), on_worker(i));
    clients.back().connect();
  }
  for (int n = 0; n < 50; ++n) {
    clients[0].send("421[\"pull\",\"room " + std::to_string(n) + "\"]");
    for (auto& client : clients) ASSERT_EQ(client.receive(), "42[\"all\"]");
    ASSERT_EQ(clients[0].receive(), "431[4,0]");
  }
}

TEST(Api, offloaded_work_blocks_no_worker_and_brings_its_result_or_error_back) {
  Server io(four_workers());
  std::promise<void> go;
  auto const gone = go.get_future().share();
  io.on("work", [gone](Socket, int n, Ack ack) -> Task<> {
    auto const worker = std::this_thread::get_id();
    try {
      auto const work = [gone](int x) {
        gone.wait();
        if (x < 0) throw std::runtime_error("negative");
        return std::pair(2 * x, std::this_thread::get_id());
      };
      auto const [result, helper] = co_await offload(work, n);
      ack(result, helper != worker, std::this_thread::get_id() == worker);
    } catch (std::runtime_error const& error) {
      ack(error.what());
    }
  });
  io.on("echo", [](int n, Ack ack) { ack(n); });
  io.start();
  WebSocketClient client(io.port(), on_worker(1));
  client.connect();
  client.send("421[\"work\",4]");
  client.send("422[\"work\",-4]");
  client.send("423[\"echo\",5]");
  EXPECT_EQ(client.receive(), "433[5]");
  go.set_value();
  std::vector<std::string> const answers{client.receive(), client.receive()};
  EXPECT_THAT(answers, ::testing::UnorderedElementsAre("431[8,true,true]", "432[\"negative\"]"));
}

TEST(Api, offloaded_work_beyond_the_limit_is_refused) {
  auto options = four_workers();
  options.offload_threads = 1;
  options.offload_queue_max = 1;
  Server io(options);
  std::promise<void> go;
  auto const gone = go.get_future().share();
  std::atomic<int> running{0};
  io.on("work", [gone, &running](Socket, Ack ack) -> Task<> {
    auto const work = [gone, &running] {
      ++running;
      gone.wait();
    };
    try {
      co_await offload(work);
      ack("done");
    } catch (OffloadRefused const&) {
      ack("refused");
    }
  });
  io.start();
  WebSocketClient client(io.port());
  client.connect();
  client.send("421[\"work\"]");
  ASSERT_TRUE(comes([&] { return running == 1; }));
  client.send("422[\"work\"]");
  client.send("423[\"work\"]");
  EXPECT_EQ(client.receive(), "433[\"refused\"]");
  go.set_value();
  EXPECT_EQ(client.receive(), "431[\"done\"]");
  EXPECT_EQ(client.receive(), "432[\"done\"]");
}

TEST(Api, a_handler_that_holds_its_worker_is_named_while_it_does) {
  auto options = four_workers();
  options.slow_handler = 20ms;
  Server io(options);
  std::atomic<bool> seen{false};
  io.on("stuck", [&](Ack ack) {
    seen = comes([&] { return io.stats().slow_handlers == 1; });
    ack(true);
  });
  io.start();
  WebSocketClient client(io.port());
  client.connect();
  client.send("421[\"stuck\"]");
  EXPECT_EQ(client.receive(), "431[true]");
  EXPECT_TRUE(seen);
}

TEST(Api, tasks_that_wait_when_the_server_stops_end_there_and_none_goes_on) {
  auto const held = std::make_shared<int>(0);
  std::atomic<int> begun{0}, went_on{0};
  std::promise<void> go;
  auto const gone = go.get_future().share();
  {
    Server io(four_workers());
    io.on("wait", [&, held](Socket s, std::string how) -> Task<> {
      [[maybe_unused]] auto const local = held;
      ++begun;
      if (how == "sleep") {
        co_await sleep(1h);
      } else if (how == "offload") {
        auto const work = [gone, held] { gone.wait(); };
        co_await offload(work);
      } else {
        co_await s.emit_with_ack(1h, "q");  // ends with the socket, in its last turn
        co_await sleep(1h);
      }
      ++went_on;
    });
    io.start();
    std::vector<WebSocketClient> clients;
    for (int i = 0; i < 4; ++i) {
      clients.emplace_back(io.port(), on_worker(i));
      clients.back().connect();
      for (char const* how : {"sleep", "offload", "ask"})
        clients.back().send("42[\"wait\",\"" + std::string(how) + "\"]");
    }
    ASSERT_TRUE(comes([&] { return begun == 12; }));
    std::thread releaser([&] { go.set_value(); });
    io.stop();
    releaser.join();
  }
  EXPECT_LE(went_on, 4);  // those whose work was done while the server stopped
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Api, spawn_begins_a_task_on_the_worker_that_is_named) {
  Server io(four_workers());
  io.start();
  std::vector<std::promise<std::pair<std::thread::id, std::thread::id>>> threads(4);
  for (unsigned w = 0; w < 4; ++w)
    spawn(io.sockets(), w, [&threads, w]() -> Task<> {
      auto const before = std::this_thread::get_id();
      co_await sleep(1ms);
      threads[w].set_value({before, std::this_thread::get_id()});
    });
  std::set<std::thread::id> seen;
  for (auto& each : threads) {
    auto const [before, after] = each.get_future().get();
    EXPECT_EQ(before, after);
    seen.insert(before);
  }
  EXPECT_EQ(seen.size(), 4u);
}

TEST(Api, a_rooms_events_are_told_in_the_order_in_which_they_happened_on_all_workers) {
  Server io(four_workers());
  auto nsp = io.of("/");
  std::mutex mutex;
  std::vector<std::string> story;
  auto note = [&](std::string what) {
    std::lock_guard const lock(mutex);
    story.push_back(std::move(what));
  };
  nsp.on_create_room([&](std::string const&) { note("create"); });
  nsp.on_delete_room([&](std::string const&) { note("delete"); });
  nsp.on_join_room([&](std::string const&, std::string const&) { note("join"); });
  nsp.on_leave_room([&](std::string const&, std::string const&) { note("leave"); });
  io.on("in and out", [](Socket const& s, Ack ack) {
    s.join("r");
    s.leave("r");
    ack();
  });
  io.start();
  constexpr int rounds = 100;
  std::vector<std::thread> threads;
  for (int w = 0; w < 4; ++w)
    threads.emplace_back([&, w] {
      WebSocketClient client(io.port(), on_worker(w));
      client.connect();
      for (int n = 0; n < rounds; ++n) {
        client.send("421[\"in and out\"]");
        client.receive();
      }
    });
  for (auto& thread : threads) thread.join();
  auto const told = [&] {
    std::lock_guard const lock(mutex);
    return std::ranges::count(story, "leave") == 4 * rounds && story.back() == "delete";
  };
  ASSERT_TRUE(comes(told));
  int members = 0;
  bool exists = false;
  auto fits = [&](std::string const& what) {
    if (what == "create") return !std::exchange(exists, true);
    if (what == "delete") return std::exchange(exists, false) && members == 0;
    return exists && (what == "join" ? ++members <= 4 : --members >= 0);
  };
  for (auto const& what : story) ASSERT_TRUE(fits(what)) << what;
  EXPECT_FALSE(exists);
}

TEST(Api, NS34_NS35_clients_of_all_workers_that_ask_for_one_child_at_once_make_it_once) {
  Server io(four_workers());
  std::atomic<int> made{0};
  io.on_new_namespace([&](Namespace const& nsp) { made += nsp.name() == "/dyn-1"; });
  auto parent = io.of_function([](std::string_view name, ArgView, NamespaceVerdict verdict) {
    std::thread([verdict, allow = name == "/dyn-1"] { verdict(allow); }).detach();
  });
  io.start();
  std::vector<WebSocketClient> clients;
  for (int w = 0; w < 4; ++w) {
    clients.emplace_back(io.port(), on_worker(w));
    clients.back().send("40/dyn-1,");
  }
  for (auto& client : clients) EXPECT_THAT(client.receive(), ::testing::StartsWith("40/dyn-1,{\"sid\""));
  parent.emit("all");
  for (auto& client : clients) EXPECT_EQ(client.receive(), "42/dyn-1,[\"all\"]");
  EXPECT_EQ(made, 1);
}

TEST(Api, NS1_NS2_the_server_is_its_default_namespace) {
  Server io(four_workers());
  EXPECT_EQ(io.sockets().name(), "/");
  EXPECT_EQ(io.of("").name(), "/");
  io.use([](Handshake const&) { return admit(); });
  io.on_connect([](Socket const& s) { s.join("room"); });
  io.start();
  WebSocketClient client(io.port());
  client.connect();
  EXPECT_EQ(io.clients_count(), 1u);
  io.to("room").emit("1");
  io.in("room").emit("2");
  io.except("other").emit("3");
  io.local().compress(false).timeout(1s).emit("4");
  io.send("5");
  for (int n = 1; n <= 4; ++n) EXPECT_EQ(client.receive(), "42[\"" + std::to_string(n) + "\"]");
  EXPECT_EQ(client.receive(), "42[\"message\",\"5\"]");
  std::promise<std::size_t> found;
  io.fetch_sockets([&](std::vector<SocketInfo> const& all) { found.set_value(all.size()); });
  EXPECT_EQ(found.get_future().get(), 1u);
}

TEST(Api, SK35_a_connection_tells_of_its_upgrade_on_whichever_worker_it_lives) {
  Server io(four_workers());
  io.on_connection([](Socket const& s) {
    auto const conn = s.conn();
    EXPECT_EQ(conn.transport(), "polling");
    EXPECT_FALSE(conn.upgraded());
    conn.on_upgrade(
        [s](std::string_view transport) { s.emit("upgraded", transport, s.conn().transport(), s.conn().upgraded()); });
    s.on("worker", [](Socket const& own, Ack ack) { ack(own.worker()); });
  });
  io.start();
  for (int worker = 0; worker < 4; ++worker) {
    auto const sid = connect_polling(io.port(), on_worker(worker));
    auto client = WebSocketClient::probe(io.port(), sid);
    ASSERT_EQ(request(io.port(), "GET", polling_path("&sid=" + sid)).body, "6") << "a probe is no upgrade yet";
    client.send("5");
    EXPECT_EQ(client.receive(), R"(42["upgraded","websocket","websocket",true])");
    client.send(R"(420["worker"])");
    EXPECT_EQ(client.receive(), "430[" + std::to_string(worker) + "]") << "it was told once";
  }
}

TEST(Api, SK35_ES125_a_connection_tells_of_its_packets_and_its_end) {
  Server io(four_workers());
  std::promise<std::string> ended;
  io.on_connection([&](Socket const& s) {
    auto const conn = s.conn();
    EXPECT_EQ(conn.transport(), "websocket");
    EXPECT_EQ(conn.protocol(), 4u);
    EXPECT_FALSE(conn.upgraded());
    EXPECT_NE(conn.secret_id(), s.id());
    conn.on_upgrade([](std::string_view) { ADD_FAILURE() << "it was a WebSocket from the beginning"; });
    conn.on_packet([s](std::string_view data, bool) { s.emit("packet", data); });
    conn.on_close([&](std::string_view reason, std::string_view) { ended.set_value(std::string(reason)); });
  });
  io.start();
  WebSocketClient client(io.port());
  client.connect();
  client.send("42[\"x\"]");
  EXPECT_EQ(client.receive(), R"(42["packet","2[\"x\"]"])");
  client.connection().close();
  EXPECT_EQ(ended.get_future().get(), "transport close");
}

}  // namespace
}  // namespace chorus
