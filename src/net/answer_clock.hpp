// How long those wait who said something: from a connection's being readable to the sending of its answer.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "net/connection.hpp"

namespace chorus::net {

/// Measures answers, where somebody wants to know (WorkerOptions::on_answer). The worker tells it what it sees and
/// does. Where nobody does, there is no clock, and the worker pays the test of a null pointer for each look, each
/// submission and each write.
///
/// It begins when the connection may first have been readable. The kernel does not tell when that was; so it is the end
/// of the last look (epoll_wait) that would have seen it, also where that was a look between the chunks of a big
/// broadcast. What is measured is thus never too short, and too long by at most what the worker did between two looks.
/// Only where it had nothing to do and slept does it begin when it was woken.
///
/// It ends when the call that sent the last of the answer's bytes has returned: the whole submission, with io_uring.
///
/// An answer is what is written to the connection alone (Worker::write) while what it said is handled. Not counted:
/// what needs none (a pong), what comes later (a parked poll), a message to many that its sender hears as well, and a
/// message that no single read brought. What was read at once and its answers count once.
///
/// Thread: the worker's. Lifetime: its worker's. Memory: 16 bytes for each connection that there has been at once.
/// Failure: none; the function must not throw.
class AnswerClock {
 public:
  explicit AnswerClock(std::function<void(Duration)> on_answer) : on_answer_(std::move(on_answer)) {}

  /// How a look went: it found at once what it found, or as much as it could hold, or had to sleep for it.
  enum class Look { awake, full, slept };
  /// A look is over. What it saw is told by readable().
  void looked(Look how, TimePoint now);
  void readable(ConnectionId connection);

  /// Their handlers are about to be given what they said.
  void handling(std::span<ConnectionId const> connections);
  /// Something was written to it alone.
  void written(ConnectionId connection);
  /// These handlers have returned.
  void handled(std::span<ConnectionId const> connections);
  /// Nothing is unsent any more.
  void all_sent(ConnectionId connection, TimePoint now);

 private:
  enum class Step : std::uint8_t { none, readable, in_handling, answered };
  struct Entry {
    TimePoint since;
    std::uint32_t generation = 0;
    Step step = Step::none;
  };
  Entry& entry(ConnectionId connection);

  std::function<void(Duration)> on_answer_;
  std::vector<Entry> entries_;  // by ConnectionId::index
  TimePoint last_look_{};       // that saw all there was
  TimePoint since_{};           // for what the present look has seen
};

}  // namespace chorus::net
