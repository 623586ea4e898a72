#include "http/request_reader.hpp"

#include <algorithm>
#include <utility>

#include "http/characters.hpp"
#include "http/head_parser.hpp"

namespace chorus::http {
namespace {

/// RFC 9112, 2.2: empty lines before a request are skipped; 8 of them, in bytes.
constexpr std::uint16_t blank_bytes_max = 16;
/// The longest request line has the longest target and room for a method and the version.
constexpr std::size_t request_line_extra_bytes = 64;
/// A body that only claims to be long costs us this much and no more.
constexpr std::size_t first_reserve_max = 64 * 1024;
/// Of a head that does not lie whole in the input.
constexpr std::size_t head_reserve = 512;
constexpr std::size_t fields_reserve = 16;
constexpr std::uint8_t size_digits_max = 16;

}  // namespace

int status_of(ReadError error) {
  switch (error) {
    case ReadError::bad_request:
      return 400;
    case ReadError::body_too_large:
      return 413;
    case ReadError::target_too_long:
      return 414;
    case ReadError::expectation_failed:
      return 417;
    case ReadError::head_too_large:
      return 431;
    case ReadError::not_implemented:
      return 501;
    case ReadError::unsupported_version:
      return 505;
  }
  return 400;
}

Result<ReadStep, ReadError> RequestReader::feed(Bytes& input) {
  if (state_ == State::failed) return error_;
  if (state_ == State::complete) return ReadStep::request;
  if (state_ == State::blank_lines && !skip_blank_lines(input)) return fail(ReadError::bad_request);
  if (state_ == State::blank_lines) return ReadStep::need_more;
  if (state_ == State::head) {
    auto const step = read_head(input);
    if (!step || *step != ReadStep::need_more) return step;
  }
  if (state_ == State::body) return read_sized_body(input);
  if (state_ >= State::chunk_size) return read_chunked_body(input);
  return ReadStep::need_more;
}

Request RequestReader::take() {
  CHORUS_CHECK(state_ == State::complete, "a request is taken when feed() has told of one");
  Request taken = std::move(request_);
  *this = RequestReader(limits_);
  return taken;
}

RequestReader::Step RequestReader::fail(ReadError error) {
  state_ = State::failed;
  error_ = error;
  return error;
}

bool RequestReader::skip_blank_lines(Bytes& input) {
  while (!input.empty()) {
    bool const after_cr = blank_bytes_ % 2 == 1;
    if (input.front() != (after_cr ? '\n' : '\r')) {
      if (!after_cr) state_ = State::head;
      return !after_cr;
    }
    if (++blank_bytes_ > blank_bytes_max) return false;
    input.remove_prefix(1);
  }
  return true;
}

/// Line by line, so that nonsense is refused with its first line. Ends with need_more inside the head, else as
/// begin_body() says.
RequestReader::Step RequestReader::read_head(Bytes& input) {
  std::string& head = request_.head_;
  if (head.empty() && !input.empty()) {
    auto const end = input.substr(0, limits_.head_bytes_max).find("\r\n\r\n");
    head.reserve(end == Bytes::npos ? head_reserve : end + 4);
    request_.fields_.reserve(fields_reserve);
  }
  while (true) {
    auto const line_feed = input.find('\n');
    Bytes const piece = input.substr(0, line_feed == Bytes::npos ? input.size() : line_feed + 1);
    if (auto const error = check_head_room(piece.size())) return fail(*error);
    head.append(piece);
    input.remove_prefix(piece.size());
    if (line_feed == Bytes::npos) return ReadStep::need_more;

    std::size_t const at = std::exchange(line_at_, head.size());
    std::size_t const size = head.size() - at;
    if (size < 2 || head[head.size() - 2] != '\r') return fail(ReadError::bad_request);
    if (size == 2) return begin_body();
    HeadParser parser(request_, limits_);
    auto const error = at == 0 ? parser.request_line(at, size - 2) : parser.header_line(at, size - 2);
    if (error) return fail(*error);
  }
}

/// Whether `bytes` more of the line being read may be kept.
std::optional<ReadError> RequestReader::check_head_room(std::size_t bytes) const {
  std::size_t const size = request_.head_.size() + bytes;
  if (line_at_ == 0) {
    std::size_t const line_max = std::min(limits_.target_bytes_max + request_line_extra_bytes, limits_.head_bytes_max);
    if (size > line_max) return ReadError::target_too_long;
  } else if (size > limits_.head_bytes_max) {
    return ReadError::head_too_large;
  }
  return std::nullopt;
}

/// After the head: the next state, or what is wrong with the body that is announced.
RequestReader::Step RequestReader::begin_body() {
  head_parsed_ = true;
  auto const framing = HeadParser(request_, limits_).framing();
  if (!framing) return fail(framing.error());
  if (!framing->chunked && framing->length == 0) {
    state_ = State::complete;
    return ReadStep::request;
  }
  if (framing->length > limits_.body_bytes_max) return fail(ReadError::body_too_large);
  state_ = framing->chunked ? State::chunk_size : State::body;
  left_ = framing->length;
  request_.body_.reserve(std::min<std::size_t>(framing->length, first_reserve_max));
  return framing->expects_continue ? ReadStep::send_continue : ReadStep::need_more;
}

void RequestReader::append_body(Bytes& input) {
  Bytes const piece = input.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size())));
  request_.body_.append(piece);
  input.remove_prefix(piece.size());
  left_ -= piece.size();
}

RequestReader::Step RequestReader::read_sized_body(Bytes& input) {
  append_body(input);
  if (left_ > 0) return ReadStep::need_more;
  state_ = State::complete;
  return ReadStep::request;
}

RequestReader::Step RequestReader::read_chunked_body(Bytes& input) {
  while (!input.empty() && state_ != State::complete) {
    if (state_ == State::chunk_data) {
      append_body(input);
      if (left_ == 0) state_ = State::chunk_data_cr;
      continue;
    }
    char const byte = input.front();
    input.remove_prefix(1);
    if (auto const error = state_ < State::chunk_data ? accept_size_byte(byte) : accept_end_byte(byte)) {
      return fail(*error);
    }
  }
  return state_ == State::complete ? ReadStep::request : ReadStep::need_more;
}

/// A chunk's first line: hexadecimal size, extensions that are skipped, CRLF (RFC 9112, 7.1).
std::optional<ReadError> RequestReader::accept_size_byte(char byte) {
  if (state_ == State::chunk_size_lf) {
    if (byte != '\n') return ReadError::bad_request;
    state_ = left_ == 0 ? State::trailer_start : State::chunk_data;
    return std::nullopt;
  }
  if (state_ == State::chunk_size) {
    if (int const digit = hex_digit(byte); digit >= 0) {
      if (++size_digits_ > size_digits_max) return ReadError::bad_request;
      left_ = left_ << 4 | static_cast<std::uint64_t>(digit);
      return std::nullopt;
    }
    if (size_digits_ == 0 || (byte != '\r' && byte != ';')) return ReadError::bad_request;
    if (left_ > limits_.body_bytes_max - request_.body_.size()) return ReadError::body_too_large;
    size_digits_ = 0;
  }
  if (byte == '\r') {
    state_ = State::chunk_size_lf;
    return std::nullopt;
  }
  state_ = State::chunk_extension;
  bool const fits = ++extension_bytes_ <= limits_.chunk_extension_bytes_max;
  return fits && is_of(byte, value_character) ? std::nullopt : std::optional(ReadError::bad_request);
}

/// What ends a chunk, and the trailers, which are checked and dropped (RFC 9112, 7.1.2).
std::optional<ReadError> RequestReader::accept_end_byte(char byte) {
  auto const expect = [&](char wanted, State next) -> std::optional<ReadError> {
    if (byte != wanted) return ReadError::bad_request;
    state_ = next;
    return std::nullopt;
  };
  switch (state_) {
    case State::chunk_data_cr:
      return expect('\r', State::chunk_data_lf);
    case State::chunk_data_lf:
      return expect('\n', State::chunk_size);
    case State::trailer_lf:
      return expect('\n', State::trailer_start);
    case State::end_lf:
      return expect('\n', State::complete);
    case State::trailer_start:
      if (byte == '\r') return expect('\r', State::end_lf);
      if (!is_of(byte, token_character)) return ReadError::bad_request;
      state_ = State::trailer;
      break;
    default:  // inside a trailer
      if (byte == '\r') return expect('\r', State::trailer_lf);
      if (!is_of(byte, value_character)) return ReadError::bad_request;
      break;
  }
  if (++trailer_bytes_ > limits_.trailer_bytes_max) return ReadError::head_too_large;
  return std::nullopt;
}

Result<Request, ReadError> read_request(Bytes wire, Limits const& limits) {
  RequestReader reader(limits);
  auto step = reader.feed(wire);
  if (step && *step == ReadStep::send_continue) step = reader.feed(wire);
  if (!step) return step.error();
  if (*step != ReadStep::request || !wire.empty()) return ReadError::bad_request;
  return reader.take();
}

}  // namespace chorus::http
