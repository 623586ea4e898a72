// Mount: one Engine.IO path of the server and what is behind it.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "chorus/server.hpp"
#include "engine/dialect.hpp"
#include "engine/request_error.hpp"
#include "engine/types.hpp"
#include "http/cors.hpp"
#include "http/query.hpp"
#include "http/request.hpp"
#include "websocket/message_reader.hpp"

namespace chorus::server {

/// Immutable once the server has started. Thread: any.
struct Mount {
  enum class Kind { socket_io, raw_engine, websocket_echo };

  Kind kind = Kind::socket_io;
  std::string path;  ///< with its trailing slash
  engine::Settings engine;
  websocket::Limits websocket;
  std::optional<http::CorsOptions> cors;
  bool checks_origin = false;  ///< of those who begin a session
  EngineHandlers raw;
  EngineHooks hooks;
  CookieSettings cookie;
  AllowRequest allow_request;
  std::chrono::milliseconds allow_request_delay{0};
  bool allow_eio3 = false;
  bool all_below = false;  ///< `path` has no trailing slash, and what is below it belongs to it too

  /// Whether the answers of its sessions have headers of the program's.
  bool adds_headers() const { return !cookie.name.empty() || !hooks.initial_headers.empty() || !hooks.headers.empty(); }
};

/// What an Engine.IO request asks for, as far as its own text tells.
struct EngineRequest {
  std::string sid;  ///< empty: a handshake
  engine::Transport transport = engine::Transport::polling;
};

/// Why a request gets no session.
struct Refusal {
  engine::RequestError error;
  /// Which of several bad requests it is, as Node's `context.name` tells.
  enum class Cause : std::uint8_t {
    none,
    invalid_origin,
    transport_mismatch,
    transport_handshake_error,
    id_generation_error,
    middleware_failure,
  } cause = Cause::none;
};
/// The `context` of Node's connection_error. `message`: what the gate said.
HttpHeaders context_of(Refusal refusal, http::Request const& request, Bytes message);

/// What the client of a request speaks. As the reference has it, all that is not revision 4 is 3, where that is
/// allowed.
engine::Dialect dialect_of(Mount const& mount, http::Query const& query);
/// The same; looks at the query only where there is a choice.
engine::Dialect dialect_of(Mount const& mount, http::Request const& request);

/// The checks of the reference in its order (features, "Wire details" 1): transport known, origin legal, then for a
/// handshake the method and the transport, and the protocol version last. The session is not looked up here.
Result<EngineRequest, Refusal> verify(Mount const& mount, http::Request const& request, http::Query const& query,
                                      bool is_upgrade);

}  // namespace chorus::server
