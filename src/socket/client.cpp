#include "socket/client.hpp"

#include <algorithm>
#include <utility>

#include "base/debug_areas.hpp"
#include "http/query.hpp"
#include "socket/msgpack_packet.hpp"
#include "socket/packet_writer.hpp"
#include "socket/spectator.hpp"

namespace chorus::socket {
namespace {

/// Protocol 4 has no auth payload, but a query behind the namespace: its parameters, as strings. Of a repeated one the
/// last counts, as in any JSON object.
std::string auth_of_query(Bytes query) {
  ArgsWriter out;
  {
    ObjectWriter object(out);
    for (auto const& [name, value] : http::Query(query)) object.member(name, value);
  }
  return std::move(out).text();
}

}  // namespace

Client::Client(Hub& hub, engine::Session& session, Handshake::Request request)
    : hub_(hub),
      session_(session),
      assembler_(hub.settings().packets, speaks_protocol_4() ? Encoding::json : hub.settings().encoding),
      request_(std::move(request)),
      extras_(std::make_unique<Extras>(*this)) {
  hub_.timers().arm_after(extras_->connect_timeout, hub_.settings().connect_timeout);
}

Client::~Client() { give_up_searches(); }

// ---- from the session
// ------------------------------------------------------------------------------------------------

void Client::open() {
  if (auto* const spectator = hub_.spectator()) spectator->connection_opened(*this);
  if (speaks_protocol_4()) connect("/", {});
}

void Client::on_message(engine::MessageKind kind, Bytes data) {
  check_worker();
  if (extras_ && extras_->listeners) [[unlikely]]
    tell_packet(kind, data);
  if (auto* const spectator = hub_.spectator()) [[unlikely]]
    spectator->messages_in(hub_, 1, data.size());
  auto const packet = kind == engine::MessageKind::text ? assembler_.on_text(data) : assembler_.on_binary(data);
  if (packet.has_error()) return fail(packet.error());
  if (*packet) on_packet((*packet)->view(), (*packet)->attachments());
}

void Client::on_close(engine::CloseReason reason) {
  check_worker();
  give_up_searches();
  // The reference's word for a connection that the Socket.IO layer gave up.
  auto const text = violated_ ? Bytes("forced server close") : engine::to_string(reason);
  while (newest_) remove(*newest_, text, session_.close_detail());
  if (auto* const spectator = hub_.spectator()) spectator->connection_closed(*this, engine::to_string(reason));
  if (!extras_ || !extras_->listeners) return;
  extras_->listeners->close.for_each([&](auto const& handler) {
    guarded_call(hub_, "connection close", text, [&] { handler(text, session_.close_detail()); });
    return true;
  });
}

void Client::on_upgraded() {
  if (auto* const spectator = hub_.spectator()) spectator->connection_upgraded(*this);
  if (!extras_ || !extras_->listeners) return;
  auto const transport = transport_name();
  extras_->listeners->upgrade.for_each([&](auto const& handler) {
    guarded_call(hub_, "connection upgrade", transport, [&] { handler(transport); });
    return true;
  });
}

void Client::tell_packet(engine::MessageKind kind, Bytes data) {
  extras_->listeners->packet.for_each([&](auto const& handler) {
    auto run = [&] { handler(data, kind == engine::MessageKind::binary); };
    guarded_call(hub_, "connection packet", "", run);
    return true;
  });
}

Client::Extras& Client::extras() {
  if (!extras_) extras_ = std::make_unique<Extras>(*this);
  return *extras_;
}

ConnectionListeners& Client::listeners() {
  auto& listeners = extras().listeners;
  if (!listeners) listeners = std::make_unique<ConnectionListeners>(hub_, session_);
  return *listeners;
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
  if (socket_in(packet.nsp) != nullptr || is_searching(packet.nsp)) return violate("second CONNECT for a namespace");
  connect(packet.nsp, speaks_protocol_4() ? auth_of_query(packet.nsp_query) : std::string(packet.payload));
}

void Client::connect(Bytes name, std::string auth) {
  bool const has_room = socket_count() < hub_.settings().namespaces_max;
  NamespaceCore* const known = has_room ? hub_.find(name) : nullptr;
  if (known != nullptr || !has_room || hub_.parents().empty()) return connect_to(known, name, std::move(auth));
  auto const search = std::make_shared<NamespaceSearch>(*this, std::string(name), std::move(auth));
  extras().searches.push_back(search);
  search->go_on();
}

bool Client::is_searching(Bytes name) const {
  return extras_ && std::ranges::any_of(extras_->searches, [name](auto const& search) { return search->name == name; });
}

void Client::searched(NamespaceSearch& search, NamespaceCore* nsp) {
  auto const kept = search.shared_from_this();
  search.client = nullptr;
  std::erase(extras_->searches, kept);
  if (session_.state() != engine::SessionState::open) return;
  connect_to(nsp, search.name, search.auth);
}

void Client::give_up_searches() {
  if (!extras_) return;
  extras_->connect_timeout.disarm();
  for (auto const& search : std::exchange(extras_->searches, {})) search->client = nullptr;
}

void Client::connect_to(NamespaceCore* nsp, Bytes name, std::string auth) {
  if (nsp == nullptr) {
    std::string text;
    append_connect_error(text, name, "Invalid namespace");
    return send(text, {});
  }
  auto socket = std::make_unique<SocketCore>(*this, *nsp, Handshake(request_, std::move(auth)));
  SocketCore& core = *socket;
  core.older = std::exchange(newest_, std::move(socket));
  nsp->admit(core);
}

SocketCore* Client::socket_in(std::string_view nsp) const {
  SocketCore* socket = newest_.get();
  while (socket != nullptr && socket->nsp().name() != nsp) socket = socket->older.get();
  return socket;
}

std::size_t Client::socket_count() const {
  std::size_t count = extras_ ? extras_->searches.size() : 0;
  for (SocketCore const* socket = newest_.get(); socket != nullptr; socket = socket->older.get()) ++count;
  return count;
}

void Client::fail(PacketError error) {
  ++hub_.counters().packets_refused;
  debug_refusal(to_text(error));
  session_.close(engine::CloseReason::forced_close);
}

void Client::violate(std::string_view what) {
  ++hub_.counters().packets_refused;
  debug_refusal(what);
  violated_ = true;
  session_.close(engine::CloseReason::forced_close);
}

void Client::debug_refusal(std::string_view why) const {
  if (debugs(LogArea::engine)) log_debug("packet_refused", {{"why", why}, {"worker", hub_.index()}});
}

void Client::on_connect_timeout(TimePoint) {
  violated_ = true;
  session_.close(engine::CloseReason::forced_close);
}

// ---- from the namespaces
// ---------------------------------------------------------------------------------------------

void Client::admitted(SocketCore& socket) {
  // Not before: who is only refused has no business here for longer than who asks for nothing.
  if (extras_) extras_->connect_timeout.disarm();
  if (extras_ && extras_->searches.empty() && !extras_->listeners) extras_.reset();
  std::string text;
  if (speaks_protocol_4())
    append_connect_v4(text, socket.nsp().name());
  else if (auto const recovery_id = socket.recovery_id())
    append_connect(text, socket.nsp().name(), socket.id(), recovery_id->text());
  else
    append_connect(text, socket.nsp().name(), socket.id());
  send(text, {});
}

void Client::refused(SocketCore& socket, std::string_view message, std::string_view data_json) {
  std::string text;
  auto const append = speaks_protocol_4() ? append_connect_error_v4 : append_connect_error;
  append(text, socket.nsp().name(), message, data_json);
  send(text, {});
  remove(socket, "client namespace disconnect");
}

void Client::remove(SocketCore& socket, std::string_view reason, std::string_view detail) {
  socket.end(reason, detail);
  std::unique_ptr<SocketCore>* holder = &newest_;
  while (*holder && holder->get() != &socket) holder = &(*holder)->older;
  if (!*holder) return;  // its handlers ended it a second time
  auto older = std::move(socket.older);
  hub_.bury(std::exchange(*holder, std::move(older)));
}

void Client::left_behind(SocketCore& socket) {
  remove(socket, engine::to_string(engine::CloseReason::transport_close));
  if (newest_ == nullptr) session_.close(engine::CloseReason::transport_close);
}

void Client::disconnect_all() {
  while (newest_) {
    SocketCore& socket = *newest_;
    std::string text;
    append_disconnect(text, socket.nsp().name());
    send(text, {});
    remove(socket, "server namespace disconnect");
  }
  session_.close(engine::CloseReason::forced_close);
}

void Client::send(Bytes text, std::span<std::string const> attachments, engine::Compress compress) {
  if (hub_.spectator() != nullptr) [[unlikely]]
    tell_sent(text, attachments);
  if (attachments.empty() && !speaks_msgpack()) [[likely]]
    return session_.send(text, {}, compress);
  std::vector<Bytes> const pieces(attachments.begin(), attachments.end());
  if (!speaks_msgpack()) return session_.send(text, pieces, compress);
  if (auto const packet = msgpack_of(text, pieces)) session_.send_binary(*packet, compress);
}

void Client::tell_sent(Bytes text, std::span<std::string const> attachments) {
  std::size_t bytes = text.size();
  for (auto const& attachment : attachments) bytes += attachment.size();
  hub_.spectator()->messages_out(hub_, 1 + attachments.size(), bytes);
}

void Client::send(std::shared_ptr<engine::SharedMessage const> const& message) {
  if (auto* const spectator = hub_.spectator()) {
    std::size_t bytes = message->text().size() - 1;  // without Engine.IO's type
    for (std::size_t i = 0; i < message->attachment_count(); ++i) bytes += message->attachment(i).size();
    spectator->messages_out(hub_, 1 + message->attachment_count(), bytes);
  }
  if (!speaks_msgpack()) return session_.send(message);
  if (auto const& form = msgpack_form(*message)) session_.send(form);
}

}  // namespace chorus::socket
