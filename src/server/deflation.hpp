// Deflation: what one worker has for the extension permessage-deflate.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "net/connection.hpp"
#include "websocket/deflate_parameters.hpp"
#include "websocket/message_deflater.hpp"
#include "websocket/message_inflater.hpp"

namespace chorus::server {

/// Streams that connections share, as they do without context, and those of connections that take context over. Each is
/// made when it is first needed: who never sends or gets a deflated message costs nothing.
///
/// Thread: its worker's, but for counters().
class Deflation {
 public:
  explicit Deflation(websocket::DeflateSettings const& settings) : settings_(settings) {}

  std::size_t threshold() const { return settings_.threshold; }
  websocket::DeflateCounters const& counters() const { return counters_; }

  /// Whether the deflated frames that all others share are for this connection too.
  bool shares_frames(websocket::DeflateParameters agreed) const {
    return agreed.server_context == websocket::Context::none &&
           agreed.server_window_bits == settings_.server_window_bits;
  }

  websocket::MessageDeflater& deflater(net::ConnectionId id, websocket::DeflateParameters agreed);
  websocket::MessageInflater& inflater(net::ConnectionId id, websocket::DeflateParameters agreed);

  bool has_own_streams() const { return !own_.empty(); }
  /// The connection has ended; none of its streams is in use.
  void forget(net::ConnectionId id) { own_.erase(key(id)); }

 private:
  using DeflaterPtr = std::unique_ptr<websocket::MessageDeflater>;
  struct OwnStreams {
    DeflaterPtr deflater;
    std::unique_ptr<websocket::MessageInflater> inflater;
  };

  static std::uint64_t key(net::ConnectionId id) { return std::uint64_t{id.generation} << 32 | id.index; }
  websocket::MessageDeflater& made(DeflaterPtr& deflater, websocket::DeflateParameters agreed);

  websocket::DeflateSettings const& settings_;
  websocket::DeflateCounters counters_;
  std::array<DeflaterPtr, deflate_window_bits_max + 1> deflaters_;  // by window bits: clients may want a smaller one
  std::unique_ptr<websocket::MessageInflater> inflater_;            // of the largest window, which suits all
  std::unordered_map<std::uint64_t, OwnStreams> own_;
};

}  // namespace chorus::server
