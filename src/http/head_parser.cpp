#include "http/head_parser.hpp"

#include <algorithm>
#include <vector>

#include "http/characters.hpp"

namespace chorus::http {
namespace {

/// The header lines that decide where the request ends and what the server must do first.
struct FramingHeaders {
  std::size_t hosts = 0;
  std::size_t lengths = 0;
  Bytes host;
  Bytes length;
  std::vector<Bytes> codings;  // elements of all Transfer-Encoding lists
  std::optional<Bytes> expectation;
};

void append_elements(std::vector<Bytes>& elements, Bytes list) {
  while (true) {
    auto const comma = list.find(',');
    elements.push_back(trimmed(list.substr(0, comma)));
    if (comma == Bytes::npos) return;
    list.remove_prefix(comma + 1);
  }
}

FramingHeaders collect(Request const& request) {
  FramingHeaders found;
  for (Header const header : request.headers()) {
    if (equals_ignoring_case(header.name, "Host")) {
      ++found.hosts;
      found.host = header.value;
    } else if (equals_ignoring_case(header.name, "Content-Length")) {
      ++found.lengths;
      found.length = header.value;
    } else if (equals_ignoring_case(header.name, "Transfer-Encoding")) {
      append_elements(found.codings, header.value);
    } else if (equals_ignoring_case(header.name, "Expect")) {
      bool const is_first = !found.expectation;
      found.expectation = is_first ? header.value : Bytes("repeated");
    }
  }
  return found;
}

/// RFC 9112, 3.2: one Host in HTTP/1.1; in 1.0 it may be absent.
bool is_host_right(FramingHeaders const& headers, int minor_version) {
  if (headers.hosts > 1 || (headers.hosts == 0 && minor_version >= 1)) return false;
  return all_of(headers.host, host_character);
}

/// Digits only; nullopt for anything else and beyond 64 bits.
std::optional<std::uint64_t> parse_length(Bytes text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (char const c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    auto const digit = static_cast<std::uint64_t>(c - '0');
    if (value > (UINT64_MAX - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

/// RFC 9112, 6.1: chunked, applied once and last. Other codings before it are legal, but not ours.
std::optional<ReadError> check_codings(std::vector<Bytes> const& codings) {
  if (!equals_ignoring_case(codings.back(), "chunked")) return ReadError::bad_request;
  for (std::size_t i = 0; i + 1 < codings.size(); ++i) {
    if (codings[i].empty() || equals_ignoring_case(codings[i], "chunked")) return ReadError::bad_request;
  }
  if (codings.size() > 1) return ReadError::not_implemented;
  return std::nullopt;
}

std::size_t scheme_size(Bytes target) {
  for (Bytes const scheme : {Bytes("http://"), Bytes("https://")}) {
    if (equals_ignoring_case(target.substr(0, scheme.size()), scheme)) return scheme.size();
  }
  return 0;
}

}  // namespace

std::optional<ReadError> HeadParser::request_line(std::size_t at, std::size_t size) {
  Bytes const line = Bytes(request_.head_).substr(at, size);
  auto const method_end = line.find(' ');
  auto const target_end = line.rfind(' ');
  if (method_end == Bytes::npos || method_end == 0 || target_end <= method_end + 1) return ReadError::bad_request;
  if (!all_of(line.substr(0, method_end), token_character)) return ReadError::bad_request;
  auto const target_size = target_end - method_end - 1;
  if (!all_of(line.substr(method_end + 1, target_size), target_character)) return ReadError::bad_request;
  if (auto const error = version(line.substr(target_end + 1))) return error;
  if (target_size > limits_.target_bytes_max) return ReadError::target_too_long;
  request_.method_ = piece(at, method_end);
  if (!target(at + method_end + 1, target_size)) return ReadError::bad_request;
  return std::nullopt;
}

std::optional<ReadError> HeadParser::version(Bytes text) {
  auto const is_digit = [](char c) { return c >= '0' && c <= '9'; };
  bool const is_version =
      text.size() == 8 && text.substr(0, 5) == "HTTP/" && is_digit(text[5]) && text[6] == '.' && is_digit(text[7]);
  if (!is_version) return ReadError::bad_request;
  if (text[5] != '1') return ReadError::unsupported_version;
  request_.minor_version_ = text[7] == '0' ? 0 : 1;
  return std::nullopt;
}

/// RFC 9112, 3.2. The authority-form belongs to CONNECT, which only a proxy serves.
bool HeadParser::target(std::size_t at, std::size_t size) {
  Bytes const text = Bytes(request_.head_).substr(at, size);
  if (text.front() == '/') {
    set_target(at, size);
    return true;
  }
  if (text == "*" && request_.method() == "OPTIONS") {
    set_target(at, size);
    return true;
  }
  return absolute_target(at, size);
}

bool HeadParser::absolute_target(std::size_t at, std::size_t size) {
  Bytes const text = Bytes(request_.head_).substr(at, size);
  auto const authority_at = scheme_size(text);
  if (authority_at == 0) return false;
  auto const authority_end = std::min(text.find_first_of("/?", authority_at), text.size());
  Bytes const authority = text.substr(authority_at, authority_end - authority_at);
  if (authority.empty() || !all_of(authority, host_character)) return false;
  if (authority_end < size && text[authority_end] == '/') {
    set_target(at + authority_end, size - authority_end);
  } else {
    // An empty path means "/" (RFC 9110, 4.2.3). The authority is not looked at again: its last byte makes room.
    request_.head_[at + authority_end - 1] = '/';
    set_target(at + authority_end - 1, size - authority_end + 1);
  }
  return true;
}

void HeadParser::set_target(std::size_t at, std::size_t size) {
  request_.target_ = piece(at, size);
  auto const path_size = Bytes(request_.head_).substr(at, size).find('?');
  request_.path_ = piece(at, std::min(path_size, size));
}

std::optional<ReadError> HeadParser::header_line(std::size_t at, std::size_t size) {
  Bytes const line = Bytes(request_.head_).substr(at, size);
  auto const colon = line.find(':');
  // A folded line and white space before the colon fail here, too: neither is a token (RFC 9112, 5.1 and 5.2).
  if (colon == Bytes::npos || colon == 0 || !all_of(line.substr(0, colon), token_character)) {
    return ReadError::bad_request;
  }
  Bytes const rest = line.substr(colon + 1);
  if (!all_of(rest, value_character)) return ReadError::bad_request;
  if (request_.fields_.size() >= limits_.headers_max) return ReadError::head_too_large;
  Bytes const value = trimmed(rest);
  auto const value_at = at + static_cast<std::size_t>(value.data() - line.data());
  request_.fields_.push_back({piece(at, colon), piece(value_at, value.size())});
  return std::nullopt;
}

Result<Framing, ReadError> HeadParser::framing() const {
  auto const headers = collect(request_);
  if (!is_host_right(headers, request_.minor_version_)) return ReadError::bad_request;
  Framing framing;
  if (!headers.codings.empty()) {
    // RFC 9112, 6.3: both lengths, or a coding in HTTP/1.0, are how requests are smuggled.
    if (headers.lengths > 0 || request_.minor_version_ == 0) return ReadError::bad_request;
    if (auto const error = check_codings(headers.codings)) return *error;
    framing.chunked = true;
  } else if (headers.lengths > 0) {
    auto const length = parse_length(headers.length);
    if (headers.lengths > 1 || !length) return ReadError::bad_request;
    framing.length = *length;
  }
  // RFC 9110, 10.1.1: HTTP/1.0 knows no expectations.
  if (headers.expectation && request_.minor_version_ >= 1) {
    if (!equals_ignoring_case(*headers.expectation, "100-continue")) return ReadError::expectation_failed;
    framing.expects_continue = true;
  }
  return framing;
}

}  // namespace chorus::http
