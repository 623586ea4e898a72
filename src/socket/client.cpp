#include "socket/client.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/random.hpp"
#include "socket/packet_writer.hpp"

namespace chorus::socket {
namespace {

constexpr std::size_t socket_id_size = 20;  // the length that other Socket.IO tools expect

}  // namespace

Client::Client(Hub& hub, engine::Session& session, std::shared_ptr<Handshake::Request const> request)
    : hub_(hub),
      session_(session),
      assembler_(hub.settings().packets),
      request_(std::move(request)),
      connect_timer_(std::make_unique<Timer>(timer_callback<&Client::on_connect_timeout>, this)) {
  hub_.timers().arm_after(*connect_timer_, hub_.settings().connect_timeout);
}

Client::~Client() = default;

// ---- from the session
// ------------------------------------------------------------------------------------------------

void Client::on_message(engine::MessageKind kind, Bytes data) {
  check_worker();
  auto const packet = kind == engine::MessageKind::text ? assembler_.on_text(data) : assembler_.on_binary(data);
  if (packet.has_error()) return fail(packet.error());
  if (*packet) on_packet((*packet)->view(), (*packet)->attachments());
}

void Client::on_close(engine::CloseReason reason) {
  check_worker();
  connect_timer_.reset();
  // The reference's word for a connection that the Socket.IO layer gave up.
  auto const text = violated_ ? Bytes("forced server close") : engine::to_string(reason);
  while (!sockets_.empty()) remove(*sockets_.back(), text);
}

void Client::on_packet(PacketView const& packet, std::span<std::string const> attachments) {
  if (packet.type == PacketType::connect) return on_connect(packet);
  SocketCore* const socket = socket_in(packet.nsp);
  // Socket.IO v5 knows no packet but CONNECT for a namespace that is not joined.
  if (socket == nullptr || !socket->connected()) return violate("packet for a namespace that is not joined");
  switch (packet.type) {
    case PacketType::event:
    case PacketType::binary_event:
      return socket->on_event(packet, attachments);
    case PacketType::ack:
    case PacketType::binary_ack:
      return socket->on_ack(*packet.ack_id, Args(packet.arguments, attachments));
    case PacketType::disconnect:
      return remove(*socket, "client namespace disconnect");
    case PacketType::connect_error:
    case PacketType::connect:
      return;  // a client has nothing to refuse: ignored
  }
}

void Client::on_connect(PacketView const& packet) {
  if (socket_in(packet.nsp) != nullptr) return violate("second CONNECT for a namespace");
  NamespaceCore* const nsp = sockets_.size() < hub_.settings().namespaces_max ? hub_.find_or_make(packet.nsp) : nullptr;
  if (nsp == nullptr) {
    std::string text;
    append_connect_error(text, packet.nsp, "Invalid namespace");
    return send(text, {});
  }
  connect_timer_.reset();
  auto socket = std::make_unique<SocketCore>(*this, *nsp, random_token(socket_id_size),
                                             Handshake(request_, std::string(packet.payload)));
  SocketCore& core = *socket;
  sockets_.push_back(std::move(socket));
  nsp->admit(core);
}

SocketCore* Client::socket_in(std::string_view nsp) const {
  auto const found = std::ranges::find_if(sockets_, [nsp](auto const& s) { return s->nsp().name() == nsp; });
  return found == sockets_.end() ? nullptr : found->get();
}

void Client::fail(PacketError error) {
  ++hub_.counters().packets_refused;
  log(LogLevel::debug, "packet_refused", {{"why", to_text(error)}, {"worker", hub_.index()}});
  session_.close(engine::CloseReason::forced_close);
}

void Client::violate(std::string_view what) {
  ++hub_.counters().packets_refused;
  log(LogLevel::debug, "packet_refused", {{"why", what}, {"worker", hub_.index()}});
  violated_ = true;
  session_.close(engine::CloseReason::forced_close);
}

void Client::on_connect_timeout(TimePoint) {
  violated_ = true;
  session_.close(engine::CloseReason::forced_close);
}

// ---- from the namespaces
// ---------------------------------------------------------------------------------------------

void Client::admitted(SocketCore& socket) {
  std::string text;
  append_connect(text, socket.nsp().name(), socket.id());
  send(text, {});
}

void Client::refused(SocketCore& socket, std::string_view message, std::string_view data_json) {
  std::string text;
  append_connect_error(text, socket.nsp().name(), message, data_json);
  send(text, {});
  remove(socket, "client namespace disconnect");
}

void Client::remove(SocketCore& socket, std::string_view reason) {
  socket.end(reason);
  auto const found = std::ranges::find_if(sockets_, [&](auto const& s) { return s.get() == &socket; });
  if (found == sockets_.end()) return;  // its handlers ended it a second time
  hub_.bury(std::move(*found));
  sockets_.erase(found);
}

void Client::disconnect_all() {
  while (!sockets_.empty()) {
    SocketCore& socket = *sockets_.back();
    std::string text;
    append_disconnect(text, socket.nsp().name());
    send(text, {});
    remove(socket, "server namespace disconnect");
  }
  session_.close(engine::CloseReason::forced_close);
}

void Client::send(Bytes text, std::span<std::string const> attachments) {
  if (attachments.empty()) return session_.send(text);
  std::vector<Bytes> const pieces(attachments.begin(), attachments.end());
  session_.send(text, pieces);
}

}  // namespace chorus::socket
