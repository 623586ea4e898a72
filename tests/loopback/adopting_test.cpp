// Connections that another HTTP server has accepted, and read from.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>

#include "chorus/server.hpp"
#include "support/certificates.hpp"
#include "support/four_workers.hpp"
#include "support/raw_client.hpp"

namespace chorus {
namespace {

using namespace testing;

ServerOptions nowhere() {
  auto options = four_workers();
  options.listen = false;
  return options;
}

/// The program's own port.
class Door {
 public:
  Door() : listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listening_, generic, size), 0);
    EXPECT_EQ(::listen(listening_, 1024), 0);
    EXPECT_EQ(::getsockname(listening_, generic, &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~Door() { ::close(listening_); }

  std::uint16_t port() const { return port_; }
  int descriptor() const { return listening_; }
  int accept() const { return ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC); }
  /// Accepts, reads `bytes` of it, and hands it over.
  Adopted let_in(Server& io, std::size_t bytes) const {
    int const descriptor = accept();
    std::string unread(bytes, '\0');
    EXPECT_EQ(::recv(descriptor, unread.data(), bytes, MSG_WAITALL), static_cast<ssize_t>(bytes));
    return io.adopt(descriptor, unread);
  }

 private:
  int listening_;
  std::uint16_t port_ = 0;
};

std::string poll_request(std::string_view extra = {}) {
  return "GET " + polling_path(extra) + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

/// As a client sends it, with a mask that changes nothing.
std::string text_frame(std::string_view text) {
  std::string frame{'\x81', static_cast<char>(0x80 | text.size()), 0, 0, 0, 0};
  return frame.append(text);
}

bool is_open(int descriptor) { return ::fcntl(descriptor, F_GETFD) != -1; }

TEST(Adopting, goes_on_wherever_the_other_server_has_stopped_reading) {
  Server io(nowhere());
  io.start();
  EXPECT_EQ(io.port(), 0);
  Door const door;
  auto const request = poll_request();
  auto const two = request + poll_request("&b=2");
  for (std::size_t const read : {std::size_t{0}, std::size_t{1}, request.size() - 1, request.size(), two.size()}) {
    Connection client(door.port());
    client.write(two);
    EXPECT_EQ(door.let_in(io, read), Adopted::taken);
    for (int answer = 0; answer < 2; ++answer) {
      auto const reply = read_reply(client);
      EXPECT_EQ(reply.status, 200) << read;
      EXPECT_THAT(reply.body, ::testing::StartsWith("0{\"sid\"")) << read;
    }
  }
}

TEST(Adopting, later_requests_of_the_connection_are_the_servers_whatever_their_path) {
  Server io(nowhere());
  io.route("GET", "/page", [](HttpRequest const& request) {
    return HttpReply{200, "text/plain", std::string(request.address)};
  });
  io.start();
  Door const door;
  Connection client(door.port());
  write_request(client, "GET", polling_path());
  EXPECT_EQ(door.let_in(io, 0), Adopted::taken);
  EXPECT_EQ(read_reply(client).status, 200);
  write_request(client, "GET", "/page");
  EXPECT_EQ(read_reply(client).body, "127.0.0.1");
  write_request(client, "GET", "/nothing");
  EXPECT_EQ(read_reply(client).status, 404);
}

TEST(Adopting, a_websocket_moves_to_its_worker_with_what_was_read_behind_its_request) {
  Server io(nowhere());
  io.on("worker", [](Socket const& socket, Ack ack) { ack(socket.worker()); });
  io.start();
  Door const door;
  for (unsigned worker = 0; worker < io.workers(); ++worker) {
    auto const request = "GET /socket.io/?EIO=4&transport=websocket&worker=" + std::to_string(worker) +
                         " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    auto const said = request + text_frame("40") + text_frame("421[\"worker\"]");
    for (std::size_t const read : {std::size_t{5}, request.size(), request.size() + 3, said.size()}) {
      Connection client(door.port());
      client.write(said);
      EXPECT_EQ(door.let_in(io, read), Adopted::taken);
      EXPECT_THAT(client.read_until("\r\n\r\n"), ::testing::StartsWith("HTTP/1.1 101"));
      client.read_until("431[" + std::to_string(worker) + "]");
    }
  }
}

std::string websocket_handshake(std::string_view target) {
  return std::string("GET ").append(target) +
         " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
}

TEST(Adopting, a_websocket_that_has_its_101_goes_on_without_another_wherever_its_session_lives) {
  auto options = nowhere();
  options.per_message_deflate.enabled = true;  // nobody agreed on it
  options.per_message_deflate.threshold = 0;
  Server io(options);
  io.on("worker", [](Socket const& socket, Ack ack) { ack(socket.worker(), socket.transport()); });
  io.start();
  Door const door;
  for (unsigned worker = 0; worker < io.workers(); ++worker) {
    auto const request = websocket_handshake("/socket.io/?EIO=4&transport=websocket&worker=" + std::to_string(worker));
    Connection client(door.port());
    client.write(text_frame("421[\"worker\"]"));
    auto const behind = text_frame("40");
    EXPECT_EQ(io.adopt_upgraded(door.accept(), request, behind), Adopted::taken);
    EXPECT_EQ(client.read_exactly(1), "\x81") << "frames from the first byte on";
    client.read_until("431[" + std::to_string(worker) + ",\"websocket\"]");
  }
  Connection client(door.port());
  write_request(client, "GET", polling_path());
  EXPECT_EQ(door.let_in(io, 0), Adopted::taken);
  auto const sid = member(read_reply(client).body, "sid");
  Connection upgrading(door.port());
  EXPECT_EQ(io.adopt_upgraded(door.accept(), websocket_handshake("/socket.io/?EIO=4&transport=websocket&sid=" + sid)),
            Adopted::taken);
  upgrading.write(text_frame("2probe"));
  EXPECT_EQ(upgrading.read_exactly(8),
            "\x81\x06"
            "3probe");
}

TEST(Adopting, a_websocket_with_its_101_that_is_refused_ends_without_a_word) {
  auto options = nowhere();
  options.allow_request = [](Handshake const& handshake) { return handshake.query("token") == "sesame"; };
  Server io(options);
  io.start();
  Door const door;
  for (std::string const target :
       {"/socket.io/?EIO=4&transport=websocket", "/elsewhere", "/socket.io/?EIO=4&transport=websocket&sid=none"}) {
    Connection client(door.port());
    EXPECT_EQ(io.adopt_upgraded(door.accept(), websocket_handshake(target)), Adopted::taken);
    EXPECT_EQ(client.read_some(), "") << target;
  }
  Connection client(door.port());
  int const descriptor = door.accept();
  auto const handshake = websocket_handshake("/socket.io/?EIO=4&transport=websocket");
  for (auto const& request :
       {poll_request(), std::string(), handshake.substr(0, handshake.size() - 1), handshake + "x"})
    EXPECT_EQ(io.adopt_upgraded(descriptor, request), Adopted::no_websocket) << request;
  EXPECT_TRUE(is_open(descriptor));
  ::close(descriptor);
}

TEST(Adopting, what_is_refused_stays_its_owners) {
  auto options = nowhere();
  options.head_bytes_max = 1000;
  options.message_bytes_max = 1000;
  Server io(options);
  Door const door;
  Connection client(door.port());
  int const descriptor = door.accept();
  EXPECT_EQ(io.adopt(descriptor), Adopted::not_running);
  io.start();
  EXPECT_EQ(io.adopt(descriptor, std::string(2001, 'x')), Adopted::too_much_unread);
  EXPECT_EQ(io.adopt(-1), Adopted::no_stream);
  EXPECT_EQ(io.adopt(door.descriptor()), Adopted::no_stream);
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  EXPECT_EQ(io.adopt(pipe[0]), Adopted::no_stream);
  for (int const each : pipe) EXPECT_EQ(::close(each), 0);
  io.stop();
  EXPECT_EQ(io.adopt(descriptor), Adopted::not_running);
  EXPECT_TRUE(is_open(descriptor));
  EXPECT_EQ(::send(descriptor, "mine", 4, 0), 4);
  EXPECT_EQ(client.read_exactly(4), "mine");
  ::close(descriptor);
}

TEST(Adopting, clear_text_is_not_taken_by_a_server_with_tls) {
  tls_test::Folder const folder;
  tls_test::Identity const identity("localhost");
  auto options = nowhere();
  options.tls.certificate = {.chain_file = folder.write("chain.pem", identity.certificate_pem()),
                             .key_file = folder.write("key.pem", identity.key_pem())};
  Server io(options);
  io.start();
  Door const door;
  Connection const client(door.port());
  int const descriptor = door.accept();
  EXPECT_EQ(io.adopt(descriptor), Adopted::encrypted);
  EXPECT_TRUE(is_open(descriptor));
  ::close(descriptor);
}

TEST(Adopting, counts_against_connections_max) {
  auto options = nowhere();
  options.workers = 1;
  options.connections_max = 2;
  Server io(options);
  io.start();
  Door const door;
  std::vector<Connection> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back(door.port());
    write_request(clients.back(), "GET", polling_path());
    EXPECT_EQ(door.let_in(io, 0), Adopted::taken);
  }
  EXPECT_EQ(read_reply(clients[0]).status, 200);
  EXPECT_EQ(read_reply(clients[1]).status, 200);
  EXPECT_TRUE(clients[2].ends());
}

TEST(Adopting, any_thread_hands_over_also_while_the_server_stops) {
  Server io(nowhere());
  io.start();
  Door const door;
  constexpr int threads = 4, each = 25;
  std::vector<std::thread> visitors;
  std::atomic<int> served{0}, refused{0};
  for (int i = 0; i < threads; ++i)
    visitors.emplace_back([&] {
      for (int n = 0; n < each; ++n) {
        Connection client(door.port());
        write_request(client, "GET", polling_path());
        int const descriptor = door.accept();  // perhaps another one's
        EXPECT_EQ(io.adopt(descriptor), Adopted::taken);
        if (read_reply(client).status == 200) ++served;
      }
    });
  for (auto& visitor : visitors) visitor.join();
  EXPECT_EQ(served, threads * each);

  visitors.clear();
  for (int i = 0; i < threads; ++i)
    visitors.emplace_back([&] {
      for (bool taken = true; taken;) {
        Connection const client(door.port());
        int const descriptor = door.accept();
        taken = io.adopt(descriptor) == Adopted::taken;
        if (!taken) ::close(descriptor);
      }
      ++refused;
    });
  io.stop();
  for (auto& visitor : visitors) visitor.join();
  EXPECT_EQ(refused, threads);
}

}  // namespace
}  // namespace chorus
