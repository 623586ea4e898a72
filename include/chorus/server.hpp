// Server: the listening socket, the workers, and what is reached through them.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chorus/cluster.hpp"
#include "chorus/namespace.hpp"
#include "chorus/router.hpp"
#include "chorus/socket.hpp"

namespace chorus {

namespace server {
class Runtime;
}

/// Cross-origin requests (the Fetch standard), as the option `cors` of Socket.IO.
struct CorsSettings {
  /// Exact origins, or one `*` for any. Empty: no CORS headers.
  std::vector<std::string> origins;
  bool credentials = false;
};

/// WebSocket messages deflated (RFC 7692), with clients that offer it, as the option `perMessageDeflate` of Socket.IO.
struct PerMessageDeflate {
  bool enabled = false;
  std::size_t threshold = 1024;  ///< bytes; smaller messages go out as they are
  int level = 1;                 ///< from 1, the fastest, to 9, the smallest
  /// Messages refer back to those before them, in both directions. It makes small ones smaller, but each connection has
  /// streams of its own then (up to 300 KiB), and a broadcast is deflated for each. Without it, it is deflated once.
  bool context_takeover = false;
  int server_max_window_bits = 15;  ///< 9 to 15: the window is two to this power, in bytes
  int client_max_window_bits = 15;  ///< 9 to 15, where a client lets itself be told
};

/// Answers to polls compressed by gzip or deflate, with clients that accept it, as the option `httpCompression`. Static
/// files are compressed too (gzip, once, at the start).
struct HttpCompression {
  bool enabled = true;
  std::size_t threshold = 1024;  ///< bytes; smaller answers to polls go out as they are
  int level = 1;                 ///< of answers to polls: from 1, the fastest, to 9, the smallest
};

/// Clients whose connection broke, and who come back to this process in time, go on as if it had not, as the option
/// `connectionStateRecovery` of Socket.IO: with their id, rooms, data and user, and what was emitted to them meanwhile.
/// Every event without an acknowledgement then has one more argument, the last: an offset, a string. For whom it does
/// not work out (ServerStats::recovery says why) there is an ordinary new session. Data may be destroyed on any worker.
struct ConnectionStateRecovery {
  std::chrono::milliseconds max_disconnection{0};  ///< [maxDisconnectionDuration]; 0: it is off
  bool skip_middlewares = true;       ///< [skipMiddlewares]; else whom they refuse gets nothing of what was missed
  std::size_t sessions_max = 10'000;  ///< kept in the process for clients that are away; beyond: the oldest goes
  std::size_t packets_max = 100'000;  ///< kept in the process; beyond: the oldest of the same namespace go
  std::size_t bytes_max = 64u << 20;  ///< of these packets
};

/// Which of several processes this is. A session id names its owner, so that whoever receives a request knows whose it
/// is: no two processes that share `session_key` may have the same node and incarnation.
struct NodeIdentity {
  std::uint16_t node = 0;
  /// Of that node: counts its processes, so that a successor does not take its predecessor's sessions for its own.
  std::uint8_t incarnation = 0;
  /// 16 secret bytes that session ids are checked with; empty: random ones, for a process of its own.
  std::string session_key;
  /// A folder, private to the user, in which the processes of this machine with the same key find each other: then a
  /// request or an upgrade that lands on another process than its session's is carried there. Empty: it is refused.
  std::string relay_folder;
};

/// Every limit has a name, a unit and a default. Names in brackets are Socket.IO's.
struct ServerOptions {
  std::string host = "localhost";  ///< `localhost` listens on IPv4 and IPv6
  std::uint16_t port = 3000;       ///< 0: any free one, see Server::port
  /// Sockets that listen already, opened by somebody else (a supervisor, systemd). start() takes ownership of these
  /// descriptors; `host` and `port` are then not looked at. Empty: it opens its own.
  std::vector<int> listening;
  NodeIdentity identity;
  unsigned workers = 0;  ///< threads; 0: one per core
  std::string path = "/socket.io/";
  std::string web_root;  ///< folder of static files; empty: none
  enum class IoUring { automatic, off } io_uring = IoUring::automatic;

  std::chrono::milliseconds ping_interval{25'000};       ///< [pingInterval]
  std::chrono::milliseconds ping_timeout{20'000};        ///< [pingTimeout]
  std::chrono::milliseconds upgrade_timeout{10'000};     ///< [upgradeTimeout]; also from a failed one to a poll
  std::chrono::milliseconds connect_timeout{45'000};     ///< [connectTimeout] until the first namespace is joined
  std::chrono::milliseconds admission_timeout{30'000};   ///< a middleware's verdict
  std::chrono::milliseconds headers_timeout{60'000};     ///< until a request's head is complete
  std::chrono::milliseconds request_timeout{300'000};    ///< until the whole request is there
  std::chrono::milliseconds keep_alive_timeout{65'000};  ///< an idle HTTP connection
  std::chrono::milliseconds drain_timeout{10'000};       ///< at stop: for what is still to be sent

  std::size_t message_bytes_max = 1'000'000;  ///< [maxHttpBufferSize], announced as maxPayload
  std::size_t head_bytes_max = 16 * 1024;     ///< request line and headers
  std::size_t backlog_bytes_max = 4u << 20;   ///< unsent bytes of one connection; beyond: it is closed
  unsigned attachments_max = 10;              ///< [maxAttachments] of one packet
  std::size_t json_depth_max = 512;           ///< nesting of one packet
  std::size_t namespaces_max = 64;            ///< namespaces one client may join
  std::size_t rooms_max = 10'000;             ///< rooms one socket may be in
  std::size_t asks_pending_max = 1'000;       ///< open questions to one socket
  std::size_t connections_max = 0;            ///< of the process; 0: what descriptors allow
  /// When at least so many sessions of a worker, and half of all, have ended, free pages of the process's heap go back
  /// to the system (malloc_trim, which glibc never does by itself; about 1 us for each that ended); 0: never.
  std::size_t trim_sessions_min = 1'000;

  bool polling = true;                          ///< [transports] contains "polling"
  bool websocket = true;                        ///< [transports] contains "websocket"
  bool allow_upgrades = true;                   ///< [allowUpgrades]
  bool allow_eio3 = false;                      ///< [allowEIO3] serve clients of Socket.IO 1 and 2 as well
  bool cleanup_empty_child_namespaces = false;  ///< [cleanupEmptyChildNamespaces]
  PerMessageDeflate per_message_deflate;        ///< [perMessageDeflate]
  HttpCompression http_compression;             ///< [httpCompression]
  /// [connectionStateRecovery]
  ConnectionStateRecovery connection_state_recovery;
  CorsSettings cors;
  RedisSettings redis;  ///< joins processes and machines; by default this one is alone
  /// Handshakes only: false refuses with 403 [allowRequest].
  std::function<bool(Handshake const&)> allow_request;
  /// How long allow_request's answer is held back; for tests of slow gates.
  std::chrono::milliseconds allow_request_delay{0};
  /// Measures, where it is set, and costs next to nothing where it is not: called for each answer that was written
  /// while a client's words were handled, once it is sent, with the time since these could first have been read (what
  /// exactly: net/answer_clock.hpp). Called on all workers at the same time; must neither block nor throw.
  std::function<void(std::chrono::nanoseconds)> on_answer;
  /// For tests: a query parameter `worker=N` of a handshake chooses the worker.
  bool test_placement = false;
};

/// A request that is not Engine.IO's, for the program's own routes. Borrowed for the call.
struct HttpRequest {
  std::string_view method, path, query;
  std::function<std::string_view(std::string_view name)> header;
  std::function<std::string(std::string_view name)> parameter;  ///< of the query, decoded; empty when absent
  std::string_view body;
};
struct HttpReply {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};
/// Runs on the worker of the connection; must not block.
using HttpHandler = std::function<HttpReply(HttpRequest const&)>;

struct EngineSendOptions {
  bool compress = true;
};
/// One raw Engine.IO session, for those who speak it without Socket.IO. Own worker only; valid until on_close returned.
class EngineSocket {
 public:
  virtual ~EngineSocket() = default;
  /// `options.compress`: as for Socket::compress.
  virtual void send_text(std::string_view text, EngineSendOptions options = {}) = 0;
  virtual void send_binary(std::string_view bytes, EngineSendOptions options = {}) = 0;
  virtual void close() = 0;
  virtual std::string const& sid() const = 0;
  /// Headers of the POST that carried the message being handled; nullptr on other transports.
  virtual std::vector<std::pair<std::string, std::string>> const* post_headers() const = 0;
};
struct EngineHandlers {
  std::function<void(EngineSocket&)> on_open;
  std::function<void(EngineSocket&, std::string_view data, bool binary)> on_message;
  std::function<void(EngineSocket&, std::string_view reason)> on_close;
  /// Extra headers of a session's first answer [initial_headers].
  std::function<std::vector<std::pair<std::string, std::string>>()> initial_headers;
};

/// What became of connection state recovery, and what is kept for it.
struct RecoveryStats {
  std::size_t sessions_kept = 0, packets_kept = 0, bytes_kept = 0;
  std::uint64_t recovered = 0;
  // Clients that asked for a former session and got a new one:
  std::uint64_t unknown_session = 0;  ///< it had expired, was crowded out, or never was one of this process
  std::uint64_t unknown_offset = 0;   ///< not all packets behind it were kept any more
  std::uint64_t too_much_missed = 0;  ///< more than half of backlog_bytes_max
  std::uint64_t sessions_expired = 0, sessions_crowded_out = 0;
};

/// A counter's value at one moment, for logs and metrics.
struct ServerStats {
  std::size_t sessions = 0, connections = 0, users = 0;
  std::vector<std::size_t> sessions_per_worker;
  std::uint64_t packets_in = 0, packets_out = 0, events_unhandled = 0, events_mistyped = 0, sessions_failed = 0;
  std::uint64_t messages_deflated = 0;  ///< for WebSockets; a broadcast to those that share its frames is one
  std::uint64_t deflate_bytes_saved = 0;
  bool io_uring = false;
  RecoveryStats recovery;
  RedisStats redis;
};

/// Thread: one thread builds, runs and destroys it; `stop` from anywhere. Errors: start() throws std::runtime_error
/// with a sentence that names the option, its value and, for a port in use, the process that holds it.
class Server {
 public:
  explicit Server(ServerOptions options = {});
  ~Server();
  Server(Server const&) = delete;
  Server& operator=(Server const&) = delete;

  /// The namespace of this name; made if it is new.
  Namespace of(std::string_view name);
  /// Names that match the regular expression (ECMAScript) become namespaces when a client first asks for them. What is
  /// set on the returned parent holds for all children; an emit on it reaches all of them.
  Namespace of_pattern(std::string_view expression);

  // The default namespace `/`, as Socket.IO's `io` is:
  template <class F>
  Server& use(F middleware) {
    root_.use(std::move(middleware));
    return *this;
  }
  Server& on_connection(ConnectionHandler handler) {
    root_.on_connection(std::move(handler));
    return *this;
  }
  template <class F>
  Server& on(std::string_view event, F handler) {
    root_.on(event, std::move(handler));
    return *this;
  }
  template <class... A>
  void emit(std::string_view event, A const&... args) {
    root_.emit(event, args...);
  }
  Audience to(std::string_view room) { return root_.to(room); }
  Audience user(UserId const& id) { return root_.user(id); }

  /// The program's own route, by method and exact path. Before start().
  void route(std::string method, std::string path, HttpHandler handler);
  /// Raw Engine.IO on a path of its own. Before start().
  void engine(std::string path, EngineHandlers handlers);
  /// A plain WebSocket that sends everything back, on a path of its own. Before start().
  void websocket_echo(std::string path, std::size_t message_bytes_max);

  /// Listens and starts the workers; returns at once.
  void start();
  /// start(), then waits for SIGINT or SIGTERM, then drains. The exit code: 0 after a clean end. `on_listening`
  /// (optional) runs once, on this thread, when it has started.
  int run(std::function<void()> const& on_listening = {});
  /// Accepts no more connections and serves those it has: for listening sockets that another process goes on accepting
  /// from. No connection is lost between the two. stop() comes next, some time later.
  void stop_accepting();
  /// Stops accepting, closes the transports without a DISCONNECT packet (so clients come back), waits for what is to be
  /// sent up to drain_timeout, joins the workers. Idempotent.
  void stop();

  /// The other nodes, and the Redis between them.
  Cluster cluster() const;
  std::uint16_t port() const;
  unsigned workers() const;
  ServerStats stats() const;

 private:
  std::shared_ptr<server::Runtime> runtime_;
  Namespace root_;  // `/`
};

}  // namespace chorus
