// NamespaceCore: one namespace on one worker. Admission, its sockets and rooms, delivery to its members.
#pragma once
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/debug_areas.hpp"
#include "base/keyed_set.hpp"
#include "base/worker_bound.hpp"
#include "socket/definition.hpp"
#include "socket/rooms.hpp"
#include "socket/socket_core.hpp"
#include "socket/switchboard.hpp"
#include "socket/timeline.hpp"

namespace chorus::socket {

class Client;
class Hub;
struct RecoveryId;
enum class Unrecovered : std::uint8_t;

/// Thread: its worker's. Lifetime: its hub's; a child of a dynamic namespace may end when it is empty.
class NamespaceCore : WorkerBound {
 public:
  NamespaceCore(Hub& hub, std::string name, std::shared_ptr<Definition const> definition, bool is_child);

  std::string const& name() const { return home_->nsp; }
  std::shared_ptr<SocketHome const> const& home() const { return home_; }
  Hub& hub() const { return hub_; }
  /// Somebody asked for its debug lines (DebugLines).
  bool debugs() { return chorus::debugs(LogArea::namespaces) && debug_.on(name()); }
  /// Its name for the watchdog (Hub::label).
  std::string const* label() const { return label_; }
  Definition const& definition() const { return *definition_; }
  std::shared_ptr<Definition const> const& shared_definition() const { return definition_; }
  bool is_child() const { return is_child_; }
  /// A child's.
  std::string const& parent_name() const {
    return definition_->parent.empty() ? definition_->name : definition_->parent;
  }
  /// The old version lives until the turn ends: handlers of it may be running.
  void set_definition(std::shared_ptr<Definition const> version);

  /// A client asks to join. The middlewares decide, now or later; see Client for what the client is told.
  void admit(SocketCore& socket);
  /// A socket has gone away before its verdict.
  void withdrawn();
  /// A socket has ended (its rooms are left, its handlers told).
  void remove(SocketCore& socket);
  bool empty() const { return sockets_.empty() && deciding_ == 0; }
  /// Those that are connected.
  std::vector<SocketCore*> const& sockets() const { return sockets_; }
  std::size_t size() const { return sockets_.size(); }

  /// Connected sockets of the target on this worker, each once. A snapshot: what it is used for may end sockets.
  std::vector<SocketCore*> select(Target const& target);
  /// `but`: not to this one, which has it already.
  void deliver(Target const& target, std::shared_ptr<engine::SharedMessage const> const& message,
               SocketCore const* but = nullptr);
  SocketCore* find(std::string_view id) const;
  /// Keys of all rooms with members here, the sockets' own ones included.
  void collect_rooms(std::set<std::string>& keys) const;

  bool join(SocketCore& socket, std::string_view key);
  void leave(SocketCore& socket, std::string_view key);
  void leave_all(SocketCore& socket);
  Rooms const& rooms() const { return rooms_; }
  /// What its lists have grown to in a crowd that is gone.
  void give_back_memory();

  // Connection state recovery (namespace_recovery.cpp).

  /// Its order; nullptr: recovery is off.
  std::shared_ptr<Timeline> const& timeline() const { return timeline_; }
  /// Does what waits for this worker in that order.
  void catch_up();
  /// A client has come back to another worker, or over another connection, before its former one was found broken.
  void hand_over(RecoveryId const& id);

 private:
  void run_middleware(std::shared_ptr<SocketRef const> const& ref, std::size_t index);
  void decided(SocketCore& socket, std::size_t index, Admission verdict);
  void connect(SocketCore& socket);
  bool is_told_of_rooms() const;
  void count_in(SocketCore& socket, std::string_view key);
  void count_out(SocketCore& socket, std::string_view key);
  static bool is_countable(SocketCore const& socket, std::string_view key);
  void tell_device(SocketCore& socket, std::string device_info);
  void stand_in_own_room(SocketCore& socket);

  void look_for_session(SocketCore& socket);
  bool restore(SocketCore& socket);
  void not_recovered(SocketCore& socket, Unrecovered why);
  /// True: it will be called again, in a turn in which nothing is being delivered.
  bool postpone_connect(SocketCore& socket);
  /// What it missed. What waited for the others is in steps_: perform_steps() has to follow.
  std::vector<std::shared_ptr<engine::SharedMessage const>> enter_timeline(SocketCore& socket);
  void perform_steps(SocketCore const* but);

  /// A key of Target::except as addresses: names are looked up once a message, not once a receiver.
  struct Exception {
    Room const* room;
    SocketCore const* socket;  ///< whose own room it is
  };
  void resolve(std::vector<std::string> const& except);
  bool excepted(SocketCore const& socket) const;

  Hub& hub_;
  std::string const* const label_;
  std::shared_ptr<SocketHome const> const home_;
  std::shared_ptr<Definition const> definition_;
  Rooms rooms_;
  struct IdOf {
    std::string_view operator()(SocketCore const* socket) const { return socket->id(); }
  };
  KeyedSet<SocketCore*, IdOf> by_id_;
  std::vector<SocketCore*> sockets_;   // the same, one behind the other: broadcasts walk them
  std::vector<SocketCore*> spare_;     // a snapshot's memory, kept for the next one
  std::vector<Exception> exceptions_;  // of the target in hand
  std::size_t deciding_ = 0;
  NamespaceDebug debug_;
  bool const is_child_;
  bool performing_ = false;
  bool more_ = false;  // has come into the timeline meanwhile
  std::shared_ptr<Timeline> const timeline_;
  std::vector<Timeline::Step> steps_;  // being performed
};

}  // namespace chorus::socket
