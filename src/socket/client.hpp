// Client: the Socket.IO side of one Engine.IO session. Its packets, its sockets in the namespaces it joined.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "base/worker_bound.hpp"
#include "engine/session.hpp"
#include "socket/connection_listeners.hpp"
#include "socket/hub.hpp"
#include "socket/namespace_search.hpp"
#include "socket/packet.hpp"

namespace chorus::socket {

/// Thread: its worker's. Lifetime: beside its session, owned by the server's session table until the turn in which the
/// session closed has ended. What a peer sends wrongly closes the session (Socket.IO v5, "Packet encoding").
class Client final : public WorkerBound {
 public:
  Client(Hub& hub, engine::Session& session, Handshake::Request request);
  ~Client();

  /// The session is open. A client of Socket.IO 2 is taken into the default namespace without asking.
  void open();
  // As its session's listener is told.
  void on_message(engine::MessageKind kind, Bytes data);
  void on_upgraded();
  void on_close(engine::CloseReason reason);

  /// Socket.IO 2 speaks protocol 4, all later ones 5; the difference is made here and in SocketRef's id.
  bool speaks_protocol_4() const { return session_.revision() == engine::Revision::v3; }
  /// Known from its first packet on, or at once where there is no choice: before it has a socket.
  bool speaks_msgpack() const { return assembler_.encoding() == Encoding::msgpack; }

  Hub& hub() const { return hub_; }
  engine::Session& session() const { return session_; }
  std::string_view transport_name() const {
    return session_.transport() == engine::Transport::polling ? "polling" : "websocket";
  }

  /// Its newest socket, which holds the one before (SocketCore::older); nullptr: it has none.
  SocketCore* newest_socket() const { return newest_.get(); }

  /// Whom the program wants to be told of the connection; made when it is asked for.
  ConnectionListeners& listeners();

  /// The end of a search for a namespace; nullptr: there is none of this name.
  void searched(NamespaceSearch& search, NamespaceCore* nsp);
  /// A namespace's verdict: tells the client and, after a refusal, ends the socket.
  void admitted(SocketCore& socket);
  void refused(SocketCore& socket, std::string_view message, std::string_view data_json);
  /// Takes a socket out: it ended by `reason` (told to its handlers).
  void remove(SocketCore& socket, std::string_view reason, std::string_view detail = {});
  /// The client of this socket goes on over another connection: this one has broken, and nobody saw it yet.
  void left_behind(SocketCore& socket);
  /// Ends every socket with a DISCONNECT packet, then the connection.
  void disconnect_all();
  /// A packet in JSON, which is written anew for a client that speaks MessagePack.
  void send(Bytes text, std::span<std::string const> attachments, engine::Compress compress = engine::Compress::yes);
  void send(std::shared_ptr<engine::SharedMessage const> const& message);

 private:
  void on_packet(PacketView const& packet, std::span<std::string const> attachments);
  void on_connect(PacketView const& packet);
  void connect(Bytes nsp, std::string auth);
  void connect_to(NamespaceCore* nsp, Bytes name, std::string auth);
  bool is_searching(Bytes name) const;
  void tell_packet(engine::MessageKind kind, Bytes data);
  [[gnu::noinline]] void tell_sent(Bytes text, std::span<std::string const> attachments);
  void give_up_searches();
  void fail(PacketError error);
  void violate(std::string_view what);
  void debug_refusal(std::string_view why) const;
  SocketCore* socket_in(std::string_view nsp) const;
  std::size_t socket_count() const;
  void on_connect_timeout(TimePoint);

  // In the order of their use: a message from the peer looks at the first four.
  Hub& hub_;
  engine::Session& session_;
  std::unique_ptr<SocketCore> newest_;  // of its sockets, each of which holds the one before
  PacketAssembler assembler_;
  Handshake::Request request_;
  /// Until a namespace has admitted it, while one is searched for, and where somebody listens to the connection.
  struct Extras {
    explicit Extras(Client& client) : connect_timeout(timer_callback<&Client::on_connect_timeout>, &client) {}
    Timer connect_timeout;  // for the first
    std::vector<std::shared_ptr<NamespaceSearch>> searches;
    std::unique_ptr<ConnectionListeners> listeners;
  };
  Extras& extras();
  std::unique_ptr<Extras> extras_;
  bool violated_ = false;
};

}  // namespace chorus::socket
