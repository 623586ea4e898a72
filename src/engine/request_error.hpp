// What an Engine.IO request is refused with before, or instead of, reaching its session.
#pragma once
#include <cstdint>

#include "engine/types.hpp"

namespace chorus::engine {

/// The values are the wire's `code`.
enum class RequestError : std::uint8_t {
  unknown_transport = 0,
  unknown_session = 1,
  bad_handshake_method = 2,
  bad_request = 3,
  forbidden = 4,
  unsupported_version = 5,
};

/// 403 for forbidden, else 400.
int status_of(RequestError error);
/// "Transport unknown", "Session ID unknown", …: also the whole text/html body of a refused WebSocket upgrade.
Bytes message_of(RequestError error);

/// `{"code":1,"message":"Session ID unknown"}` with its status. A `message` that is not empty (what an allowRequest
/// hook said; UTF-8) takes the place of the fixed one.
HttpAnswer answer_of(RequestError error, Bytes message = {});

}  // namespace chorus::engine
