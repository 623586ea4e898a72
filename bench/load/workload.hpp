// Who sends what to whom, and what of it has arrived: the closed loop.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "load/fleet.hpp"
#include "load/histogram.hpp"
#include "load/options.hpp"

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
class Workload final : public Client::Sink {
 public:
  Workload(Options const& options, Fleet& fleet);

  /// Enters the rooms. Returns when the server has taken it in.
  void prepare();
  /// Fills all windows. From now on every delivery that completes a message sends the next.
  void start();
  void stop_sending() { sending_ = false; }
  /// Nothing is in flight.
  bool idle() const { return in_flight_ == 0; }

  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t sent() const { return sent_; }
  /// From here on latencies are counted, until the end of counting.
  void count_latencies(bool on) { counting_ = on; }
  Histogram const& latencies() const { return latencies_; }
  /// When nothing more is coming.
  Faults faults() const;

  void on_packet(std::size_t client, std::string_view packet) override;

 private:
  struct Slot {
    std::uint64_t number = 0;
    std::size_t missing = 0;  // receivers that do not have it yet
    Clock::time_point sent_at;
  };
  struct Stream {
    std::size_t sender = 0;
    std::size_t receivers = 0;
    std::uint64_t next = 0;
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
  void send_next(std::size_t stream);
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
  Histogram latencies_;
  bool preparing_ = false;
  bool sending_ = false;
  bool counting_ = false;
};

}  // namespace load
