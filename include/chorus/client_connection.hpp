// ClientConnection: the Engine.IO session under a socket, which all namespaces of one client share.
#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "chorus/engine_packet.hpp"
#include "chorus/listener.hpp"

namespace chorus {

namespace socket {
struct SocketRef;
}

/// What `socket.conn()` gives, a copyable handle. Thread: the socket's worker. Lifetime: outlives the connection; then
/// what it tells is empty and what it is told does nothing. Handlers that are set here end with the connection, not
/// with the socket.
class ClientConnection {
 public:
  explicit ClientConnection(std::shared_ptr<socket::SocketRef const> ref) : ref_(std::move(ref)) {}

  /// "polling" or "websocket".
  std::string_view transport() const;
  /// The revision of Engine.IO's protocol: 4, or 3 for Socket.IO 1 and 2.
  unsigned protocol() const;
  /// It began with polling and is a WebSocket now.
  bool upgraded() const;
  /// The session id. Whoever knows it can speak for this client, so it must not be shown to anybody; socket.id() is for
  /// that.
  std::string_view secret_id() const;

  /// The connection has become a WebSocket.
  ListenerId on_upgrade(std::function<void(std::string_view transport)> handler) const;
  /// Each message of the client before it is read: text or bytes of a Socket.IO packet.
  ListenerId on_packet(std::function<void(std::string_view data, bool binary)> handler) const;

  // The session's packets, as Node's engine sockets tell of them. A connection without such handlers pays nothing for
  // them. Handlers may send and close: the end then follows in a later turn, and so do flush and drain of what a
  // handler sent.

  /// A ping, a pong or a message is about to be sent, or to wait for the next poll [packetCreate]. Each attachment is a
  /// packet of its own. What a handler of this event sends is not told to it.
  ListenerId on_packet_create(std::function<void(EnginePacket const& packet)> handler) const;
  /// So many packets have gone to the transport together [flush]: to a WebSocket each as it is sent, to polling what
  /// one answer took.
  ListenerId on_flush(std::function<void(std::size_t packets)> handler) const;
  /// Behind a flush: nothing waits for a poll any more [drain].
  ListenerId on_drain(std::function<void()> handler) const;
  /// The client gave its sign of life: a pong, or with Engine.IO 3 a ping [heartbeat].
  ListenerId on_heartbeat(std::function<void()> handler) const;
  /// A WebSocket wants to become the transport, and was told that it may [upgrading]; on_upgrade follows if it does.
  ListenerId on_upgrading(std::function<void(std::string_view transport)> handler) const;

  /// The connection has ended, after the last of its sockets was told.
  ListenerId on_close(std::function<void(std::string_view reason, std::string_view detail)> handler) const;
  /// Removes this handler, of whichever kind.
  void off(ListenerId id) const;

  /// Ends the whole connection without a word to the client's sockets, which may come back by themselves.
  void close() const;

 private:
  std::shared_ptr<socket::SocketRef const> ref_;
};

}  // namespace chorus
