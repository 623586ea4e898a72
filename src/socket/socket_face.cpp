// Bodies of the handles chorus::Socket and chorus::Ack: straight to the body on its own worker, a letter elsewhere.
#include <utility>

#include "base/check.hpp"
#include "chorus/handler.hpp"
#include "chorus/socket.hpp"
#include "socket/client.hpp"
#include "socket/event_name.hpp"
#include "socket/hub.hpp"
#include "socket/on_worker.hpp"
#include "socket/ordered_emit.hpp"
#include "socket/socket_core.hpp"

namespace chorus {
namespace {

using socket::Errand;
using socket::Hub;
using socket::on_worker;
using socket::Order;
using socket::post;
using socket::RefPtr;
using socket::SocketCore;
using socket::SocketRef;

/// The body, for what is only allowed on the socket's own worker. nullptr: the socket has ended.
SocketCore* own(RefPtr const& ref, char const* sentence) {
  CHORUS_CHECK(ref != nullptr, "an empty Socket handle was used");
  CHORUS_CHECK(ref->is_here(), sentence);
  return ref->core;
}

/// `args` is emptied when it travels.
Sent emit_anywhere(RefPtr const& ref, std::string_view event, ArgsWriter& args, EmitOptions options) {
  socket::check_event_name(event);
  CHORUS_CHECK(ref != nullptr, "an empty Socket handle was used");
  if (ref->is_here() && ref->core != nullptr) return ref->core->emit(event, args.text(), args.attachments(), options);
  if (ref->home->board->recovery() != nullptr) {  // its client may come back, or be back already
    socket::emit_to_one_in_order(*ref->home->board, ref->home->nsp, ref->id(), event, args.text(), args.attachments(),
                                 options);
    return Sent::queued;
  }
  if (ref->is_here()) return Sent::dropped;
  on_worker(ref, [event = std::string(event), args = std::move(args), options](SocketCore& core) {
    core.emit(event, args.text(), args.attachments(), options);
  });
  return Sent::queued;
}

}  // namespace

std::string_view Socket::id() const { return ref_->id(); }
std::string const& Socket::nsp() const { return ref_->home->nsp; }
Handshake const& Socket::handshake() const { return ref_->handshake; }
unsigned Socket::worker() const { return ref_->home->worker; }

bool Socket::connected() const {
  auto const* core = own(ref_, "Socket::connected belongs to the socket's own worker");
  return core != nullptr && core->connected();
}

Comeback Socket::comeback() const {
  auto const* core = own(ref_, "Socket::comeback belongs to the socket's own worker");
  return core != nullptr ? core->comeback() : Comeback::none;
}

bool Socket::recovered() const {
  auto const* core = own(ref_, "Socket::recovered belongs to the socket's own worker");
  return core != nullptr && core->recovered();
}

UserId Socket::user() const {
  auto const* core = own(ref_, "Socket::user belongs to the socket's own worker");
  return core != nullptr && core->user() != nullptr ? *core->user() : UserId{};
}

std::string_view Socket::transport() const {
  auto const* core = own(ref_, "Socket::transport belongs to the socket's own worker");
  return core != nullptr ? core->client().transport_name() : std::string_view();
}

unsigned Socket::protocol() const {
  auto const* core = own(ref_, "Socket::protocol belongs to the socket's own worker");
  return core != nullptr ? static_cast<unsigned>(core->client().session().revision()) : 0;
}

std::vector<std::string> Socket::rooms() const {
  auto const* core = own(ref_, "Socket::rooms belongs to the socket's own worker");
  return core != nullptr ? core->room_names() : std::vector<std::string>{};
}

std::any& Socket::data_any() const {
  auto* core = own(ref_, "Socket::data belongs to the socket's own worker");
  thread_local std::any nothing;
  nothing.reset();
  std::any* const data = core != nullptr ? core->data() : nullptr;
  return data != nullptr ? *data : nothing;
}

void Socket::put_data(std::any value, void (*encoder)(std::any const&, ArgsWriter&)) const {
  if (auto* core = own(ref_, "Socket::set_data belongs to the socket's own worker")) {
    core->set_data(std::move(value), encoder);
  }
}

void Socket::wrong_data_type() {
  check_failed("socket.data<T>()", "the socket's data is of another type, or there is none", __FILE__, __LINE__);
}

void Socket::join(std::string_view room) const {
  on_worker(ref_, [key = socket::room_key(room)](SocketCore& core) { core.join(key); });
}

void Socket::leave(std::string_view room) const {
  on_worker(ref_, [key = socket::room_key(room)](SocketCore& core) { core.leave(key); });
}

Sent Socket::emit_encoded(std::string_view event, ArgsWriter args, EmitOptions options) const {
  return emit_anywhere(ref_, event, args, options);
}

Sent SocketEmitter::emit_encoded(std::string_view event, ArgsWriter args) const {
  return emit_anywhere(ref_, event, args, options_);
}

void Socket::ask_encoded(std::string_view event, std::chrono::milliseconds timeout, AnswerHandler on_answer,
                         ArgsWriter args, EmitOptions options) const {
  socket::check_event_name(event);
  auto ask = [event = std::string(event), timeout, on_answer, args = std::move(args), options](SocketCore& core) {
    core.ask(event, args, timeout, on_answer, options);
  };
  CHORUS_CHECK(ref_ != nullptr, "an empty Socket handle was used");
  auto run = [ref = ref_, ask = std::move(ask), on_answer](Hub&) {
    if (ref->core != nullptr) return ask(*ref->core);
    on_answer({AskError::disconnected, {}});
  };
  if (ref_->is_here()) return run(*Hub::current());
  post(*ref_, Errand(std::move(run)), Order::of_the_namespace);
}

Audience Socket::broadcast() const { return Audience(ref_->home->board, ref_->home->nsp).except_socket(ref_->id()); }

void Socket::disconnect(bool close_connection) const {
  on_worker(
      ref_, [close_connection](SocketCore& core) { core.disconnect(close_connection); }, Order::of_letters);
}

// ---- Ack
// -------------------------------------------------------------------------------------------------------------

Ack Incoming::ack() const { return ack_id ? Ack(socket.ref(), *ack_id) : Ack(); }

Ack::Ack(std::shared_ptr<socket::SocketRef const> socket, std::uint64_t id) : socket_(std::move(socket)), id_(id) {}

void Ack::send(ArgsWriter args) const {
  if (!socket_) return;
  on_worker(socket_, [id = id_, args = std::move(args)](SocketCore& core) {
    core.acknowledge(id, args.text(), args.attachments());
  });
}

}  // namespace chorus
