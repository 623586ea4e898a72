// The switchboard: how the hubs of one process reach each other, and who knows which worker has members of a room.
//
// Declared here because sockets need it; implemented above (cluster/local_bus.hpp), for it takes locks and mailboxes.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/shared_message.hpp"
#include "socket/target.hpp"
#include "socket/uplink.hpp"

namespace chorus::socket {

class Hub;
class Recovery;
class Spectator;
class Timeline;

/// A set of workers, a bit each.
using WorkerSet = std::uint64_t;
inline constexpr unsigned workers_max = 64;
/// The first `count`.
constexpr WorkerSet all_workers(unsigned count) {
  return count == workers_max ? ~WorkerSet{0} : (WorkerSet{1} << count) - 1;
}

/// The one worker that tells of this user, room or namespace what must be told in one order.
inline unsigned home_worker(std::string_view name, unsigned workers) {
  return static_cast<unsigned>(std::hash<std::string_view>{}(name) % workers);
}

/// Parents of dynamic namespaces have names that no client can ask for: a real one begins with '/'.
inline bool is_parent_name(std::string_view name) { return name.empty() || name.front() != '/'; }

/// A packet on its way to the members on another worker.
struct BroadcastLetter {
  TargetPtr target;
  std::shared_ptr<engine::SharedMessage const> message;
};
/// Something waits for the worker in a namespace's order (socket/timeline.hpp).
struct CatchUpLetter {
  std::shared_ptr<Timeline> timeline;
};
/// Anything else: values and handles captured, run in a turn of the receiving worker.
using Errand = std::function<void(Hub&)>;
using Letter = std::variant<BroadcastLetter, Errand, CatchUpLetter>;

/// Thread: any, all of it. Lifetime: shared by every handle; after close() letters are dropped.
class Switchboard {
 public:
  virtual ~Switchboard() = default;

  virtual unsigned workers() const = 0;
  /// Letters of one thread to one worker arrive in order.
  virtual void post(unsigned worker, Letter letter) = 0;

  /// The first member of a room (or a namespace, key "") on a worker, and the last one gone. Not of a socket's own
  /// room: its name tells the worker. Effective on return: an
  /// emit anywhere from then on finds it.
  virtual void gained(std::string_view nsp, std::string_view key, unsigned worker) = 0;
  virtual void lost(std::string_view nsp, std::string_view key, unsigned worker) = 0;
  /// Somebody asked sockets of other workers to join rooms; until they have, interested() may miss none of them: what
  /// the same thread emits next arrives behind the joins.
  virtual void joins_began() = 0;
  virtual void joins_ended() = 0;
  /// The workers that may have receivers of it.
  virtual WorkerSet interested(Target const& target) const = 0;

  /// A user's devices, those on other nodes included. Edges are decided here, under one lock, and told in that order to
  /// the user's home worker. Those of this process (no Device::node) are told to the other nodes.
  virtual void device_came(std::string_view nsp, UserId const& user, Device device) = 0;
  virtual void device_went(std::string_view nsp, UserId const& user, std::string_view socket_id) = 0;
  virtual std::vector<Device> devices(std::string_view nsp, UserId const& user) const = 0;
  /// See Namespace::users.
  virtual std::vector<OnlineUser> users(std::string_view nsp, std::size_t limit) const = 0;

  /// Runs `work` on a helper thread, where it may block. False: there is no room for it, or no helper.
  virtual bool offload(std::function<void()>) { return false; }

  /// The other nodes; nullptr for a process alone. Constant while the workers run.
  virtual Uplink* uplink() const = 0;
  /// Connection state recovery; nullptr: it is off. Constant while the workers run.
  virtual Recovery* recovery() const { return nullptr; }
  /// Who is told of everything; nullptr: nobody. Constant while the workers run.
  virtual Spectator* spectator() const { return nullptr; }
  /// Sets it, once, before the workers start. False: it is too late, or there is one.
  virtual bool watch(std::shared_ptr<Spectator>) { return false; }
};

}  // namespace chorus::socket
