// UserRooms: the chat's rooms, which belong to users and not to their sockets.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/guarded.hpp"

namespace chorus::app {

inline constexpr std::size_t rooms_per_user_max = 50;

/// One user's word on one room: the latest counts, whichever process it came from.
struct RoomWord {
  std::string user;
  std::string room;
  bool in = false;
  std::uint64_t stamp = 0;  ///< milliseconds since 1970, and beyond any earlier word on the room

  friend bool operator==(RoomWord const&, RoomWord const&) = default;
};

/// Rooms last until the user's last device has gone, and a new device of an online user takes them over. Every process
/// of a cluster keeps them for all users: what is said in one is heard in all, in any order and perhaps twice, and
/// comes to the same everywhere. Thread: any.
class UserRooms {
 public:
  enum class Change { done, nothing, too_many };
  struct Changed {
    Change change = Change::nothing;
    RoomWord word;  ///< for the other processes, unless there were too many
  };
  Changed join(std::string const& user, std::string const& room, std::uint64_t now_ms);
  Changed leave(std::string const& user, std::string const& room, std::uint64_t now_ms);
  /// Another process's word. True: it is news, and the user is now in that room or out of it.
  bool merge(RoomWord const& word);
  /// The user has no device any more. Answers the rooms that were left.
  std::vector<std::string> forget(std::string const& user);

  bool is_in(std::string const& user, std::string const& room) const;
  /// Sorted.
  std::vector<std::string> rooms(std::string const& user) const;
  /// All words on this user's rooms, those on rooms that were left included.
  std::vector<RoomWord> words(std::string const& user) const;
  /// All that said a word.
  std::vector<std::string> users() const;
  /// Their number; 0 when nobody is left behind.
  std::size_t size() const;

 private:
  /// Words on rooms that were left are kept as well, so that an older word does not undo them: at most this many.
  static constexpr std::size_t words_per_user_max = 4 * rooms_per_user_max;

  struct Word {
    bool in = false;
    std::uint64_t stamp = 0;
  };
  using Words = std::map<std::string, Word>;  // by room
  using Table = std::unordered_map<std::string, Words>;

  Changed say(std::string const& user, std::string const& room, bool in, std::uint64_t now_ms);
  static void trim(Words& words);

  Guarded<Table> table_;
};

}  // namespace chorus::app
