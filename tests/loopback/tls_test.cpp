// HTTPS and WSS over real sockets: the sessions of four workers, found wherever an encrypted connection lands.
#include <gmock/gmock.h>

#include <array>
#include <atomic>
#include <thread>

#include "chorus/server.hpp"
#include "support/certificates.hpp"
#include "support/four_workers.hpp"
#include "support/raw_client.hpp"
#include "support/tls_client.hpp"

namespace chorus {
namespace {

using namespace testing;
using namespace tls_test;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Clients = TlsSettings::ClientCertificates;

/// A blocking client over TLS.
class SecureConnection {
 public:
  explicit SecureConnection(std::uint16_t port, TlsClientOptions const& options = {})
      : connection_(port), tls_(options) {
    tls_.go_on();
    while (!tls_.established()) take_some();
    send();
  }

  void write(std::string_view plaintext) {
    tls_.say(plaintext);
    send();
  }
  std::string read_exactly(std::size_t size) {
    while (tls_.received.size() < size) take_some();
    return take(size);
  }
  std::string read_until(std::string_view end) {
    while (tls_.received.find(end) == std::string::npos) take_some();
    return take(tls_.received.find(end) + end.size());
  }
  /// True: with a goodbye.
  bool ends() {
    try {
      for (;;) take_some();
    } catch (std::runtime_error const&) {
      return tls_.ended;
    }
  }

  Reply request(std::string_view method, std::string_view target, std::string_view body = {}) {
    write(std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
          std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
    Reply reply;
    reply.head = read_until("\r\n\r\n");
    reply.status = std::stoi(reply.head.substr(9));
    constexpr std::string_view length = "Content-Length: ";
    if (auto const at = reply.head.find(length); at != std::string::npos)
      reply.body = read_exactly(std::stoul(reply.head.substr(at + length.size())));
    return reply;
  }

  /// Becomes a WebSocket. `first_frame` comes with the request, before the server has answered it.
  std::string upgrade(std::string_view target, std::string_view first_frame = {}) {
    write("GET " + std::string(target) +
          " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" +
          std::string(first_frame));
    return read_until("\r\n\r\n");
  }
  /// A masked text frame, below 64 KiB.
  static std::string frame(std::string_view text) {
    std::string bytes = "\x81";
    if (text.size() < 126)
      bytes += static_cast<char>(0x80 | text.size());
    else
      bytes.append({static_cast<char>(0xfe), static_cast<char>(text.size() >> 8), static_cast<char>(text.size())});
    return bytes.append(4, '\0').append(text);  // a mask of zeros
  }
  void send_text(std::string_view text) { write(frame(text)); }
  std::string receive_text() {
    for (;;) {
      auto const head = read_exactly(2);
      std::size_t size = static_cast<unsigned char>(head[1]);
      if (size == 126) {
        auto const more = read_exactly(2);
        size = std::size_t{static_cast<unsigned char>(more[0])} << 8 | static_cast<unsigned char>(more[1]);
      }
      auto const text = read_exactly(size);
      if (text != "2") return text;
      send_text("3");
    }
  }

  TlsClient& tls() { return tls_; }
  Connection& connection() { return connection_; }

 private:
  void send() { connection_.write(tls_.take_output()); }
  void take_some() {
    send();
    auto const bytes = connection_.read_some();
    if (bytes.empty()) throw std::runtime_error("the connection ended: " + tls_.error);
    tls_.take(bytes);
    if (tls_.failed) throw std::runtime_error("TLS failed: " + tls_.error);
  }
  std::string take(std::size_t size) {
    auto const part = tls_.received.substr(0, size);
    tls_.received.erase(0, size);
    return part;
  }

  Connection connection_;
  TlsClient tls_;
};

struct Files {
  Identity authority{"Test Authority"};
  Identity server{"first", {"localhost"}, &authority};
  Folder folder;

  TlsSettings settings() const {
    TlsSettings settings;
    settings.certificate.chain_file = folder.write("server.pem", server.certificate_pem());
    settings.certificate.key_file = folder.write("server.key", server.key_pem());
    return settings;
  }
};

class Tls : public ::testing::TestWithParam<ServerOptions::IoUring>, protected Files {
 protected:
  Server& serve(TlsSettings const& settings) {
    auto options = four_workers(GetParam());
    options.tls = settings;
    options.allow_request = [](Handshake const& handshake) { return handshake.secure(); };
    io_ = std::make_unique<Server>(std::move(options));
    io_->on_connection([](Socket const& socket) {
      auto const& handshake = socket.handshake();
      auto const certificate = handshake.client_certificate();
      socket.emit("you", handshake.secure(), certificate ? std::string(certificate->subject) : "nobody",
                  certificate && certificate->verified);
    });
    io_->route("GET", "/secure", [](HttpRequest const& request) {
      return HttpReply{request.secure ? 200 : 400, "text/plain", {}, {}};
    });
    io_->on("echo", [](Socket const& socket, std::string text) { socket.emit("echo", text); });
    io_->on("all", [this](Socket const&, std::string text) { io_->emit("all", text); });
    io_->start();
    return *io_;
  }
  TlsClientOptions trusting() const { return {.trusted = &authority, .host = "localhost"}; }
  std::uint16_t port() const { return io_->port(); }

  std::string open_polling_session(std::string_view extra = {}) {
    SecureConnection connection(port(), trusting());
    return member(connection.request("GET", polling_path(extra)).body, "sid");
  }
  std::unique_ptr<SecureConnection> open_websocket(std::string_view extra = {}, TlsClientOptions const* as = nullptr) {
    auto socket = std::make_unique<SecureConnection>(port(), as != nullptr ? *as : trusting());
    auto const answer =
        socket->upgrade("/socket.io/?EIO=4&transport=websocket" + std::string(extra), SecureConnection::frame("40"));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 101"));
    EXPECT_THAT(socket->receive_text(), StartsWith("0{"));
    EXPECT_THAT(socket->receive_text(), StartsWith("40{"));
    return socket;
  }

  std::unique_ptr<Server> io_;
};
INSTANTIATE_TEST_SUITE_P(WithAndWithout, Tls,
                         ::testing::Values(ServerOptions::IoUring::automatic, ServerOptions::IoUring::off),
                         [](::testing::TestParamInfo<ServerOptions::IoUring> const& each) {
                           return each.param == ServerOptions::IoUring::off ? "plain_calls" : "io_uring";
                         });

TEST_P(Tls, a_polling_session_is_reached_over_any_connection) {
  serve(settings());
  for (int worker = 0; worker < 4; ++worker) {
    auto const path = polling_path("&sid=" + open_polling_session("&worker=" + std::to_string(worker)));
    SecureConnection connection(port(), trusting());
    ASSERT_EQ(connection.request("POST", path, "40").body, "ok");
    auto const said = connection.request("GET", path).body;
    EXPECT_THAT(said, StartsWith("40{"));
    EXPECT_THAT(said, HasSubstr("42[\"you\",true,\"nobody\",false]"));
    SecureConnection other(port(), trusting());
    ASSERT_EQ(other.request("POST", path, "42[\"echo\",\"hello\"]").body, "ok");
    EXPECT_EQ(other.request("GET", path).body, "42[\"echo\",\"hello\"]");
    EXPECT_EQ(other.request("GET", "/secure").status, 200);
  }
}

TEST_P(Tls, a_websocket_moves_to_its_worker_with_the_state_of_its_encryption) {
  serve(settings());
  std::string const large(50'000, 'x');
  for (int const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    auto options = trusting();
    options.version = version;
    for (int worker = 0; worker < 8; ++worker) {
      auto const socket = open_websocket("&worker=" + std::to_string(worker % 4), &options);
      EXPECT_EQ(socket->receive_text(), "42[\"you\",true,\"nobody\",false]");
      for (auto const& text : {std::string("short"), large}) {
        socket->send_text("42[\"echo\",\"" + text + "\"]");
        EXPECT_EQ(socket->receive_text(), "42[\"echo\",\"" + text + "\"]");
      }
    }
  }
}

TEST_P(Tls, a_polling_session_upgrades_on_whichever_worker_it_lives) {
  serve(settings());
  for (int worker = 0; worker < 4; ++worker) {
    auto const sid = open_polling_session("&worker=" + std::to_string(worker));
    auto const path = polling_path("&sid=" + sid);
    SecureConnection polling(port(), trusting());
    ASSERT_EQ(polling.request("POST", path, "40").body, "ok");
    ASSERT_THAT(polling.request("GET", path).body, StartsWith("40{"));
    SecureConnection socket(port(), trusting());
    socket.upgrade("/socket.io/?EIO=4&transport=websocket&sid=" + sid, SecureConnection::frame("2probe"));
    ASSERT_EQ(socket.receive_text(), "3probe");
    socket.send_text("5");
    socket.send_text("42[\"echo\",\"after\"]");
    EXPECT_EQ(socket.receive_text(), "42[\"echo\",\"after\"]");
  }
}

TEST_P(Tls, a_broadcast_reaches_clients_of_all_workers) {
  serve(settings());
  std::vector<std::unique_ptr<SecureConnection>> sockets;
  for (int i = 0; i < 40; ++i) sockets.push_back(open_websocket());
  std::string const text(2'000, 't');
  for (int round = 0; round < 5; ++round) sockets.front()->send_text("42[\"all\",\"" + text + "\"]");
  for (auto const& socket : sockets) {
    EXPECT_EQ(socket->receive_text(), "42[\"you\",true,\"nobody\",false]");
    for (int round = 0; round < 5; ++round) EXPECT_EQ(socket->receive_text(), "42[\"all\",\"" + text + "\"]");
  }
}

TEST_P(Tls, a_client_is_known_by_its_certificate_wherever_its_session_lives) {
  Identity const anna("anna", {}, &authority);
  Identity const stranger("anna");
  auto asking = settings();
  asking.client_ca_file = folder.write("ca.pem", authority.certificate_pem());
  asking.client_certificates = Clients::request;
  serve(asking);
  auto const seen = [&](Identity const* shown, int worker) {
    auto options = trusting();
    options.identity = shown;
    auto const wish = "&worker=" + std::to_string(worker);
    auto const by_websocket = open_websocket(wish, &options)->receive_text();
    SecureConnection polling(port(), options);
    auto const path = polling_path("&sid=" + member(polling.request("GET", polling_path(wish)).body, "sid"));
    EXPECT_EQ(polling.request("POST", path, "40").body, "ok");
    EXPECT_THAT(polling.request("GET", path).body, HasSubstr(by_websocket));
    return by_websocket;
  };
  for (int worker = 0; worker < 4; ++worker) {
    EXPECT_EQ(seen(&anna, worker), "42[\"you\",true,\"CN=anna\",true]");
    EXPECT_EQ(seen(&stranger, worker), "42[\"you\",true,\"CN=anna\",false]");
    EXPECT_EQ(seen(nullptr, worker), "42[\"you\",true,\"nobody\",false]");
  }
}

TEST_P(Tls, nobody_comes_in_without_a_certificate_that_is_required) {
  Identity const anna("anna", {}, &authority);
  auto asking = settings();
  asking.client_ca_file = folder.write("ca.pem", authority.certificate_pem());
  asking.client_certificates = Clients::require;
  serve(asking);
  auto options = trusting();
  EXPECT_THROW(SecureConnection(port(), options).request("GET", "/"), std::runtime_error);
  options.identity = &anna;
  EXPECT_EQ(SecureConnection(port(), options).request("GET", "/").status, 404);
  EXPECT_EQ(io_->stats().tls_failures, 1u);
}

TEST_P(Tls, new_connections_have_new_certificates_and_old_ones_go_on) {
  auto const files = settings();
  serve(files);
  SecureConnection old(port(), trusting());
  auto const old_socket = open_websocket();
  EXPECT_EQ(old.tls().server_name(), "first");

  Identity const second("second", {"localhost"}, &authority);
  folder.write("server.pem", second.certificate_pem());
  EXPECT_EQ(SecureConnection(port(), trusting()).tls().server_name(), "first") << "nobody has said so yet";
  try {
    io_->reload_tls();
    FAIL() << "the key is the old one";
  } catch (std::runtime_error const& error) {
    EXPECT_THAT(error.what(), StartsWith("tls.certificate.key_file: '" + files.certificate.key_file + "' does not"));
  }
  EXPECT_EQ(SecureConnection(port(), trusting()).tls().server_name(), "first") << "the old ones stay in force";
  folder.write("server.key", second.key_pem());
  io_->reload_tls();
  for (int i = 0; i < 8; ++i) EXPECT_EQ(SecureConnection(port(), trusting()).tls().server_name(), "second");
  EXPECT_EQ(old.request("GET", "/").status, 404);
  old_socket->receive_text();
  old_socket->send_text("42[\"echo\",\"still here\"]");
  EXPECT_EQ(old_socket->receive_text(), "42[\"echo\",\"still here\"]");
}

TEST_P(Tls, a_session_is_taken_up_by_whichever_worker_accepts) {
  serve(settings());
  SecureConnection first(port(), trusting());
  ASSERT_EQ(first.request("GET", "/").status, 404);  // TLS 1.3: the ticket comes behind the handshake
  auto again = trusting();
  again.session = SSL_get1_session(first.tls().ssl());
  std::vector<std::unique_ptr<SecureConnection>> open;  // so that the next one is another worker's turn
  for (int i = 0; i < 12; ++i) {
    open.push_back(std::make_unique<SecureConnection>(port(), again));
    EXPECT_TRUE(open.back()->tls().resumed());
    EXPECT_EQ(open.back()->request("GET", "/").status, 404);
    if (i == 5) io_->reload_tls();
  }
  SSL_SESSION_free(again.session);
  EXPECT_EQ(io_->stats().tls_handshakes, 13u);
  EXPECT_EQ(io_->stats().tls_resumptions, 12u);
}

TEST_P(Tls, what_speaks_no_tls_is_closed_and_costs_nobody_else) {
  serve(settings());
  auto const socket = open_websocket();
  socket->receive_text();
  for (int i = 0; i < 20; ++i) {
    Connection plain(port());
    plain.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_TRUE(plain.ends());
  }
  EXPECT_EQ(io_->stats().tls_failures, 20u);
  socket->send_text("42[\"echo\",\"still here\"]");
  EXPECT_EQ(socket->receive_text(), "42[\"echo\",\"still here\"]");
}

TEST_P(Tls, a_handshake_that_does_not_come_ends_the_connection_in_time) {
  auto impatient = settings();
  impatient.handshake_timeout = std::chrono::milliseconds(50);
  serve(impatient);
  Connection silent(port());
  EXPECT_TRUE(silent.ends());
  EXPECT_EQ(io_->stats().tls_failures, 1u);
}

TEST_P(Tls, a_server_that_stops_says_goodbye) {
  serve(settings());
  auto const socket = open_websocket();
  socket->receive_text();
  SecureConnection idle(port(), trusting());
  ASSERT_EQ(idle.request("GET", "/").status, 404);
  std::thread stopping([this] { io_->stop(); });
  EXPECT_TRUE(idle.ends());
  EXPECT_TRUE(socket->ends());
  idle.connection().close();
  socket->connection().close();
  stopping.join();
}

TEST(TlsFiles, a_server_does_not_start_with_files_it_cannot_use) {
  auto options = four_workers();
  options.tls.certificate.chain_file = "/nowhere/chain.pem";
  Server io(options);
  try {
    io.start();
    FAIL();
  } catch (std::runtime_error const& error) {
    EXPECT_STREQ(error.what(),
                 "tls.certificate.chain_file: '/nowhere/chain.pem' cannot be read: No such file or directory");
  }
}

/// Two servers of one key, as two processes of a machine are.
class TwoProcesses : public ::testing::Test, protected Files {
 protected:
  std::unique_ptr<Server> serve(std::uint16_t node) {
    ServerOptions options = four_workers();
    options.workers = 2;
    options.tls = settings();
    options.identity = {
        .node = node, .incarnation = 0, .session_key = std::string(16, 'k'), .relay_folder = folder.path("")};
    auto server = std::make_unique<Server>(std::move(options));
    server->on("echo", [](Socket const& socket, std::string text) { socket.emit("echo", text); });
    server->on("go", [](Socket const& socket) {
      socket.emit("last", "words");
      socket.disconnect(true);
    });
    server->start();
    return server;
  }
  TlsClientOptions trusting() const { return {.trusted = &authority, .host = "localhost"}; }

  /// A session of `home` becomes a WebSocket over a connection to `guest`.
  std::unique_ptr<SecureConnection> upgrade_elsewhere(Server const& home, Server const& guest) {
    SecureConnection polling(home.port(), trusting());
    auto const sid = member(polling.request("GET", polling_path()).body, "sid");
    auto const path = polling_path("&sid=" + sid);
    SecureConnection other(guest.port(), trusting());
    EXPECT_EQ(other.request("POST", path, "40").body, "ok");
    EXPECT_THAT(other.request("GET", path).body, StartsWith("40{"));
    auto socket = std::make_unique<SecureConnection>(guest.port(), trusting());
    EXPECT_THAT(socket->upgrade("/socket.io/?EIO=4&transport=websocket&sid=" + sid, SecureConnection::frame("2probe")),
                StartsWith("HTTP/1.1 101"));
    EXPECT_EQ(socket->receive_text(), "3probe");
    socket->send_text("5");
    return socket;
  }
};

TEST_F(TwoProcesses, a_websocket_is_carried_to_its_session_in_another_process) {
  auto const home = serve(1), guest = serve(2);
  auto const socket = upgrade_elsewhere(*home, *guest);
  std::string const text(60'000, 't');
  for (int i = 0; i < 20; ++i) socket->send_text("42[\"echo\",\"" + text + std::to_string(i) + "\"]");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(socket->receive_text(), "42[\"echo\",\"" + text + std::to_string(i) + "\"]");
  socket->send_text("42[\"go\"]");
  EXPECT_EQ(socket->receive_text(), "42[\"last\",\"words\"]");
  EXPECT_TRUE(socket->ends());
}

TEST_F(TwoProcesses, the_session_hears_when_its_client_is_gone_behind_a_tunnel) {
  auto const home = serve(1), guest = serve(2);
  auto socket = upgrade_elsewhere(*home, *guest);
  socket->send_text("42[\"echo\",\"there\"]");
  EXPECT_EQ(socket->receive_text(), "42[\"echo\",\"there\"]");
  EXPECT_EQ(home->stats().sessions, 1u);
  socket.reset();
  auto const deadline = std::chrono::steady_clock::now() + patience;
  while (home->stats().sessions != 0 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  EXPECT_EQ(home->stats().sessions, 0u);
}

TEST_F(TwoProcesses, a_client_sees_its_websocket_end_with_either_process) {
  auto home = serve(1), guest = serve(2);
  auto const one = upgrade_elsewhere(*home, *guest);
  auto const two = upgrade_elsewhere(*home, *guest);
  std::thread stopping([&] { home->stop(); });
  EXPECT_TRUE(one->ends());
  one->connection().close();
  EXPECT_TRUE(two->ends());
  two->connection().close();
  stopping.join();
}

TEST_F(TwoProcesses, a_session_is_taken_up_by_another_process_with_the_same_key) {
  auto const home = serve(1), guest = serve(2);
  SecureConnection first(home->port(), trusting());
  ASSERT_EQ(first.request("GET", "/").status, 404);
  auto again = trusting();
  again.session = SSL_get1_session(first.tls().ssl());
  SecureConnection second(guest->port(), again);
  SSL_SESSION_free(again.session);
  EXPECT_TRUE(second.tls().resumed());
}

}  // namespace
}  // namespace chorus
