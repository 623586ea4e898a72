#include "socket/rooms.hpp"

#include <algorithm>

namespace chorus::socket {
namespace {

auto find_membership(std::vector<RoomMember::Membership> const& memberships, std::string_view key) {
  return std::ranges::find_if(memberships, [key](auto const& m) { return m.room->key == key; });
}

}  // namespace

Rooms::Change Rooms::join(RoomMember& member, std::string_view key) {
  check_worker();
  if (is_in(member, key)) return Change::none;
  auto found = rooms_.find(key);
  bool const is_new = found == rooms_.end();
  if (is_new) {
    found = rooms_.emplace(std::string(key), Room{}).first;
    found->second.key = found->first;
  }
  Room& room = found->second;
  member.memberships_.push_back({&room, static_cast<std::uint32_t>(room.members.size())});
  room.members.push_back(&member);
  return is_new ? Change::room : Change::member;
}

Rooms::Change Rooms::leave(RoomMember& member, std::string_view key) {
  check_worker();
  auto const found = find_membership(member.memberships_, key);
  if (found == member.memberships_.end()) return Change::none;
  Room& room = *found->room;
  remove_at(member, static_cast<std::size_t>(found - member.memberships_.begin()));
  if (!room.members.empty()) return Change::member;
  rooms_.erase(rooms_.find(key));
  return Change::room;
}

bool Rooms::is_in(RoomMember const& member, std::string_view key) const {
  return find_membership(member.memberships_, key) != member.memberships_.end();
}

Room const* Rooms::find(std::string_view key) const {
  auto const found = rooms_.find(key);
  return found == rooms_.end() ? nullptr : &found->second;
}

void Rooms::remove_at(RoomMember& member, std::size_t index) {
  auto const [room, position] = member.memberships_[index];
  RoomMember* const last = room->members.back();
  room->members[position] = last;
  room->members.pop_back();
  if (last != &member) {
    auto const entry =
        std::ranges::find_if(last->memberships_, [room = room](auto const& m) { return m.room == room; });
    entry->position = position;
  }
  member.memberships_[index] = member.memberships_.back();
  member.memberships_.pop_back();
}

}  // namespace chorus::socket
