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
#include "chorus/engine.hpp"
#include "chorus/http.hpp"
#include "chorus/namespace.hpp"
#include "chorus/router.hpp"
#include "chorus/socket.hpp"
#include "chorus/tls.hpp"

namespace chorus {

class Harness;

namespace server {
class Runtime;
}

/// WebSocket messages deflated (RFC 7692), with clients that offer it, as the option `perMessageDeflate` of Socket.IO.
struct PerMessageDeflate {
  bool enabled = false;          ///< off as in Socket.IO, since it costs processor time
  std::size_t threshold = 1024;  ///< bytes; smaller messages go out as they are
  int level = 1;                 ///< from 1, the fastest, to 9, the smallest
  /// Messages refer back to those before them, in both directions. It makes small ones smaller, but each connection has
  /// streams of its own then (up to 300 KiB), and a broadcast is deflated for each. Without it, it is deflated once.
  bool context_takeover = false;
  int server_max_window_bits = 15;  ///< 9 to 15: the window is two to this power, in bytes
  int client_max_window_bits = 15;  ///< 9 to 15, where a client lets itself be told
};

/// Answers to polls compressed by gzip or deflate, with clients that accept it, as the option `httpCompression`. Static
/// files are compressed too, once, at the start, and by Brotli as well.
struct HttpCompression {
  bool enabled = true;           ///< on as in Socket.IO
  std::size_t threshold = 1024;  ///< bytes; smaller answers to polls go out as they are
  int level = 1;                 ///< of answers to polls: from 1, the fastest, to 9, the smallest
};

/// Clients whose connection broke, and who come back to this process in time, go on as if it had not, as the option
/// `connectionStateRecovery` of Socket.IO: with their id, rooms, data and user, and what was emitted to them meanwhile.
/// Every event without an acknowledgement then has one more argument, the last: an offset, a string. For whom it does
/// not work out (ServerStats::recovery says why) there is an ordinary new session. Data may be destroyed on any worker.
struct ConnectionStateRecovery {
  std::chrono::milliseconds max_disconnection{0};  ///< [maxDisconnectionDuration] to come back in; 0: it is off
  bool skip_middlewares = true;       ///< [skipMiddlewares] else whom they refuse gets nothing of what was missed
  std::size_t sessions_max = 10'000;  ///< kept in the process for clients that are away; beyond: the oldest goes
  std::size_t packets_max = 100'000;  ///< kept in the process; beyond: the oldest of the same namespace go
  std::size_t bytes_max = 64u << 20;  ///< of these packets
};

/// Which of several processes this is. A session id names its owner, so that whoever receives a request knows whose it
/// is: no two processes that share `session_key` may have the same node and incarnation.
struct NodeIdentity {
  std::uint16_t node = 0;  ///< the number of this machine or pod, as the cluster counts them
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
  // Where it listens, and what it serves.

  std::string host = "localhost";  ///< `localhost` listens on IPv4 and IPv6
  std::uint16_t port = 3000;       ///< 0: any free one, see Server::port
  /// Sockets that listen already, opened by somebody else (a supervisor, systemd). start() takes ownership of these
  /// descriptors; `host` and `port` are then not looked at. Empty: it opens its own.
  std::vector<int> listening;
  /// False: it listens nowhere, and `host` and `port` are not looked at. Its connections are those that it is given
  /// (Server::adopt).
  bool listen = true;
  NodeIdentity identity;             ///< which of several processes this is
  unsigned workers = 0;              ///< threads; 0: one per core
  std::string path = "/socket.io/";  ///< [path] with or without its last slash
  bool add_trailing_slash = true;    ///< [addTrailingSlash] false: `/socket.io` and all below it, without the slash
  /// [destroyUpgrade] A WebSocket's handshake for another path ends at once with 404; false: it is a request like any
  /// other, for routes and the fallback.
  bool destroy_upgrade = true;
  std::string web_root;  ///< folder of static files; empty: none
  /// [serveClient] A folder with the browser's client (`dist` of the package socket.io-client): of it the files of the
  /// eight names that Socket.IO serves, as `/socket.io/socket.io.js`. Read once, at the start. Empty: none.
  std::string client_files;
  /// `automatic`: where the kernel allows it. `off`: plain system calls.
  enum class IoUring { automatic, off } io_uring = IoUring::automatic;

  // How long.

  std::chrono::milliseconds ping_interval{25'000};    ///< [pingInterval] from one heartbeat to the next
  std::chrono::milliseconds ping_timeout{20'000};     ///< [pingTimeout] for its answer; beyond: the client is gone
  std::chrono::milliseconds upgrade_timeout{10'000};  ///< [upgradeTimeout] of an upgrade; of a poll after a failed one
  std::chrono::milliseconds connect_timeout{45'000};  ///< [connectTimeout] until the first namespace is joined
  std::chrono::milliseconds admission_timeout{30'000};   ///< the verdict of a middleware, a gate, an id's generator
  std::chrono::milliseconds route_timeout{120'000};      ///< the answer of an own route; beyond: 504
  std::chrono::milliseconds headers_timeout{60'000};     ///< until a request's head is complete
  std::chrono::milliseconds request_timeout{300'000};    ///< until the whole request is there
  std::chrono::milliseconds keep_alive_timeout{65'000};  ///< an idle HTTP connection
  std::chrono::milliseconds drain_timeout{10'000};       ///< at stop: for what is still to be sent

  // How much.

  /// [maxHttpBufferSize] One message, one body; announced as maxPayload. A binary packet, which is a message and its
  /// attachments, each as often as it is named, has at most 1 + attachments_max times as many.
  std::size_t message_bytes_max = 1'000'000;
  std::size_t head_bytes_max = 16 * 1024;     ///< request line and headers
  std::size_t backlog_bytes_max = 4u << 20;   ///< unsent bytes of one connection; beyond: it is closed
  std::size_t backlog_messages_max = 16'384;  ///< unsent messages of a client that polls; beyond: it is closed
  unsigned attachments_max = 10;              ///< [maxAttachments] of one packet
  std::size_t json_depth_max = 512;           ///< nesting of one packet
  std::size_t event_name_bytes_max = 1024;    ///< of a client's event, as written; beyond: it is closed
  std::size_t namespace_bytes_max = 512;      ///< the name that a client asks for, and its query; beyond: it is closed
  std::size_t namespaces_max = 64;            ///< namespaces one client may join
  std::size_t rooms_max = 10'000;             ///< rooms one socket may be in; beyond: it joins none, and the log tells
  std::size_t room_name_bytes_max = 1024;     ///< of a room that a socket joins; beyond: likewise
  std::size_t asks_pending_max = 1'000;       ///< open questions to one socket
  std::size_t drafts_pending_max = 1'000;     ///< events of one socket that wait for a middleware's verdict
  std::size_t connections_max = 0;            ///< of the process; 0: what descriptors allow
  unsigned offload_threads = 4;               ///< helpers for work that blocks (chorus::offload); begun when needed
  std::size_t offload_queue_max = 1'000;      ///< offloaded work that waits for a helper; beyond: OffloadRefused
  /// A handler that holds its worker for so long is named in the log and counted; while it runs and when it has ended.
  /// 0: nobody looks.
  std::chrono::milliseconds slow_handler{100};
  /// When at least so many sessions of a worker, and half of all, have ended, free pages of the process's heap go back
  /// to the system (malloc_trim, which glibc never does by itself; about 1 us for each that ended); 0: never.
  std::size_t trim_sessions_min = 1'000;

  // How it talks to its clients, and to others.

  /// [parser] How clients' packets are written: as JSON, or as `socket.io-msgpack-parser` does it. `automatic`: each
  /// client's first packet tells, and both are served on this port; else a client of the other one is disconnected.
  /// Clients of Socket.IO 1 and 2 (allow_eio3) always write JSON.
  enum class Parser { automatic, json, msgpack } parser = Parser::automatic;
  bool polling = true;         ///< [transports] clients may poll
  bool websocket = true;       ///< [transports] clients may use a WebSocket
  bool allow_upgrades = true;  ///< [allowUpgrades] from polling to WebSocket
  bool allow_eio3 = false;     ///< [allowEIO3] serve clients of Socket.IO 1 and 2 as well
  /// [cleanupEmptyChildNamespaces] A child of a dynamic namespace ends when its last socket has left.
  bool cleanup_empty_child_namespaces = false;
  PerMessageDeflate per_message_deflate;  ///< [perMessageDeflate] smaller WebSocket messages
  HttpCompression http_compression;       ///< [httpCompression] smaller answers to polls
  /// [connectionStateRecovery] Clients go on after a broken connection.
  ConnectionStateRecovery connection_state_recovery;
  CorsSettings cors;           ///< [cors] pages of other origins
  CookieSettings cookie;       ///< [cookie] with the session id, for balancers
  TlsSettings tls;             ///< HTTPS and WSS in place of HTTP and WS
  RedisSettings redis;         ///< joins processes and machines; by default this one is alone
  AllowRequest allow_request;  ///< [allowRequest] who may begin a session
  /// Networks (`10.0.0.0/8`, `::1`) of proxies: a request from one of them has its client's address in
  /// X-Forwarded-For, of whose entries the last one that is no such proxy counts.
  std::vector<std::string> trusted_proxies;
  /// How long allow_request's answer is held back; for tests of slow gates.
  std::chrono::milliseconds allow_request_delay{0};
  /// Measures, where it is set, and costs next to nothing where it is not: called for each answer that was written
  /// while a client's words were handled, once it is sent, with the time since these could first have been read (what
  /// exactly: net/answer_clock.hpp). Called on all workers at the same time; must neither block nor throw.
  std::function<void(std::chrono::nanoseconds)> on_answer;
  /// For tests: a query parameter `worker=N` of a handshake chooses the worker.
  bool test_placement = false;
};

/// What became of connection state recovery, and what is kept for it.
struct RecoveryStats {
  std::size_t sessions_kept = 0, packets_kept = 0, bytes_kept = 0;  ///< now
  std::uint64_t recovered = 0;                                      ///< clients that went on
  // Clients that asked for a former session and got a new one:
  std::uint64_t unknown_session = 0;  ///< it had expired, was crowded out, or never was one of this process
  std::uint64_t unknown_offset = 0;   ///< not all packets behind it were kept any more
  std::uint64_t too_much_missed = 0;  ///< more than half of backlog_bytes_max
  // What was kept in vain:
  std::uint64_t sessions_expired = 0;      ///< nobody came back in time
  std::uint64_t sessions_crowded_out = 0;  ///< they had to make room (sessions_max)
};

/// A counter's value at one moment, for logs and metrics.
struct ServerStats {
  std::size_t sessions = 0;                      ///< Engine.IO sessions now
  std::size_t connections = 0;                   ///< of TCP, now
  std::size_t users = 0;                         ///< with at least one device on this process, now
  std::vector<std::size_t> sessions_per_worker;  ///< now
  std::uint64_t packets_in = 0;                  ///< events of clients
  std::uint64_t events_unhandled = 0;            ///< for which there was no handler
  std::uint64_t events_mistyped = 0;             ///< that did not have the types their handler wants
  std::uint64_t handler_errors = 0;              ///< handlers and tasks that threw
  std::uint64_t slow_handlers = 0;               ///< ServerOptions::slow_handler
  std::uint64_t messages_deflated = 0;           ///< for WebSockets; a broadcast to those that share its frames is one
  std::uint64_t deflate_bytes_saved = 0;         ///< before less after
  bool io_uring = false;                         ///< the workers use it
  std::uint64_t tls_handshakes = 0;              ///< that succeeded
  std::uint64_t tls_resumptions = 0;             ///< of these, those that took up an earlier session
  std::uint64_t tls_failures = 0;  ///< connections closed: no TLS, a certificate refused, a bad record, out of time
  RecoveryStats recovery;          ///< connection state recovery
  RedisStats redis;                ///< what was published
};

/// What became of a descriptor that was given to Server::adopt.
enum class Adopted : std::uint8_t {
  taken,  ///< it is the server's, which closes it
  // All others: it is still its owner's, and connected as it was.
  not_running,      ///< before start(), or stopped
  no_stream,        ///< no connected stream socket: closed by its peer already, listening, a file, ...
  too_much_unread,  ///< more than head_bytes_max + message_bytes_max were read of it
  no_websocket,     ///< of adopt_upgraded() only: the request is no WebSocket's handshake, or not a whole one
  encrypted,        ///< the server has TLS: only what comes over its own port is known to be encrypted
};

/// The listening socket, the workers and what they serve. Beside what concerns the whole, it is its default namespace
/// `/`, as Socket.IO's `io` is: all that is asked of it, to emit, to listen, to use a middleware, is asked of that.
/// What has no comment here does as Namespace's of the same name.
///
/// Thread: one thread builds, runs and destroys it; `stop` from anywhere (but see start_embedded), and what is the
/// default namespace's too.
/// Errors: start() throws std::runtime_error with a sentence that names the option, its value and, for a port in use,
/// the process that holds it.
class Server : public NamesAudience<Server> {
 public:
  /// Serves nobody before start().
  explicit Server(ServerOptions options = {});
  ~Server();
  Server(Server const&) = delete;
  Server& operator=(Server const&) = delete;

  // ---- Namespaces ----

  /// The namespace of this name; made if it is new. One that matches a dynamic namespace's expression is its child.
  Namespace of(std::string_view name);
  Namespace of(std::string_view name, ConnectionHandler on_connection) {
    auto nsp = of(name);
    nsp.add_connection(std::move(on_connection));
    return nsp;
  }
  /// Names that match the regular expression (ECMAScript) become namespaces when a client first asks for them. What is
  /// set on the returned parent holds for all children; an emit on it reaches all of them.
  Namespace of_pattern(std::string_view expression);
  /// Names that the function says yes to become namespaces likewise. Forms: `bool f(std::string_view name, ArgView
  /// auth)`, `Task<bool> f(std::string name, RawJson auth)`, and `void f(std::string_view name, ArgView auth,
  /// NamespaceVerdict)` for later. Dynamic namespaces are asked in the order in which they were defined. Runs on the
  /// worker of the client that asks; `auth` is what it brought.
  template <class F>
  Namespace of_function(F decides) {
    if constexpr (std::is_invocable_v<F&, std::string_view, ArgView, NamespaceVerdict>)
      return of_decider(detail::keep_captures(std::move(decides)));
    else if constexpr (detail::is_coroutine<F>)
      return of_decider(
          [f = std::make_shared<F>(std::move(decides))](std::string_view name, ArgView auth, NamespaceVerdict verdict) {
            answer_later(verdict, f, std::string(name), RawJson{std::string(auth.raw())});
          });
    else
      return of_decider([f = std::move(decides)](std::string_view name, ArgView auth,
                                                 NamespaceVerdict verdict) mutable { verdict(f(name, auth)); });
  }
  /// The form that of_function() keeps.
  Namespace of_decider(NamespaceDecider decides);
  /// Runs once for each new namespace of this process, children of dynamic ones included: in the call that makes it, or
  /// on the worker whose client asked for it first, before that client is let in. (Clients of other workers that ask at
  /// the same moment may be let in before what is set here reaches their worker.)
  ListenerId on_new_namespace(std::function<void(Namespace const&)> handler);

  // ---- The default namespace ----

  /// The default namespace.
  Namespace const& sockets() const { return root_; }
  /// All of the default namespace's sockets.
  Audience const& everyone() const { return root_.everyone(); }
  template <class F>
  Server& use(F middleware) {
    root_.use(std::move(middleware));
    return *this;
  }
  template <class F>
  ListenerId on(std::string_view event, F handler) {
    return root_.on(event, std::move(handler));
  }
  template <class F>
  ListenerId on_connection(F handler) {
    return root_.on_connection(std::move(handler));
  }
  template <class F>
  ListenerId on_connect(F handler) {
    return root_.on_connection(std::move(handler));
  }
  template <class F>
  ListenerId on_disconnecting(F handler) {
    return root_.on_disconnecting(std::move(handler));
  }
  template <class F>
  ListenerId on_disconnect(F handler) {
    return root_.on_disconnect(std::move(handler));
  }
  void off(ListenerId id) { root_.off(id); }
  void off(std::string_view event) { root_.off(event); }
  template <class F>
  ListenerId on_server_side(std::string_view event, F handler) {
    return root_.on_server_side(event, std::move(handler));
  }
  template <class... A>
  void server_side_emit(std::string_view event, A const&... args) const {
    root_.server_side_emit(event, args...);
  }
  template <class... A>
  void server_side_ask(std::string_view event, AnswersHandler on_answers, A const&... args) const {
    root_.server_side_ask(event, std::move(on_answers), args...);
  }
  template <class... A>
  Pending<Answers> server_side_emit_with_ack(std::string_view event, A const&... args) const {
    return root_.server_side_emit_with_ack(event, args...);
  }

  void server_count(std::function<void(ServerCount const&)> on_count) const { root_.server_count(std::move(on_count)); }
  Pending<ServerCount> server_count() const { return root_.server_count(); }

  // ---- Beside Socket.IO ----

  /// The program's own route. `method`: `GET` answers HEAD too, `*` is any. `path`: `:name` stands for one of its parts
  /// (HttpRequest::capture), a last `*` for all the rest. The path with the least of both is taken; a path that has
  /// routes, but none of the request's method, is answered with 405. Static files and client files come after routes.
  /// Forms of `handler`: see make_http_handler(). A body has message_bytes_max at most. Before start().
  template <class F>
  void route(std::string method, std::string path, F handler) {
    add_route(std::move(method), std::move(path), make_http_handler(std::move(handler)));
  }
  /// For what is neither Engine.IO, nor a route, nor a file; without it, 404. Before start().
  template <class F>
  void fallback(F handler) {
    add_fallback(make_http_handler(std::move(handler)));
  }
  /// Hooks on the requests of the Socket.IO path, as `io.engine` has them in Node. Before start().
  EngineHooks& engine();
  /// Raw Engine.IO on a path of its own. Before start().
  void engine(std::string path, EngineHandlers handlers);
  /// A plain WebSocket that sends everything back, on a path of its own. Before start().
  void websocket_echo(std::string path, std::size_t message_bytes_max);

  // ---- Running ----

  /// Listens and starts the workers; returns at once.
  void start();
  /// start(), but worker 0 gets no thread: its turns are those that turn() gives it, in an event loop of the program's
  /// own (chorus/asio.hpp does it for Asio). With `workers = 1` all handlers run there, and share the program's data
  /// without a lock; further workers have threads of their own as ever. Returns a descriptor that is readable
  /// (level-triggered: poll, epoll, ...) when a turn has something to do: bytes, timers, what other threads emit. It is
  /// the server's, and valid until stop().
  int start_embedded();
  /// One turn of worker 0, which does what there is to do and waits for nothing. False: the server was not started by
  /// start_embedded(), or has stopped; then there is nothing to wait for any more. Thread: any one at a time, of one
  /// strand; never from within a handler. Between turns its thread is a foreign one: handles may be used (what is
  /// emitted goes out in the next turn), what says "own worker" may not; chorus::spawn gets a turn for it.
  bool turn();
  /// start(), then waits for SIGINT or SIGTERM, then drains. The exit code: 0 after a clean end. `on_listening`
  /// (optional) runs once, on this thread, when it has started.
  int run(std::function<void()> const& on_listening = {});
  /// Accepts no more connections and serves those it has: for listening sockets that another process goes on accepting
  /// from. No connection is lost between the two. stop() comes next, some time later.
  void stop_accepting();
  /// Takes over a connection that an HTTP server of the program's own has accepted, as if it had come to the listening
  /// port. `unread`: all that was read of it beginning with a request's first byte, which is copied; the request itself
  /// (a poll, an upgrade, a page) is answered here, and so are those that come after it on the same connection,
  /// whatever their path: by routes, files, the fallback, or 404. Nothing may have been answered to it. It counts
  /// against connections_max: beyond, it is closed, as one that was accepted. It is made non-blocking. Clear text only.
  /// Thread: any.
  Adopted adopt(int descriptor, std::string_view unread = {});
  /// The same of a WebSocket: the program's server has answered its handshake with 101, agreeing on no extensions.
  /// `request`: that handshake's head as it came, which names the path, the session and who asks; `unread`: what was
  /// read behind it. Where a session is refused the connection ends without a word.
  Adopted adopt_upgraded(int descriptor, std::string_view request, std::string_view unread = {});
  /// Reads the files of ServerOptions::tls again: connections that come from now on have the new certificates, those
  /// that are there keep theirs. Throws std::runtime_error with a sentence where a file cannot be used; then nothing
  /// has changed. Does nothing without TLS. Thread: any, between start() and stop(). It reads files: keep it off the
  /// workers.
  void reload_tls();
  /// Stops accepting, closes the transports without a DISCONNECT packet (so clients come back), waits for what is to be
  /// sent up to drain_timeout, joins the workers. Idempotent. After start_embedded() it gives worker 0 its turns
  /// itself, so it belongs to the thread that has them, and not into a handler.
  void stop();

  // ---- Facts ----

  /// The other nodes, and the Redis between them.
  Cluster cluster() const;
  /// Where it listens; ServerOptions::port 0 has become a number by then. After start().
  std::uint16_t port() const;
  /// How many there are.
  unsigned workers() const;
  /// Engine.IO sessions of this process now. Thread: any.
  std::size_t clients_count() const;
  /// As of now. Thread: any, between start() and stop().
  ServerStats stats() const;

 private:
  friend class Harness;  // which runs it for a test (chorus/testing.hpp)

  void add_route(std::string method, std::string path, HttpHandler handler);
  void add_fallback(HttpHandler handler);

  std::shared_ptr<server::Runtime> runtime_;
  Namespace root_;  // `/`
};

}  // namespace chorus
