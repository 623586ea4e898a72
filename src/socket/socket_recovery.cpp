// SocketCore, as far as connection state recovery goes: what is kept of it, and how it becomes a former one again.
#include <algorithm>
#include <array>
#include <utility>

#include "base/random.hpp"
#include "socket/client.hpp"
#include "socket/debug_lines.hpp"
#include "socket/hub.hpp"
#include "socket/namespace_core.hpp"
#include "socket/recoverable.hpp"
#include "socket/socket_core.hpp"

namespace chorus::socket {
namespace {

/// Ends of the connection, not of the stay in the namespace (as the reference has them).
constexpr std::array<std::string_view, 6> recoverable_reasons{"transport error",      "transport close",
                                                              "forced close",         "ping timeout",
                                                              "server shutting down", "forced server close"};

}  // namespace

void SocketCore::make_recoverable() {
  recoverable_ = std::make_unique<Recoverable>();
  random_token(recoverable_->secret);
}

Comeback SocketCore::comeback() const { return recoverable_ ? recoverable_->comeback : Comeback::none; }

std::optional<RecoveryId> SocketCore::recovery_id() const {
  if (!recoverable_) return std::nullopt;
  return RecoveryId{handle_.ref()->id_chars, recoverable_->secret};
}

void SocketCore::restore(Restored restored) {
  auto& session = restored.session;
  recoverable_->secret = session.id.secret;
  recoverable_->since = session.since;
  recoverable_->comeback = Comeback::recovered;
  if (session.user) set_user(std::move(*session.user));
  if (!session.device_info.empty()) set_device_info(std::move(session.device_info));
  if (session.data.has_value()) set_data(std::move(session.data), session.encode_data);
  auto const& fresh = *handle_.ref();
  fresh.core = nullptr;  // nobody was shown it yet
  handle_ =
      Socket(std::make_shared<SocketRef const>(SocketRef{this, fresh.home, fresh.handshake, session.id.socket_id}));
  recoverable_->restored = std::make_unique<Restored>(std::move(restored));
}

std::optional<SavedSession> SocketCore::save(std::string_view reason) const {
  if (!recoverable_ || std::ranges::find(recoverable_reasons, reason) == recoverable_reasons.end()) return std::nullopt;
  bool const is_on_its_way = recoverable_->restored != nullptr;
  if (!was_connected_ && !is_on_its_way) return std::nullopt;
  Hub& hub = nsp_.hub();
  SavedSession session;
  session.id = *recovery_id();
  session.timeline = nsp_.timeline();
  session.since = recoverable_->since;
  session.ended = hub.timers().now();
  if (user() != nullptr) session.user = *user();
  if (is_on_its_way) {
    session.keys = std::move(recoverable_->restored->session.keys);
    session.ended = recoverable_->restored->session.ended;
    if (extras_ && extras_->admitting) session.device_info = extras_->admitting->device_info;
    return session;
  }
  session.keys.push_back(room_key(id()));
  for (auto const& membership : memberships())
    if (!is_own_room(membership.room->key)) session.keys.emplace_back(membership.room->key);
  std::ranges::sort(session.keys);
  if (session.user)
    for (auto const& device : hub.board().devices(nsp_.name(), *session.user))
      if (device.socket_id == id() && device.node.empty() && device.info_json != "null")
        session.device_info = device.info_json;
  return session;
}

void SocketCore::keep(SavedSession session) {
  if (belongings_) {
    session.data = std::move(belongings_->data);
    session.encode_data = belongings_->encode_data;
  }
  if (nsp_.debugs()) DebugLines::socket(*this, "session_kept");
  nsp_.hub().board().recovery()->keep(std::move(session));
  nsp_.hub().expire_in_time();
}

}  // namespace chorus::socket
