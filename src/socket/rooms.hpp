// Who is in which room, for one namespace on one worker.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/worker_bound.hpp"

namespace chorus::socket {

/// Lets string-keyed tables be asked with a view, without making a string.
struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
template <class T>
using StringMap = std::unordered_map<std::string, T, StringHash, std::equal_to<>>;

class RoomMember;

/// One room. Found by its address, which stays while it has members.
struct Room {
  /// A member and which of its memberships this is: each side knows its place at the other, so that nobody who leaves
  /// has to look through the rooms of whoever is moved to the free place.
  struct Seat {
    RoomMember* member;
    std::uint32_t membership;
  };
  std::string_view key;  // of the table's entry
  std::vector<Seat> seats;
};

/// Base of what can be in rooms. It must have left all of them before it dies.
class RoomMember {
 public:
  struct Membership {
    Room* room;
    std::uint32_t seat;  // in room->seats
  };
  std::vector<Membership> const& memberships() const { return memberships_; }

 protected:
  ~RoomMember() = default;

 private:
  friend class Rooms;
  std::vector<Membership> memberships_;
  std::uint64_t seen_in_ = 0;  // the collection that took it last
};

/// Thread: one worker's. Cost: join and leave O(the member's own rooms), leave_last O(1); a room without members does
/// not exist.
class Rooms : WorkerBound {
 public:
  /// What a join or leave did to the room.
  enum class Change { none, member, room };  // room: it came into being, or ceased to be

  Change join(RoomMember& member, std::string_view key);
  Change leave(RoomMember& member, std::string_view key);
  /// Leaves the room that memberships() names last: for whoever leaves all.
  Change leave_last(RoomMember& member);
  bool is_in(RoomMember const& member, std::string_view key) const;
  /// The same by address: no text is compared.
  static bool is_in(RoomMember const& member, Room const& room) {
    for (auto const& membership : member.memberships_)
      if (membership.room == &room) return true;
    return false;
  }

  Room const* find(std::string_view key) const;
  std::size_t size() const { return rooms_.size(); }
  /// Of all rooms, in no order.
  template <class F>
  void for_each_key(F&& visit) const {
    for (auto const& [key, room] : rooms_) visit(key);
  }

  /// Starts a union: each member is taken once by take(), whatever the number of rooms it stands in.
  void begin_collection() { ++collection_; }
  /// True the first time since begin_collection().
  bool take(RoomMember& member) const {
    if (member.seen_in_ == collection_) return false;
    member.seen_in_ = collection_;
    return true;
  }

 private:
  Change leave_at(RoomMember& member, std::size_t index);

  StringMap<Room> rooms_;
  std::uint64_t collection_ = 0;
};

}  // namespace chorus::socket
