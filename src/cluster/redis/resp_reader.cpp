#include "cluster/redis/resp_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <system_error>

namespace chorus::cluster::redis {
namespace {

/// The nodes of a value of ordinary size; more than these are given back after it.
constexpr std::size_t nodes_kept_max = 4096;
/// `-9223372036854775808`
constexpr std::size_t integer_digits_max = 20;
constexpr std::size_t line_end_size = 2;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(Bytes text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }
Bytes without_sign(Bytes text) { return !text.empty() && (text[0] == '+' || text[0] == '-') ? text.substr(1) : text; }

std::optional<std::int64_t> to_integer(Bytes text) {
  if (!all_digits(without_sign(text))) return std::nullopt;
  if (text[0] == '+') text.remove_prefix(1);
  std::int64_t value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

/// A length or count: digits, no sign, no needless zero.
std::optional<std::uint64_t> to_length(Bytes text) {
  if (!all_digits(text) || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  std::uint64_t value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

bool is_number(Bytes text) {
  if (text == "inf" || text == "-inf" || text == "nan" || text == "-nan") return true;
  Bytes const magnitude = without_sign(text);
  if (magnitude.empty() || !(is_digit(magnitude[0]) || magnitude[0] == '.')) return false;
  double value = 0;
  auto const [end, error] = std::from_chars(magnitude.data(), magnitude.data() + magnitude.size(), value);
  return end == magnitude.data() + magnitude.size() && error != std::errc::invalid_argument;
}

/// Types whose line is a length, a count, an integer or a flag; -1 for bytes that begin no value.
int line_bytes_of(char type, std::size_t line_bytes_max) {
  switch (type) {
    case '+':
    case '-':
    case ',':
    case '(':
      return static_cast<int>(std::min<std::size_t>(line_bytes_max, 1u << 30));
    case '$':
    case '!':
    case '=':
    case '*':
    case '%':
    case '~':
    case '>':
    case '|':
    case ':':
    case '_':
    case '#':
      return static_cast<int>(integer_digits_max);
    default:
      return -1;
  }
}

}  // namespace

std::string_view to_text(RespError error) {
  switch (error) {
    case RespError::malformed:
      return "a malformed reply";
    case RespError::too_big:
      return "a reply that is too big";
    case RespError::too_deep:
      return "a reply that nests too deep";
    case RespError::too_many:
      return "a reply of too many elements";
  }
  return "";
}

RespReader::RespReader(RespLimits limits) : limits_(limits) {}

RespValue RespReader::value() const {
  CHORUS_DCHECK(complete_, "there is a value only after read() gave its size");
  return {nodes_.front(), base_};
}

void RespReader::reset() {
  begin_value();
  error_.reset();
}

void RespReader::begin_value() {
  if (nodes_.capacity() > nodes_kept_max) nodes_ = std::vector<RespNode>();
  nodes_.clear();
  open_.clear();
  position_ = scanned_ = 0;
  wanted_ = 1;
  elements_ = 1;  // the value itself
  in_blob_ = complete_ = false;
}

Result<std::size_t, RespError> RespReader::read(Bytes buffered) {
  if (error_) return *error_;
  if (complete_ || elements_ == 0) begin_value();
  if (buffered.size() < wanted_) return std::size_t{0};
  while (true) {
    auto const taken = in_blob_ ? take_blob(buffered) : take_element(buffered);
    if (!taken) {
      error_ = taken.error();
      return *error_;
    }
    if (!*taken) return std::size_t{0};
    close_full_aggregates();
    if (open_.empty() && !in_blob_ && !nodes_.empty()) break;
  }
  complete_ = true;
  base_ = buffered.data();
  return position_;
}

RespReader::Step RespReader::take_element(Bytes buffered) {
  Line line{};
  if (auto const taken = take_line(buffered, line); !taken || !*taken) return taken;
  return take_header(line);
}

/// The line at `position_`, without its type and its end.
RespReader::Step RespReader::take_line(Bytes buffered, Line& line) {
  if (buffered.size() <= position_) {
    wanted_ = position_ + 1;
    return false;
  }
  line.type = buffered[position_];
  line.offset = position_ + 1;
  int const own_max = line_bytes_of(line.type, limits_.line_bytes_max);
  if (own_max < 0) return RespError::malformed;

  // The line's end is looked for only as far as it may lie, so that every cut gives the same answer.
  std::size_t const room = limits_.value_bytes_max - position_;
  if (room < 1 + line_end_size) return RespError::too_big;
  std::size_t const text_max = std::min<std::size_t>(static_cast<std::size_t>(own_max), room - 1 - line_end_size);
  std::size_t const begin = std::max(scanned_, line.offset);
  std::size_t const end = std::min(buffered.size(), line.offset + text_max + 1);
  auto const* const found =
      begin < end ? static_cast<char const*>(std::memchr(buffered.data() + begin, '\r', end - begin)) : nullptr;
  if (found == nullptr) {
    if (end == line.offset + text_max + 1) {
      return own_max == static_cast<int>(integer_digits_max) ? RespError::malformed : RespError::too_big;
    }
    scanned_ = end;
    wanted_ = end + 1;
    return false;
  }
  auto const at = static_cast<std::size_t>(found - buffered.data());
  if (at + 1 == buffered.size()) {
    scanned_ = at;
    wanted_ = at + line_end_size;
    return false;
  }
  line.text = buffered.substr(line.offset, at - line.offset);
  if (buffered[at + 1] != '\n' || line.text.find('\n') != Bytes::npos) return RespError::malformed;
  position_ = at + line_end_size;
  return true;
}

RespReader::Step RespReader::take_header(Line const& line) {
  switch (line.type) {
    case '$':
      if (line.text == "-1") return add({.type = RespType::null});
      return open_blob(RespType::bulk, line);
    case '!':
      return open_blob(RespType::error, line);
    case '=':
      return open_blob(RespType::verbatim, line);
    case '*':
      if (line.text == "-1") return add({.type = RespType::null});
      return open_aggregate(RespType::array, line, false);
    case '%':
      return open_aggregate(RespType::map, line, false);
    case '~':
      return open_aggregate(RespType::set, line, false);
    case '>':
      // A push stands between values, never inside one.
      if (!open_.empty()) return RespError::malformed;
      return open_aggregate(RespType::push, line, false);
    case '|':
      return open_aggregate(RespType::map, line, true);
    default:
      return take_text_line(line);
  }
}

/// A value that is one line.
RespReader::Step RespReader::take_text_line(Line const& line) {
  RespNode node{.offset = line.offset, .size = line.text.size()};
  switch (line.type) {
    case '+':
      node.type = RespType::simple;
      return add(node);
    case '-':
      node.type = RespType::error;
      return add(node);
    case ',':
      if (!is_number(line.text)) return RespError::malformed;
      node.type = RespType::number;
      return add(node);
    case '(':
      if (!all_digits(without_sign(line.text))) return RespError::malformed;
      node.type = RespType::big_number;
      return add(node);
    case ':': {
      auto const integer = to_integer(line.text);
      if (!integer) return RespError::malformed;
      return add({.type = RespType::integer, .integer = *integer});
    }
    case '#':
      if (line.text != "t" && line.text != "f") return RespError::malformed;
      return add({.type = RespType::boolean, .integer = line.text == "t" ? 1 : 0});
    case '_':
      if (!line.text.empty()) return RespError::malformed;
      return add({.type = RespType::null});
    default:
      return RespError::malformed;  // not reached: line_bytes_of() knows the types
  }
}

RespReader::Step RespReader::open_blob(RespType type, Line const& line) {
  auto const size = to_length(line.text);
  if (!size) return RespError::malformed;
  std::size_t const room = limits_.value_bytes_max - position_;
  if (room < line_end_size || *size > room - line_end_size) return RespError::too_big;
  blob_type_ = type;
  blob_size_ = static_cast<std::size_t>(*size);
  in_blob_ = true;
  return true;
}

RespReader::Step RespReader::take_blob(Bytes buffered) {
  std::size_t const end = position_ + blob_size_;
  if (buffered.size() < end + line_end_size) {
    wanted_ = end + line_end_size;
    return false;
  }
  if (buffered[end] != '\r' || buffered[end + 1] != '\n') return RespError::malformed;
  RespNode node{.type = blob_type_, .offset = position_, .size = blob_size_};
  if (blob_type_ == RespType::verbatim) {
    // Three characters of format and a colon: `txt:`.
    constexpr std::size_t format_size = 4;
    if (blob_size_ < format_size || buffered[position_ + format_size - 1] != ':') return RespError::malformed;
    node.offset += format_size;
    node.size -= format_size;
  }
  in_blob_ = false;
  position_ = end + line_end_size;
  return add(node);
}

RespReader::Step RespReader::open_aggregate(RespType type, Line const& line, bool attribute) {
  auto const count = to_length(line.text);
  if (!count) return RespError::malformed;
  std::uint32_t const free = limits_.elements_max > elements_ ? limits_.elements_max - elements_ : 0;
  bool const pairs = type == RespType::map;
  if (*count > (pairs ? free / 2 : free)) return RespError::too_many;
  if (open_.size() >= limits_.depth_max) return RespError::too_deep;
  auto const children = static_cast<std::uint32_t>(pairs ? *count * 2 : *count);
  elements_ += children;
  // The parent's count of what is left is lowered when this one is complete; an attribute is not its element.
  open_.push_back({.node = nodes_.size(), .left = children, .attribute = attribute});
  nodes_.push_back({.type = type, .children = children});
  return true;
}

RespReader::Step RespReader::add(RespNode node) {
  nodes_.push_back(node);
  if (!open_.empty()) --open_.back().left;
  return true;
}

void RespReader::close_full_aggregates() {
  while (!open_.empty() && open_.back().left == 0) {
    Open const closed = open_.back();
    open_.pop_back();
    if (closed.attribute) {
      nodes_.resize(closed.node);
      return;  // the value that it belongs to comes next
    }
    nodes_[closed.node].nodes = static_cast<std::uint32_t>(nodes_.size() - closed.node);
    if (!open_.empty()) --open_.back().left;
  }
}

}  // namespace chorus::cluster::redis
