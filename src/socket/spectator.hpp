// Spectator: who is told of everything that happens on all workers. The admin layer is one; without it nobody is asked.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "chorus/args.hpp"

namespace chorus::socket {

class Client;
class Hub;
class SocketCore;

/// Declared here because hubs, clients and sockets tell it; implemented above. With one, every socket is `apart`
/// (SocketCore::State), which is where most of it is told; without one, a message costs a test of a pointer on its way
/// in, and one on its way out unless it is a broadcast.
///
/// Thread: each call in a turn of the worker whose hub, client or socket it is about; all workers at once. What it does
/// must bear being called in the middle of a delivery: it may emit to others, and end nobody.
/// Lifetime: the switchboard's (Switchboard::watch), longer than the hubs.
class Spectator {
 public:
  virtual ~Spectator() = default;

  /// A worker's hub is made, before its first turn; and ends, behind its last one.
  virtual void hub_began(Hub& hub) = 0;
  virtual void hub_ended(Hub& hub) = 0;

  // Connections: Engine.IO sessions with Socket.IO on top.

  virtual void connection_opened(Client& client) = 0;
  virtual void connection_upgraded(Client& client) = 0;
  virtual void connection_closed(Client& client, std::string_view reason) = 0;
  /// Engine.IO messages, without their types.
  virtual void messages_in(Hub& hub, std::size_t count, std::size_t bytes) = 0;
  virtual void messages_out(Hub& hub, std::size_t count, std::size_t bytes) = 0;

  // Sockets.

  /// It was let in and its client told, before the program's handlers are.
  virtual void socket_connected(SocketCore& socket) = 0;
  /// The last thing told of it. Of one that was not let in too.
  virtual void socket_ended(SocketCore& socket, std::string_view reason) = 0;
  virtual void data_changed(SocketCore& socket) = 0;
  /// Not of its own room.
  virtual void room_joined(SocketCore& socket, std::string_view room) = 0;
  virtual void room_left(SocketCore& socket, std::string_view room) = 0;
  /// Whether the next two are wanted now: what they are told has to be read first.
  virtual bool hears_events(SocketCore const& socket) = 0;
  virtual void event_received(SocketCore& socket, std::string_view event, Args const& args) = 0;
  virtual void event_sent(SocketCore& socket, std::string_view event, Args const& args) = 0;
  /// What fetch_sockets tells of its data, a JSON object: it may add members.
  virtual void describe(SocketCore const& socket, std::string& data_json) = 0;
};

}  // namespace chorus::socket
