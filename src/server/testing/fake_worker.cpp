#include "server/testing/fake_worker.hpp"

#include <iterator>
#include <utility>

#include "base/check.hpp"
#include "server/settings.hpp"

namespace chorus::server {

FakeWorker::FakeWorker(unsigned index, Shared const& shared)
    : index_(index), shared_(shared), hub_(make_hub(index, shared, timers_, mark_)) {}

FakeWorker::~FakeWorker() {
  WorkerTurn const turn(mark_);
  hub_.end_tasks();
  sessions_.clear();  // they tell nobody any more
  ended_sessions_.clear();
}

template <class F>
void FakeWorker::turn(F&& act) {
  WorkerTurn const turn(mark_);
  hub_.begin_turn();
  act();
  hub_.end_of_turn();
  ended_sessions_.clear();
}

void FakeWorker::post(socket::Letter letter) {
  letters_.with([&](auto& letters) { letters.push_back(std::move(letter)); });
}

void FakeWorker::open(std::shared_ptr<FakeLink> link, Handshake::Request request) {
  turn([&] {
    auto const ticket = ticket_of_link(++opened_);
    auto sid = shared_.session_key.mint(shared_.owner(index_));
    SessionParts parts{sid, shared_.mounts.front(), timers_, *this, *this, {}};
    auto session = std::make_unique<SocketIoSession>(std::move(parts), hub_, std::move(request));
    auto& made = *sessions_.emplace(std::move(sid), std::move(session)).first->second;
    connected_.emplace(ticket.low, Connected{std::move(link), &made});
    made.session().open_websocket(ticket);
    made.opened();
  });
}

bool FakeWorker::work() {
  auto letters = letters_.with([](auto& all) { return std::exchange(all, {}); });
  bool worked = !letters.empty();
  turn([&] {
    for (auto& letter : letters) hub_.deliver(letter);
    for (auto each = connected_.begin(); each != connected_.end();) {
      if (each->second.session != nullptr) worked |= hear(each->first, each->second);
      each = each->second.session != nullptr ? std::next(each) : connected_.erase(each);
    }
  });
  return worked;
}

/// What came over one link.
bool FakeWorker::hear(std::uint64_t number, Connected& connected) {
  auto& [link, session] = connected;
  if (link->silent) return false;
  auto const ticket = ticket_of_link(number);
  bool heard = false;
  while (session != nullptr && !link->to_server.empty()) {
    auto const message = std::move(link->to_server.front());
    link->to_server.pop_front();
    session->session().on_websocket_message(ticket, message.kind, message.data);
    heard = true;
  }
  if (session == nullptr || !link->client_closed) return heard;
  session->session().on_websocket_closed(ticket);
  return true;
}

void FakeWorker::pass_to(TimePoint now) {
  turn([&] { timers_.advance(now - timers_.now()); });
}

// ---- engine::Outlet
// --------------------------------------------------------------------------------------------------

FakeLink* FakeWorker::link_of(engine::Ticket websocket) const {
  auto const found = connected_.find(websocket.low);
  return found == connected_.end() ? nullptr : found->second.link.get();
}

void FakeWorker::respond(engine::Ticket, engine::HttpAnswer) { CHORUS_CHECK(false, "a fake client makes no requests"); }

void FakeWorker::websocket_send(engine::Ticket websocket, engine::MessageKind kind, Bytes prefix, Bytes payload,
                                engine::Compress) {
  if (auto* const link = link_of(websocket)) link->to_client.push_back({kind, std::string(prefix).append(payload)});
}

void FakeWorker::websocket_send(engine::Ticket websocket, std::shared_ptr<engine::SharedMessage const> const& message) {
  if (message->has_text())
    websocket_send(websocket, engine::MessageKind::text, {}, message->text(), message->compress());
  for (std::size_t i = 0; i < message->attachment_count(); ++i)
    websocket_send(websocket, engine::MessageKind::binary, {}, message->attachment(i), message->compress());
}

void FakeWorker::websocket_send_reframed(engine::Ticket, std::shared_ptr<engine::SharedMessage const> const&,
                                         engine::BinaryForm) {
  CHORUS_CHECK(false, "a fake client speaks revision 4 of Engine.IO");
}

void FakeWorker::websocket_close(engine::Ticket websocket, std::uint16_t) {
  if (auto* const link = link_of(websocket)) link->server_closed = true;
}

std::size_t FakeWorker::websocket_unsent(engine::Ticket) const { return 0; }

void FakeWorker::session_closed(std::string const& sid) {
  auto const found = sessions_.find(sid);
  if (found == sessions_.end()) return;
  for (auto& [number, connected] : connected_)
    if (connected.session == found->second.get()) connected.session = nullptr;
  ended_sessions_.push_back(std::move(found->second));
  sessions_.erase(found);
  shared_.placement.give_back(index_);
}

}  // namespace chorus::server
