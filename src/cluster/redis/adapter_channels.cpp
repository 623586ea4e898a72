#include "cluster/redis/adapter_channels.hpp"

#include "cluster/redis/wire_rooms.hpp"

namespace chorus::cluster::redis {
namespace {

std::string channel(Bytes prefix, Bytes nsp) {
  std::string name;
  name.reserve(prefix.size() + nsp.size() + 1);
  return name.append(prefix).append(nsp).append(1, '#');
}

std::string channel(Bytes prefix, Bytes nsp, Bytes tail) {
  std::string name = channel(prefix, nsp);
  return name.append(tail).append(1, '#');
}

/// For redis.io/commands/psubscribe: a backslash takes the next character as it is.
std::string escape_pattern(Bytes text) {
  std::string pattern;
  for (char const c : text) {
    if (Bytes("*?[]\\").find(c) != Bytes::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

}  // namespace

AdapterChannels::AdapterChannels(Bytes key)
    : broadcast_prefix_(std::string(key) + '#'),
      request_prefix_(std::string(key) + "-request#"),
      response_prefix_(std::string(key) + "-response#") {}

std::string AdapterChannels::broadcast(Bytes nsp) const { return channel(broadcast_prefix_, nsp); }

std::string AdapterChannels::broadcast(Bytes nsp, Bytes room) const { return channel(broadcast_prefix_, nsp, room); }

std::string AdapterChannels::broadcast(Bytes nsp, std::span<std::string const> rooms) const {
  return rooms.size() == 1 ? broadcast(nsp, Bytes(to_wire(rooms.front()))) : broadcast(nsp);
}

std::string AdapterChannels::all_broadcasts_pattern() const { return escape_pattern(broadcast_prefix_) + '*'; }

std::string AdapterChannels::request(Bytes nsp) const { return channel(request_prefix_, nsp); }

std::string AdapterChannels::response(Bytes nsp) const { return channel(response_prefix_, nsp); }

std::string AdapterChannels::response(Bytes nsp, Bytes uid) const { return channel(response_prefix_, nsp, uid); }

}  // namespace chorus::cluster::redis
