// Which workers have members of a room, and which users have devices: shared by all workers of a process.
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/guarded.hpp"
#include "chorus/namespace.hpp"
#include "socket/rooms.hpp"
#include "socket/switchboard.hpp"

namespace chorus::cluster {

/// Room (of a namespace) -> workers with members. Changed by the first join and the last leave on a worker only.
///
/// Thread: any. Sharded by name, so that workers rarely meet at one lock. Cost: one lock, one look-up.
class InterestTable {
 public:
  void add(std::string_view nsp, std::string_view key, unsigned worker);
  void remove(std::string_view nsp, std::string_view key, unsigned worker);
  socket::WorkerSet find(std::string_view nsp, std::string_view key) const;
  /// Entries in all; for tests and metrics.
  std::size_t size() const;

 private:
  static constexpr std::size_t shard_count = 64;
  using Table = socket::StringMap<socket::WorkerSet>;
  struct alignas(64) Shard {
    Guarded<Table> table;
  };
  Shard& shard_of(std::string_view full_key) const;

  mutable std::array<Shard, shard_count> shards_;
};

/// User (of a namespace) -> devices, in the order of connecting.
///
/// Thread: any. `tell(presence)` runs under the user's lock: it must only post a letter. So letters about one user
/// leave in the order in which things happened.
class DeviceTable {
 public:
  using Tell = std::function<void(Presence)>;

  void came(std::string_view nsp, UserId const& user, Device device, Tell const& tell);
  void went(std::string_view nsp, UserId const& user, std::string_view socket_id, Tell const& tell);
  std::vector<Device> devices(std::string_view nsp, UserId const& user) const;
  /// See Namespace::users.
  std::vector<OnlineUser> users(std::string_view nsp, std::size_t limit) const;
  std::size_t user_count() const;
  /// Those with a device of this process.
  std::size_t own_user_count() const;

 private:
  static constexpr std::size_t shard_count = 64;
  using Table = socket::StringMap<std::vector<Device>>;
  struct alignas(64) Shard {
    Guarded<Table> table;
  };
  Shard& shard_of(std::string_view full_key) const;

  mutable std::array<Shard, shard_count> shards_;
};

}  // namespace chorus::cluster
