// What a session asks of the world, and what it tells its owner. Declared here, implemented above (and by tests).
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.hpp"
#include "engine/dialect.hpp"
#include "engine/payload.hpp"
#include "engine/shared_message.hpp"
#include "engine/types.hpp"

namespace chorus::engine {

/// websocket_close() with a close frame that has no body: what the peer's API calls 1005.
inline constexpr std::uint16_t close_without_code = 0;

/// Ways out of a session. Thread: the session's worker. Never re-enters the session: what happens on a connection
/// during such a call is told to the session later.
class Outlet {
 public:
  /// Answers a GET or POST. Exactly once for each ticket given to a session, except that a parked poll whose connection
  /// broke (Session::on_request_gone) is not answered.
  virtual void respond(Ticket request, HttpAnswer answer) = 0;

  /// One message as one frame, whose payload is `prefix` then `payload`.
  virtual void websocket_send(Ticket websocket, MessageKind kind, Bytes prefix, Bytes payload, Compress compress) = 0;
  virtual void websocket_send(Ticket websocket, std::shared_ptr<SharedMessage const> const& message) = 0;
  /// The same for a client of revision 3, which must have its attachments in other frames (class Reframed).
  virtual void websocket_send_reframed(Ticket websocket, std::shared_ptr<SharedMessage const> const& message,
                                       BinaryForm form) = 0;

  /// Sends what is queued, then a close frame, then ends the TCP connection in its own time. The session hears nothing
  /// more of this WebSocket and says nothing more to it. `code`: RFC 6455, 7.4, or close_without_code.
  virtual void websocket_close(Ticket websocket, std::uint16_t code) = 0;

  /// Bytes accepted by websocket_send() and not yet taken by the kernel.
  virtual std::size_t websocket_unsent(Ticket websocket) const = 0;

 protected:
  ~Outlet() = default;
};

/// The layer above a session. May call send(), close() and the accessors of the session from within; must not destroy
/// it there.
class SessionListener {
 public:
  /// One message of the peer, in order. `data` ends with the call; text is valid UTF-8 and comes without its type '4'.
  virtual void on_message(MessageKind kind, Bytes data) = 0;
  /// The session left polling for a WebSocket; the buffered messages have been handed to it.
  virtual void on_upgraded() {}
  /// Exactly once and last. Never called from within send(); close() and shut_down() may call it before they return.
  virtual void on_close(CloseReason reason) = 0;

 protected:
  ~SessionListener() = default;
};

/// Who wants to know of each packet of a session (Session::watch): the rest of the events of the reference's engine
/// sockets. May send and close from within: what it sends inside on_packet_create() is not told to it, what it sends
/// elsewhere is; flush and drain of either come in a later turn, and so does the end.
class PacketWatch {
 public:
  /// A ping, pong or message is about to be sent, or to wait for a poll. `packet` ends with the call.
  virtual void on_packet_create(Packet const& packet, Compress compress) = 0;
  /// So many packets went to the transport, together.
  virtual void on_flush(std::size_t packets) = 0;
  /// No packet waits in the session any more.
  virtual void on_drain() = 0;
  /// The client gave its sign of life.
  virtual void on_heartbeat() = 0;
  /// A WebSocket has asked whether it may become the transport, and was told that it may.
  virtual void on_upgrading() = 0;

 protected:
  ~PacketWatch() = default;
};

}  // namespace chorus::engine
