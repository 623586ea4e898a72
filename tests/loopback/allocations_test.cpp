// What a message costs in allocations, once a server has warmed up: those that workers make in their turns are counted.
//
// A binary of its own, for it replaces operator new; not built with sanitizers, which do so too.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <new>
#include <string>
#include <vector>

#include "base/worker_bound.hpp"
#include "chorus/server.hpp"
#include "support/as_msgpack.hpp"
#include "support/four_workers.hpp"
#include "support/raw_client.hpp"
#include "websocket/message_deflater.hpp"

namespace {

std::atomic<std::uint64_t> allocations_in_turns{0};

void* counted(std::size_t size) {
  if (chorus::current_turn != nullptr) allocations_in_turns.fetch_add(1, std::memory_order_relaxed);
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace chorus {
namespace {

using namespace testing;

constexpr int warm_up = 200, messages = 500;
/// What a count may be above its bound: tables that grow now and then, a heartbeat.
constexpr double slack = 0.02;

class Allocations : public ::testing::Test {
 protected:
  explicit Allocations(ServerOptions const& wanted = options()) : io(wanted) {
    // As the bench server has them: arguments go through as they came.
    io.use([](Handshake const& handshake) -> Admission {
      auto const id = handshake.query("id");
      return id ? admit(UserId{std::string(*id)}) : admit();
    });
    io.on("echo", [](Socket const& socket, ArgView x) { socket.emit("echo", x); });
    io.on("ack", [](ArgView x, Ack const& ack) { ack(x); });
    io.on("broadcast", [everyone = io.of("/")](ArgView x) { everyone.emit("broadcast", x); });
    io.on("join", [](Socket const& socket, std::string const& room, Ack const& ack) {
      socket.join(room);
      ack();
    });
    io.on("room", [nsp = io.of("/")](std::string const& room, ArgView x) { nsp.to(room).emit("room", x); });
    io.on("message",
          [nsp = io.of("/")](Socket const& socket, ArgView x) { nsp.user(socket.user()).emit("message", x); });
    io.start();
  }
  static ServerOptions options() {
    auto options = four_workers();
    options.workers = 2;
    options.allow_eio3 = true;
    return options;
  }
  /// Clients on both workers in turn; all of them are in the room "all" and devices of one user.
  std::vector<WebSocketClient> clients(int count, std::string const& headers = "") {
    std::vector<WebSocketClient> all;
    for (int i = 0; i < count; ++i) {
      all.emplace_back(io.port(), "&id=ada&worker=" + std::to_string(i % 2), headers);
      all.back().connect();
      all.back().send(R"(420["join","all"])");
      EXPECT_EQ(all.back().receive(), "430[]");
    }
    return all;
  }
  /// Allocations in turns for each message that one client says and `receivers` hear.
  double per_message(std::vector<WebSocketClient>& receivers, std::string const& said, std::string const& heard) {
    auto const talk = [&](int count) {
      for (int n = 0; n < count; ++n) {
        say(receivers.front(), said);
        for (auto& receiver : receivers) ASSERT_EQ(receiver.receive(), heard);
      }
    };
    talk(warm_up);
    auto const before = allocations_in_turns.load();
    talk(messages);
    return static_cast<double>(allocations_in_turns.load() - before) / messages;
  }

  virtual void say(WebSocketClient& client, std::string const& said) { client.send(said); }

  Server io;
};

std::string const text = "\"a text that is longer than what a string keeps inside\"";

TEST_F(Allocations, an_echo_makes_none) {
  auto one = clients(1);
  EXPECT_LE(per_message(one, "42[\"echo\"," + text + "]", "42[\"echo\"," + text + "]"), slack);
}

TEST_F(Allocations, an_acknowledgement_makes_none) {
  auto one = clients(1);
  EXPECT_LE(per_message(one, "421[\"ack\"," + text + "]", "431[" + text + "]"), slack);
}

TEST_F(Allocations, an_echo_makes_none_where_somebody_listens_to_all_packets) {
  io.on_connection([](Socket const& socket) {
    auto const conn = socket.conn();
    auto const seen = std::make_shared<std::size_t>();
    conn.on_packet([seen](std::string_view data, bool) { *seen += data.size(); });
    conn.on_packet_create([seen](EnginePacket const& packet) { *seen += packet.data.size(); });
    conn.on_flush([seen](std::size_t packets) { *seen += packets; });
    conn.on_drain([seen] { ++*seen; });
  });
  auto one = clients(1);
  EXPECT_LE(per_message(one, "42[\"echo\"," + text + "]", "42[\"echo\"," + text + "]"), slack);
}

// A message to many is encoded once, in memory that all its receivers share and that then serves the next ones.
TEST_F(Allocations, a_broadcast_makes_none) {
  auto all = clients(8);
  EXPECT_LE(per_message(all, "42[\"broadcast\"," + text + "]", "42[\"broadcast\"," + text + "]"), slack);
}

TEST_F(Allocations, a_message_to_a_room_makes_none) {
  auto all = clients(8);
  EXPECT_LE(per_message(all, "42[\"room\",\"all\"," + text + "]", "42[\"room\"," + text + "]"), slack);
}

TEST_F(Allocations, a_broadcast_makes_none_when_clients_of_socket_io_2_hear_it_too) {
  auto all = clients(4);
  for (int i = 0; i < 4; ++i) {
    auto const query = "EIO=3&transport=websocket&worker=" + std::to_string(i % 2);
    all.push_back(WebSocketClient::raw(io.port(), "/socket.io/?" + query));
    EXPECT_EQ(all.back().receive().front(), '0');
    EXPECT_EQ(all.back().receive(), "40");
  }
  EXPECT_LE(per_message(all, "42[\"broadcast\"," + text + "]", "42[\"broadcast\"," + text + "]"), slack);
}

TEST_F(Allocations, a_message_to_a_user_makes_none) {
  auto all = clients(8);
  EXPECT_LE(per_message(all, "42[\"message\"," + text + "]", "42[\"message\"," + text + "]"), slack);
}

/// The same with messages that are deflated in both directions.
class DeflatedAllocations : public Allocations {
 protected:
  DeflatedAllocations() : Allocations(deflating()) {}
  static ServerOptions deflating() {
    auto options = Allocations::options();
    options.per_message_deflate.enabled = true;
    return options;
  }
  static std::string deflated(std::string const& message) {
    websocket::DeflateCounters counters;
    std::string frame;
    websocket::MessageDeflater({}, 15, websocket::Context::none, counters)
        .append_frame(frame, websocket::Opcode::text, {}, message);
    EXPECT_EQ(frame[0], '\xc1');
    return frame.substr(frame[1] == 126 ? 4 : 2);
  }
  double per_deflated_message(std::vector<WebSocketClient>& receivers, char const* said, char const* heard) {
    std::string const large = '"' + std::string(2'000, 'x') + "\"]";
    return per_message(receivers, deflated(said + large), deflated(heard + large));
  }
  void say(WebSocketClient& client, std::string const& said) override { client.send_frame(0x41, said); }
};
constexpr auto offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";

TEST_F(DeflatedAllocations, an_echo_makes_none) {
  auto one = clients(1, offer);
  EXPECT_LE(per_deflated_message(one, "42[\"echo\",", "42[\"echo\","), slack);
}

TEST_F(DeflatedAllocations, a_message_to_a_room_makes_none) {
  auto all = clients(8, offer);
  EXPECT_LE(per_deflated_message(all, "42[\"room\",\"all\",", "42[\"room\","), slack);
}

/// The same with clients that write MessagePack: what comes in becomes JSON in memory of its own, and what goes out
/// is made from JSON, once for all receivers.
class MsgpackAllocations : public Allocations {
 protected:
  std::vector<WebSocketClient> msgpack_clients(int count) {
    std::vector<WebSocketClient> all;
    for (int i = 0; i < count; ++i) {
      all.emplace_back(io.port(), "&worker=" + std::to_string(i % 2));
      all.back().send_binary(as_msgpack("0"));
      all.back().receive();
    }
    return all;
  }
  void say(WebSocketClient& client, std::string const& said) override { client.send_binary(said); }

  static constexpr double of_what_comes_in = 2;
};

TEST_F(MsgpackAllocations, an_echo_makes_two) {
  auto one = msgpack_clients(1);
  auto const echo = as_msgpack("2[\"echo\"," + text + "]");
  EXPECT_LE(per_message(one, echo, echo), of_what_comes_in + slack);
}

TEST_F(MsgpackAllocations, a_broadcast_makes_no_more_whatever_the_number_of_receivers) {
  auto all = msgpack_clients(8);
  auto const said = as_msgpack("2[\"broadcast\"," + text + "]");
  EXPECT_LE(per_message(all, said, said), of_what_comes_in + slack);
}

}  // namespace
}  // namespace chorus
