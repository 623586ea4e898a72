// What can be set about a worker, and what it counts.
#pragma once
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "base/time.hpp"

namespace chorus::net {

enum class IoUring {
  automatic,  ///< batches the calls of a turn through io_uring where the kernel allows it (probed), else plain calls
  off,
};

struct WorkerOptions {
  unsigned index = 0;  ///< which of the server's workers: for logs and counters
  IoUring io_uring = IoUring::automatic;

  std::size_t receive_slots = 64;                         ///< receives in one submission
  std::size_t receive_slot_bytes = 16 * 1024;             ///< the most one on_data brings
  std::size_t turn_receives_max = 512;                    ///< connections read in one turn, each once
  std::size_t turn_handshakes_max = 4;                    ///< of these that shake hands (TLS): 0.6 ms each, at worst
  std::size_t turn_accepts_max = 32;                      ///< connections accepted in one turn and listening socket
  std::size_t turn_sends_max = 1024;                      ///< sends in one submission
  Duration fan_out_pause = std::chrono::milliseconds(1);  ///< so often a big fan-out waits for reads and their answers
  std::size_t backlog_bytes_max = 4 << 20;  ///< unsent bytes of one connection; one write to an idle one may be larger
  std::size_t join_bytes_max = 4 * 1024;    ///< output of a turn up to this size is joined by copying
  Duration flush_time_max = std::chrono::seconds(30);  ///< close(after_flush): the peer takes the rest within this
  Duration linger_time_max = std::chrono::seconds(2);  ///< after our EOF: waits for the peer's, discarding its bytes
  Duration tls_handshake_time_max = std::chrono::seconds(10);  ///< from adopt() to the end of the handshake

  /// Measures, where it is set: told how long each answer took (AnswerClock), in turns of the worker. Must not throw.
  std::function<void(Duration)> on_answer;
};

/// A count that one thread adds to and any thread reads.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  void subtract(std::uint64_t n = 1) { add(~n + 1); }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// What the worker did since it was made. Thread: any reads.
struct WorkerCounters {
  Counter turns;
  Counter receives;  ///< receive calls, also those that found nothing
  Counter received_bytes;
  Counter sends;  ///< send calls
  Counter sent_bytes;
  Counter enters;         ///< io_uring submissions
  Counter partial_sends;  ///< the kernel took less than all: the rest went to the backlog
  Counter accepted;
  Counter refused_for_descriptors;  ///< accepted and closed at once: no descriptor left
  Counter closed_for_backlog;
  Counter open;             ///< connections now
  Counter tls_handshakes;   ///< that succeeded
  Counter tls_resumptions;  ///< of these, those that took up an earlier session
  Counter tls_failures;     ///< connections closed for what came: no TLS, a bad record, no handshake in time
};

}  // namespace chorus::net
