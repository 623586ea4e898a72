// Reads the requests of one connection from bytes that arrive in any pieces (RFC 9112).
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "http/request.hpp"

namespace chorus::http {

struct Limits {
  std::size_t head_bytes_max = 16 * 1024;        ///< request line and headers, with their line ends
  std::size_t headers_max = 100;                 ///< number of headers
  std::size_t target_bytes_max = 8 * 1024;       ///< request target as it came
  std::size_t body_bytes_max = 1'000'000;        ///< declared by Content-Length, or the sum of the chunks
  std::size_t chunk_extension_bytes_max = 1024;  ///< all chunk extensions of one body together
  std::size_t trailer_bytes_max = 4 * 1024;      ///< all trailers of one body together
};

/// Why a request was not read. The connection cannot be used further: answer with status_of() and close.
enum class ReadError : std::uint8_t {
  bad_request,          ///< 400: malformed, or two readings are possible (request smuggling)
  body_too_large,       ///< 413: known before the body was read; head() is there
  target_too_long,      ///< 414
  expectation_failed,   ///< 417: an Expect other than 100-continue
  head_too_large,       ///< 431: bytes or number of headers
  not_implemented,      ///< 501: a transfer-coding beside chunked
  unsupported_version,  ///< 505: not HTTP/1.x
};
CHORUS_ERROR_ENUM(ReadError)

int status_of(ReadError error);

enum class ReadStep : std::uint8_t {
  need_more,      ///< all input is consumed
  request,        ///< one is complete: take() it
  send_continue,  ///< the client waits for "HTTP/1.1 100 Continue\r\n\r\n" before its body: write it, feed on
};

/// Incremental reader of ONE connection's requests. It keeps the incomplete request only, and grows with what really
/// arrived: a declared length reserves nothing beyond its first 64 KiB.
///
/// Strict where two readers could differ (RFC 9112, 11.2): lines end with CRLF; no folding, no white space before the
/// colon; one Host; Content-Length once, digits only, never beside Transfer-Encoding; "chunked" as the only coding.
/// Failure: a ReadError is final, feed() repeats it. The outcome does not depend on how the bytes were cut.
class RequestReader {
 public:
  RequestReader() = default;
  explicit RequestReader(Limits const& limits) : limits_(limits) {}

  /// Consumes from the front of `input` up to the end of ONE request and never looks past it: what is pipelined
  /// behind stays in `input`. After `request` nothing is consumed until take().
  Result<ReadStep, ReadError> feed(Bytes& input);

  /// After `request`; the reader is then ready for the next one.
  Request take();

  /// The parsed head while the body is read, and after body_too_large and expectation_failed; nullptr before.
  Request const* head() const { return head_parsed_ ? &request_ : nullptr; }

  /// Nothing of a request has arrived, empty lines aside: the time of the keep-alive limit.
  bool idle() const { return state_ == State::blank_lines; }
  /// The time of the headers limit.
  bool in_head() const { return state_ == State::head; }
  /// The time of the request limit.
  bool in_body() const { return state_ >= State::body && state_ <= State::end_lf; }

 private:
  enum class State : std::uint8_t {
    blank_lines,  // before the request line
    head,
    body,        // by Content-Length
    chunk_size,  // its hex digits
    chunk_extension,
    chunk_size_lf,
    chunk_data,
    chunk_data_cr,
    chunk_data_lf,
    trailer_start,  // first byte of a trailer line, or of the empty one
    trailer,
    trailer_lf,
    end_lf,  // of the empty line: part of the body, too
    complete,
    failed,
  };
  using Step = Result<ReadStep, ReadError>;

  Step fail(ReadError error);
  bool skip_blank_lines(Bytes& input);
  Step read_head(Bytes& input);
  std::optional<ReadError> check_head_room(std::size_t bytes) const;
  Step begin_body();
  Step read_sized_body(Bytes& input);
  Step read_chunked_body(Bytes& input);
  void append_body(Bytes& input);
  std::optional<ReadError> accept_size_byte(char byte);
  std::optional<ReadError> accept_end_byte(char byte);

  Limits limits_;
  Request request_;
  std::uint64_t left_ = 0;   // of the body or of the chunk
  std::size_t line_at_ = 0;  // where the line being read begins in the head
  std::size_t extension_bytes_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::uint16_t blank_bytes_ = 0;
  std::uint8_t size_digits_ = 0;
  State state_ = State::blank_lines;
  ReadError error_ = ReadError::bad_request;
  bool head_parsed_ = false;
};

/// Reads one whole request from bytes that hold nothing else; bad_request when it is incomplete or more follows.
Result<Request, ReadError> read_request(Bytes wire, Limits const& limits = {});

}  // namespace chorus::http
