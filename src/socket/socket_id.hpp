// The id of a socket: random, but for where it is.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "base/random.hpp"

namespace chorus::socket {

/// The length that other Socket.IO tools expect.
inline constexpr std::size_t socket_id_size = 20;
using SocketId = std::array<char, socket_id_size>;

/// 19 random characters (114 bits), and one that tells the worker. So nobody need be told that a socket's own room has
/// a member there: a table of all workers would hold an entry for every socket.
inline SocketId make_socket_id(unsigned worker) {
  SocketId id;
  random_token(id);
  id.back() = token_alphabet[worker % token_alphabet.size()];
  return id;
}

/// Where the socket of that id is, if there is one: any text of that length tells some worker. Of 64 at most.
inline std::optional<unsigned> worker_of_socket_id(std::string_view id) {
  if (id.size() != socket_id_size) return std::nullopt;
  auto const place = token_alphabet.find(id.back());
  if (place == std::string_view::npos) return std::nullopt;
  return static_cast<unsigned>(place);
}

}  // namespace chorus::socket
