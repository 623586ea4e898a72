// Watch: what the UI is told of the server.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/event_counts.hpp"
#include "base/time.hpp"
#include "chorus/admin.hpp"
#include "chorus/audience.hpp"
#include "chorus/socket.hpp"
#include "socket/hub.hpp"
#include "socket/spectator.hpp"

namespace chorus::admin {

/// The spectator of an instrumented server. Each worker has a desk of its own and tells the UI's namespace itself, so
/// no lock is taken; worker 0 collects the counts of all.
///
/// Who begins to look gets the sockets that there are, which every worker lists in a turn of its own, and what came to
/// pass since then: a worker keeps that for it until the lists of all are there, and tells it first after them. So it
/// misses nothing, and is told nothing twice.
///
/// While nobody looks from here, and there are no other nodes, nothing is told and nothing wakes; counts are kept for
/// some seconds (EventCounts). In production mode nothing but counts is told at all.
///
/// Thread: each worker's turn its own desk. Lifetime: the switchboard's, longer than the hubs.
class Watch final : public socket::Spectator {
 public:
  Watch(AdminOptions options, unsigned workers);

 private:
  bool is_development() const { return options_.mode == AdminOptions::Mode::development; }

  // socket::Spectator
  void hub_began(socket::Hub& hub) override;
  void hub_ended(socket::Hub& hub) override;
  void connection_opened(socket::Client& client) override;
  void connection_upgraded(socket::Client& client) override;
  void connection_closed(socket::Client& client, std::string_view reason) override;
  void messages_in(socket::Hub& hub, std::size_t count, std::size_t bytes) override;
  void messages_out(socket::Hub& hub, std::size_t count, std::size_t bytes) override;
  void socket_connected(socket::SocketCore& socket) override;
  void socket_ended(socket::SocketCore& socket, std::string_view reason) override;
  void data_changed(socket::SocketCore& socket) override;
  void room_joined(socket::SocketCore& socket, std::string_view room) override;
  void room_left(socket::SocketCore& socket, std::string_view room) override;
  bool hears_events(socket::SocketCore const& socket) override;
  void event_received(socket::SocketCore& socket, std::string_view event, Args const& args) override;
  void event_sent(socket::SocketCore& socket, std::string_view event, Args const& args) override;
  void describe(socket::SocketCore const& socket, std::string& data_json) override;

  /// Somebody who was not sent the sockets yet.
  struct Newcomer {
    Socket socket;
    std::size_t since = 0;  ///< of what the desk keeps, the first that it is to be told
  };
  /// What one worker knows. The alignment keeps workers off each other's cache lines.
  struct alignas(64) Desk {
    EventCounts counts;
    Duration wall_ahead{};             ///< of the steady clock, in whole: what turns the time of a turn into a date
    std::chrono::seconds second{0};    ///< since 1970, that runs
    TimePoint second_ends{};           ///< by the steady clock
    std::size_t events_in_second = 0;  ///< told of
    std::size_t connections = 0, polling = 0;
    std::size_t watchers = 0;       ///< who look, on all workers
    std::vector<std::string> left;  ///< rooms of the socket that is just ending
    std::vector<Newcomer> newcomers;
    std::vector<std::pair<std::string, ArgsWriter>> kept;  ///< for newcomers
  };
  /// A worker's part of what one who begins to look is sent.
  struct List {
    std::string sockets;  ///< the elements of a JSON array
    std::size_t left_out = 0;
  };
  /// A worker's part of a server_stats.
  struct Share {
    std::vector<EventCount> counts;
    std::size_t connections = 0, polling = 0;
    std::vector<std::pair<std::string, std::size_t>> namespaces;
  };

  Desk& desk_of(socket::Hub const& hub);
  static std::chrono::seconds second_of(socket::Hub const& hub, Desk& desk) {
    if (hub.timers().now() >= desk.second_ends) [[unlikely]]
      begin_second(hub, desk);
    return desk.second;
  }
  static void begin_second(socket::Hub const& hub, Desk& desk);
  void count_messages(socket::Hub& hub, Happening messages, std::size_t count, Happening with_bytes, std::size_t bytes);

  bool is_own(socket::SocketCore const& socket) const;
  bool is_heard(socket::Hub& hub);
  enum class Keep : std::uint8_t { no, for_newcomers };
  void tell(socket::Hub& hub, char const* event, ArgsWriter args, Keep keep = Keep::for_newcomers);
  void tell_event(socket::SocketCore& socket, char const* what, std::string_view event, Args const& args);

  void watcher_came(socket::SocketCore& socket);
  void watcher_went(socket::SocketCore& socket);
  void send_sockets(Socket const& watcher, socket::Hub& here);
  List list_sockets(socket::Hub& hub);
  void let_in(Socket const& watcher, socket::Hub& hub);
  void note_watchers(socket::Hub& hub, bool one_more);

  void on_stats_timer(TimePoint now);
  Share take_share(socket::Hub& hub);
  void tell_stats(socket::Hub& hub, Share const& sum);

  AdminOptions const options_;
  std::string const hostname_;
  std::string const server_id_;
  std::vector<Desk> desks_;
  socket::Hub* collector_ = nullptr;  // worker 0's
  TimePoint began_{};
  Timer stats_timer_{timer_callback<&Watch::on_stats_timer>, this};  // worker 0's
};

}  // namespace chorus::admin
