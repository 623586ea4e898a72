// The lines of a request's head (RFC 9112, 3 and 5) and what they say about its body (6.3). For RequestReader.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "http/request.hpp"
#include "http/request_reader.hpp"

namespace chorus::http {

/// What follows the head.
struct Framing {
  bool chunked = false;
  bool expects_continue = false;
  std::uint64_t length = 0;  ///< when not chunked
};

/// Parses lines that lie in the request's own head, [at, at + size) without their CRLF, and notes the places in it.
class HeadParser {
 public:
  HeadParser(Request& request, Limits const& limits) : request_(request), limits_(limits) {}

  std::optional<ReadError> request_line(std::size_t at, std::size_t size);
  std::optional<ReadError> header_line(std::size_t at, std::size_t size);
  /// After the last line. Refuses whatever two readers could frame in two ways.
  Result<Framing, ReadError> framing() const;

 private:
  std::optional<ReadError> version(Bytes text);
  bool target(std::size_t at, std::size_t size);
  bool absolute_target(std::size_t at, std::size_t size);
  void set_target(std::size_t at, std::size_t size);
  static Request::Piece piece(std::size_t at, std::size_t size) {
    return {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(size)};
  }

  Request& request_;
  Limits const& limits_;
};

}  // namespace chorus::http
