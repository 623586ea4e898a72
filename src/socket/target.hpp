// Who an emit is for.
#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chorus/namespace.hpp"
#include "engine/types.hpp"
#include "socket/socket_id.hpp"

namespace chorus::socket {

/// Names of rooms and users in one key space: the first character tells which, so that a room can never be named like
/// a user. A socket's id is a room of its own.
inline std::string room_key(std::string_view room) { return std::string(1, 'r').append(room); }
inline std::string user_key(UserId const& user) { return std::string(1, 'u').append(user.value); }

/// The worker of the socket whose own room it could be.
inline std::optional<unsigned> worker_of_own_room(std::string_view key) {
  return key.starts_with('r') ? worker_of_socket_id(key.substr(1)) : std::nullopt;
}

/// Who an emit is for, as a value that travels.
struct Target {
  std::string nsp;
  std::vector<std::string> rooms;   ///< keys; empty: the whole namespace
  std::vector<std::string> except;  ///< keys
  bool one_socket = false;          ///< `rooms` is one socket's own room, and nobody else who is in it is meant
  bool local = false;
  bool is_volatile = false;
  bool compress = true;
  std::chrono::milliseconds timeout{5'000};

  engine::Compress compression() const { return compress ? engine::Compress::yes : engine::Compress::no; }
};
using TargetPtr = std::shared_ptr<Target const>;

/// A new one to fill, in memory of one that is done with: most messages make a target. Thread: any.
std::shared_ptr<Target> make_target();

}  // namespace chorus::socket
