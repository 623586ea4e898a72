#include "engine/request_error.hpp"

namespace chorus::engine {
namespace {

/// A JSON string's inside. A hook's message may hold anything; UTF-8 passes as it is.
void append_json_escaped(std::string& out, Bytes text) {
  constexpr char hex[] = "0123456789abcdef";
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      out += c;
    }
  }
}

}  // namespace

int status_of(RequestError error) { return error == RequestError::forbidden ? 403 : 400; }

Bytes message_of(RequestError error) {
  switch (error) {
    case RequestError::unknown_transport:
      return "Transport unknown";
    case RequestError::unknown_session:
      return "Session ID unknown";
    case RequestError::bad_handshake_method:
      return "Bad handshake method";
    case RequestError::bad_request:
      return "Bad request";
    case RequestError::forbidden:
      return "Forbidden";
    case RequestError::unsupported_version:
      return "Unsupported protocol version";
  }
  return {};
}

HttpAnswer answer_of(RequestError error, Bytes message) {
  std::string body = "{\"code\":";
  body += static_cast<char>('0' + static_cast<int>(error));
  body += ",\"message\":\"";
  append_json_escaped(body, message.empty() ? message_of(error) : message);
  body += "\"}";
  return {status_of(error), HttpAnswer::ContentType::json, std::move(body)};
}

}  // namespace chorus::engine
