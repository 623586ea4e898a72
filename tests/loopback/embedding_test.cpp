// A server in a loop of the program's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <functional>
#include <future>
#include <thread>

#include "chorus/coroutine.hpp"
#include "chorus/server.hpp"
#include "support/four_workers.hpp"
#include "support/raw_client.hpp"

namespace chorus {
namespace {

using namespace testing;
using namespace std::chrono_literals;

ServerOptions one_worker() {
  auto options = four_workers();
  options.workers = 1;
  return options;
}

/// The program's loop, on a thread of its own so that the test may block. It knows the server's descriptor and nothing
/// else: a time-out of its own would hide what the descriptor does not tell.
class Loop {
 public:
  explicit Loop(Server& io) : io_(io), descriptor_(io.start_embedded()), thread_([this] { run(); }) {}
  ~Loop() { end(); }

  void end() {
    ends_ = true;
    io_.emit("wake up");
    if (thread_.joinable()) thread_.join();
  }
  std::thread::id thread() const { return thread_.get_id(); }
  int turns() const { return turns_; }

 private:
  void run() {
    while (!ends_) {
      pollfd wait{.fd = descriptor_, .events = POLLIN, .revents = 0};
      if (::poll(&wait, 1, static_cast<int>(std::chrono::milliseconds(patience).count())) <= 0) break;
      ++turns_;
      EXPECT_TRUE(io_.turn());
    }
    io_.stop();
    EXPECT_FALSE(io_.turn());
  }

  Server& io_;
  int const descriptor_;
  std::atomic<bool> ends_{false};
  std::atomic<int> turns_{0};
  std::thread thread_;
};

std::string thread_text(std::thread::id id) { return std::to_string(std::hash<std::thread::id>()(id)); }

/// Answers with the thread that it runs on.
void tell_threads(Server& io) {
  io.on("thread", [](Socket const&, Ack ack) { ack(thread_text(std::this_thread::get_id())); });
}
std::string ask_thread(WebSocketClient& client) {
  client.send("421[\"thread\"]");
  return client.receive();
}

TEST(Embedding, serves_by_its_descriptor_alone_on_the_callers_thread) {
  Server io(one_worker());
  tell_threads(io);
  io.on("wait", [](Socket, Ack ack) -> Task<> {
    co_await sleep(30ms);
    auto const work = [] { return 7; };
    ack(co_await offload(work));
  });
  Loop loop(io);
  WebSocketClient client(io.port());
  client.connect();
  EXPECT_EQ(ask_thread(client), "431[\"" + thread_text(loop.thread()) + "\"]");
  client.send("422[\"wait\"]");
  EXPECT_EQ(client.receive(), "432[7]");
  auto const polling = open_polling(io.port());
  EXPECT_EQ(request(io.port(), "POST", polling_path("&sid=" + polling), "40").body, "ok");
  io.emit("from a foreign thread", 1);
  EXPECT_EQ(client.receive(), "42[\"from a foreign thread\",1]");
}

TEST(Embedding, timers_make_the_descriptor_readable_and_nothing_spins) {
  auto options = one_worker();
  options.ping_interval = 40ms;
  Server io(options);
  Loop loop(io);
  WebSocketClient client(io.port());
  client.connect();
  int const before = loop.turns();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(client.receive_frame().second, "2");
    client.send("3");
  }
  EXPECT_LT(loop.turns() - before, 40);
}

TEST(Embedding, its_end_lets_clients_go_and_sends_what_is_queued) {
  Server io(one_worker());
  Loop loop(io);
  WebSocketClient client(io.port());
  client.connect();
  std::string const last(300'000, 'x');
  io.emit("last", last);
  auto ending = std::async(std::launch::async, [&] { loop.end(); });
  EXPECT_EQ(client.receive(), "42[\"last\",\"" + last + "\"]");
  EXPECT_TRUE(client.connection().ends());
  client.connection().close();
  ending.get();
  EXPECT_EQ(io.clients_count(), 0u);
}

TEST(Embedding, further_workers_have_threads_of_their_own) {
  Server io(four_workers());
  tell_threads(io);
  Loop loop(io);
  std::vector<WebSocketClient> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back(io.port(), "&worker=" + std::to_string(i));
    clients.back().connect();
  }
  auto const here = "431[\"" + thread_text(loop.thread()) + "\"]";
  EXPECT_EQ(ask_thread(clients[0]), here);
  for (int i = 1; i < 4; ++i) EXPECT_NE(ask_thread(clients[static_cast<std::size_t>(i)]), here);
  io.emit("all");
  for (auto& client : clients) EXPECT_EQ(client.receive(), "42[\"all\"]");
}

TEST(Embedding, turns_may_be_on_any_thread_one_at_a_time) {
  Server io(one_worker());
  io.on("echo", [](Socket const& socket, int n, Ack ack) {
    socket.set_data(n);
    ack(socket.data<int>());
  });
  int const descriptor = io.start_embedded();
  auto const turn_elsewhere_until = [&](std::atomic<bool> const& done) {
    while (!done) {
      pollfd wait{.fd = descriptor, .events = POLLIN, .revents = 0};
      ::poll(&wait, 1, 5);
      std::thread([&] { io.turn(); }).join();
    }
  };
  std::atomic<bool> done{false};
  auto talk = std::async(std::launch::async, [&] {
    WebSocketClient client(io.port());
    client.connect();
    for (int n = 0; n < 20; ++n) {
      client.send("42" + std::to_string(n) + "[\"echo\"," + std::to_string(n) + "]");
      EXPECT_EQ(client.receive(), "43" + std::to_string(n) + "[" + std::to_string(n) + "]");
    }
    done = true;
  });
  turn_elsewhere_until(done);
  talk.get();
}

TEST(Embedding, a_server_that_is_not_embedded_has_no_turns_to_give) {
  Server io(one_worker());
  EXPECT_FALSE(io.turn());
  io.start();
  EXPECT_FALSE(io.turn());
  io.stop();
  EXPECT_FALSE(io.turn());
}

}  // namespace
}  // namespace chorus
