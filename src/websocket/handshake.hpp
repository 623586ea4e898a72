// The server's side of the opening handshake (RFC 6455, 4.2).
#pragma once
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace chorus::websocket {

/// Why a request is no WebSocket handshake; the value is the HTTP status.
enum class UpgradeError : int {
  bad_request = 400,       ///< not GET, not HTTP/1.1, no upgrade to websocket, a key that is not 16 bytes
  upgrade_required = 426,  ///< another version: answered with "Sec-WebSocket-Version: 13" (4.4)
};
CHORUS_ERROR_ENUM(UpgradeError)

constexpr int status_of(UpgradeError error) { return static_cast<int>(error); }

/// True when the client asks for a WebSocket at all: "Upgrade" has the token websocket. Says nothing about the rest.
bool wants_websocket(http::Request const& request);

/// The accept key for upgrade_response().
Result<std::string, UpgradeError> check_upgrade(http::Request const& request);

/// The value of Sec-WebSocket-Accept for a client's key (4.2.2, 5.4).
std::string accept_key(Bytes client_key);

/// The whole 101 response. `extra` headers are sanitized as in http::append_header().
std::string upgrade_response(Bytes accept_key, http::ResponseHeaders const& extra = {});

/// A refusal that closes the connection, with the headers that the status needs.
http::Response upgrade_refusal(UpgradeError error);

}  // namespace chorus::websocket
