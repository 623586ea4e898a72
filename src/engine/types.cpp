#include "engine/types.hpp"

namespace chorus::engine {

Bytes to_string(CloseReason reason) {
  switch (reason) {
    case CloseReason::transport_error:
      return "transport error";
    case CloseReason::transport_close:
      return "transport close";
    case CloseReason::forced_close:
      return "forced close";
    case CloseReason::ping_timeout:
      return "ping timeout";
    case CloseReason::parse_error:
      return "parse error";
    case CloseReason::server_shutting_down:
      return "server shutting down";
  }
  return {};
}

Bytes to_string(HttpAnswer::ContentType type) {
  switch (type) {
    case HttpAnswer::ContentType::none:
      return {};
    case HttpAnswer::ContentType::text_plain_utf8:
      return "text/plain; charset=UTF-8";
    case HttpAnswer::ContentType::html:
      return "text/html";
    case HttpAnswer::ContentType::json:
      return "application/json";
    case HttpAnswer::ContentType::octet_stream:
      return "application/octet-stream";
  }
  return {};
}

}  // namespace chorus::engine
