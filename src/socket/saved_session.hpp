// What is kept of a socket whose connection broke, until its client comes back.
#pragma once
#include <any>
#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "chorus/args.hpp"
#include "chorus/handshake.hpp"
#include "socket/socket_id.hpp"

namespace chorus::socket {

class Timeline;
struct Target;

/// What a client is known by when it comes back (`pid`): its socket's id, and a secret behind it that nobody else is
/// told. So the socket can be found without a table of secrets, even while it still seems to be connected.
inline constexpr std::size_t recovery_secret_size = 20;
using RecoverySecret = std::array<char, recovery_secret_size>;

struct RecoveryId {
  SocketId socket_id;
  RecoverySecret secret;

  /// Nothing: it has not the form of one.
  static std::optional<RecoveryId> parse(std::string_view text);
  std::string text() const;
  std::string_view socket_id_text() const { return {socket_id.data(), socket_id.size()}; }
  bool operator==(RecoveryId const&) const = default;
};

struct SavedSession {
  RecoveryId id;
  std::shared_ptr<Timeline> timeline;
  /// Keys of the rooms that it was in at the end, its own and its user's included; sorted.
  std::vector<std::string> keys;
  std::optional<UserId> user;
  std::string device_info;
  std::any data;
  void (*encode_data)(std::any const&, ArgsWriter&) = nullptr;
  /// It connected behind the packet of this number.
  std::uint64_t since = 0;
  TimePoint ended{};

  /// Whether a packet to that target was for it.
  bool is_among(Target const& target) const;
};

/// Those of a process, in the order of their ends. Thread: its owner's lock. Limits: `sessions_max`; of more the oldest
/// go. What goes is given to the caller: it may hold anything of the program's, which is not destroyed under a lock.
class SessionStore {
 public:
  explicit SessionStore(std::size_t sessions_max) : max_(sessions_max) {}

  std::vector<SavedSession> keep(SavedSession session);
  std::optional<SavedSession> take(RecoveryId const& id);
  /// Those that ended before that.
  std::vector<SavedSession> expire(TimePoint before);
  std::vector<SavedSession> clear();
  std::size_t size() const { return by_age_.size(); }

 private:
  SavedSession take_oldest();

  using Sessions = std::list<SavedSession>;
  std::size_t const max_;
  Sessions by_age_;
  std::unordered_map<std::string, Sessions::iterator> by_id_;  // by RecoveryId::text()
};

}  // namespace chorus::socket
