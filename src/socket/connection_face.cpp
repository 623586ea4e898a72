// Bodies of the handle chorus::ClientConnection.
#include "chorus/client_connection.hpp"

#include <utility>

#include "base/check.hpp"
#include "chorus/socket.hpp"
#include "socket/client.hpp"
#include "socket/socket_core.hpp"

namespace chorus {
namespace {

/// nullptr: the socket has ended.
socket::Client* own(std::shared_ptr<socket::SocketRef const> const& ref) {
  CHORUS_CHECK(ref != nullptr && ref->is_here(), "a ClientConnection belongs to its socket's own worker");
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

/// The same for what the session tells of its packets.
template <class List, class F>
ListenerId add_watcher(std::shared_ptr<socket::SocketRef const> const& ref, List socket::ConnectionListeners::*list,
                       F handler) {
  auto const id = add(ref, list, std::move(handler));
  if (auto* const client = own(ref)) client->listeners().note_watchers();
  return id;
}

}  // namespace

ClientConnection Socket::conn() const { return ClientConnection(ref_); }

std::string_view ClientConnection::transport() const {
  auto const* const client = own(ref_);
  return client != nullptr ? client->transport_name() : std::string_view();
}
unsigned ClientConnection::protocol() const {
  auto const* const client = own(ref_);
  return client != nullptr ? static_cast<unsigned>(client->session().revision()) : 0;
}
bool ClientConnection::upgraded() const {
  auto const* const client = own(ref_);
  return client != nullptr && client->session().upgraded();
}
std::string_view ClientConnection::secret_id() const {
  auto const* const client = own(ref_);
  return client != nullptr ? std::string_view(client->session().sid()) : std::string_view();
}

ListenerId ClientConnection::on_upgrade(std::function<void(std::string_view)> handler) const {
  return add(ref_, &socket::ConnectionListeners::upgrade, std::move(handler));
}
ListenerId ClientConnection::on_packet(std::function<void(std::string_view, bool)> handler) const {
  return add(ref_, &socket::ConnectionListeners::packet, std::move(handler));
}
ListenerId ClientConnection::on_close(std::function<void(std::string_view, std::string_view)> handler) const {
  return add(ref_, &socket::ConnectionListeners::close, std::move(handler));
}

ListenerId ClientConnection::on_packet_create(std::function<void(EnginePacket const&)> handler) const {
  return add_watcher(ref_, &socket::ConnectionListeners::packet_create, std::move(handler));
}
ListenerId ClientConnection::on_flush(std::function<void(std::size_t)> handler) const {
  return add_watcher(ref_, &socket::ConnectionListeners::flush, std::move(handler));
}
ListenerId ClientConnection::on_drain(std::function<void()> handler) const {
  return add_watcher(ref_, &socket::ConnectionListeners::drain, std::move(handler));
}
ListenerId ClientConnection::on_heartbeat(std::function<void()> handler) const {
  return add_watcher(ref_, &socket::ConnectionListeners::heartbeat, std::move(handler));
}
ListenerId ClientConnection::on_upgrading(std::function<void(std::string_view)> handler) const {
  return add_watcher(ref_, &socket::ConnectionListeners::upgrading, std::move(handler));
}

void ClientConnection::off(ListenerId id) const {
  if (auto* const client = own(ref_)) client->listeners().remove(id);
}

void ClientConnection::close() const {
  if (auto* const client = own(ref_)) client->session().close();
}

}  // namespace chorus
