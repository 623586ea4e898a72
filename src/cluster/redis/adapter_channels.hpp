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
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/bytes.hpp"

namespace chorus::cluster::redis {

enum class ChannelKind : std::uint8_t { broadcast, request, response };

/// A channel taken apart: VIEWS into its name.
struct ChannelParts {
  ChannelKind kind = ChannelKind::broadcast;
  Bytes nsp;
  /// Broadcasts: the wire name of the one room, empty for no single one (or the room without a name). Responses: the
  /// uid of the one server that is answered, empty for all.
  Bytes tail;

  friend bool operator==(ChannelParts const&, ChannelParts const&) = default;
};

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
  /// What to PSUBSCRIBE to for a namespace's broadcasts: `socket.io#/nsp#*`, with the namespace's own pattern
  /// characters escaped. (Node does not escape them: it then hears its neighbours' namespaces and misses its own.)
  std::string broadcast_pattern(Bytes nsp) const;
  /// The same for all namespaces, those that do not exist yet included.
  std::string all_broadcasts_pattern() const;
  std::string request(Bytes nsp) const;
  std::string response(Bytes nsp) const;
  std::string response(Bytes nsp, Bytes uid) const;

  /// A channel as it reads for a server of the namespace `nsp`. Nothing when it is none of that namespace's.
  std::optional<ChannelParts> parse_for(Bytes nsp, Bytes channel) const;
  /// A channel whose namespace is not known beforehand: it ends at the first '#' (requests: at the last one), which is
  /// right for every namespace without a '#' in its name.
  std::optional<ChannelParts> parse(Bytes channel) const;

 private:
  using Split = std::pair<ChannelKind, Bytes>;  // and what follows the prefix of this kind
  std::optional<Split> split(Bytes channel) const;

  std::string broadcast_prefix_;
  std::string request_prefix_;
  std::string response_prefix_;
};

}  // namespace chorus::cluster::redis
