// Servers that share listening sockets, as the processes under a supervisor do; here two in one process.
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "chorus/server.hpp"
#include "server/listening_sockets.hpp"
#include "support/raw_client.hpp"

namespace chorus {
namespace {

using namespace testing;

std::string const key(16, 'k');

class SharedListening : public ::testing::Test {
 protected:
  std::unique_ptr<Server> serve(NodeIdentity identity) {
    ServerOptions options;
    options.workers = 2;
    options.drain_timeout = std::chrono::milliseconds(100);
    options.identity = std::move(identity);
    for (int const descriptor : sockets_.descriptors()) options.listening.push_back(::dup(descriptor));
    auto server = std::make_unique<Server>(std::move(options));
    server->start();
    EXPECT_EQ(server->port(), sockets_.port());
    return server;
  }
  int status_of_poll(std::string const& sid) {
    return request(sockets_.port(), "POST", polling_path("&sid=" + sid), "40").status;
  }

  server::ListeningSockets sockets_ = server::ListeningSockets::open("127.0.0.1", 0);
};

TEST_F(SharedListening, another_process_accepts_when_one_has_left) {
  auto first = serve({.node = 0, .session_key = key});
  Connection early(sockets_.port());
  write_request(early, "GET", "/nothing");
  EXPECT_EQ(read_reply(early).status, 404);

  auto second = serve({.node = 1, .session_key = key});
  first->stop_accepting();
  write_request(early, "GET", "/nothing");
  EXPECT_EQ(read_reply(early).status, 404) << "what is connected is served on";
  first->stop();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(request(sockets_.port(), "GET", "/nothing").status, 404);
}

bool sleeps(std::filesystem::path const& task) {
  std::ifstream file(task / "stat");
  std::string const text(std::istreambuf_iterator<char>(file), {});
  return text.substr(text.rfind(')')).starts_with(") S");
}

/// All threads of this process but the caller's.
bool others_sleep() {
  auto const self = std::to_string(::gettid());
  for (auto const& task : std::filesystem::directory_iterator("/proc/self/task"))
    if (task.path().filename() != self && !sleeps(task.path())) return false;
  return true;
}

TEST_F(SharedListening, idle_processes_take_turns_in_accepting) {
  auto first = serve({.node = 0, .session_key = key});
  auto second = serve({.node = 1, .session_key = key});
  std::vector<Connection> connections;
  for (int i = 0; i < 40; ++i) {
    write_request(connections.emplace_back(sockets_.port()), "GET", "/nothing");
    EXPECT_EQ(read_reply(connections.back()).status, 404);
    while (!others_sleep()) ::sched_yield();
  }
  EXPECT_EQ(first->stats().connections + second->stats().connections, 40U);
  EXPECT_GE(first->stats().connections, 10U);
  EXPECT_GE(second->stats().connections, 10U);
}

TEST_F(SharedListening, a_session_belongs_to_one_node_and_incarnation_under_one_key) {
  NodeIdentity const identity{7, 1, key};
  auto server = serve(identity);
  auto const sid = open_polling(sockets_.port());
  EXPECT_EQ(status_of_poll(sid), 200);
  for (auto const& other :
       {NodeIdentity{7, 2, key}, NodeIdentity{8, 1, key}, NodeIdentity{7, 1, std::string(16, 'x')}}) {
    server = nullptr;
    server = serve(other);
    EXPECT_EQ(status_of_poll(sid), 400) << "unknown there";
    EXPECT_EQ(status_of_poll(open_polling(sockets_.port())), 200);
  }
}

TEST_F(SharedListening, wrong_options_are_named) {
  ServerOptions options;
  options.identity.session_key = "short";
  EXPECT_THROW(Server{options}, std::runtime_error);

  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[1]);
  ServerOptions pipe;
  pipe.listening = {ends[0]};
  Server server(pipe);
  EXPECT_THROW(server.start(), std::runtime_error);
}

}  // namespace
}  // namespace chorus
