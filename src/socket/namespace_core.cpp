#include "socket/namespace_core.hpp"

#include <algorithm>
#include <utility>

#include "socket/client.hpp"
#include "socket/debug_lines.hpp"
#include "socket/hub.hpp"
#include "socket/recovery.hpp"
#include "socket/spectator.hpp"

namespace chorus::socket {

NamespaceCore::NamespaceCore(Hub& hub, std::string name, std::shared_ptr<Definition const> definition, bool is_child)
    : hub_(hub),
      label_(hub.label(name)),
      home_(std::make_shared<SocketHome const>(
          SocketHome{&hub.mark(), hub.shared_board(), hub.index(), std::move(name)})),
      definition_(std::move(definition)),
      is_child_(is_child),
      timeline_(hub.board().recovery() != nullptr ? hub.board().recovery()->timeline(home_->nsp) : nullptr) {}

void NamespaceCore::set_definition(std::shared_ptr<Definition const> version) {
  hub_.bury(std::exchange(definition_, std::move(version)));
}

// ---- admission
// -------------------------------------------------------------------------------------------------------

void NamespaceCore::admit(SocketCore& socket) {
  check_worker();
  ++deciding_;
  if (debugs()) DebugLines::socket(socket, "socket_asks");
  if (timeline_ != nullptr && !socket.client().speaks_protocol_4()) return look_for_session(socket);
  run_middleware(socket.handle().ref(), 0);
}

void NamespaceCore::run_middleware(std::shared_ptr<SocketRef const> const& ref, std::size_t index) {
  SocketCore& socket = *ref->core;
  if (index == definition_->middlewares.size()) return connect(socket);

  // The verdict may come in this call or years later, from any thread, twice or never. `index` tells late from twice.
  auto verdict = Verdict([ref, index](Admission admission) {
    auto decide = [ref, index, admission = std::move(admission)](Hub&) {
      if (SocketCore* const core = ref->core) core->nsp().decided(*core, index, admission);
    };
    Hub* const here = Hub::current();
    if (here != nullptr && ref->is_here())
      decide(*here);
    else
      ref->home->board->post(ref->home->worker, Errand(std::move(decide)));
  });
  socket.await_verdict(index);
  auto const definition = definition_;  // this version, whatever the middleware changes
  bool threw = true;
  auto run = [&] {
    definition->middlewares[index](socket.handle(), verdict);
    threw = false;
  };
  guarded_call(hub_, "middleware", name(), run, label_);
  if (threw) verdict(refuse("Internal error"));
}

void NamespaceCore::decided(SocketCore& socket, std::size_t index, Admission verdict) {
  if (!socket.take_verdict(index)) return;
  if (debugs()) DebugLines::verdict(socket, index, verdict);
  if (!verdict.admitted()) {
    --deciding_;
    return socket.client().refused(socket, verdict.message, verdict.data_json);
  }
  if (verdict.user) socket.set_user(std::move(*verdict.user));
  if (!verdict.device_info.empty()) socket.set_device_info(std::move(verdict.device_info));
  if (verdict.data.has_value()) socket.set_data(std::move(verdict.data), verdict.encode_data);
  run_middleware(socket.handle().ref(), index + 1);
}

void NamespaceCore::connect(SocketCore& socket) {
  if (timeline_ != nullptr && postpone_connect(socket)) return;
  --deciding_;
  if (sockets_.empty()) hub_.board().gained(name(), "", hub_.index());
  by_id_.insert(&socket);
  socket.place_in_namespace = static_cast<std::uint32_t>(sockets_.size());
  sockets_.push_back(&socket);
  stand_in_own_room(socket);
  if (socket.user() != nullptr) join(socket, user_key(*socket.user()));
  if (timeline_ != nullptr) {
    auto const missed = enter_timeline(socket);
    tell_device(socket, socket.become_connected());
    // Together: a stock client that hears of its connection later than of what it missed may come to hear that twice.
    auto& session = socket.client().session();
    bool const corked = session.cork();
    for (auto const& message : missed) socket.send(message, false);
    socket.client().admitted(socket);
    if (corked) session.uncork();
    perform_steps(&socket);
  } else {
    tell_device(socket, socket.become_connected());
    socket.client().admitted(socket);
  }
  if (debugs()) DebugLines::socket(socket, socket.recovered() ? "socket_recovered" : "socket_connected");
  auto const definition = definition_;
  auto const handle = socket.handle();  // a handler may end the socket
  if (auto* const spectator = hub_.spectator()) spectator->socket_connected(socket);
  for (auto const& handler : definition->connection) {
    if (handle.ref()->core == nullptr) return;
    auto run = [&] { handler.call(handle); };
    guarded_call(hub_, "connection", name(), run, label_);
  }
}

/// Where nothing in its id tells other workers that its socket is here: then its own room is one as any other.
void NamespaceCore::stand_in_own_room(SocketCore& socket) {
  if (socket.handle().ref()->has_session_id || worker_of_socket_id(socket.id()) != hub_.index())
    join(socket, room_key(socket.id()));
}

void NamespaceCore::tell_device(SocketCore& socket, std::string device_info) {
  if (socket.user() == nullptr) return;
  Device device{std::string(socket.id()), hub_.index(), std::chrono::system_clock::now(), {}, {}};
  device.info_json = device_info.empty() ? "null" : std::move(device_info);
  hub_.board().device_came(name(), *socket.user(), std::move(device));
}

void NamespaceCore::remove(SocketCore& socket) {
  if (socket.was_connected()) {
    by_id_.take(socket.id());
    SocketCore* const last = sockets_.back();
    last->place_in_namespace = socket.place_in_namespace;
    sockets_[socket.place_in_namespace] = last;
    sockets_.pop_back();
    if (sockets_.empty()) hub_.board().lost(name(), "", hub_.index());
  }
  if (is_child_ && empty()) hub_.emptied(*this);
}

void NamespaceCore::withdrawn() { --deciding_; }

// ---- rooms
// -----------------------------------------------------------------------------------------------------------

bool NamespaceCore::join(SocketCore& socket, std::string_view key) {
  auto const change = rooms_.join(socket, key);
  if (change == Rooms::Change::room) hub_.board().gained(name(), key, hub_.index());
  if (change != Rooms::Change::none && is_told_of_rooms()) [[unlikely]]
    count_in(socket, key);
  if (change != Rooms::Change::none && debugs()) DebugLines::joined(socket, key);
  return change != Rooms::Change::none;
}

void NamespaceCore::leave(SocketCore& socket, std::string_view key) {
  auto const change = rooms_.leave(socket, key);
  if (change == Rooms::Change::room) hub_.board().lost(name(), key, hub_.index());
  if (change != Rooms::Change::none && is_told_of_rooms()) [[unlikely]]
    count_out(socket, key);
  if (change != Rooms::Change::none && debugs()) DebugLines::left(socket, key);
}

void NamespaceCore::leave_all(SocketCore& socket) {
  for (std::string key; !socket.memberships().empty();) {
    key = socket.memberships().back().room->key;  // the room may end
    if (rooms_.leave_last(socket) == Rooms::Change::room) hub_.board().lost(name(), key, hub_.index());
    if (is_told_of_rooms()) [[unlikely]]
      count_out(socket, key);
    if (debugs()) DebugLines::left(socket, key);
  }
}

bool NamespaceCore::is_told_of_rooms() const { return definition_->census || hub_.spectator() != nullptr; }

void NamespaceCore::count_in(SocketCore& socket, std::string_view key) {
  if (!is_countable(socket, key)) return;
  auto const room = key.substr(1);
  if (definition_->census) definition_->census->joined(*this, room, socket.id());
  if (auto* const spectator = hub_.spectator()) spectator->room_joined(socket, room);
}

void NamespaceCore::count_out(SocketCore& socket, std::string_view key) {
  if (!is_countable(socket, key)) return;
  auto const room = key.substr(1);
  if (definition_->census) definition_->census->left(*this, room, socket.id());
  if (auto* const spectator = hub_.spectator()) spectator->room_left(socket, room);
}

/// Not a user's devices, which presence tells of, nor a socket's own room, which clients of Socket.IO 2 stand in.
bool NamespaceCore::is_countable(SocketCore const& socket, std::string_view key) {
  return key.front() == 'r' && key.substr(1) != socket.id();
}

// ---- delivery
// --------------------------------------------------------------------------------------------------------

SocketCore* NamespaceCore::find(std::string_view id) const { return by_id_.find(id); }

void NamespaceCore::collect_rooms(std::set<std::string>& keys) const {
  rooms_.for_each_key([&](std::string const& key) { keys.insert(key); });
  for (SocketCore const* const socket : sockets_) keys.insert(room_key(socket->id()));
}

void NamespaceCore::give_back_memory() {
  sockets_.shrink_to_fit();
  spare_.shrink_to_fit();
  if (!performing_) steps_.shrink_to_fit();
}

void NamespaceCore::resolve(std::vector<std::string> const& except) {
  exceptions_.clear();
  for (auto const& key : except)
    exceptions_.push_back({rooms_.find(key), key.front() == 'r' ? find(std::string_view(key).substr(1)) : nullptr});
}

bool NamespaceCore::excepted(SocketCore const& socket) const {
  return std::ranges::any_of(exceptions_, [&](Exception const& exception) {
    return exception.socket == &socket || (exception.room != nullptr && Rooms::is_in(socket, *exception.room));
  });
}

std::vector<SocketCore*> NamespaceCore::select(Target const& target) {
  check_worker();
  std::vector<SocketCore*> selected = std::move(spare_);
  selected.clear();
  if (target.one_socket) {
    SocketCore* const own = find(std::string_view(target.rooms.front()).substr(1));
    if (own != nullptr && own->connected()) selected.push_back(own);
    return selected;
  }
  resolve(target.except);
  auto take = [&](SocketCore& socket) {
    if (socket.connected() && !excepted(socket)) selected.push_back(&socket);
  };
  if (target.rooms.empty()) {
    selected.reserve(sockets_.size());
    for (SocketCore* const socket : sockets_) take(*socket);
    return selected;
  }
  bool const may_repeat = target.rooms.size() > 1;
  if (may_repeat) rooms_.begin_collection();
  for (auto const& key : target.rooms) {
    if (Room const* const room = rooms_.find(key)) {
      for (auto const& seat : room->seats)
        if (!may_repeat || rooms_.take(*seat.member)) take(static_cast<SocketCore&>(*seat.member));
    }
    if (key.front() != 'r') continue;
    SocketCore* const own = find(std::string_view(key).substr(1));  // every socket is in the room of its own id
    if (own != nullptr && (!may_repeat ? !rooms_.is_in(*own, key) : rooms_.take(*own))) take(*own);
  }
  return selected;
}

void NamespaceCore::deliver(Target const& target, std::shared_ptr<engine::SharedMessage const> const& message,
                            SocketCore const* but) {
  auto selected = select(target);
  if (debugs()) DebugLines::went(*this, *message, selected.size());
  for (SocketCore* const socket : selected)
    if (socket != but) socket->send(message, target.is_volatile);
  spare_ = std::move(selected);
}

}  // namespace chorus::socket
