// What a program wants to be told of one client's connection.
#pragma once
#include <functional>
#include <string_view>

#include "chorus/engine_packet.hpp"
#include "engine/outlet.hpp"
#include "socket/listeners.hpp"

namespace chorus::engine {
class Session;
}

namespace chorus::socket {

class Hub;

/// Thread: the client's worker. Lifetime: the client's.
class ConnectionListeners final : engine::PacketWatch {
 public:
  ConnectionListeners(Hub& hub, engine::Session& session) : hub_(hub), session_(session) {}

  Listeners<std::function<void(std::string_view)>> upgrade;
  Listeners<std::function<void(std::string_view, bool)>> packet;
  Listeners<std::function<void(std::string_view, std::string_view)>> close;
  // Of the session's packets: see note_watchers().
  Listeners<std::function<void(EnginePacket const&)>> packet_create;
  Listeners<std::function<void(std::size_t)>> flush;
  Listeners<std::function<void()>> drain;
  Listeners<std::function<void()>> heartbeat;
  Listeners<std::function<void(std::string_view)>> upgrading;

  /// Of whichever kind.
  void remove(ListenerId id);
  /// One of the last five was added or removed: the session tells of its packets while there is one.
  void note_watchers();

 private:
  void on_packet_create(engine::Packet const& packet, engine::Compress compress) override;
  void on_flush(std::size_t packets) override;
  void on_drain() override;
  void on_heartbeat() override;
  void on_upgrading() override;

  Hub& hub_;
  engine::Session& session_;
};

/// A packet that the engine tells of, as a program sees it.
EnginePacket public_packet(engine::Packet const& packet, engine::Compress compress);

}  // namespace chorus::socket
