#include "socket/room_census.hpp"

#include <functional>

#include "socket/hub.hpp"

namespace chorus::socket {
namespace {

enum class What { created, joined, left, deleted };

void tell(Hub& hub, Definition const& definition, What what, std::string const& nsp, std::string const& room,
          std::string const& socket_id) {
  auto tell_all = [&](auto const& list, auto const&... args) {
    for (auto const& handler : list) guarded_call(hub, "room event", nsp, [&] { handler.call(args...); });
  };
  switch (what) {
    case What::created:
      return tell_all(definition.room_created, room);
    case What::joined:
      return tell_all(definition.room_joined, room, socket_id);
    case What::left:
      return tell_all(definition.room_left, room, socket_id);
    case What::deleted:
      return tell_all(definition.room_deleted, room);
  }
}

void post(NamespaceCore& nsp, What what, std::string_view room, std::string_view socket_id) {
  auto& board = nsp.hub().board();
  auto const home = home_worker(room, board.workers());
  board.post(home, Errand([definition = nsp.shared_definition(), what, name = nsp.name(), room = std::string(room),
                           id = std::string(socket_id)](Hub& hub) { tell(hub, *definition, what, name, room, id); }));
}

std::string key_of(NamespaceCore const& nsp, std::string_view room) {
  return (nsp.name() + ',').append(room);  // a namespace's name has no comma
}

}  // namespace

void RoomCensus::joined(NamespaceCore& nsp, std::string_view room, std::string_view socket_id) {
  members_.with([&](auto& members) {
    if (++members[key_of(nsp, room)] == 1) post(nsp, What::created, room, {});
    post(nsp, What::joined, room, socket_id);
  });
}

void RoomCensus::left(NamespaceCore& nsp, std::string_view room, std::string_view socket_id) {
  members_.with([&](auto& members) {
    auto const found = members.find(key_of(nsp, room));
    if (found == members.end()) return;  // joined before anybody listened
    post(nsp, What::left, room, socket_id);
    if (--found->second != 0) return;
    members.erase(found);
    post(nsp, What::deleted, room, {});
  });
}

}  // namespace chorus::socket
