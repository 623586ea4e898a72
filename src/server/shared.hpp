// What all workers of a server share. Immutable once it has started, or thread-safe by itself.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/guarded.hpp"
#include "chorus/server.hpp"
#include "cluster/local_bus.hpp"
#include "cluster/placement.hpp"
#include "cluster/redis/redis_bus.hpp"
#include "engine/session_id.hpp"
#include "http/forwarded.hpp"
#include "http/request_reader.hpp"
#include "net/helper_pool.hpp"
#include "server/letters.hpp"
#include "server/mount.hpp"
#include "server/relay_desk.hpp"
#include "server/routes.hpp"
#include "server/static_files.hpp"
#include "server/tls_host.hpp"
#include "socket/definition.hpp"
#include "websocket/deflate_parameters.hpp"

namespace chorus::server {

/// The way into the workers for handles that a program may keep for longer than its server.
class OutsidePost {
 public:
  using Post = std::function<void(unsigned worker, Letter)>;

  void open(Post post) {
    post_.with([&](Post& own) { own = std::move(post); });
  }
  /// When this has returned, nothing is posted any more.
  void close() { open(nullptr); }
  /// Thread: any. Under the lock, or a worker could end meanwhile. False: it was not posted, and `letter` is as it was.
  bool post(unsigned worker, Letter&& letter) {
    return post_.with([&](Post const& own) {
      if (own) own(worker, std::move(letter));
      return own != nullptr;
    });
  }

 private:
  Guarded<Post> post_;
};

struct Shared {
  Shared(ServerOptions o, unsigned worker_count)
      : options(std::move(o)),
        workers(worker_count),
        bus(std::make_shared<cluster::LocalBus>(worker_count)),
        redis(make_redis(options, bus)),
        helpers(make_helpers(options, *bus)),
        registry(std::make_shared<socket::Registry>(bus)),
        placement(worker_count),
        session_key(options.identity.session_key.empty() ? engine::SessionIdKey::random()
                                                         : engine::SessionIdKey(options.identity.session_key)) {}

  ServerOptions options;
  unsigned const workers;
  http::Limits http_limits;
  websocket::DeflateSettings deflate;
  std::shared_ptr<cluster::LocalBus> bus;
  std::shared_ptr<cluster::RedisBus> redis;  ///< nullptr: this process is alone
  std::shared_ptr<net::HelperPool> helpers;
  std::shared_ptr<socket::Registry> registry;
  mutable cluster::Placement placement;
  engine::SessionIdKey session_key;
  std::vector<Mount> mounts;
  Routes routes;
  StaticFiles files;
  StaticFiles client_files;  ///< by their names, behind the path of Socket.IO
  std::vector<http::Network> trusted_proxies;
  /// Puts a letter into a worker's mailbox. Thread: any, while the server runs.
  std::function<void(unsigned worker, Letter)> post;
  /// Encrypts the connections, from start() on; nullptr: they are plain.
  std::unique_ptr<TlsHost> tls;
  std::shared_ptr<OutsidePost> const outside = std::make_shared<OutsidePost>();
  /// The way to the other processes of the machine; nullptr: there are none.
  std::unique_ptr<RelayDesk> relay;

  /// The Engine.IO path that this path is, or is below of.
  std::optional<std::size_t> mount_of(Bytes path) const {
    for (std::size_t i = 0; i < mounts.size(); ++i) {
      auto const& own = mounts[i].path;
      if (path == own) return i;
      bool const is_below = mounts[i].all_below && path.starts_with(own) && path[own.size()] == '/';
      if (is_below && !client_files.contains(path.substr(own.size()))) return i;
    }
    return std::nullopt;
  }
  /// How the sessions of this worker name their owner.
  engine::Owner owner(unsigned worker) const {
    return {options.identity.node, options.identity.incarnation, static_cast<std::uint8_t>(worker)};
  }
  /// Where a session is kept.
  struct Place {
    unsigned worker = 0;
    std::optional<cluster::NodeName> node;  ///< nothing: this process
  };
  /// Nothing: it is no id of ours, or of a process that cannot be reached. The one place that tells own sessions from
  /// others'.
  std::optional<Place> place_of(Bytes sid) const {
    auto const found = session_key.owner_of(sid);
    if (!found) return std::nullopt;
    if (*found == owner(found->worker))
      return found->worker < workers ? std::optional(Place{found->worker, {}}) : std::nullopt;
    if (!relay) return std::nullopt;
    return Place{found->worker, cluster::NodeName{found->node, found->incarnation}};
  }

 private:
  static std::shared_ptr<net::HelperPool> make_helpers(ServerOptions const& options, cluster::LocalBus& bus) {
    auto pool = std::make_shared<net::HelperPool>(
        net::HelperPoolLimits{.threads_max = options.offload_threads, .waiting_max = options.offload_queue_max});
    bus.set_helpers([pool](std::function<void()> work) { return pool->run(std::move(work)); });
    return pool;
  }
  static std::shared_ptr<cluster::RedisBus> make_redis(ServerOptions const& options,
                                                       std::shared_ptr<cluster::LocalBus> const& bus) {
    if (options.redis.url.empty()) return nullptr;
    auto redis = std::make_shared<cluster::RedisBus>(options.redis, bus);
    bus->set_uplink(redis);
    return redis;
  }
};

}  // namespace chorus::server
