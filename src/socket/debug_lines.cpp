#include "socket/debug_lines.hpp"

#include <string>

#include "base/debug_areas.hpp"
#include "engine/shared_message.hpp"
#include "socket/hub.hpp"
#include "socket/namespace_core.hpp"
#include "socket/packet.hpp"
#include "socket/socket_core.hpp"

namespace chorus::socket {
namespace {

LogField nsp_of(SocketCore const& socket) { return peer_field("nsp", socket.nsp().name()); }
LogField id_of(SocketCore const& socket) { return peer_field("socket", socket.id()); }
LogField worker_of(SocketCore const& socket) { return {"worker", socket.nsp().hub().index()}; }

void packet_line(std::string_view line, SocketCore const& socket, DebugLines::Packet const& packet) {
  log_debug(line, {nsp_of(socket),
                   id_of(socket),
                   peer_field("event", packet.event),
                   {"bytes", packet.bytes},
                   {"attachments", packet.attachments},
                   {"ack", packet.ack_id ? std::to_string(*packet.ack_id) : std::string("none")},
                   worker_of(socket)});
}

bool is_user(std::string_view key) { return key.front() == 'u'; }

void room_line(SocketCore const& socket, std::string_view line, std::string_view key) {
  auto const name = peer_field(is_user(key) ? "user" : "room", key.substr(1));
  log_debug(line, {nsp_of(socket), id_of(socket), name, worker_of(socket)});
}

LogField words_of(Admission const& verdict) { return {"verdict", verdict.admitted() ? "admitted" : "refused"}; }

}  // namespace

void DebugLines::came(SocketCore const& socket, Packet const& packet) { packet_line("packet_in", socket, packet); }

void DebugLines::went(SocketCore const& socket, Packet const& packet) { packet_line("packet_out", socket, packet); }

void DebugLines::went(NamespaceCore const& nsp, engine::SharedMessage const& message, std::size_t receivers) {
  auto const text = message.has_text() ? message.text().substr(1) : Bytes();  // without Engine.IO's type
  auto const packet = decode(text, PacketLimits::none());
  std::string name;
  log_debug("broadcast_out", {peer_field("nsp", nsp.name()),
                              peer_field("event", packet && packet->is_event() ? packet->event_name(name) : ""),
                              {"bytes", text.size()},
                              {"attachments", message.attachment_count()},
                              {"receivers", receivers},
                              {"worker", nsp.hub().index()}});
}

void DebugLines::socket(SocketCore const& socket, std::string_view step) {
  log_debug(step, {nsp_of(socket), id_of(socket), worker_of(socket)});
}

void DebugLines::ended(SocketCore const& socket, std::string_view reason) {
  log_debug("socket_ended", {nsp_of(socket), id_of(socket), {"reason", reason}, worker_of(socket)});
}

void DebugLines::verdict(SocketCore const& socket, std::size_t middleware, Admission const& verdict) {
  log_debug("middleware_verdict", {nsp_of(socket),
                                   id_of(socket),
                                   {"middleware", middleware},
                                   words_of(verdict),
                                   peer_field("message", verdict.message),
                                   worker_of(socket)});
}

void DebugLines::verdict(SocketCore const& socket, std::string_view event, Admission const& verdict) {
  log_debug("event_verdict", {nsp_of(socket), id_of(socket), peer_field("event", event), words_of(verdict),
                              peer_field("message", verdict.message), worker_of(socket)});
}

void DebugLines::joined(SocketCore const& socket, std::string_view key) {
  room_line(socket, is_user(key) ? "user_joined" : "room_joined", key);
}

void DebugLines::left(SocketCore const& socket, std::string_view key) {
  room_line(socket, is_user(key) ? "user_left" : "room_left", key);
}

void DebugLines::not_recovered(SocketCore const& socket, std::string_view why) {
  log_debug("session_not_recovered", {nsp_of(socket), {"why", why}, worker_of(socket)});
}

void DebugLines::mistyped(SocketCore const& socket, Packet const& packet) {
  packet_line("event_mistyped", socket, packet);
}

}  // namespace chorus::socket
