// permessage-deflate (RFC 7692): what a server allows, and what it and one client agree on.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/deflate.hpp"
#include "base/result.hpp"
#include "http/request.hpp"
#include "websocket/handshake.hpp"

namespace chorus::websocket {

/// Whether a message may refer back to those before it. It makes small messages smaller, and costs each connection
/// streams of its own; without it all connections share their worker's, and a broadcast is deflated once for all.
enum class Context : std::uint8_t { none, taken_over };

/// For all connections of a server.
struct DeflateSettings {
  bool enabled = false;
  std::size_t threshold = 1024;  ///< smaller messages go out as they are
  int level = deflate_level_min;
  Context context = Context::none;  ///< in both directions, where the client has nothing against it
  int server_window_bits = deflate_window_bits_max;
  int client_window_bits = deflate_window_bits_max;  ///< where the client lets itself be told
};

/// What was agreed for one connection, as a value of four bytes: every connection has one.
struct DeflateParameters {
  std::uint8_t server_window_bits = 0;  ///< 0: the extension is not in use
  std::uint8_t client_window_bits = 0;
  Context server_context = Context::none;
  Context client_context = Context::none;

  explicit operator bool() const { return server_window_bits != 0; }
  friend bool operator==(DeflateParameters const&, DeflateParameters const&) = default;
};
static_assert(sizeof(DeflateParameters) == 4);

struct DeflateAgreement {
  DeflateParameters parameters;
  std::string header;  ///< value of Sec-WebSocket-Extensions in the answer; empty: no such header
};

/// Takes the first of the client's offers that can be met. An offer that RFC 7692 does not allow is passed over, and
/// so are other extensions; none left is an agreement to do without. Failure: bad_request, a header that is no list of
/// extensions at all (RFC 6455, 9.1). A server that does not enable the extension does not look at the header.
Result<DeflateAgreement, UpgradeError> negotiate_deflate(http::Request const& request, DeflateSettings const& settings);

}  // namespace chorus::websocket
