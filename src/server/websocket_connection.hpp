// A connection that speaks WebSocket: frames in, messages to its session.
#pragma once
#include <cstdint>
#include <optional>

#include "engine/types.hpp"
#include "server/site_connection.hpp"
#include "websocket/deflate_parameters.hpp"
#include "websocket/message_reader.hpp"

namespace chorus::engine {
class Session;
}

namespace chorus::server {

class Site;

/// Thread: its worker's. `session` nullptr: the echo endpoint, or a session that said goodbye (then input is ignored).
class WebSocketConnection final : public SiteConnection, websocket::MessageSink {
 public:
  enum class Use : std::uint8_t { session, echo };

  WebSocketConnection(Site& site, websocket::Limits limits, Use use);

  /// What the handshake has agreed on; before attach().
  void agree(websocket::DeflateParameters agreed) { agreed_ = agreed; }
  /// Messages go there from now on; its ticket is `ticket()`.
  void attach(engine::Session& session) { session_ = &session; }
  engine::Ticket ticket() const;
  /// The session's goodbye: a close frame (code 0: without one), then the end. The session hears nothing more.
  void close(std::uint16_t code);

  /// What was written goes out, then the end: it never became a WebSocket.
  void close_without_frame();

  void on_data(net::ConnectionId id, MutableBytes bytes) override;
  void on_end(net::ConnectionId id) override;
  void on_drained(net::ConnectionId) override {}
  void on_closed(net::ConnectionId id, net::CloseReason reason) override;
  void drain() override;

 private:
  bool on_text(Bytes message) override;
  bool on_binary(Bytes message) override;
  bool on_ping(Bytes payload) override;
  bool on_pong(Bytes) override { return !closing_; }
  void on_close(std::optional<std::uint16_t> code, Bytes reason) override;

  void echo(engine::MessageKind kind, Bytes message);
  void send_close_frame(std::uint16_t code);
  /// Tells the session once that its WebSocket is gone.
  void lost(bool failed);

  Site& site_;
  engine::Session* session_ = nullptr;
  [[no_unique_address]] websocket::MessageReader reader_;  // its padding holds what follows
  Use const use_;
  bool closing_ = false;
  websocket::DeflateParameters agreed_;
};

static_assert(sizeof(WebSocketConnection) <= 72, "one for each connection, most of them idle");

}  // namespace chorus::server
