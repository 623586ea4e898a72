// Who gets a message: a room, a user's devices, or everybody; and which threads have some of them.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bench_floor {

struct Peer;

inline constexpr std::size_t threads_max = 64;  // as many as a Presence has bits

/// A thread's part of a group. Thread: that one.
struct Share {
  std::vector<Peer*> members;
  std::string frames;  // that this turn's messages to the group have become
};

/// Thread: `present` is anybody's, a share its thread's, enter() and leave() those of the share's thread. Lifetime:
/// that of the process.
struct Group {
  explicit Group(std::size_t threads) : shares(threads) {}

  void enter(std::size_t thread, Peer& peer);
  void leave(std::size_t thread, Peer& peer);

  std::atomic<std::uint64_t> present{0};  // a bit for each thread that has members
  std::vector<Share> shares;              // by thread
};

/// All groups by name, rooms and users alike: here they are never called the same. Thread: any.
class Groups {
 public:
  explicit Groups(std::size_t threads) : threads_(threads), everybody_(threads) {}

  std::size_t threads() const { return threads_; }
  Group& everybody() { return everybody_; }
  /// Makes it, the first time.
  Group& find(std::string const& name);

 private:
  std::size_t const threads_;
  Group everybody_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::unique_ptr<Group>> by_name_;
};

/// One thread's memory of Groups::find: a message asks without a lock. Thread: that one.
class KnownGroups {
 public:
  explicit KnownGroups(Groups& all) : all_(all) {}
  Group& find(std::string_view name);

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  Groups& all_;
  std::unordered_map<std::string, Group*, Hash, std::equal_to<>> known_;
};

}  // namespace bench_floor
