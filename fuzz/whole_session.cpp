// A whole session from a WebSocket's bytes to the handlers and back: frames, Engine.IO packets, Socket.IO packets,
// admission, rooms, questions, binary. Whatever the bytes are, the session ends once and leaves nothing behind.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "base/check.hpp"
#include "support/socket_world.hpp"
#include "websocket/message_reader.hpp"

namespace {

using namespace chorus;
using testing::ClientWorld;
using testing::HubWorld;

/// The server's WebSocketConnection in small: messages to the session until it ends.
struct Feeder final : websocket::MessageSink {
  explicit Feeder(ClientWorld& c) : client(c) {}
  bool on_text(Bytes message) override {
    client.engine.text(9, message);
    return client.engine.closes() == 0;
  }
  bool on_binary(Bytes message) override {
    client.engine.binary(9, message);
    return client.engine.closes() == 0;
  }
  bool on_ping(Bytes) override { return true; }
  bool on_pong(Bytes) override { return true; }
  void on_close(std::optional<std::uint16_t>, Bytes) override { client.engine.hang_up(9); }
  ClientWorld& client;
};

void set_up(HubWorld& world) {
  auto nsp = world.of("/");
  nsp.use([](Handshake const& hs) -> Admission {
    if (auto id = hs.auth<std::string>("id")) return admit(UserId{*id});
    return hs.auth<bool>("refuse").value_or(false) ? refuse("no") : admit();
  });
  nsp.on("join", [](Socket const& s, std::string room) { s.join(room); });
  nsp.on("leave", [](Socket const& s, std::string room) { s.leave(room); });
  nsp.on("all", [nsp](Socket const&, std::string room) { nsp.to(room).emit("all", 1); });
  nsp.on("ask", [](Socket const& s) { s.ask("q", std::chrono::milliseconds(50), [](Answer const&) {}); });
  nsp.on("bin", [](Socket const& s, Binary data, Ack ack) {
    s.emit("bin", data);
    ack(data);
  });
  nsp.on("echo", [](Incoming const& in) { in.ack()(in.args.size()); });
  nsp.on("kick", [](Socket const& s, bool close) { s.disconnect(close); });
  world.of("/custom").on("x", [](Socket const& s, std::optional<std::vector<double>> list) { s.emit("x", list); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size < 1) return 0;
  HubWorld world;
  set_up(world);
  auto client = std::make_unique<ClientWorld>(world);
  {
    Feeder feeder(*client);
    websocket::MessageReader reader(websocket::Limits{.message_bytes_max = 64 * 1024});
    // The first byte chooses how the rest is cut.
    std::size_t const piece = data[0] == 0 ? size : data[0];
    for (std::size_t at = 1; at < size && client->engine.closes() == 0; at += piece) {
      std::string bytes(reinterpret_cast<char const*>(data) + at, std::min(piece, size - at));
      if (reader.feed(MutableBytes(bytes), feeder).has_error()) client->engine.hang_up(9, engine::WebSocketEnd::failed);
      world.deliver_letters();
      world.hub.end_of_turn();
      world.timers.advance(std::chrono::milliseconds(10));
    }
  }
  client->engine.cut_everything();
  world.hub.end_of_turn();
  CHORUS_CHECK(client->engine.closes() == 1, "a session must end exactly once");
  CHORUS_CHECK(world.board->interest.empty(), "a room outlived its members");
  CHORUS_CHECK(world.board->devices_of.empty(), "a device outlived its socket");
  client.reset();
  CHORUS_CHECK(world.timers.armed() == 0, "a timer outlived its session");
  return 0;
}
