#include "admin/sign_in.hpp"

#include <cstdint>
#include <optional>
#include <utility>

#include "base/log.hpp"
#include "socket/hub.hpp"
#include "socket/on_worker.hpp"
#include "socket/socket_core.hpp"
#include "socket/switchboard.hpp"

namespace chorus::admin {
using socket::on_worker;
using socket::Order;

void SignIn::decide(Socket const& socket, Verdict const& verdict) {
  auto id = socket.handshake().auth<std::string>("sessionId").value_or("");
  if (id.empty() || id.size() > session_id_bytes_max) return check_password(socket, verdict);
  auto const now = socket::Hub::current()->timers().now();
  store_->find(std::move(id), now, [self = shared_from_this(), socket, verdict](bool found) {
    on_worker(
        socket.ref(),
        [self, socket, verdict, found](socket::SocketCore&) {
          if (!found) return self->check_password(socket, verdict);
          verdict(admit());
        },
        Order::of_letters);
  });
}

void SignIn::check_password(Socket const& socket, Verdict const& verdict) {
  auto const& handshake = socket.handshake();
  auto const name = handshake.auth<std::string>("username");
  auto password = handshake.auth<std::string>("password");
  if (!name || !password || password->size() > settings_.password_bytes_max)
    return refuse_with(socket, verdict, invalid_credentials);

  Attempt attempt{socket, verdict, equal_in_constant_time(*name, settings_.username), std::move(*password)};
  enum class Next : std::uint8_t { begins, waits, refused };
  auto const next = attempts_.with([&](Attempts& all) {
    if (all.open < settings_.attempts_max) return ++all.open, Next::begins;
    if (all.waiting.size() >= settings_.attempts_waiting_max) return Next::refused;
    all.waiting.push_back(std::move(attempt));
    return Next::waits;
  });
  if (next == Next::begins) give_to_helper(std::move(attempt));
  if (next == Next::refused) refuse_with(socket, verdict, too_many_attempts);
}

void SignIn::give_to_helper(Attempt attempt) {
  auto const socket = attempt.socket;
  auto const verdict = attempt.verdict;
  auto check = [self = shared_from_this(), attempt = std::move(attempt)]() mutable {
    bool const is_password = self->settings_.hash.matches(std::move(attempt.password));
    on_worker(
        attempt.socket.ref(),
        [self, attempt, right = attempt.is_name && is_password](socket::SocketCore&) {
          self->password_checked(attempt.socket, attempt.verdict, right);
        },
        Order::of_letters);
    self->attempt_ended();
  };
  if (socket.ref()->home->board->offload(std::move(check))) return;
  on_worker(
      socket.ref(), [socket, verdict](socket::SocketCore&) { refuse_with(socket, verdict, too_many_attempts); },
      Order::of_letters);
  attempt_ended();
}

void SignIn::attempt_ended() {
  auto next = attempts_.with([](Attempts& all) -> std::optional<Attempt> {
    if (all.waiting.empty()) return --all.open, std::nullopt;
    std::optional<Attempt> first(std::move(all.waiting.front()));
    all.waiting.pop_front();
    return first;
  });
  if (next) give_to_helper(std::move(*next));
}

void SignIn::password_checked(Socket const& socket, Verdict const& verdict, bool right) {
  if (!right) return refuse_with(socket, verdict, invalid_credentials);
  auto id = make_session_id();
  socket.ref()->core->emit_while_deciding("session", encode_args(id).text());
  store_->save(id, socket::Hub::current()->timers().now());
  log(LogLevel::info, "admin_signed_in", {peer_field("address", socket.handshake().address())});
  auto admission = admit();
  admission.data = Session{std::move(id)};
  verdict(std::move(admission));
}

void SignIn::remind(Socket const& socket) {
  if (auto const* const session = socket.data_if<Session>()) socket.emit("session", session->id);
}

void SignIn::refuse_with(Socket const& socket, Verdict const& verdict, char const* message) {
  log(LogLevel::info, "admin_refused", {peer_field("address", socket.handshake().address()), {"reason", message}});
  verdict(refuse(message));
}

}  // namespace chorus::admin
