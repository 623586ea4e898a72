// Timeline: the one order of a namespace with connection state recovery.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/guarded.hpp"
#include "engine/shared_message.hpp"
#include "socket/packet_log.hpp"
#include "socket/switchboard.hpp"

namespace chorus::socket {

/// A client that comes back says one thing: the offset of the last packet that it heard. That is enough to know all it
/// missed only if every client hears the packets of a namespace in the order of their offsets, whoever emitted them and
/// whichever worker it is connected to. This is where that order is made:
///
/// - append(), under one lock: numbers a packet, writes the number into the message as its offset, logs it, and puts it
///   into the queue of each worker that may have receivers.
/// - A worker delivers what is in its queue, in that order, and nothing of the namespace past it: when a letter says
///   that there is something, but also before a turn of its own goes on behind an emit. So what one emits is on its
///   way when emit() returns, as it is without recovery, and older packets of others are before it.
/// - Which workers may have receivers is asked under the same lock. So when a worker has first entered the rooms of a
///   client that came back and then calls follow(), all packets up to that moment are in what follow() gives, and all
///   later ones come to its queue. None is lost, none comes twice.
/// - A queue takes errands too, for what must not be overtaken by its own sender's next packet: joins, questions. They
///   may run before letters that were posted earlier, in the middle of a turn: nothing that runs a user's code belongs
///   there.
///
/// Thread: any. A queue is emptied by its worker only. Limits: those of its log; a queue is bounded by what its worker
/// is behind, as mailboxes are.
class Timeline {
 public:
  using Step = std::variant<BroadcastLetter, Errand>;
  /// What is written into a packet as its offset.
  enum class Offset {
    own,      ///< its own; it can be recovered
    current,  ///< of the packet before it: it cannot be recovered itself, and what the client knows stays right
    none,     ///< nothing: there is no room for one
  };
  /// Where something was put.
  struct Put {
    WorkerSet has = 0;
    WorkerSet to_wake = 0;  ///< of these, the ones that nobody has told yet: each gets a CatchUpLetter
  };

  /// `parent`: that of a dynamic namespace's child, else empty.
  Timeline(std::string nsp, std::string parent, unsigned workers, Budget& packets, Budget& bytes);

  std::string const& nsp() const { return nsp_; }
  std::string const& parent() const { return parent_; }

  Put append(Switchboard const& board, TargetPtr target, std::shared_ptr<engine::SharedMessage> message, Offset offset);
  Put put(unsigned worker, Errand errand);

  /// Everything in the worker's queue, oldest first, in exchange for `steps`, which is emptied. The number of the
  /// newest packet: the worker has all of its packets up to that one then.
  std::uint64_t take(unsigned worker, std::vector<Step>& steps);
  /// The same, and at the same moment all packets behind `number`; nothing if they are not all kept.
  std::optional<PacketSlice> follow(unsigned worker, std::vector<Step>& steps, std::uint64_t number);
  /// All packets behind `number`, as of now; nothing if they are not all kept.
  std::optional<PacketSlice> since(std::uint64_t number) const;

  // Recovery's.

  /// Closed (which it is at first) it takes nothing: letters would be lost, and the next ones not be posted.
  void open();
  /// What it holds goes.
  void close();
  void tick(TimePoint now, Duration kept_for);
  bool empty() const;

 private:
  struct State {
    State(unsigned workers, Budget& packets, Budget& bytes) : log(packets, bytes), queues(workers) {}
    PacketLog log;
    std::vector<std::vector<Step>> queues;  // by worker
    bool open = false;
  };
  static void enqueue(State& state, unsigned worker, Step step, Put& put);

  std::string const nsp_, parent_;
  Guarded<State> state_;
};

}  // namespace chorus::socket
