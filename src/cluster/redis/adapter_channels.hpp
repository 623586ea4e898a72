// The names of the Redis channels of Socket.IO's standard adapter (@socket.io/redis-adapter 8, `dist/index.js`).
//
// Pure. With the key "socket.io":
//   socket.io#/nsp#                broadcasts to the namespace, to several rooms, or with rooms excluded from all
//   socket.io#/nsp#room#           broadcasts to exactly one room
//   socket.io-request#/nsp#        requests to all servers
//   socket.io-response#/nsp#       answers to them
//   socket.io-response#/nsp#uid#   answers to one server, where a cluster is configured so
// The default namespace is "/": `socket.io#/#`. Nothing is escaped in these names, so that a namespace or a room with
// '#' in its name can read like another pair; what is inside the message decides, a channel is a hint.
#pragma once
#include <span>
#include <string>

#include "base/bytes.hpp"

namespace chorus::cluster::redis {

/// Thread: any; immutable.
class AdapterChannels {
 public:
  explicit AdapterChannels(Bytes key = "socket.io");

  std::string broadcast(Bytes nsp) const;
  /// `room`: its wire name.
  std::string broadcast(Bytes nsp, Bytes room) const;
  /// Where a message to `rooms` (keys, as in socket::Target) is published: the one room's channel, whatever is
  /// excluded.
  std::string broadcast(Bytes nsp, std::span<std::string const> rooms) const;
  /// What to PSUBSCRIBE to for the broadcasts of all namespaces, those that do not exist yet included. (Node asks for
  /// each namespace's own, and does not escape pattern characters in its name: it then hears its neighbours' and misses
  /// its own.)
  std::string all_broadcasts_pattern() const;
  std::string request(Bytes nsp) const;
  std::string response(Bytes nsp) const;
  std::string response(Bytes nsp, Bytes uid) const;

 private:
  std::string broadcast_prefix_;
  std::string request_prefix_;
  std::string response_prefix_;
};

}  // namespace chorus::cluster::redis
