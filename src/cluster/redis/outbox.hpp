// The outbox: what waits for Redis, what waits for Redis's answer, and in which counter each publish ended.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "cluster/redis/resp_value.hpp"

namespace chorus::cluster::redis {

/// What Redis said to a command, borrowed for the call. Where Redis said nothing it is an error made here, whose first
/// word says what is known: `DOWN` (never sent: no connection), `LOST` (sent, but the connection ended before the
/// answer: Redis may have done it or not), `FULL` (never sent: OutboxLimits::commands_max or commands_bytes_max).
using Reply = RespValue;
using OnReply = std::function<void(Reply const&)>;

/// An error of that kind; it lives as long as the program.
Reply reply_down();
Reply reply_lost();
Reply reply_full();

struct OutboxLimits {
  std::size_t spool_bytes_max = 16u << 20;  ///< of all messages that wait, with what keeping each costs
  std::size_t spool_messages_max = 100'000;
  std::size_t in_flight_bytes_max = 8u << 20;  ///< written and not answered; beyond it, what comes waits
  std::size_t commands_max = 10'000;           ///< without an answer yet
  std::size_t commands_bytes_max = 8u << 20;   ///< of these, with what keeping each costs
};

/// Where the publishes are: each is in exactly one of these, so
/// published == confirmed + spooled_sent + dropped + unknown + waiting + in_flight, at any time.
struct Ledger {
  std::uint64_t published = 0;
  std::uint64_t confirmed = 0;     ///< sent while the link stood ever since it was published, and answered
  std::uint64_t spooled_sent = 0;  ///< waited through an outage, or the rest of one; then sent and answered
  std::uint64_t dropped = 0;       ///< never reached a subscriber: no room to wait, refused by Redis, or the end
  std::uint64_t unknown = 0;       ///< written, but the connection ended before the answer; never sent again
  std::uint64_t waiting = 0;       ///< now, for an outage to end or for room in flight
  std::uint64_t in_flight = 0;     ///< now, for the answer

  std::uint64_t refused = 0;  ///< of `dropped`: those that Redis answered with an error

  std::uint64_t settled() const { return confirmed + spooled_sent + dropped + unknown; }
};

/// Publishes and commands, first in, first out, over one connection whose answers come in the order of what was sent.
///
/// While the link is down, publishes wait and commands are answered at once. While it is up, what does not fit into
/// the bytes in flight waits as well, commands in their turn; such a publish still counts as `confirmed`, since no
/// outage held it up. When a spool limit would be passed the new message is dropped, so what waits keeps its order and
/// has no gap but at its end. One message greater than the spool is always dropped.
///
/// OnReply is called exactly once for each command, in the calls that say so; it may call back into the outbox.
/// Thread: none of its own; the owner's (the post office's).
class Outbox {
 public:
  explicit Outbox(OutboxLimits limits = {});

  /// Calls no OnReply.
  void publish(std::string channel, std::string payload);
  /// May answer at once.
  void command(std::vector<std::string> arguments, OnReply on_reply);
  /// A command of the link itself: waits behind nothing, is appended to `out` at once. Only while up.
  void ping(std::string& out);

  /// The connection stands: what waits may be taken.
  void up();
  /// The connection ended: what was taken and not answered is lost, waiting commands are answered, publishes wait on.
  void down();
  /// The end: what waits is dropped, what comes is.
  void close();

  /// Appends what may be written now to `out`: in order, while less than `bytes_max` were appended and the bytes in
  /// flight allow it (one message of any size, when nothing is in flight).
  void take(std::string& out, std::size_t bytes_max);
  /// The answer to the oldest that was taken. False: nothing was awaited, so this is no connection to trust.
  bool answer(RespValue const& value);

  bool is_up() const { return up_; }
  /// Nothing waits and nothing is in flight.
  bool empty() const { return waiting_.empty() && in_flight_.empty(); }
  Ledger ledger() const;

 private:
  enum class Kind : std::uint8_t { publish, command, ping };
  struct Waiting {
    Kind kind;
    std::string channel;
    std::string payload;
    std::vector<std::string> arguments;
    OnReply on_reply;
  };
  struct InFlight {
    Kind kind;
    bool spooled;
    std::size_t bytes;          // of in_flight_bytes_
    std::size_t command_bytes;  // of commands_bytes_
    OnReply on_reply;
  };

  static std::size_t cost(Bytes channel, Bytes payload);
  static std::size_t cost(std::vector<std::string> const& arguments);
  void take_one(std::string& out);
  void settle(InFlight const& entry, RespValue const& value);

  OutboxLimits const limits_;
  bool up_ = false;
  bool closed_ = false;
  std::deque<Waiting> waiting_;
  std::deque<InFlight> in_flight_;
  std::uint64_t spooled_left_ = 0;  // publishes at the front of waiting_ that waited through an outage
  std::size_t waiting_bytes_ = 0;
  std::size_t in_flight_bytes_ = 0;
  std::size_t commands_ = 0;
  std::size_t commands_bytes_ = 0;
  Ledger ledger_;
};

}  // namespace chorus::cluster::redis
