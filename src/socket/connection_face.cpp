// Bodies of the handle chorus::Connection.
#include "chorus/connection.hpp"

#include <utility>

#include "base/check.hpp"
#include "chorus/socket.hpp"
#include "socket/client.hpp"
#include "socket/socket_core.hpp"

namespace chorus {
namespace {

/// nullptr: the socket has ended.
socket::Client* own(std::shared_ptr<socket::SocketRef const> const& ref) {
  CHORUS_CHECK(ref != nullptr && ref->is_here(), "a Connection belongs to its socket's own worker");
  return ref->core != nullptr ? &ref->core->client() : nullptr;
}

template <class List, class F>
ListenerId add(std::shared_ptr<socket::SocketRef const> const& ref, List socket::ConnectionListeners::*list,
               F handler) {
  auto* const client = own(ref);
  if (client == nullptr) return {};
  auto const id = client->hub().next_listener();
  (client->listeners().*list).add(id, std::move(handler));
  return id;
}

}  // namespace

Connection Socket::conn() const { return Connection(ref_); }

std::string_view Connection::transport() const {
  auto const* const client = own(ref_);
  return client != nullptr ? client->transport_name() : std::string_view();
}
unsigned Connection::protocol() const {
  auto const* const client = own(ref_);
  return client != nullptr ? static_cast<unsigned>(client->session().revision()) : 0;
}
bool Connection::upgraded() const {
  auto const* const client = own(ref_);
  return client != nullptr && client->session().upgraded();
}
std::string_view Connection::secret_id() const {
  auto const* const client = own(ref_);
  return client != nullptr ? std::string_view(client->session().sid()) : std::string_view();
}

ListenerId Connection::on_upgrade(std::function<void(std::string_view)> handler) const {
  return add(ref_, &socket::ConnectionListeners::upgrade, std::move(handler));
}
ListenerId Connection::on_packet(std::function<void(std::string_view, bool)> handler) const {
  return add(ref_, &socket::ConnectionListeners::packet, std::move(handler));
}
ListenerId Connection::on_close(std::function<void(std::string_view, std::string_view)> handler) const {
  return add(ref_, &socket::ConnectionListeners::close, std::move(handler));
}

void Connection::off(ListenerId id) const {
  auto* const client = own(ref_);
  if (client == nullptr) return;
  auto& all = client->listeners();
  if (!all.upgrade.remove(id) && !all.packet.remove(id)) all.close.remove(id);
}

void Connection::close() const {
  if (auto* const client = own(ref_)) client->session().close();
}

}  // namespace chorus
