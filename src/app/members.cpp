#include "app/members.hpp"

namespace chorus::app {

void Members::arrived(Person const& person, std::string const& socket_id, std::string const& kind) {
  table_.with([&](Table& table) {
    auto& entry = table[person.id];
    entry.person = person;
    entry.kinds.emplace(socket_id, kind);
    ++entry.ends_to_be_told;
  });
}

void Members::left(std::string const& user, std::string const& socket_id) {
  table_.with([&](Table& table) {
    auto const found = table.find(user);
    if (found == table.end()) return;
    found->second.kinds.erase(socket_id);
    if (found->second.kinds.empty()) found->second.rooms.clear();
  });
}

Person Members::told(std::string const& user, std::size_t devices) {
  return table_.with([&](Table& table) {
    auto const found = table.find(user);
    if (found == table.end()) return Person{user, user, ""};
    auto& entry = found->second;
    bool const is_end = devices < entry.devices_told;
    entry.devices_told = devices;
    auto person = entry.person;
    if (is_end && --entry.ends_to_be_told == 0) table.erase(found);
    return person;
  });
}

Members::Change Members::join(std::string const& user, std::string const& room) {
  return table_.with([&](Table& table) {
    auto const found = table.find(user);
    if (found == table.end() || found->second.rooms.contains(room)) return Change::nothing;
    if (found->second.rooms.size() >= rooms_per_user_max) return Change::too_many;
    found->second.rooms.insert(room);
    return Change::done;
  });
}

Members::Change Members::leave(std::string const& user, std::string const& room) {
  return table_.with([&](Table& table) {
    auto const found = table.find(user);
    return found != table.end() && found->second.rooms.erase(room) != 0 ? Change::done : Change::nothing;
  });
}

bool Members::is_in(std::string const& user, std::string const& room) const {
  return table_.with([&](Table const& table) {
    auto const found = table.find(user);
    return found != table.end() && found->second.rooms.contains(room);
  });
}

std::vector<std::string> Members::rooms(std::string const& user) const {
  return table_.with([&](Table const& table) {
    auto const found = table.find(user);
    if (found == table.end()) return std::vector<std::string>{};
    return std::vector<std::string>(found->second.rooms.begin(), found->second.rooms.end());
  });
}

std::map<std::string, std::string> Members::kinds(std::string const& user) const {
  return table_.with([&](Table const& table) {
    auto const found = table.find(user);
    return found == table.end() ? std::map<std::string, std::string>{} : found->second.kinds;
  });
}

std::vector<OnlineUser> Members::online() const {
  return table_.with([](Table const& table) {
    std::vector<OnlineUser> users;
    for (auto const& [id, entry] : table) {
      if (entry.kinds.empty()) continue;
      if (users.size() == online_listed_max) break;
      users.push_back({entry.person, entry.kinds.size()});
    }
    return users;
  });
}

std::size_t Members::size() const {
  return table_.with([](Table const& table) { return table.size(); });
}

}  // namespace chorus::app
