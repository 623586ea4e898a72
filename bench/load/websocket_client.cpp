#include "load/websocket_client.hpp"

#include "load/client_frames.hpp"

namespace load {
namespace {

constexpr std::uint32_t control_mask = 0x5a17c3e9;  // for what is not measured any mask will do

/// RFC 6455, 5.5.1: two bytes of a code, and perhaps words.
std::string reason_in(std::string_view payload) {
  if (payload.size() < 2) return " without a reason";
  int const code = static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
  return " with code " + std::to_string(code) + std::string(payload.size() > 2 ? ": " : "") +
         std::string(payload.substr(2));
}

}  // namespace

std::string WebSocketClient::first_request(std::string const& query) const {
  return "GET /socket.io/?EIO=4&transport=websocket" + query + " HTTP/1.1\r\nHost: " + target().host +
         "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

void WebSocketClient::send_packet(std::string_view packet, std::uint32_t mask) {
  append_frame(out_, Opcode::text, packet, mask);
}

std::size_t WebSocketClient::take(std::string_view bytes, std::size_t index, Sink& sink) {
  std::size_t used = 0;
  if (!upgraded_) {
    auto const end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) return 0;
    if (!bytes.starts_with("HTTP/1.1 101 ")) broken("no upgrade: " + std::string(bytes.substr(0, bytes.find('\r'))));
    upgraded_ = true;
    used = end + 4;
  }
  while (auto const frame = read_frame(bytes.substr(used))) {
    used += frame->size;
    if (frame->opcode == Opcode::text) on_text(frame->payload, index, sink);
    if (frame->opcode == Opcode::ping) append_frame(out_, Opcode::pong, frame->payload, control_mask);
    if (frame->opcode == Opcode::close) broken("the server closed it" + reason_in(frame->payload));
  }
  return used;
}

void WebSocketClient::on_text(std::string_view text, std::size_t index, Sink& sink) {
  if (text.empty()) return;
  switch (text.front()) {
    case '0':
      return append_frame(out_, Opcode::text, target().join, control_mask);
    case '2':
      return append_frame(out_, Opcode::text, "3", control_mask);
    case '4':
      if (state() == State::ready) return sink.on_packet(index, text.substr(1));
      if (!text.starts_with("40")) broken("not admitted: " + std::string(text));
      return set_ready();
    default:
      return;
  }
}

}  // namespace load
