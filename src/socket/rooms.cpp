#include "socket/rooms.hpp"

#include <algorithm>

namespace chorus::socket {

Rooms::Change Rooms::join(RoomMember& member, std::string_view key) {
  check_worker();
  auto found = rooms_.find(key);
  bool const is_new = found == rooms_.end();
  if (is_new) {
    found = rooms_.emplace(std::string(key), Room{}).first;
    found->second.key = found->first;
  } else if (is_in(member, found->second)) {
    return Change::none;
  }
  Room& room = found->second;
  member.memberships_.push_back({&room, static_cast<std::uint32_t>(room.seats.size())});
  room.seats.push_back({&member, static_cast<std::uint32_t>(member.memberships_.size() - 1)});
  return is_new ? Change::room : Change::member;
}

Rooms::Change Rooms::leave(RoomMember& member, std::string_view key) {
  check_worker();
  auto const room = rooms_.find(key);
  if (room == rooms_.end()) return Change::none;
  auto const found = std::ranges::find(member.memberships_, &room->second, &RoomMember::Membership::room);
  if (found == member.memberships_.end()) return Change::none;
  return leave_at(member, static_cast<std::size_t>(found - member.memberships_.begin()));
}

Rooms::Change Rooms::leave_last(RoomMember& member) {
  check_worker();
  return leave_at(member, member.memberships_.size() - 1);
}

bool Rooms::is_in(RoomMember const& member, std::string_view key) const {
  Room const* const room = find(key);
  return room != nullptr && is_in(member, *room);
}

Room const* Rooms::find(std::string_view key) const {
  auto const found = rooms_.find(key);
  return found == rooms_.end() ? nullptr : &found->second;
}

Rooms::Change Rooms::leave_at(RoomMember& member, std::size_t index) {
  auto const [room, seat] = member.memberships_[index];
  room->seats[seat] = room->seats.back();
  room->seats.pop_back();
  if (seat < room->seats.size()) {
    auto const& moved = room->seats[seat];
    moved.member->memberships_[moved.membership].seat = seat;
  }
  member.memberships_[index] = member.memberships_.back();
  member.memberships_.pop_back();
  if (index < member.memberships_.size()) {
    auto const& moved = member.memberships_[index];
    moved.room->seats[moved.seat].membership = static_cast<std::uint32_t>(index);
  }
  if (!room->seats.empty()) return Change::member;
  rooms_.erase(rooms_.find(room->key));
  return Change::room;
}

}  // namespace chorus::socket
