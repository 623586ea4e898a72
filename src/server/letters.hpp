// What walks the corridor between the workers of one process: values only.
#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "engine/types.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "net/connection.hpp"
#include "net/file_descriptor.hpp"
#include "net/peer_address.hpp"
#include "socket/switchboard.hpp"

namespace chorus::server {

// Tickets (engine/types.hpp): where an answer goes, or which WebSocket is meant.

/// `sequence` tells the requests of one connection apart.
inline engine::Ticket make_ticket(unsigned worker, std::uint32_t sequence, net::ConnectionId id) {
  return {(std::uint64_t{worker} + 1) | (std::uint64_t{sequence} << 32),
          std::uint64_t{id.index} | (std::uint64_t{id.generation} << 32)};
}
inline unsigned worker_of(engine::Ticket t) { return static_cast<unsigned>(t.high & 0xffffffff) - 1; }
inline std::uint32_t sequence_of(engine::Ticket t) { return static_cast<std::uint32_t>(t.high >> 32); }
inline net::ConnectionId connection_of(engine::Ticket t) {
  return {static_cast<std::uint32_t>(t.low), static_cast<std::uint32_t>(t.low >> 32)};
}

/// An Engine.IO request that was read on one worker and belongs to another.
struct RequestLetter {
  std::size_t mount = 0;
  std::string sid;  ///< empty: a handshake
  http::Request request;
  engine::Ticket ticket;
  std::string address;
};
/// Its answer, on the way back to the connection.
struct AnswerLetter {
  engine::Ticket ticket;
  engine::HttpAnswer answer;
  http::ResponseHeaders headers;
};
/// The connection of a request that waits for its answer has broken.
struct GoneLetter {
  std::string sid;
  engine::Ticket ticket;
};
/// A WebSocket moves once: after its upgrade request was read, before anything was answered.
struct MoveLetter {
  std::size_t mount = 0;
  std::string sid;  ///< empty: a handshake
  http::Request request;
  net::FileDescriptor descriptor;
  std::string unread;
};
/// Others accept from here on; what is connected is served on.
struct LeaveListeningLetter {};
/// The process is stopping.
struct DrainLetter {};

using Letter = std::variant<socket::Letter, RequestLetter, AnswerLetter, GoneLetter, MoveLetter, LeaveListeningLetter,
                            DrainLetter>;

}  // namespace chorus::server
