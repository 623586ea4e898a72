#include "cluster/redis/wire_rooms.hpp"

#include "base/check.hpp"

namespace chorus::cluster::redis {
namespace {

constexpr char mark = '\x01';
constexpr Bytes user_prefix = "\x01user:";
constexpr Bytes room_prefix = "\x01room:";

std::string joined(Bytes head, Bytes tail) {
  std::string text;
  text.reserve(head.size() + tail.size());
  return text.append(head).append(tail);
}

}  // namespace

std::string to_wire(Bytes key) {
  CHORUS_DCHECK(key.starts_with('r') || key.starts_with('u'), "a key is a room's or a user's");
  Bytes const name = key.substr(1);
  if (key.front() == 'u') return joined(user_prefix, name);
  return name.starts_with(mark) ? joined(room_prefix, name) : std::string(name);
}

std::string from_wire(Bytes name) {
  if (name.starts_with(user_prefix)) return joined("u", name.substr(user_prefix.size()));
  if (name.starts_with(room_prefix)) {
    if (Bytes const room = name.substr(room_prefix.size()); room.starts_with(mark)) return joined("r", room);
  }
  return joined("r", name);
}

}  // namespace chorus::cluster::redis
