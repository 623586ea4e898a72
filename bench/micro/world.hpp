// One worker without its loop: everything between a message read and a message to be written, and nothing of the
// kernel.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/worker_bound.hpp"
#include "chorus/namespace.hpp"
#include "cluster/local_bus.hpp"
#include "net/timer_wheel.hpp"
#include "server/hosted_session.hpp"
#include "socket/definition.hpp"
#include "socket/hub.hpp"

namespace chorus::bench {

/// Counts what sessions say.
class Ear final : public engine::Outlet {
 public:
  std::uint64_t heard() const { return heard_; }

  void respond(engine::Ticket, engine::HttpAnswer) override { ++heard_; }
  void websocket_send(engine::Ticket, engine::MessageKind, Bytes, Bytes, engine::Compress) override { ++heard_; }
  void websocket_send(engine::Ticket, std::shared_ptr<engine::SharedMessage const> const&) override { ++heard_; }
  void websocket_send_reframed(engine::Ticket, std::shared_ptr<engine::SharedMessage const> const&,
                               engine::BinaryForm) override {
    ++heard_;
  }
  void websocket_close(engine::Ticket, std::uint16_t) override {}
  std::size_t websocket_unsent(engine::Ticket) const override { return 0; }

 private:
  std::uint64_t heard_ = 0;
};

/// Worker 0 of two, so that rooms and users are told to the table that workers share; the other one has no member of
/// anything. One turn lasts as long as the world, but for what end_of_turn() frees.
///
/// Thread: one. Events as the bench server has them: join, leave, room, message.
class World final : server::SessionOwner {
 public:
  World()
      : registry_(std::make_shared<socket::Registry>(std::make_shared<cluster::LocalBus>(2))),
        hub_(0, {}, wheel_, registry_, mark_) {
    hub_.begin_turn();
    registry_->ensure("/");
    Namespace nsp(registry_, "/");
    nsp.use([](Handshake const& handshake) -> Admission {
      auto const id = handshake.auth<std::string>("id");
      return id ? admit(UserId{*id}) : admit();
    });
    nsp.on("join", [](Socket const& socket, std::string const& room) { socket.join(room); });
    nsp.on("leave", [](Socket const& socket, std::string const& room) { socket.leave(room); });
    nsp.on("room", [nsp](std::string const& room, ArgView x) { nsp.to(room).emit("room", x); });
    nsp.on("message", [nsp](Socket const& socket, ArgView x) { nsp.user(socket.user()).emit("message", x); });
  }
  ~World() {
    for (std::size_t client = 0; client < size(); ++client) hang_up(client);
    end_of_turn();
    sessions_.clear();
    registry_->clear();
  }
  World(World const&) = delete;
  World& operator=(World const&) = delete;

  std::size_t size() const { return sessions_.size(); }
  std::uint64_t heard() const { return ear_.heard(); }

  /// A client of the namespace `/`, a device of `user` where there is one; its number.
  std::size_t connect(std::string_view user = {}) {
    std::size_t const number = sessions_.size();
    sessions_.push_back(std::make_unique<server::SocketIoSession>(
        server::SessionParts{std::to_string(number), mount_, wheel_, ear_, *this, {}}, hub_, Handshake::Request()));
    session(number).open_websocket(ticket(number));
    say(number, user.empty() ? std::string("40") : "40{\"id\":\"" + std::string(user) + "\"}");
    return number;
  }
  /// A message of a client, as it lies in its frame: `42["join","x"]`.
  void say(std::size_t client, std::string_view message) {
    session(client).on_websocket_message(ticket(client), engine::MessageKind::text, message);
  }
  /// Its connection is gone. Idempotent; what it was stays until the world ends.
  void hang_up(std::size_t client) { session(client).on_websocket_closed(ticket(client)); }
  void end_of_turn() { hub_.end_of_turn(); }

 private:
  static engine::Ticket ticket(std::size_t client) { return {client + 1, 0}; }
  engine::Session& session(std::size_t client) { return sessions_[client]->session(); }
  void session_closed(std::string const&) override {}

  WorkerMark mark_;
  WorkerTurn turn_{mark_};
  net::TimerWheel wheel_{TimePoint{}};
  Ear ear_;
  server::Mount mount_;
  std::shared_ptr<socket::Registry> registry_;
  socket::Hub hub_;
  std::vector<std::unique_ptr<server::SocketIoSession>> sessions_;
};

}  // namespace chorus::bench
