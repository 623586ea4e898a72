#include "http/response.hpp"

#include <algorithm>

#include "http/characters.hpp"

namespace chorus::http {
namespace {

struct Phrase {
  int status;
  Bytes text;
};

constexpr Phrase phrases[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {413, "Payload Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Entity"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

/// Headers that say where the response ends are ours to write: a wrong one would split it.
bool is_framing_header(Bytes name, int status) {
  if (equals_ignoring_case(name, "Connection")) return status != 101;
  return equals_ignoring_case(name, "Content-Length") || equals_ignoring_case(name, "Transfer-Encoding");
}

std::size_t estimated_size(Response const& response) {
  std::size_t size = 128 + response.body.size();
  for (auto const& [name, value] : response.headers) size += name.size() + value.size() + 4;
  return size;
}

}  // namespace

Bytes reason_phrase(int status) {
  auto const found =
      std::find_if(std::begin(phrases), std::end(phrases), [status](Phrase phrase) { return phrase.status == status; });
  return found == std::end(phrases) ? Bytes("Unknown") : found->text;
}

std::string const* find_header(Response const& response, Bytes name) {
  for (auto const& [each, value] : response.headers) {
    if (equals_ignoring_case(each, name)) return &value;
  }
  return nullptr;
}

void append_header(std::string& out, Bytes name, Bytes value) {
  if (name.empty() || !all_of(name, token_character)) return;
  out.append(name).append(": ");
  for (char const c : value) out.push_back(is_of(c, value_character) ? c : ' ');
  out += "\r\n";
}

std::string serialize(Response const& response, bool keep_alive) {
  std::string out;
  out.reserve(estimated_size(response));
  out += "HTTP/1.1 ";
  out += std::to_string(response.status);
  out += ' ';
  out += reason_phrase(response.status);
  out += "\r\n";
  for (auto const& [name, value] : response.headers) {
    if (!is_framing_header(name, response.status)) append_header(out, name, value);
  }
  bool const with_body = has_body(response.status);
  if (with_body) append_header(out, "Content-Length", std::to_string(response.body.size()));
  if (response.status >= 200) append_header(out, "Connection", keep_alive && !response.close ? "keep-alive" : "close");
  out += "\r\n";
  if (with_body && !response.head_only) out += response.body;
  return out;
}

}  // namespace chorus::http
