// When the messages of an open loop are due, whatever the server does meanwhile.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace load {

using Clock = std::chrono::steady_clock;

/// Evenly over time, the streams in turn. Latency counts from here and not from the sending: a server that stands still
/// for a second has made every message late that was due in it, also those that could not be sent ("coordinated
/// omission").
class Schedule {
 public:
  /// `rate`: messages per second, of all streams together.
  Schedule(double rate, std::size_t streams, Clock::time_point begin) : rate_(rate), streams_(streams), begin_(begin) {}

  /// How many are due by then, over all streams. The n-th of them (from 0) belongs to stream n % streams.
  std::uint64_t due_by(Clock::time_point now) const;
  /// When the n-th over all streams is due.
  Clock::time_point time_of(std::uint64_t n) const;
  /// When a stream's message of that number is due.
  Clock::time_point time_of(std::size_t stream, std::uint64_t number) const {
    return time_of(number * streams_ + stream);
  }

 private:
  double rate_;
  std::size_t streams_;
  Clock::time_point begin_;
};

}  // namespace load
