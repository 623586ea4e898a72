// Hub: everything Socket.IO on one worker. Namespaces, their sockets, the letters from other workers.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/counter.hpp"
#include "base/running.hpp"
#include "base/time.hpp"
#include "base/worker_bound.hpp"
#include "socket/definition.hpp"
#include "socket/namespace_core.hpp"
#include "socket/packet.hpp"
#include "socket/rooms.hpp"
#include "socket/switchboard.hpp"

namespace chorus::detail {
class TaskLink;
}

namespace chorus::socket {

/// Limits and times of the Socket.IO layer; `ServerOptions` says the same to users.
struct HubSettings {
  PacketLimits packets;
  Encoding encoding = Encoding::undecided;  ///< of clients of Socket.IO 3 and later; earlier ones write JSON
  std::chrono::milliseconds connect_timeout{45'000};
  std::chrono::milliseconds admission_timeout{30'000};
  std::size_t namespaces_max = 64;              ///< of one client
  std::size_t namespaces_process_max = 10'000;  ///< of one worker, children of dynamic ones included
  std::size_t rooms_max = 10'000;               ///< of one socket
  std::size_t room_name_bytes_max = 1024;       ///< of a room that is joined
  std::size_t asks_pending_max = 1'000;
  std::size_t drafts_pending_max = 1'000;  ///< events of one socket that wait for its middlewares
  std::size_t labels_max = 10'000;         ///< names of events and namespaces that are kept for the watchdog
  bool cleanup_empty_children = false;
};

/// Thread: the hub's worker counts, any reads.
struct HubCounters {
  Counter events_in, events_unhandled, events_mistyped, handler_errors, packets_refused, letters_in;
};

/// Thread: one worker's; `mark()` names it. Lifetime: longer than its clients, ended by the worker that owns it.
class Hub : public WorkerBound {
 public:
  Hub(unsigned index, HubSettings settings, Timers& timers, std::shared_ptr<Registry> registry, WorkerMark const& mark);
  ~Hub();
  Hub(Hub const&) = delete;
  Hub& operator=(Hub const&) = delete;

  /// The hub whose worker's turn runs on this thread; nullptr elsewhere.
  static Hub* current();
  /// First in every turn of its worker.
  void begin_turn();

  unsigned index() const { return index_; }
  WorkerMark const& mark() const { return mark_; }
  HubSettings const& settings() const { return settings_; }
  Timers& timers() const { return timers_; }
  Switchboard& board() const { return *registry_->board(); }
  std::shared_ptr<Switchboard> const& shared_board() const { return registry_->board(); }
  /// Who is told of everything; nullptr: nobody.
  Spectator* spectator() const { return spectator_; }
  HubCounters& counters() { return counters_; }
  HubCounters const& counters() const { return counters_; }

  /// A letter from another worker (or from a foreign thread).
  void deliver(Letter& letter);
  /// One that waited elsewhere for its turn.
  void run(Errand const& errand);
  /// A newer version of a namespace.
  void define(std::shared_ptr<Definition const> version);
  /// Objects that ended in this turn are freed here: nothing may be running that still holds one.
  void end_of_turn();
  /// With connection state recovery: does what waits for this worker in a namespace's order.
  void catch_up(Timeline& timeline);
  /// The same: something was put where it grows old, and this worker's timer will look after it.
  void expire_in_time();
  /// What its lists have grown to in a crowd that is gone.
  void give_back_memory();

  NamespaceCore* find(std::string_view name);
  /// Of dynamic namespaces, in the order in which they are asked about a name.
  std::vector<std::shared_ptr<Definition const>> const& parents() const { return parents_; }
  /// A new namespace, for a client that asks for it; nullptr: there are too many (namespaces_process_max).
  NamespaceCore* make_child(std::string_view name, std::shared_ptr<Definition const> const& parent);
  /// Every namespace an emit on `name` reaches: itself, or a parent's children.
  void for_each_reached(std::string_view name, std::function<void(NamespaceCore&)> const& visit);
  /// Every namespace of this worker, until `visit` says false.
  void for_each_namespace(std::function<bool(NamespaceCore&)> const& visit);

  /// Keeps an ended socket until the end of the turn.
  void bury(std::unique_ptr<SocketCore> socket) { graveyard_.push_back(std::move(socket)); }
  /// Keeps a namespace's former version likewise, so that no event has to count a reference to it.
  void bury(std::shared_ptr<Definition const> version) { former_versions_.push_back(std::move(version)); }
  /// A child namespace lost its last socket.
  void emptied(NamespaceCore& child);

  /// Which of the program's handlers runs. Thread: any looks.
  Running& running() { return running_; }
  Running const& running() const { return running_; }
  /// The name as text that lives as long as the hub; nullptr when there are too many (labels_max).
  std::string const* label(std::string_view name);

  /// Coroutines of this worker that have not ended, linked by themselves.
  detail::TaskLink*& tasks() { return tasks_; }
  /// Destroys them where they wait: the server has ended, and this worker has no turn any more.
  void end_tasks();

  /// Names a handler of a socket of this worker.
  ListenerId next_listener() { return {++listeners_}; }
  /// Ids that are unique in the process: counter × workers + worker.
  std::uint64_t next_id() { return counter_++ * board().workers() + index_; }

 private:
  void define_parent(std::shared_ptr<Definition const> const& version);
  void on_expiry(TimePoint now);

  unsigned const index_;
  HubSettings const settings_;
  Timers& timers_;
  std::shared_ptr<Registry> registry_;
  Spectator* const spectator_;
  WorkerMark const& mark_;
  HubCounters counters_;
  Running running_;
  std::unordered_set<std::string, StringHash, std::equal_to<>> labels_;
  std::uint64_t counter_ = 0;
  std::uint64_t listeners_ = 0;
  detail::TaskLink* tasks_ = nullptr;

  StringMap<std::unique_ptr<NamespaceCore>> namespaces_;
  std::vector<std::shared_ptr<Definition const>> parents_;  // dynamic ones, in order of definition
  std::vector<std::unique_ptr<SocketCore>> graveyard_;
  std::vector<std::unique_ptr<NamespaceCore>> empty_children_;
  std::vector<std::shared_ptr<Definition const>> former_versions_;
  Timer expiry_{timer_callback<&Hub::on_expiry>, this};
};

/// Counts and logs the exception being handled: call it in a catch block only.
void report_handler_error(Hub& hub, std::string_view what, std::string_view name);

/// Runs a user's handler: the one place where what it throws is caught; the socket lives. `what`: a literal. `label`:
/// the name for the watchdog (Hub::label).
template <class F>
void guarded_call(Hub& hub, char const* what, std::string_view name, F&& call, std::string const* label = nullptr) {
  Running::Scope const running(hub.running(), what, label);
  try {
    call();
  } catch (...) {
    report_handler_error(hub, what, name);
  }
}

}  // namespace chorus::socket
