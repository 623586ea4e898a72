// FakeWorker: one worker's part of a server, with links in place of connections and time that is moved by hand.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.hpp"
#include "base/manual_timers.hpp"
#include "base/worker_bound.hpp"
#include "chorus/handshake.hpp"
#include "engine/outlet.hpp"
#include "server/hosted_session.hpp"
#include "server/shared.hpp"
#include "server/testing/fake_link.hpp"
#include "socket/hub.hpp"

namespace chorus::server {

/// What a Site is to a running server, without HTTP. Thread: the test's, but for post(). Lifetime: the harness's;
/// `shared` outlives it.
class FakeWorker final : engine::Outlet, SessionOwner {
 public:
  FakeWorker(unsigned index, Shared const& shared);
  ~FakeWorker();

  /// Thread: any.
  void post(socket::Letter letter);
  socket::HubCounters const& counters() const { return hub_.counters(); }
  TimePoint now() const { return timers_.now(); }
  std::optional<TimePoint> next_deadline() const { return timers_.next_deadline(); }

  /// Begins the session of a client that comes over this link; it is counted in the placement already.
  void open(std::shared_ptr<FakeLink> link, Handshake::Request request);
  /// A turn with the letters and what clients said. False: there was nothing of either.
  bool work();
  /// A turn at that time, with the timers that are due.
  void pass_to(TimePoint now);

 private:
  struct Connected {
    std::shared_ptr<FakeLink> link;
    HostedSession* session = nullptr;  // nullptr: it has closed
  };

  template <class F>
  void turn(F&& act);
  bool hear(std::uint64_t number, Connected& connected);
  engine::Ticket ticket_of_link(std::uint64_t number) const { return {std::uint64_t{index_} + 1, number}; }
  FakeLink* link_of(engine::Ticket websocket) const;

  // engine::Outlet
  void respond(engine::Ticket request, engine::HttpAnswer answer) override;
  void websocket_send(engine::Ticket websocket, engine::MessageKind kind, Bytes prefix, Bytes payload,
                      engine::Compress compress) override;
  void websocket_send(engine::Ticket websocket, std::shared_ptr<engine::SharedMessage const> const& message) override;
  void websocket_send_reframed(engine::Ticket websocket, std::shared_ptr<engine::SharedMessage const> const& message,
                               engine::BinaryForm form) override;
  void websocket_close(engine::Ticket websocket, std::uint16_t code) override;
  std::size_t websocket_unsent(engine::Ticket websocket) const override;

  // SessionOwner
  void session_closed(std::string const& sid) override;

  unsigned const index_;
  Shared const& shared_;
  WorkerMark mark_;
  ManualTimers timers_;
  Guarded<std::vector<socket::Letter>> letters_;
  socket::Hub hub_;

  std::map<std::uint64_t, Connected> connected_;  // by Ticket::low, in the order in which they came
  std::map<std::string, std::unique_ptr<HostedSession>, std::less<>> sessions_;
  std::vector<std::unique_ptr<HostedSession>> ended_sessions_;
  std::uint64_t opened_ = 0;
};

}  // namespace chorus::server
