// Everything around the Socket.IO side of one worker, as a script plays it: one hub, sessions over recorded WebSockets.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/worker_bound.hpp"
#include "chorus/namespace.hpp"
#include "socket/client.hpp"
#include "socket/definition.hpp"
#include "socket/hub.hpp"
#include "socket/recovery.hpp"
#include "support/engine_world.hpp"

namespace chorus::testing {

/// A switchboard with one worker. Letters wait until the script delivers them; interest and devices are plain tables,
/// which must be empty when everything has ended.
class LoneBoard final : public socket::Switchboard {
 public:
  unsigned workers() const override { return 1; }
  void post(unsigned, socket::Letter letter) override { letters.push_back(std::move(letter)); }
  void gained(std::string_view nsp, std::string_view key, unsigned) override {
    CHORUS_CHECK(interest.insert({std::string(nsp), std::string(key)}).second, "a room was gained twice");
  }
  void lost(std::string_view nsp, std::string_view key, unsigned) override {
    CHORUS_CHECK(interest.erase({std::string(nsp), std::string(key)}) == 1, "a room was lost that was not there");
  }
  void joins_began() override {}
  void joins_ended() override {}
  socket::WorkerSet interested(socket::Target const&) const override { return 1; }
  void device_came(std::string_view, UserId const& user, Device device) override {
    devices_of[user.value].push_back(std::move(device));
  }
  void device_went(std::string_view, UserId const& user, std::string_view socket_id) override {
    auto& list = devices_of[user.value];
    std::erase_if(list, [&](Device const& d) { return d.socket_id == socket_id; });
    if (list.empty()) devices_of.erase(user.value);
  }
  std::vector<Device> devices(std::string_view, UserId const& user) const override {
    auto const found = devices_of.find(user.value);
    return found == devices_of.end() ? std::vector<Device>{} : found->second;
  }
  std::vector<OnlineUser> users(std::string_view, std::size_t) const override { return {}; }
  socket::Uplink* uplink() const override { return uplink_to_others; }
  socket::Recovery* recovery() const override { return recovery_of_clients.get(); }

  std::vector<socket::Letter> letters;
  std::set<std::pair<std::string, std::string>> interest;
  std::map<std::string, std::vector<Device>> devices_of;
  socket::Uplink* uplink_to_others = nullptr;
  std::unique_ptr<socket::Recovery> recovery_of_clients;
};

/// One worker's turn that lasts as long as the world.
class HubWorld {
 public:
  explicit HubWorld(socket::HubSettings settings = {}, std::optional<socket::RecoverySettings> recovery = {})
      : board(make_board(recovery)),
        registry(std::make_shared<socket::Registry>(board)),
        hub(0, settings, timers, registry, mark_) {
    hub.begin_turn();
    registry->ensure("/");
  }

  ~HubWorld() {
    registry->clear();
    if (board->recovery_of_clients) board->recovery_of_clients->close();
  }

  Namespace of(std::string name) {
    registry->ensure(name);
    return Namespace(registry, std::move(name));
  }
  void deliver_letters() {
    for (auto& letter : std::exchange(board->letters, {})) hub.deliver(letter);
  }

 private:
  static std::shared_ptr<LoneBoard> make_board(std::optional<socket::RecoverySettings> const& recovery) {
    auto board = std::make_shared<LoneBoard>();
    if (!recovery) return board;
    board->recovery_of_clients = std::make_unique<socket::Recovery>(*recovery, 1);
    board->recovery_of_clients->open();
    return board;
  }

  WorkerMark mark_;
  WorkerTurn turn_{mark_};

 public:
  ManualTimers timers;
  std::shared_ptr<LoneBoard> board;
  std::shared_ptr<socket::Registry> registry;
  socket::Hub hub;
};

/// One client of the world, over WebSocket 9. `lines` is what it was sent; see EngineWorld.
class ClientWorld {
 public:
  explicit ClientWorld(HubWorld& world, engine::Dialect dialect = {})
      : engine({}, dialect), client_(world.hub, *engine.session, Handshake::Request()) {
    engine.handler = [this](engine::MessageKind kind, Bytes data) { client_.on_message(kind, data); };
    engine.close_handler = [this](engine::CloseReason reason) { client_.on_close(reason); };
    engine.open_websocket();
    client_.open();
  }

  /// The lines that one packet (without the Engine.IO type) was answered with, without "ws9 4".
  std::vector<std::string> say(std::string const& packet) {
    engine.lines.clear();
    engine.text(9, "4" + packet);
    return heard();
  }
  std::vector<std::string> say_binary(std::string const& bytes) {
    engine.lines.clear();
    engine.binary(9, bytes);
    return heard();
  }
  /// What it was sent since; only what the Socket.IO side sent.
  std::vector<std::string> heard() {
    std::vector<std::string> packets;
    for (auto const& line : engine.take_lines()) {
      if (line.starts_with("ws9 4")) packets.push_back(line.substr(5));
      if (line.starts_with("ws9 binary ") || line == "ws9 close" || line.starts_with("closed"))
        packets.push_back(line.starts_with("ws9 ") ? line.substr(4) : line);
    }
    return packets;
  }
  socket::Client& client() { return client_; }

  EngineWorld engine;

 private:
  socket::Client client_;
};

}  // namespace chorus::testing
