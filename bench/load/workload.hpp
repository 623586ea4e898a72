// Who sends what to whom and when, and what of it has arrived.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "load/fleet.hpp"
#include "load/histogram.hpp"
#include "load/options.hpp"
#include "load/schedule.hpp"

namespace load {

/// Where a load's clients connect, and what each says about itself: its user.
Target target_of(Options const& options);
std::string query_of(Options const& options, std::size_t client);

/// Every fault of delivery that numbers in the payloads can show. All must be 0.
struct Faults {
  std::uint64_t lost = 0;
  std::uint64_t out_of_order = 0;
  std::uint64_t doubled = 0;
  std::uint64_t misdirected = 0;  ///< to one who is no receiver of it
  std::uint64_t damaged = 0;      ///< not what was sent

  std::uint64_t sum() const { return lost + out_of_order + doubled + misdirected + damaged; }
};

/// Streams of numbered messages. Each stream has one sender and its receivers (the sender among them) and at most
/// `window` messages in flight; a message is in flight until its last receiver has it.
///
///   echo, ack    a stream for each connection, received by itself
///   rooms, users a stream for each group, received by its members
///   broadcast    a stream for each sender, received by all
///   dispatch     as users, but in the origin system's envelope in `/socket`, whose answer is a fixed text without a
///                number: the n-th that a device gets counts as message n
///
/// In a closed loop a message is sent when the window has room. In an open loop (Options::rate) it is sent when it is
/// due as well, and one that was due while there was no room is sent as soon as there is, with its latency counting
/// from when it was due.
class Workload final : public Client::Sink {
 public:
  Workload(Options const& options, Fleet& fleet);

  /// Enters the rooms. Returns when the server has taken it in.
  void prepare();
  /// Begins to send. From now on every delivery that completes a message sends what had to wait for it.
  void start();
  /// Sends what has become due; how long until the next is. A closed loop has nothing that time alone makes due.
  std::chrono::nanoseconds send_due();
  /// Nothing becomes due any more.
  void stop_sending() { sending_ = false; }
  /// Nothing is in flight.
  bool idle() const { return in_flight_ == 0; }

  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t sent() const { return sent_; }
  /// Latencies are counted of messages sent (open loop: due) from now on, until end_counting(), whenever they arrive:
  /// those that are still on the way at the end are perhaps the slowest.
  void begin_counting() { counted_from_ = Clock::now(); }
  void end_counting() { counted_until_ = Clock::now(); }
  Histogram const& latencies() const { return latencies_; }
  /// How much later than it was due a message was sent. A closed loop has none.
  Histogram const& delays() const { return delays_; }
  /// When nothing more is coming.
  Faults faults() const;

  void on_packet(std::size_t client, std::string_view packet) override;

 private:
  struct Slot {
    std::uint64_t number = 0;
    std::size_t missing = 0;  // receivers that do not have it yet
    Clock::time_point since;  // sent, or due
  };
  struct Stream {
    std::size_t sender = 0;
    std::size_t receivers = 0;
    std::uint64_t next = 0;
    std::uint64_t due = 0;     // open loop: messages that are to be sent by now
    std::vector<Slot> window;  // of message n: at n % size
  };
  /// What one receiver has of one stream.
  struct Received {
    std::uint64_t next = 0;
    std::vector<std::uint64_t> skipped;
  };
  struct Stamp {
    std::size_t stream;
    std::uint64_t number;
  };

  Received* received_of(std::size_t client, std::size_t stream);
  bool is_new(Received& received, std::uint64_t number);
  bool may_send(Stream const& stream) const;
  void send_what_may(std::size_t stream);
  bool counts(Slot const& slot) const { return slot.since >= counted_from_ && slot.since < counted_until_; }
  std::string_view stamp(std::size_t stream, std::uint64_t number);
  bool read_stamp(std::string_view packet, Stamp& stamp) const;
  bool read_notice(std::size_t client, std::string_view packet, Stamp& stamp) const;

  Options const& options_;
  Fleet& fleet_;
  std::vector<Stream> streams_;
  std::vector<std::vector<Received>> received_;  // by client, then by its streams
  std::string packet_;                           // in the making
  std::string payload_;
  std::vector<std::string> notices_;  // dispatch: what each user's devices get
  std::size_t entered_ = 0;           // clients whose rooms are confirmed
  std::size_t in_flight_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t sent_ = 0;
  Faults seen_;
  std::optional<Schedule> schedule_;  // of an open loop, once it has begun
  std::uint64_t due_ = 0;             // of all streams
  Histogram latencies_;
  Histogram delays_;
  Clock::time_point counted_from_ = Clock::time_point::max();
  Clock::time_point counted_until_ = Clock::time_point::max();
  bool preparing_ = false;
  bool sending_ = false;
};

}  // namespace load
