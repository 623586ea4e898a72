// Runtime: the process's side of a server. Starts and stops the workers; owned by the thread that owns the Server.
#pragma once
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/counter.hpp"
#include "base/time.hpp"
#include "net/listener.hpp"
#include "net/watchdog.hpp"
#include "server/shared.hpp"
#include "server/site.hpp"
#include "socket/hub.hpp"

namespace chorus::server {

/// Thread: the Server's owner, but for stats(). The one order of the end (docs/threading.md): stop accepting and
/// hearing, close transports, wait with a deadline, join the workers, close the bus.
class Runtime {
 public:
  explicit Runtime(ServerOptions options);
  ~Runtime();

  Shared& shared() { return shared_; }
  Shared const& shared() const { return shared_; }
  /// Before start() only.
  void add_mount(Mount mount);
  void add_route(std::string method, std::string path, HttpHandler handler);
  void set_fallback(HttpHandler handler);
  /// Those of the Socket.IO path.
  EngineHooks& hooks();

  /// Where worker 0 has its turns; the others have threads of their own.
  enum class FirstWorker : std::uint8_t { own_thread, callers_loop };
  void start(FirstWorker first);
  /// Of worker 0, in a caller's loop.
  int descriptor();
  /// One turn of it, which waits for nothing. False: there is none, or it has stopped.
  bool turn();
  /// Thread: any. See Server::adopt.
  Adopted adopt(int descriptor, std::string_view unread);
  Adopted adopt_upgraded(int descriptor, std::string_view request, std::string_view unread);
  void stop_accepting();
  void reload_tls();
  void stop();
  bool running() const { return !hub_counters_.empty(); }
  /// A Harness runs the hubs of this server, whose counters these are, until end_test().
  void begin_test(std::vector<socket::HubCounters const*> hub_counters);
  void end_test() { hub_counters_.clear(); }
  std::uint16_t port() const { return listener_ ? listener_->port() : 0; }
  std::vector<std::string> addresses() const;
  /// Thread: any.
  std::size_t clients_count() const;
  ServerStats stats() const;

 private:
  Adopted hand_in(int descriptor, std::string unread, AdoptLetter::Handshake handshake);
  Mount socket_io_mount() const;
  bool all_quiet() const;
  void listen(Site& site);
  void start_thread(Site& site);
  template <class Condition>
  void wait(Condition const& condition, TimePoint deadline);
  void load_files();
  void prepare_handshakes() const;
  void start_relay();
  void start_watchdog();

  Shared shared_;
  std::optional<net::Listener> listener_;
  std::vector<std::unique_ptr<Site>> sites_;
  std::vector<socket::HubCounters const*> hub_counters_;  // of the sites, or of a test's
  bool serving_ = false;
  bool embedded_ = false;              // worker 0 is in a caller's loop
  std::atomic<unsigned> adopting_{0};  // whose turn it is to get one
  std::vector<std::thread> threads_;
  Counter slow_handlers_;
  std::optional<net::Watchdog> watchdog_;
};

}  // namespace chorus::server
