// Bodies of what an Audience gives to wait for, and of chorus::Pending's worker.
#include <algorithm>
#include <utility>

#include "chorus/audience.hpp"
#include "chorus/pending.hpp"
#include "socket/hub.hpp"

namespace chorus {

namespace detail {

HomeWorker HomeWorker::current() {
  HomeWorker home;
  if (socket::Hub const* const hub = socket::Hub::current()) {
    home.board_ = hub->shared_board();
    home.worker_ = hub->index();
  }
  return home;
}

bool HomeWorker::is_here() const {
  socket::Hub const* const hub = socket::Hub::current();
  return hub != nullptr && hub->index() == worker_ && hub->shared_board() == board_;
}

void HomeWorker::run(std::function<void()> act) const {
  if (is_here()) return act();
  board_->post(worker_, socket::Errand([act = std::move(act)](socket::Hub&) { act(); }));
}

}  // namespace detail

namespace {

/// `begin(done)` begins what calls `done()` once.
template <class Begin>
Pending<> pending(Begin begin) {
  return Pending<>::start([&](auto const& state) { begin([state] { state->finish({}); }); });
}

}  // namespace

Pending<std::vector<SocketInfo>> Audience::fetch_sockets() const {
  return Pending<std::vector<SocketInfo>>::start([this](auto const& state) {
    fetch_sockets([state](std::vector<SocketInfo> sockets) { state->finish(std::move(sockets)); });
  });
}

void Audience::all_sockets(std::function<void(std::vector<std::string>)> on_ids) const {
  fetch_sockets([on_ids = std::move(on_ids)](std::vector<SocketInfo> sockets) {
    std::vector<std::string> ids;
    for (auto& info : sockets) ids.push_back(std::move(info.id));
    std::ranges::sort(ids);
    on_ids(std::move(ids));
  });
}

Pending<std::vector<std::string>> Audience::all_sockets() const {
  return Pending<std::vector<std::string>>::start([this](auto const& state) {
    all_sockets([state](std::vector<std::string> ids) { state->finish(std::move(ids)); });
  });
}

Pending<std::size_t> Audience::sockets_count() const {
  return Pending<std::size_t>::start(
      [this](auto const& state) { sockets_count([state](std::size_t count) { state->finish(std::size_t{count}); }); });
}

Pending<> Audience::sockets_join(std::vector<std::string> rooms) const {
  return pending([&](auto done) { sockets_join(std::move(rooms), std::move(done)); });
}

Pending<> Audience::sockets_leave(std::vector<std::string> rooms) const {
  return pending([&](auto done) { sockets_leave(std::move(rooms), std::move(done)); });
}

Pending<> Audience::disconnect_sockets(bool close_connection) const {
  return pending([&](auto done) { disconnect_sockets(close_connection, std::move(done)); });
}

// ---- SocketInfo
// ------------------------------------------------------------------------------------------------------

Audience SocketInfo::audience() const { return Audience(board, nsp).to(id); }
void SocketInfo::join(std::string_view room) const { audience().sockets_join({std::string(room)}); }
void SocketInfo::join(std::vector<std::string> several) const { audience().sockets_join(std::move(several)); }
void SocketInfo::leave(std::string_view room) const { audience().sockets_leave({std::string(room)}); }
void SocketInfo::disconnect(bool close_connection) const { audience().disconnect_sockets(close_connection); }

}  // namespace chorus
