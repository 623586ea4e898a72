#include "socket/connection_listeners.hpp"

#include <utility>

#include "engine/session.hpp"
#include "socket/hub.hpp"

namespace chorus::socket {
namespace {

/// Calls all of one kind, which may come and go meanwhile. `what`: a literal.
template <class F, class... Values>
void tell(Hub& hub, char const* what, Listeners<F>& listeners, Values const&... values) {
  listeners.for_each([&](F const& handler) {
    guarded_call(hub, what, {}, [&] { handler(values...); });
    return true;
  });
}

EnginePacket::Type type_of(engine::PacketType type) {
  switch (type) {
    case engine::PacketType::ping:
      return EnginePacket::Type::ping;
    case engine::PacketType::pong:
      return EnginePacket::Type::pong;
    default:
      return EnginePacket::Type::message;
  }
}

}  // namespace

EnginePacket public_packet(engine::Packet const& packet, engine::Compress compress) {
  return {type_of(packet.type), packet.data, packet.kind == engine::MessageKind::binary,
          compress == engine::Compress::yes};
}

void ConnectionListeners::remove(ListenerId id) {
  if (upgrade.remove(id) || packet.remove(id) || close.remove(id)) return;
  bool const there =
      packet_create.remove(id) || flush.remove(id) || drain.remove(id) || heartbeat.remove(id) || upgrading.remove(id);
  if (there) note_watchers();
}

void ConnectionListeners::note_watchers() {
  bool const nobody = packet_create.empty() && flush.empty() && drain.empty() && heartbeat.empty() && upgrading.empty();
  session_.watch(nobody ? nullptr : this);
}

void ConnectionListeners::on_packet_create(engine::Packet const& created, engine::Compress compress) {
  tell(hub_, "connection packet create", packet_create, public_packet(created, compress));
}
void ConnectionListeners::on_flush(std::size_t packets) { tell(hub_, "connection flush", flush, packets); }
void ConnectionListeners::on_drain() { tell(hub_, "connection drain", drain); }
void ConnectionListeners::on_heartbeat() { tell(hub_, "connection heartbeat", heartbeat); }
void ConnectionListeners::on_upgrading() {
  tell(hub_, "connection upgrading", upgrading, std::string_view("websocket"));
}

}  // namespace chorus::socket
