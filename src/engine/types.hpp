// The words that sessions, their owners and their transports share.
#pragma once
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"

namespace chorus::engine {

enum class MessageKind : std::uint8_t { text, binary };

/// Whether a message may be compressed, where its size and its transport let it be.
enum class Compress : std::uint8_t { no, yes };

/// What a POST was declared as: `octet_stream` is application/octet-stream, which revision 4 of the protocol refuses.
enum class PostType : std::uint8_t { text, octet_stream };

enum class Transport : std::uint8_t { polling, websocket };

/// Why a session ended; to_string() gives the words that Engine.IO's users know.
enum class CloseReason : std::uint8_t {
  transport_error,       // "transport error": the peer broke a rule of the transport, or its poll's connection broke
  transport_close,       // "transport close": the peer went away or said so
  forced_close,          // "forced close": close() was called here
  ping_timeout,          // "ping timeout": no pong in time
  parse_error,           // "parse error": a packet or payload that cannot be decoded
  server_shutting_down,  // "server shutting down"
};
Bytes to_string(CloseReason reason);

/// The packet that asks a client for a sign of life, whole.
inline constexpr Bytes ping_packet = "2";

/// A name that the server gives to one HTTP request or one WebSocket. The engine only stores and compares it; the
/// server packs into it what it needs to find the connection again. All zero means none.
struct Ticket {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  explicit operator bool() const { return (high | low) != 0; }
  friend auto operator<=>(Ticket const&, Ticket const&) = default;
};

/// What the sessions of one server have in common. Outlives them; a changed version holds for new sessions only.
struct Settings {
  std::chrono::milliseconds ping_interval{25'000};
  std::chrono::milliseconds ping_timeout{20'000};
  std::chrono::milliseconds upgrade_timeout{10'000};  // from the WebSocket's arrival to "5"; from its loss to a poll
  std::chrono::milliseconds close_timeout{30'000};    // an orderly close waits this long for the peer's polls

  std::size_t payload_bytes_max = 1'000'000;       // a POST's body; told to the client as maxPayload; a poll's answer
  std::size_t buffer_bytes_max = 4 * 1024 * 1024;  // unsent bytes of a polling session; beyond it the session ends
  std::size_t buffer_messages_max = 16'384;        // unsent messages of a polling session; likewise

  bool allow_upgrades = true;
  bool websocket_enabled = true;  // the option `transports`
  bool polling_enabled = true;
};

/// The answer to a polling request. The server adds Content-Length, Cache-Control: no-store, CORS and cookies, and
/// compresses the body where it is asked to.
struct HttpAnswer {
  enum class ContentType : std::uint8_t { none, text_plain_utf8, html, json, octet_stream };

  int status = 200;
  ContentType content_type = ContentType::none;
  std::string body;
  Compress compress = Compress::no;
};
/// The header's value; empty for none.
Bytes to_string(HttpAnswer::ContentType type);

}  // namespace chorus::engine
