#include "server/websocket_connection.hpp"

#include <utility>

#include "engine/session.hpp"
#include "server/letters.hpp"
#include "server/site.hpp"
#include "websocket/frame.hpp"

namespace chorus::server {

WebSocketConnection::WebSocketConnection(Site& site, websocket::Limits limits, Use use)
    : SiteConnection(Kind::websocket), site_(site), reader_(limits), use_(use) {}

engine::Ticket WebSocketConnection::ticket() const { return make_ticket(site_.index(), agreed_, id()); }

void WebSocketConnection::on_data(net::ConnectionId, MutableBytes bytes) {
  if (closing_) return;
  auto const fed = reader_.feed(bytes, *this, agreed_ ? &site_.deflation().inflater(id(), agreed_) : nullptr);
  if (!fed.has_error() || closing_) return;
  send_close_frame(static_cast<std::uint16_t>(fed.error()));
  lost(true);
}

void WebSocketConnection::on_end(net::ConnectionId) {
  lost(false);
  site_.close_connection(*this, net::CloseMode::after_flush);
}

void WebSocketConnection::on_closed(net::ConnectionId, net::CloseReason) {
  closing_ = true;
  lost(false);
  site_.forget(*this);
}

void WebSocketConnection::drain() {
  // Sessions close their WebSockets themselves; what is left belongs to none.
  if (session_ == nullptr && !closing_) close(static_cast<std::uint16_t>(websocket::CloseCode::going_away));
}

bool WebSocketConnection::on_text(Bytes message) {
  if (session_ != nullptr)
    session_->on_websocket_message(ticket(), engine::MessageKind::text, message);
  else
    echo(engine::MessageKind::text, message);
  return !closing_;
}

bool WebSocketConnection::on_binary(Bytes message) {
  if (session_ != nullptr)
    session_->on_websocket_message(ticket(), engine::MessageKind::binary, message);
  else
    echo(engine::MessageKind::binary, message);
  return !closing_;
}

void WebSocketConnection::echo(engine::MessageKind kind, Bytes message) {
  if (use_ == Use::echo) site_.send_message(ticket(), kind, message);
}

bool WebSocketConnection::on_ping(Bytes payload) {
  site_.write_frame(id(), websocket::Opcode::pong, {}, payload);
  return !closing_;
}

void WebSocketConnection::on_close(std::optional<std::uint16_t> code, Bytes) {
  // RFC 6455, 5.5.1: the answer echoes the code.
  send_close_frame(code.value_or(0));
  lost(false);
}

void WebSocketConnection::close(std::uint16_t code) {
  session_ = nullptr;
  if (!closing_) send_close_frame(code);
}

void WebSocketConnection::send_close_frame(std::uint16_t code) {
  if (std::exchange(closing_, true)) return;
  // A frame of its own without a body is what the peer reports as 1005.
  site_.write(id(), code == 0 ? std::string("\x88\x00", 2) : websocket::close_frame(code));
  site_.close_connection(*this, net::CloseMode::after_flush);
}

void WebSocketConnection::close_without_frame() {
  closing_ = true;
  site_.close_connection(*this, net::CloseMode::after_flush);
}

void WebSocketConnection::lost(bool failed) {
  if (engine::Session* const session = std::exchange(session_, nullptr))
    session->on_websocket_closed(ticket(), failed ? engine::WebSocketEnd::failed : engine::WebSocketEnd::closed);
}

}  // namespace chorus::server
