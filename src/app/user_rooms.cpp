#include "app/user_rooms.hpp"

#include <algorithm>

namespace chorus::app {
namespace {

template <class Words>
std::size_t count_in(Words const& words) {
  return static_cast<std::size_t>(std::ranges::count_if(words, [](auto const& entry) { return entry.second.in; }));
}

template <class Words>
std::vector<std::string> rooms_of(Words const& words) {
  std::vector<std::string> rooms;
  for (auto const& [room, word] : words)
    if (word.in) rooms.push_back(room);
  return rooms;
}

}  // namespace

UserRooms::Changed UserRooms::join(std::string const& user, std::string const& room, std::uint64_t now_ms) {
  return say(user, room, true, now_ms);
}

UserRooms::Changed UserRooms::leave(std::string const& user, std::string const& room, std::uint64_t now_ms) {
  return say(user, room, false, now_ms);
}

UserRooms::Changed UserRooms::say(std::string const& user, std::string const& room, bool in, std::uint64_t now_ms) {
  return table_.with([&](Table& table) -> Changed {
    auto const found = table.find(user);
    Word known;  // what was not said yet is a "no" from long ago; a question about it leaves nothing behind
    if (found != table.end())
      if (auto const word = found->second.find(room); word != found->second.end()) known = word->second;
    if (known.in == in) return {Change::nothing, {user, room, in, known.stamp}};
    if (in && found != table.end() && count_in(found->second) >= rooms_per_user_max) return {Change::too_many, {}};
    auto& words = table[user];
    auto& word = words[room];
    word = {in, std::max(now_ms, word.stamp + 1)};
    RoomWord said{user, room, in, word.stamp};
    trim(words);
    return {Change::done, std::move(said)};
  });
}

bool UserRooms::merge(RoomWord const& said) {
  return table_.with([&](Table& table) {
    auto& words = table[said.user];
    auto const found = words.find(said.room);
    bool const was_in = found != words.end() && found->second.in;
    // Of two words of one moment the one that leads in counts: any rule will do that all processes share.
    bool const newer = found == words.end() || said.stamp > found->second.stamp ||
                       (said.stamp == found->second.stamp && said.in && !was_in);
    if (newer) words[said.room] = {said.in, said.stamp};
    trim(words);
    return newer && said.in != was_in;
  });
}

/// The oldest of the rooms that were left go first; then, of a user whose words came from several processes at once,
/// the oldest of the others.
void UserRooms::trim(Words& words) {
  while (words.size() > words_per_user_max) {
    auto const oldest = std::ranges::min_element(words, [](auto const& a, auto const& b) {
      return std::pair(a.second.in, a.second.stamp) < std::pair(b.second.in, b.second.stamp);
    });
    words.erase(oldest);
  }
}

std::vector<std::string> UserRooms::forget(std::string const& user) {
  return table_.with([&](Table& table) {
    auto const node = table.extract(user);
    return node ? rooms_of(node.mapped()) : std::vector<std::string>{};
  });
}

bool UserRooms::is_in(std::string const& user, std::string const& room) const {
  auto const all = rooms(user);
  return std::ranges::binary_search(all, room);
}

std::vector<std::string> UserRooms::rooms(std::string const& user) const {
  return table_.with([&](Table const& table) {
    auto const found = table.find(user);
    return found == table.end() ? std::vector<std::string>{} : rooms_of(found->second);
  });
}

std::vector<RoomWord> UserRooms::words(std::string const& user) const {
  return table_.with([&](Table const& table) {
    std::vector<RoomWord> all;
    if (auto const found = table.find(user); found != table.end())
      for (auto const& [room, word] : found->second) all.push_back({user, room, word.in, word.stamp});
    return all;
  });
}

std::vector<std::string> UserRooms::users() const {
  return table_.with([](Table const& table) {
    std::vector<std::string> all;
    for (auto const& [user, words] : table) all.push_back(user);
    return all;
  });
}

std::size_t UserRooms::size() const {
  return table_.with([](Table const& table) { return table.size(); });
}

}  // namespace chorus::app
