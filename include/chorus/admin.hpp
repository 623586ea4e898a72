// instrument: lets people look into a running server with the Admin UI of Socket.IO, https://admin.socket.io.
// Names in brackets are those of the package @socket.io/admin-ui.
#pragma once
#include <chrono>
#include <cstddef>
#include <string>
#include <variant>

namespace chorus {

class Server;

/// [auth: false] Whoever can reach the server may look, and unless AdminOptions::readonly is set disconnect its clients
/// and speak to them.
struct NoAuth {};

/// [type: "basic"] One name and one password.
struct BasicAuth {
  std::string username;  ///< who may sign in
  /// The password's bcrypt hash, `$2a$`, `$2b$` or `$2y$`, as bcrypt's `hash` and `htpasswd -nbB` make it; never the
  /// password itself.
  std::string password;
};

/// Who may look. It has to be chosen: while it is neither of the two, instrument() refuses.
using AdminAuth = std::variant<std::monostate, NoAuth, BasicAuth>;

/// Where it is kept who has signed in, so that nobody is asked for the password when a connection breaks [store].
struct AdminStore {
  /// `memory`: this process's own [InMemoryStore]. `redis`: in the Redis of ServerOptions::redis, shared by all
  /// processes that use it, Node servers among them [RedisStore].
  enum class Kind { memory, redis } kind = Kind::memory;
  std::string prefix = "socket.io-admin";         ///< [prefix] of the keys in Redis, before `#` and the session's id
  std::chrono::seconds session_duration{86'400};  ///< [sessionDuration] after it, the password is asked for again
  std::size_t sessions_max = 1'000;               ///< in memory; beyond: the oldest goes
};

/// What instrument() is told. Every limit has a name, a unit and a default.
struct AdminOptions {
  std::string namespace_name = "/admin";  ///< [namespaceName] that the UI connects to
  AdminAuth auth = {};                    ///< [auth] has to be chosen: BasicAuth or NoAuth
  bool readonly = false;                  ///< [readonly] nobody can emit, move between rooms or disconnect
  /// [serverId] How the UI tells this process from others; empty: the host's name, `#` and the process's number.
  std::string server_id = {};
  AdminStore store = {};  ///< [store] who has signed in
  /// [mode] `development`: the UI shows each socket, room and event. `production`: only counts, so that thousands of
  /// clients cost next to nothing.
  enum class Mode { development, production } mode = Mode::development;

  std::chrono::milliseconds stats_interval{2'000};  ///< from one `server_stats` to the next
  std::size_t attempts_max = 2;                     ///< passwords that are checked at once
  std::size_t attempts_waiting_max = 20;            ///< attempts that wait for that; beyond: they are refused
  std::size_t password_bytes_max = 512;             ///< a longer one is wrong; bcrypt itself looks at the first 72
  unsigned hash_cost_max = 14;                      ///< of BasicAuth::password: each step doubles the time of a check
  /// Of the sockets told of at once when somebody looks; the rest is not. One message, which has to find room in
  /// ServerOptions::backlog_bytes_max.
  std::size_t sockets_bytes_max = 2u << 20;
  std::size_t namespaces_max = 1'000;         ///< told of at once; the rest is not
  std::size_t events_per_second_max = 1'000;  ///< of clients, told of by one worker; the rest is not
  /// Changes of sockets and rooms that a worker keeps for who begins to look, until the lists of all workers are there;
  /// beyond, these are not told.
  std::size_t events_waiting_max = 10'000;
  std::size_t event_bytes_max = 64 * 1024;  ///< of one event's arguments; of more the UI is told how many they are
};

/// Makes the namespace for the UI, and watches the server for those who sign in there. Before Server::start, once. The
/// hosted UI is a page of another origin that sends credentials: ServerOptions::cors has to allow both (`.origins =
/// {"https://admin.socket.io"}, .credentials = true`).
///
/// A password is checked on one of the helper threads (ServerOptions::offload_threads), never on a worker. While nobody
/// looks, nothing is made for the UI but counts. With Redis all nodes are one server here, too: the UI is told what
/// happens on each, and what is done in it is done on all; but of the sockets that were there before it came, it is
/// told those of the node that it is connected to. There, in development mode, every event goes over Redis whether
/// anybody looks or not.
///
/// Where it is not called, it costs a test of a pointer for each message.
/// Thread: the Server's owner's. Lifetime: what it makes ends with the server.
/// Errors: std::runtime_error with a sentence that names the option and its value: `auth` was not chosen, a hash is
/// none of bcrypt's, ...
void instrument(Server& server, AdminOptions options);

}  // namespace chorus
