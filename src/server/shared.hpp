// What all workers of a server share. Immutable once it has started, or thread-safe by itself.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "chorus/server.hpp"
#include "cluster/local_bus.hpp"
#include "cluster/placement.hpp"
#include "cluster/redis/redis_bus.hpp"
#include "engine/session_id.hpp"
#include "http/request_reader.hpp"
#include "net/helper_pool.hpp"
#include "server/letters.hpp"
#include "server/mount.hpp"
#include "server/relay_desk.hpp"
#include "server/static_files.hpp"
#include "socket/definition.hpp"
#include "websocket/deflate_parameters.hpp"

namespace chorus::server {

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
  std::map<std::pair<std::string, std::string>, HttpHandler> routes;  // (method, path)
  StaticFiles files;
  /// Puts a letter into a worker's mailbox. Thread: any, while the server runs.
  std::function<void(unsigned worker, Letter)> post;
  /// The way to the other processes of the machine; nullptr: there are none.
  std::unique_ptr<RelayDesk> relay;

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
