// NamespaceCore, as far as connection state recovery goes: how its worker keeps to the timeline, and how a client that
// comes back gets into it.
#include <algorithm>
#include <limits>
#include <utility>

#include "base/random.hpp"
#include "socket/client.hpp"
#include "socket/debug_lines.hpp"
#include "socket/gather.hpp"
#include "socket/hub.hpp"
#include "socket/namespace_core.hpp"
#include "socket/recoverable.hpp"

namespace chorus::socket {
namespace {

// Waits of an admission that are no middleware's (SocketCore::await_verdict).
constexpr std::size_t session_asked_for = std::numeric_limits<std::size_t>::max();
constexpr std::size_t own_turn = session_asked_for - 1;

/// What a client says of the session that it had.
struct Claim {
  std::optional<RecoveryId> id;  ///< nothing: of a form that no session of ours has
  std::optional<std::string> offset;
  bool is_sound = true;  ///< its offset is a string, or absent: it heard nothing with one

  /// Nothing: it says nothing.
  static std::optional<Claim> read(Handshake const& handshake) {
    auto const pid = handshake.auth<std::string>("pid");
    if (!pid) return std::nullopt;
    Claim claim;
    claim.id = RecoveryId::parse(*pid);
    claim.offset = handshake.auth<std::string>("offset");
    claim.is_sound = claim.offset || ArgView(handshake.auth_json())["offset"].kind() == ArgKind::missing;
    return claim;
  }
};

Comeback comeback_of(Unrecovered why) {
  switch (why) {
    case Unrecovered::unknown_session:
      return Comeback::unknown_session;
    case Unrecovered::unknown_offset:
      return Comeback::unknown_offset;
    case Unrecovered::too_much_missed:
      return Comeback::too_much_missed;
  }
  return Comeback::none;
}

}  // namespace

// ---- keeping to the timeline
// -----------------------------------------------------------------------------------------

void NamespaceCore::catch_up() {
  check_worker();
  if (performing_) {  // in the call-back of a question that failed at once
    more_ = true;
    return;
  }
  timeline_->take(hub_.index(), steps_);
  perform_steps(nullptr);
}

void NamespaceCore::perform_steps(SocketCore const* but) {
  performing_ = true;
  for (;;) {
    for (auto& step : steps_) {
      if (auto* const packet = std::get_if<BroadcastLetter>(&step))
        deliver(*packet->target, packet->message, but);
      else
        hub_.run(std::get<Errand>(step));
    }
    steps_.clear();
    if (!std::exchange(more_, false)) break;
    timeline_->take(hub_.index(), steps_);
    but = nullptr;
  }
  performing_ = false;
}

// ---- a client comes
// ---------------------------------------------------------------------------------------------

void NamespaceCore::look_for_session(SocketCore& socket) {
  socket.make_recoverable();
  auto const claim = Claim::read(socket.handle().handshake());
  if (!claim) return run_middleware(socket.handle().ref(), 0);
  if (!claim->id) return not_recovered(socket, Unrecovered::unknown_session);
  if (restore(socket)) return;
  // Perhaps its former connection has not been found broken yet. Who has it ends it, and then the session is there.
  Target own;
  own.nsp = name();
  own.rooms.push_back(room_key(claim->id->socket_id_text()));
  socket.await_verdict(session_asked_for);
  struct Nothing {};
  gather<Nothing>(
      hub_.shared_board(), hub_.board().interested(own),
      [nsp = name(), id = *claim->id](Hub& hub, std::function<void(Nothing)> reply) {
        if (NamespaceCore* const core = hub.find(nsp)) core->hand_over(id);
        reply({});
      },
      [](Nothing) {},
      [ref = socket.handle().ref()] {
        SocketCore* const core = ref->core;
        if (core == nullptr || !core->take_verdict(session_asked_for)) return;
        NamespaceCore& nsp = core->nsp();
        if (!nsp.restore(*core)) nsp.not_recovered(*core, Unrecovered::unknown_session);
      });
}

/// True: it is known what becomes of the socket. False: there is no such session (yet).
bool NamespaceCore::restore(SocketCore& socket) {
  auto const claim = Claim::read(socket.handle().handshake());
  Recovery& recovery = *hub_.board().recovery();
  std::optional<std::string_view> offset = claim->offset;
  if (!claim->is_sound) offset = "";
  auto restored = recovery.restore(*claim->id, *timeline_, offset, hub_.timers().now());
  if (restored.has_error()) {
    if (restored.error() == Unrecovered::unknown_session) return false;
    not_recovered(socket, restored.error());
    return true;
  }
  socket.restore(std::move(*restored));
  if (recovery.settings().skip_middlewares)
    connect(socket);
  else
    run_middleware(socket.handle().ref(), 0);
  return true;
}

void NamespaceCore::not_recovered(SocketCore& socket, Unrecovered why) {
  hub_.board().recovery()->count(why);
  socket.recoverable()->comeback = comeback_of(why);
  if (debugs()) DebugLines::not_recovered(socket, to_text(why));
  run_middleware(socket.handle().ref(), 0);
}

void NamespaceCore::hand_over(RecoveryId const& id) {
  SocketCore* const socket = find(id.socket_id_text());
  if (socket != nullptr && socket->recovery_id() == id) socket->client().left_behind(*socket);
}

bool NamespaceCore::postpone_connect(SocketCore& socket) {
  if (!performing_) return false;
  socket.await_verdict(own_turn);
  hub_.board().post(hub_.index(), Errand([ref = socket.handle().ref()](Hub&) {
                      SocketCore* const core = ref->core;
                      if (core != nullptr && core->take_verdict(own_turn)) core->nsp().connect(*core);
                    }));
  return true;
}

std::vector<std::shared_ptr<engine::SharedMessage const>> NamespaceCore::enter_timeline(SocketCore& socket) {
  performing_ = true;  // until perform_steps(): what is taken here must not be taken for done
  Recoverable* const own = socket.recoverable();
  auto const restored = own != nullptr ? std::move(own->restored) : nullptr;
  if (!restored) {
    auto const newest = timeline_->take(hub_.index(), steps_);
    if (own != nullptr) own->since = newest;
    return {};
  }
  // In the rooms first, then the rest of what it missed: see Timeline.
  for (auto const& key : restored->session.keys)
    if (key.starts_with('r') && key.substr(1) != socket.id()) join(socket, key);
  Recovery& recovery = *hub_.board().recovery();
  auto const rest = timeline_->follow(hub_.index(), steps_, restored->up_to);
  if (rest && restored->add(*rest, recovery.settings().missed_bytes_max)) {
    recovery.count_recovered();
    return std::move(restored->missed);
  }
  // What it missed was let go while a middleware took its time. It goes on as a new session: of its id, for that was
  // shown already, but of another pid, by which its client knows.
  auto const why = rest ? Unrecovered::too_much_missed : Unrecovered::unknown_offset;
  recovery.count(why);
  if (debugs()) DebugLines::not_recovered(socket, to_text(why));
  leave_all(socket);
  stand_in_own_room(socket);
  own->comeback = comeback_of(why);
  own->since = timeline_->take(hub_.index(), steps_);
  random_token(own->secret);
  return {};
}

}  // namespace chorus::socket
