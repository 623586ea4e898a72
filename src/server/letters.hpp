// What walks the corridor between the workers of one process: values only.
#pragma once
#include <bit>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "chorus/http.hpp"
#include "cluster/node_name.hpp"
#include "engine/types.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "net/connection.hpp"
#include "net/file_descriptor.hpp"
#include "net/peer_address.hpp"
#include "net/tls_stream.hpp"
#include "socket/switchboard.hpp"
#include "websocket/deflate_parameters.hpp"

namespace chorus::server {

// Tickets (engine/types.hpp): where an answer goes, or which WebSocket is meant.
//
//     high   bits 0..7 worker + 1 · 8..23 node + 1, or 0 for this process · 24..31 its incarnation · 32..63 sequence
//     low    the connection: index and generation

/// `sequence` tells the requests of one connection apart; of a WebSocket it is what was agreed on for deflated
/// messages, so that a message to many need not look at each connection for it.
inline engine::Ticket make_ticket(unsigned worker, std::uint32_t sequence, net::ConnectionId id) {
  return {(std::uint64_t{worker} + 1) | (std::uint64_t{sequence} << 32),
          std::uint64_t{id.index} | (std::uint64_t{id.generation} << 32)};
}
inline unsigned worker_of(engine::Ticket t) { return static_cast<unsigned>(t.high & 0xff) - 1; }
inline std::uint32_t sequence_of(engine::Ticket t) { return static_cast<std::uint32_t>(t.high >> 32); }
inline net::ConnectionId connection_of(engine::Ticket t) {
  return {static_cast<std::uint32_t>(t.low), static_cast<std::uint32_t>(t.low >> 32)};
}
inline engine::Ticket make_ticket(unsigned worker, websocket::DeflateParameters agreed, net::ConnectionId id) {
  return make_ticket(worker, std::bit_cast<std::uint32_t>(agreed), id);
}
inline websocket::DeflateParameters agreed_in(engine::Ticket t) {
  return std::bit_cast<websocket::DeflateParameters>(sequence_of(t));
}
/// The process whose connection it is; nothing: this one.
inline std::optional<cluster::NodeName> node_of(engine::Ticket t) {
  auto const node = static_cast<std::uint16_t>(t.high >> 8);
  if (node == 0) return std::nullopt;
  return cluster::NodeName{static_cast<std::uint16_t>(node - 1), static_cast<std::uint8_t>(t.high >> 24)};
}
/// The same ticket as another process knows it, and back.
inline engine::Ticket ticket_of(cluster::NodeName name, engine::Ticket t) {
  t.high |= std::uint64_t{static_cast<std::uint16_t>(name.node + 1)} << 8 | std::uint64_t{name.incarnation} << 24;
  return t;
}
inline engine::Ticket ticket_here(engine::Ticket t) {
  t.high &= ~(std::uint64_t{0xffffff} << 8);
  return t;
}

/// A hook's answer, whichever it is of; that of one who gives none refuses.
struct HookVerdict {
  enum class Kind : std::uint8_t { refuse, go_on, end } kind = Kind::refuse;
  std::string text = {};               ///< of an id; or what the refused client is told
  http::ResponseHeaders headers = {};  ///< of a middleware, for the answer
  HttpReply reply = {};                ///< end: this is the answer
};

/// An Engine.IO request that was read on one worker and belongs to another.
struct RequestLetter {
  std::size_t mount = 0;
  std::string sid;
  http::Request request;
  engine::Ticket ticket;
  std::string address;
  std::optional<net::TlsPeer> tls = std::nullopt;  ///< nothing: the connection is not encrypted
  bool handshake = false;                          ///< `sid` is to become a session; within a process only
};
/// Its answer, on the way back to the connection.
struct AnswerLetter {
  engine::Ticket ticket;
  engine::HttpAnswer answer;
};
/// The connection of a request that waits for its answer has broken.
struct GoneLetter {
  std::string sid;
  engine::Ticket ticket;
};
/// Of a POST whose body comes after its head: the session hears of it at once, for its client may not begin another.
struct PostLetter {
  enum class News : std::uint8_t {
    begun,
    refused,  ///< it was answered without the session, which goes on
  };
  std::size_t mount = 0;
  std::string sid;
  engine::Ticket ticket;
  News news = News::begun;
};
/// A WebSocket moves once: after its upgrade request was read, before anything was answered.
struct MoveLetter {
  std::size_t mount = 0;
  std::string sid;
  http::Request request;
  net::FileDescriptor descriptor;
  std::string unread;
  std::unique_ptr<net::TlsStream> tls = nullptr;  ///< inside a process; to another one leads a tunnel (TunnelEnd)
  http::ResponseHeaders headers;                  ///< for the answer to its upgrade
  bool handshake = false;                         ///< as in RequestLetter
  bool answered = false;                          ///< it has its 101, from somebody else
};
/// What a hook of the program said about a request that has waited for it: a middleware, a gate, an id's generator.
struct VerdictLetter {
  engine::Ticket ticket;
  HookVerdict verdict;
};
/// A route's answer that came later.
struct ReplyLetter {
  engine::Ticket ticket;
  HttpReply reply;
};
/// A connection that somebody else has accepted, and what it has read of it: from a request's first byte on.
struct AdoptLetter {
  /// `answered`: its first request is a WebSocket's handshake, which has its 101.
  enum class Handshake : std::uint8_t { open, answered };
  net::FileDescriptor descriptor;
  std::string unread;
  Handshake first = Handshake::open;
};
/// Others accept from here on; what is connected is served on.
struct LeaveListeningLetter {};
/// The process is stopping, first: nothing more is accepted, nor heard from whom it has. `done` is called when that is
/// so: what this worker heard before it has told the others by then.
struct StopHearingLetter {
  std::function<void()> done;
};
/// The process is stopping, then: no worker hears any more, so what reaches a session from now on is nothing that was
/// said here. All of them close.
struct DrainLetter {};

using Letter =
    std::variant<socket::Letter, RequestLetter, AnswerLetter, GoneLetter, PostLetter, MoveLetter, VerdictLetter,
                 ReplyLetter, AdoptLetter, LeaveListeningLetter, StopHearingLetter, DrainLetter>;

}  // namespace chorus::server
