// Messages on their way out, deflated (RFC 7692, 7.2.1).
#pragma once
#include <cstddef>
#include <string>

#include "base/counter.hpp"
#include "base/deflate.hpp"
#include "websocket/deflate_parameters.hpp"
#include "websocket/frame.hpp"

namespace chorus::websocket {

/// Thread: their worker's counts, any reads.
struct DeflateCounters {
  Counter messages;  ///< deflated, whether it made them smaller or not
  Counter bytes_saved;
};

/// Writes frames for all connections with one window, or, where context is taken over, for one connection.
/// Thread: the owner's. Lifetime: `counters` outlives it. Memory: Deflater's.
class MessageDeflater {
 public:
  /// `window_bits`: as agreed, 8 to 15.
  MessageDeflater(DeflateSettings const& settings, int window_bits, Context context, DeflateCounters& counters);

  /// Messages smaller than this are written as they are.
  std::size_t threshold() const { return threshold_; }

  /// Appends a whole data message, its payload `prefix` and `payload`, as one frame: deflated if that makes it smaller.
  void append_frame(std::string& out, Opcode opcode, Bytes prefix, Bytes payload);

 private:
  bool append_deflated(std::string& out, Opcode opcode, Bytes prefix, Bytes payload);

  Deflater deflater_;
  std::size_t const threshold_;
  Context const context_;
  DeflateCounters& counters_;
};

}  // namespace chorus::websocket
