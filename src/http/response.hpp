// HTTP/1.1 responses as values, and their bytes (RFC 9110, RFC 9112).
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace chorus::http {

using ResponseHeaders = std::vector<std::pair<std::string, std::string>>;

struct Response {
  int status = 200;
  ResponseHeaders headers;
  std::string body;
  bool close = false;      ///< the connection ends after this response, whatever the client asked for
  bool head_only = false;  ///< answer to HEAD: Content-Length tells of the body, which is not sent
};

/// The value of the first header of this name, in any case of letters; nullptr when absent.
std::string const* find_header(Response const& response, Bytes name);

/// The response's bytes. Content-Length (not for 1xx, 204 and 304) and Connection are written here: such headers in
/// `response` are left out, except Connection of 101. Headers go through append_header(). No Date unless given.
std::string serialize(Response const& response, bool keep_alive);

/// "Not Found"; "Unknown" for a code without a phrase.
Bytes reason_phrase(int status);

/// Appends "name: value\r\n" so that no value can end the line: control characters become spaces; a header whose name
/// is no token is left out.
void append_header(std::string& out, Bytes name, Bytes value);

}  // namespace chorus::http
