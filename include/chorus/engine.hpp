// The Engine.IO side of a server: cross-origin requests, the cookie, the gate, session ids, hooks on its requests.
// Names in brackets are Socket.IO's.
#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "chorus/engine_packet.hpp"
#include "chorus/handshake.hpp"
#include "chorus/http.hpp"

namespace chorus {

/// Cross-origin requests (the Fetch standard) [cors]. Off while nothing says which origins are allowed.
struct CorsSettings {
  /// Exact origins, or one `*` for any. The answer names the one that asked.
  std::vector<std::string> origins;
  /// Regular expressions (ECMAScript) that an origin is searched with. An origin above 256 bytes matches none.
  std::vector<std::string> origin_patterns;
  /// Decides what the two before have not allowed; runs on all workers at once.
  std::function<bool(std::string_view origin)> allow_origin;
  /// [origin, given as a string] One origin that every answer names, whoever asks; the others are not looked at then.
  std::string fixed_origin;
  bool credentials = false;                                ///< Access-Control-Allow-Credentials is sent
  std::string methods = "GET,HEAD,PUT,PATCH,POST,DELETE";  ///< that a preflight allows
  std::string allowed_headers;  ///< [allowedHeaders] comma-separated; empty: what the preflight asks for
  std::string exposed_headers;  ///< [exposedHeaders] comma-separated
  std::optional<std::chrono::seconds> max_age;  ///< how long a browser keeps a preflight's answer; empty: not said
  bool preflight_continue = false;              ///< [preflightContinue] OPTIONS goes on to Engine.IO, with the headers
  int options_success_status = 204;             ///< [optionsSuccessStatus] of the answer to a preflight
  /// CORS keeps a page from reading an answer, not from opening a WebSocket. With this a session is refused (403, a
  /// WebSocket 400, code 4) where the request names an origin that is neither allowed above nor the server's own, which
  /// is the host that was asked. Who names none is no browser, and passes. Node has no such option.
  bool enforce = false;
};

/// A cookie with the session's id in the answer to a polling handshake, for balancers that want one [cookie]. Off while
/// it has no name; Node's `cookie: true` is `{.name = "io"}`.
struct CookieSettings {
  std::string name;        ///< empty: no cookie
  std::string path = "/";  ///< empty: no such attribute
  bool http_only = true;   ///< HttpOnly: the page's scripts do not see it
  /// What the attribute SameSite says; `none_given`: there is none.
  enum class SameSite { none_given, strict, lax, none } same_site = SameSite::lax;
  std::optional<std::chrono::seconds> max_age;  ///< Max-Age; empty: until the browser ends
  std::string domain;                           ///< empty: the host alone
  bool secure = false;                          ///< Secure: over TLS only
  bool partitioned = false;                     ///< Partitioned: apart for each site that embeds the page
};

/// The answer of an allow_request: once, from any thread. When the last copy goes without one, that is a refusal.
class Gate {
 public:
  /// For Chorus itself.
  struct Verdict {
    bool allowed = false;
    std::string message = {};
  };
  /// For Chorus itself.
  explicit Gate(std::function<void(Verdict)> decide) : decide_(std::move(decide)) {}
  /// The session begins.
  void allow() const { decide_({true}); }
  /// The client gets 403 (a WebSocket 400) with code 4 and this message, UTF-8; empty: "Forbidden".
  void refuse(std::string message = {}) const { decide_({false, std::move(message)}); }

 private:
  std::function<void(Verdict)> decide_;
};

/// Who may begin a session [allowRequest]. Forms: `bool f(Handshake const&)`, or `void f(Handshake const&, Gate)` for
/// later or with a message. Runs on all workers at once and must not block. An exception is a refusal.
class AllowRequest {
 public:
  AllowRequest() = default;
  /// From a function of either form.
  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, AllowRequest>) AllowRequest(F f) {
    if constexpr (std::is_invocable_v<F&, Handshake const&, Gate>)
      ask_ = std::move(f);
    else
      ask_ = [f = std::move(f)](Handshake const& handshake, Gate const& gate) {
        if (f(handshake))
          gate.allow();
        else
          gate.refuse();
      };
  }
  /// There is one.
  explicit operator bool() const { return ask_ != nullptr; }
  /// For Chorus itself: asks it.
  void operator()(Handshake const& handshake, Gate gate) const { ask_(handshake, std::move(gate)); }

 private:
  std::function<void(Handshake const&, Gate)> ask_;
};

/// The answer of a generate_id: once, from any thread. When the last copy goes without one, that is fail().
class SessionText {
 public:
  /// For Chorus itself.
  explicit SessionText(std::function<void(std::optional<std::string>)> decide) : decide_(std::move(decide)) {}
  /// The session gets an id that begins with this.
  void operator()(std::string text) const { decide_(std::move(text)); }
  /// The client is refused: 400, code 3; context ID_GENERATION_ERROR.
  void fail() const { decide_(std::nullopt); }

 private:
  std::function<void(std::optional<std::string>)> decide_;
};

/// Why a request got no session [connection_error]. Borrowed for the call.
struct ConnectionError {
  int code = 0;              ///< 0 to 5, as the client is told
  std::string_view message;  ///< that of the code
  HttpHeaders context;       ///< as Node's: "name" (INVALID_ORIGIN, …), "transport", "sid", "method", "message", …
};

/// What a program adds to the requests of one Engine.IO path. Set before the server starts; runs on all workers at
/// once, in the turn of the request's connection, and must not block. A path without hooks pays nothing for them.
struct EngineHooks {
  /// Lines for the answer. `sid`: the session's.
  using HeadersHook = std::function<void(HttpHeaders& headers, HttpRequest const& request, std::string_view sid)>;
  /// Told of each request that got no session.
  using ErrorHook = std::function<void(HttpRequest const&, ConnectionError const&)>;
  /// Answers once with the text that a session's id begins with.
  using IdHook = std::function<void(HttpRequest const&, SessionText)>;

  /// Runs for each request, in the order given, before Engine.IO looks at it [engine.use]. It must have decided within
  /// ServerOptions::admission_timeout.
  EngineHooks& use(HttpMiddleware middleware) {
    middlewares.push_back(std::move(middleware));
    return *this;
  }
  /// [generateId] The session's id will be this text, then `.`, then who keeps the session and a keyed check: so it
  /// cannot be guessed, and two equal texts are two ids. 1 to 64 of [A-Za-z0-9._~-]; any other is a failure, as is an
  /// exception. Forms: `std::string f(HttpRequest const&)`, or `void f(HttpRequest const&, SessionText)` for later.
  template <class F>
  EngineHooks& generate_id(F f) {
    if constexpr (std::is_invocable_v<F&, HttpRequest const&, SessionText>)
      session_text = std::move(f);
    else
      session_text = [f = std::move(f)](HttpRequest const& request, SessionText const& text) { text(f(request)); };
    return *this;
  }
  /// The first answer of each session: polling's, or the 101 of a WebSocket [initial_headers].
  EngineHooks& on_initial_headers(HeadersHook hook) {
    initial_headers.push_back(std::move(hook));
    return *this;
  }
  /// Every answer of each session, the first and that of an upgrade among them [headers].
  EngineHooks& on_headers(HeadersHook hook) {
    headers.push_back(std::move(hook));
    return *this;
  }
  /// A request got no session [connection_error].
  EngineHooks& on_connection_error(ErrorHook hook) {
    connection_error.push_back(std::move(hook));
    return *this;
  }

  std::vector<HttpMiddleware> middlewares;            ///< what use() was given
  IdHook session_text;                                ///< what generate_id() was given
  std::vector<HeadersHook> initial_headers, headers;  ///< what on_initial_headers() and on_headers() were given
  std::vector<ErrorHook> connection_error;            ///< what on_connection_error() was given
};

/// How one raw message goes out.
struct EngineSendOptions {
  bool compress = true;  ///< whether compression may be used for it (where it was negotiated)
};
/// One raw Engine.IO session, for those who speak it without Socket.IO. Own worker only; valid until on_close returned.
class EngineSocket {
 public:
  virtual ~EngineSocket() = default;
  /// `options.compress`: as for Socket::compress.
  virtual void send_text(std::string_view text, EngineSendOptions options = {}) = 0;
  /// The same for bytes.
  virtual void send_binary(std::string_view bytes, EngineSendOptions options = {}) = 0;
  /// Ends it, once what was sent before is out.
  virtual void close() = 0;
  /// The session id, which must not be shown to others.
  virtual std::string const& sid() const = 0;
  /// The request that began it: headers, query, the client's address [remoteAddress].
  virtual Handshake::Request const& request() const = 0;
  /// "polling" or "websocket", as of now.
  virtual std::string_view transport() const = 0;
  /// Of Engine.IO: 4 or 3.
  virtual int protocol() const = 0;
  /// Headers of the POST that carried the message being handled; nullptr on other transports.
  virtual HttpHeaders const* post_headers() const = 0;
};
/// What becomes of the raw sessions of one path (Server::engine). Each runs on its session's worker.
struct EngineHandlers {
  std::function<void(EngineSocket&)> on_open;  ///< a session has begun
  /// One message; `data` is borrowed for the call.
  std::function<void(EngineSocket&, std::string_view data, bool binary)> on_message;
  /// It has ended; its EngineSocket ends with the call.
  std::function<void(EngineSocket&, std::string_view reason)> on_close;
  /// It has become a WebSocket [upgrade].
  std::function<void(EngineSocket&, std::string_view transport)> on_upgrade = {};

  // Its packets, as ClientConnection tells of them; a path without such handlers pays nothing for them.
  std::function<void(EngineSocket&, EnginePacket const& packet)> on_packet_create = {};  ///< [packetCreate]
  std::function<void(EngineSocket&, std::size_t packets)> on_flush = {};                 ///< [flush]
  std::function<void(EngineSocket&)> on_drain = {};                                      ///< [drain]
  std::function<void(EngineSocket&)> on_heartbeat = {};                                  ///< [heartbeat]
  std::function<void(EngineSocket&, std::string_view transport)> on_upgrading = {};      ///< [upgrading]

  EngineHooks hooks = {};  ///< on the requests of this path
};

}  // namespace chorus
