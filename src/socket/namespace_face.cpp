// Bodies of the handle chorus::Namespace: every setting makes a new version of the namespace's definition.
#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "chorus/namespace.hpp"
#include "socket/definition.hpp"
#include "socket/event_name.hpp"
#include "socket/hub.hpp"

namespace chorus {
namespace {

using socket::Definition;
using socket::Listener;
using socket::ListenerList;

/// Adds a handler to the list that `list` names.
template <class F>
ListenerId add_to(socket::Registry& registry, std::string_view nsp, ListenerList<F> Definition::*list, F handler) {
  return registry.add(nsp, [list, handler = std::move(handler)](Definition& d, ListenerId id) {
    (d.*list).push_back({id, handler});
  });
}

template <class F>
ListenerId add_room_handler(socket::Registry& registry, std::string_view nsp, ListenerList<F> Definition::*list,
                            F handler) {
  return registry.add(nsp, [list, handler = std::move(handler)](Definition& d, ListenerId id) {
    if (!d.census) d.census = std::make_shared<socket::RoomCensus>();
    (d.*list).push_back({id, handler});
  });
}

template <class F>
void remove_from(ListenerList<F>& list, ListenerId id) {
  std::erase_if(list, [id](Listener<F> const& each) { return each.id == id; });
}

void remove(Definition& d, ListenerId id) {
  for (auto& [event, listeners] : d.events) remove_from(listeners.list, id);
  std::erase_if(d.events, [](auto const& each) { return each.second.list.empty(); });
  for (auto& [event, list] : d.server_side) remove_from(list, id);
  remove_from(d.connection, id);
  remove_from(d.error, id);
  remove_from(d.disconnecting, id);
  remove_from(d.disconnect, id);
  remove_from(d.presence, id);
  for (auto* const list : {&d.room_created, &d.room_deleted}) remove_from(*list, id);
  for (auto* const list : {&d.room_joined, &d.room_left}) remove_from(*list, id);
}

/// As the reference has it: the names that a namespace tells of itself are not for servers.
void check_server_side_name(std::string_view event) {
  CHORUS_CHECK(event != "connect" && event != "connection" && event != "new_namespace",
               "server_side_emit was given a reserved event name");
}

/// Whatever thread it is called on, `handler` runs in a turn of the worker that asks now, or of the first one.
template <class Value>
std::function<void(Value const&)> told_at_home(std::shared_ptr<socket::Switchboard> const& board,
                                               std::function<void(Value const&)> handler) {
  return [home = detail::HomeWorker::current(), board, handler = std::move(handler)](Value const& value) {
    auto act = [handler, value] { handler(value); };
    if (home) return home.run(act);
    board->post(0, socket::Errand([act](socket::Hub&) { act(); }));
  };
}

}  // namespace

Namespace::Namespace(std::shared_ptr<socket::Registry> registry, std::string name)
    : registry_(std::move(registry)), name_(std::move(name)), everyone_(registry_->board(), name_) {}

Namespace& Namespace::add_middleware(MiddlewareHandler middleware) {
  registry_->change(name_,
                    [middleware = std::move(middleware)](Definition& d) { d.middlewares.push_back(middleware); });
  return *this;
}
Namespace& Namespace::on_unhandled(EventHandler handler) {
  registry_->change(name_, [handler = std::move(handler)](Definition& d) { d.unhandled = handler; });
  return *this;
}
ListenerId Namespace::add_handler(std::string_view event, EventHandler handler) {
  return registry_->add(name_,
                        [label = registry_->label(event), handler = std::move(handler)](Definition& d, ListenerId id) {
                          auto& listeners = d.events[*label];
                          listeners.label = label;
                          listeners.list.push_back({id, handler});
                        });
}
ListenerId Namespace::add_server_side(std::string_view event, ServerSideHandler handler) {
  return registry_->add(name_,
                        [event = std::string(event), handler = std::move(handler)](Definition& d, ListenerId id) {
                          d.server_side[event].push_back({id, handler});
                        });
}
ListenerId Namespace::add_connection(ConnectionHandler handler) {
  return add_to(*registry_, name_, &Definition::connection, std::move(handler));
}
ListenerId Namespace::on_error(EventErrorHandler handler) {
  return add_to(*registry_, name_, &Definition::error, std::move(handler));
}
ListenerId Namespace::add_disconnecting(DisconnectHandler handler) {
  return add_to(*registry_, name_, &Definition::disconnecting, std::move(handler));
}
ListenerId Namespace::add_disconnect(DisconnectHandler handler) {
  return add_to(*registry_, name_, &Definition::disconnect, std::move(handler));
}
ListenerId Namespace::on_presence(PresenceHandler handler) {
  return add_to(*registry_, name_, &Definition::presence, std::move(handler));
}
ListenerId Namespace::on_create_room(RoomHandler handler) {
  return add_room_handler(*registry_, name_, &Definition::room_created, std::move(handler));
}
ListenerId Namespace::on_delete_room(RoomHandler handler) {
  return add_room_handler(*registry_, name_, &Definition::room_deleted, std::move(handler));
}
ListenerId Namespace::on_join_room(RoomMemberHandler handler) {
  return add_room_handler(*registry_, name_, &Definition::room_joined, std::move(handler));
}
ListenerId Namespace::on_leave_room(RoomMemberHandler handler) {
  return add_room_handler(*registry_, name_, &Definition::room_left, std::move(handler));
}

void Namespace::off(ListenerId id) {
  registry_->change(name_, [id](Definition& d) { remove(d, id); });
}
void Namespace::off(std::string_view event) {
  registry_->change(name_, [event = std::string(event)](Definition& d) { d.events.erase(event); });
}

void Namespace::server_side_emit_encoded(std::string_view event, ArgsWriter args) const {
  check_server_side_name(event);
  if (socket::Uplink* const uplink = registry_->board()->uplink()) uplink->server_side_emit(name_, event, args);
}

void Namespace::server_side_ask_encoded(std::string_view event, ArgsWriter args, AnswersHandler on_answers) const {
  check_server_side_name(event);
  auto const& board = registry_->board();
  auto const tell = told_at_home<Answers>(board, std::move(on_answers));
  if (socket::Uplink* const uplink = board->uplink()) return uplink->server_side_ask(name_, event, args, tell);
  tell({});
}

void Namespace::server_count(std::function<void(ServerCount const&)> on_count) const {
  auto const& board = registry_->board();
  auto const tell = told_at_home<ServerCount>(board, std::move(on_count));
  socket::Uplink* const uplink = board->uplink();
  if (uplink == nullptr) return tell({1, {}});
  uplink->server_count(socket::is_parent_name(name_) ? std::string_view("/") : std::string_view(name_), tell);
}

Pending<ServerCount> Namespace::server_count() const {
  return Pending<ServerCount>::start(
      [this](auto const& state) { server_count([state](ServerCount const& count) { state->finish(count); }); });
}

std::vector<Device> Namespace::devices(UserId const& user) const { return registry_->board()->devices(name_, user); }

std::vector<OnlineUser> Namespace::users(std::size_t limit) const { return registry_->board()->users(name_, limit); }

}  // namespace chorus
