// Bodies of the handle chorus::Namespace: every setting makes a new version of the namespace's definition.
#include <utility>

#include "chorus/namespace.hpp"
#include "socket/definition.hpp"

namespace chorus {

using socket::Definition;

Namespace::Namespace(std::shared_ptr<socket::Registry> registry, std::string name)
    : registry_(std::move(registry)), name_(std::move(name)), everyone_(registry_->board(), name_) {}

Namespace& Namespace::add_middleware(MiddlewareHandler middleware) {
  registry_->change(name_, [&](Definition& d) { d.middlewares.push_back(middleware); });
  return *this;
}
Namespace& Namespace::on_connection(ConnectionHandler handler) {
  registry_->change(name_, [&](Definition& d) { d.connection.push_back(handler); });
  return *this;
}
Namespace& Namespace::add_handler(std::string_view event, EventHandler handler) {
  registry_->change(name_, [&](Definition& d) { d.events[std::string(event)].push_back(handler); });
  return *this;
}
Namespace& Namespace::on_unhandled(EventHandler handler) {
  registry_->change(name_, [&](Definition& d) { d.unhandled = handler; });
  return *this;
}
Namespace& Namespace::on_disconnecting(DisconnectHandler handler) {
  registry_->change(name_, [&](Definition& d) { d.disconnecting.push_back(handler); });
  return *this;
}
Namespace& Namespace::on_disconnect(DisconnectHandler handler) {
  registry_->change(name_, [&](Definition& d) { d.disconnect.push_back(handler); });
  return *this;
}
Namespace& Namespace::on_presence(PresenceHandler handler) {
  registry_->change(name_, [&](Definition& d) { d.presence.push_back(handler); });
  return *this;
}

std::vector<Device> Namespace::devices(UserId const& user) const { return registry_->board()->devices(name_, user); }

std::vector<OnlineUser> Namespace::users(std::size_t limit) const { return registry_->board()->users(name_, limit); }

}  // namespace chorus
