// Bodies of chorus::Socket's handlers and of chorus::EventDraft.
#include <utility>

#include "base/check.hpp"
#include "chorus/socket.hpp"
#include "socket/event_draft.hpp"
#include "socket/socket_core.hpp"

namespace chorus {
namespace {

using socket::Place;
using socket::SocketCore;
using socket::Times;

/// nullptr: the socket has ended, and with it all its handlers.
SocketCore* own(Socket const& socket) {
  CHORUS_CHECK(socket.ref() != nullptr, "an empty Socket handle was used");
  CHORUS_CHECK(socket.ref()->is_here(), "a socket's handlers belong to its own worker");
  return socket.ref()->core;
}

Place place(bool front) { return front ? Place::front : Place::back; }

}  // namespace

ListenerId Socket::add_handler(std::string_view event, EventHandler handler, bool once) const {
  auto* const core = own(*this);
  return core != nullptr ? core->add_handler(event, std::move(handler), once ? Times::once : Times::always)
                         : ListenerId();
}
ListenerId Socket::add_any(IncomingHandler listener, bool front) const {
  auto* const core = own(*this);
  return core != nullptr ? core->add_any(std::move(listener), place(front)) : ListenerId();
}
ListenerId Socket::add_any_outgoing(OutgoingHandler listener, bool front) const {
  auto* const core = own(*this);
  return core != nullptr ? core->add_any_outgoing(std::move(listener), place(front)) : ListenerId();
}
ListenerId Socket::add_disconnecting(DisconnectHandler handler) const {
  auto* const core = own(*this);
  return core != nullptr ? core->add_disconnecting(std::move(handler)) : ListenerId();
}
ListenerId Socket::add_disconnect(DisconnectHandler handler) const {
  auto* const core = own(*this);
  return core != nullptr ? core->add_disconnect(std::move(handler)) : ListenerId();
}
ListenerId Socket::on_error(EventErrorHandler handler) const {
  auto* const core = own(*this);
  return core != nullptr ? core->add_error(std::move(handler)) : ListenerId();
}
void Socket::add_event_middleware(EventMiddleware middleware) const {
  if (auto* const core = own(*this)) core->add_middleware(std::move(middleware));
}

void Socket::off(ListenerId id) const {
  if (auto* const core = own(*this)) core->remove_handler(id);
}
void Socket::off(std::string_view event) const {
  if (auto* const core = own(*this)) core->remove_handlers(event);
}
void Socket::off() const {
  if (auto* const core = own(*this)) core->remove_handlers();
}
void Socket::off_any(ListenerId id) const { off(id); }
void Socket::off_any() const {
  if (auto* const core = own(*this)) core->remove_any();
}
void Socket::off_any_outgoing(ListenerId id) const { off(id); }
void Socket::off_any_outgoing() const {
  if (auto* const core = own(*this)) core->remove_any_outgoing();
}

std::vector<std::string> Socket::event_names() const {
  auto const* const core = own(*this);
  return core != nullptr ? core->event_names() : std::vector<std::string>();
}
std::vector<ListenerId> Socket::listeners(std::string_view event) const {
  auto const* const core = own(*this);
  return core != nullptr ? core->handlers_of(event) : std::vector<ListenerId>();
}
std::vector<ListenerId> Socket::listeners_any() const {
  auto const* const core = own(*this);
  return core != nullptr ? core->any_listeners() : std::vector<ListenerId>();
}
std::vector<ListenerId> Socket::listeners_any_outgoing() const {
  auto const* const core = own(*this);
  return core != nullptr ? core->any_outgoing_listeners() : std::vector<ListenerId>();
}

// ---- EventDraft
// ------------------------------------------------------------------------------------------------------

Socket const& EventDraft::socket() const { return state_->socket; }
std::string const& EventDraft::event() const { return state_->event; }
Args EventDraft::args() const { return state_->args.view(); }
Ack EventDraft::ack() const { return state_->ack_id ? Ack(state_->socket.ref(), *state_->ack_id) : Ack(); }
void EventDraft::set_event(std::string name) const { state_->event = std::move(name); }
void EventDraft::set_args_encoded(ArgsWriter args) const {
  state_->args.attachments = std::move(args).attachments();
  state_->args.text = std::move(args).text();
}

}  // namespace chorus
