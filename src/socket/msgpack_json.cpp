#include "socket/msgpack_json.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "base/iso_date.hpp"
#include "base/json.hpp"
#include "base/msgpack_reader.hpp"
#include "base/msgpack_writer.hpp"
#include "base/utf8.hpp"
#include "socket/packet.hpp"

namespace chorus::socket {
namespace {

// ---- Towards MessagePack ----

/// Writes JSON text as MessagePack. How many elements an array has is known at its end only: each gets a head of one
/// byte, and those that need a longer one are widened at the very end, all in one move of the bytes.
class MsgpackConverter {
 public:
  MsgpackConverter(std::string& out, std::span<Bytes const> attachments, MsgpackLimits const& limits)
      : out_(out),
        begin_(out.size()),
        attachments_(attachments),
        depth_max_(std::min(limits.depth_max, json::nesting_cap)),
        bytes_max_(limits.bytes_max) {}

  Result<void, MsgpackError> value(Bytes raw) {
    auto const written = text(raw);
    return finish(written && (depth_ != 0 || items_ != 1) ? MsgpackError::bad_json : written);
  }

  Result<void, MsgpackError> event(Bytes name, Bytes arguments) {
    if (!open('[')) return finish(MsgpackError::too_deep);
    string(name);
    ++open_.front().items;
    auto const written = text(arguments);
    if (!written) return finish(written);
    return finish(depth_ == 1 && close(']') ? written : MsgpackError::bad_json);
  }

 private:
  struct Open {        // no default values: writing a stack of them would cost more than most messages
    std::size_t head;  // where its byte is
    std::size_t items;
    bool map;
  };
  /// A head that one byte does not hold.
  struct Wide {
    std::size_t head;
    std::size_t count;
    bool map;
  };

  Result<void, MsgpackError> finish(Result<void, MsgpackError> outcome) {
    if (outcome) widen_heads();
    if (outcome && out_.size() - begin_ > bytes_max_) outcome = MsgpackError::too_big;
    if (!outcome) out_.resize(begin_);
    return outcome;
  }

  /// The values of a text, separated as JSON is. The separators are not checked: the text is valid. That what is
  /// written is whole is made sure of all the same, for a text that was wrongly called so.
  Result<void, MsgpackError> text(Bytes list) {
    std::vector<Placeholder> placeholders;
    if (!attachments_.empty()) {
      auto found = find_placeholders(list, static_cast<unsigned>(attachments_.size()));
      if (!found) return MsgpackError::bad_placeholder;
      placeholders = std::move(*found);
    }
    std::size_t const base = depth_;
    std::size_t next_placeholder = 0;
    for (std::size_t pos = 0; pos < list.size();) {
      if (out_.size() - begin_ > bytes_max_) return MsgpackError::too_big;
      char const c = list[pos];
      if (c == ',' || c == ':' || json::is_space(c)) {
        ++pos;
      } else if (c == ']' || c == '}') {
        if (depth_ == base || !close(c)) return MsgpackError::bad_json;
        ++pos;
      } else if (next_placeholder < placeholders.size() && placeholders[next_placeholder].begin == pos) {
        if (!begin_item(c)) return MsgpackError::bad_json;
        auto const& placeholder = placeholders[next_placeholder++];
        msgpack::append_binary(out_, attachments_[placeholder.num]);
        pos = placeholder.end;
      } else if (c == '[' || c == '{') {
        if (!begin_item(c)) return MsgpackError::bad_json;
        if (!open(c)) return MsgpackError::too_deep;
        ++pos;
      } else {
        std::size_t const end = json::skip_value(list, pos);
        if (end <= pos || !begin_item(c) || !scalar(list.substr(pos, end - pos))) return MsgpackError::bad_json;
        pos = end;
      }
    }
    return {};
  }

  bool begin_item(char first) {
    if (depth_ == 0) return ++items_ == 1;
    Open& around = open_[depth_ - 1];
    bool const is_key = around.map && around.items % 2 == 0;
    ++around.items;
    return !is_key || first == '"';
  }

  bool open(char bracket) {
    if (depth_ == depth_max_) return false;
    open_[depth_++] = {.head = out_.size(), .items = 0, .map = bracket == '{'};
    out_ += '\0';
    return true;
  }

  bool close(char bracket) {
    Open const closed = open_[--depth_];
    if (closed.map != (bracket == '}') || (closed.map && closed.items % 2 != 0)) return false;
    std::size_t const count = closed.map ? closed.items / 2 : closed.items;
    constexpr std::size_t narrow_max = 15;
    if (count > narrow_max) {
      wide_.push_back({.head = closed.head, .count = count, .map = closed.map});
    } else {
      out_[closed.head] = static_cast<char>((closed.map ? 0x80 : 0x90) | count);
    }
    return true;
  }

  static std::string wide_head(Wide const& wide) {
    std::string head;
    wide.map ? msgpack::append_map_head(head, wide.count) : msgpack::append_array_head(head, wide.count);
    return head;
  }

  void widen_heads() {
    if (wide_.empty()) return;
    std::ranges::sort(wide_, {}, &Wide::head);
    std::string wider;
    std::size_t copied = wide_.front().head;
    for (Wide const& wide : wide_) {
      wider.append(out_, copied, wide.head - copied).append(wide_head(wide));
      copied = wide.head + 1;
    }
    wider.append(out_, copied);
    out_.replace(wide_.front().head, Bytes::npos, wider);
  }

  bool scalar(Bytes raw) {
    switch (json::kind(raw)) {
      case json::Kind::string:
        json_string(raw);
        return true;
      case json::Kind::number:
        return number(raw);
      case json::Kind::boolean: {
        auto const value = json::to_bool(raw);
        if (value) msgpack::append_boolean(out_, *value);
        return value.has_value();
      }
      case json::Kind::null:
        msgpack::append_nil(out_);
        return json::is_null(raw);
      case json::Kind::array:
      case json::Kind::object:
      case json::Kind::missing:
        break;
    }
    return false;
  }

  void json_string(Bytes raw) {
    if (auto const plain = json::plain_string(raw)) return string(*plain);
    string(json::to_string(raw).value_or(std::string()));
  }

  void string(Bytes text) { msgpack::append_string(out_, text); }

  bool number(Bytes raw) {
    if (raw.find_first_of(".eE") == Bytes::npos) {
      if (auto const value = json::to_int64(raw)) return msgpack::append_integer(out_, *value), true;
      if (auto const value = json::to_uint64(raw)) return msgpack::append_integer(out_, *value), true;
    }
    if (json::scan_value(raw, 0) != raw.size()) return false;
    constexpr double infinity = std::numeric_limits<double>::infinity();
    msgpack::append_number(out_, json::to_double(raw).value_or(raw.front() == '-' ? -infinity : infinity));
    return true;
  }

  std::string& out_;
  std::size_t const begin_;
  std::span<Bytes const> attachments_;
  std::size_t const depth_max_;
  std::size_t const bytes_max_;
  std::size_t items_ = 0;  // outside of everything
  std::size_t depth_ = 0;
  std::array<Open, json::nesting_cap> open_;
  std::vector<Wide> wide_;
};

// ---- Towards JSON ----

/// The seconds and nanoseconds of MessagePack's timestamp (spec.md, "Timestamp extension type") or notepack's older
/// milliseconds, as a Date's time value; the arithmetic is notepack's.
std::optional<double> date_of(msgpack::Token const& token) {
  auto const number = [&token](std::size_t begin, std::size_t size) {
    std::uint64_t value = 0;
    for (char const byte : token.bytes.substr(begin, size)) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
  };
  auto const date = [](auto seconds, std::uint64_t nanoseconds) {
    return static_cast<double>(seconds) * 1e3 + static_cast<double>(nanoseconds) / 1e6;
  };
  std::size_t const size = token.bytes.size();
  if (token.extension == 0 && token.fixext && size == 8) return static_cast<std::int64_t>(number(0, 8));
  if (token.extension != -1) return std::nullopt;
  if (token.fixext && size == 4) return date(number(0, 4), 0);
  if (token.fixext && size == 8) return date(number(0, 8) & 0x3'ffff'ffff, number(0, 4) >> 2);
  if (!token.fixext && size == 12) return date(static_cast<std::int64_t>(number(4, 8)), number(0, 4));
  return std::nullopt;
}

class JsonConverter {
 public:
  enum class Form : std::uint8_t { value, list };  // a list: an array without its brackets

  JsonConverter(Bytes message, Form form, MsgpackLimits const& limits)
      : reader_(message),
        limits_(limits),
        depth_max_(std::min(limits.depth_max, json::nesting_cap)),
        bare_depths_(form == Form::list ? 1 : 0) {
    // Quotes and commas take more than the heads that they stand for.
    constexpr std::size_t first_reserve_min = 32, first_reserve_max = 4096;
    result_.text.reserve(std::min(message.size() + message.size() / 2 + first_reserve_min, first_reserve_max));
  }

  Result<OwnedArgs, MsgpackError> run() {
    do {
      auto const token = reader_.next();
      if (!token) return MsgpackError::bad_msgpack;
      if (depth_ < bare_depths_ && token->kind != msgpack::Kind::array) return MsgpackError::no_array;
      if (auto const written = write(*token); !written) return written.error();
      close_what_ended();
    } while (depth_ > 0);
    if (!reader_.at_end()) return MsgpackError::bad_msgpack;
    if (looks_like_placeholder_ && !result_.attachments.empty()) return MsgpackError::bad_placeholder;
    return std::move(result_);
  }

 private:
  struct Open {       // no default values, as above
    std::size_t due;  // tokens: a pair is two
    bool map;
    bool empty;            // nothing of it is written yet
    bool placeholder_key;  // the key before was "_placeholder"
  };

  Result<void, MsgpackError> write(msgpack::Token const& token) {
    if (depth_ == 0) return value(token);
    Open& around = open_[depth_ - 1];
    bool const is_key = around.map && around.due % 2 == 0;
    --around.due;
    if (is_key) return key(around, token);
    if (around.map) {
      result_.text += ':';
      if (around.placeholder_key && token.kind == msgpack::Kind::boolean && token.boolean)
        looks_like_placeholder_ = true;
    } else {
      begin_element(around);
    }
    return value(token);
  }

  void begin_element(Open& around) {
    if (!std::exchange(around.empty, false)) result_.text += ',';
  }

  void close_what_ended() {
    for (; depth_ > 0 && open_[depth_ - 1].due == 0; --depth_)
      if (depth_ > bare_depths_) result_.text += open_[depth_ - 1].map ? '}' : ']';
  }

  Result<void, MsgpackError> key(Open& around, msgpack::Token const& token) {
    bool const is_text = token.kind == msgpack::Kind::string;
    bool const is_integer = token.kind == msgpack::Kind::integer || token.kind == msgpack::Kind::unsigned_integer;
    if (!is_text && !is_integer) return MsgpackError::bad_key;
    if (reader_.skip_undefined()) {
      --around.due;
      return {};
    }
    begin_element(around);
    around.placeholder_key = is_text && token.bytes == "_placeholder";
    if (is_text) return value(token);
    result_.text += '"';
    auto const written = value(token);
    result_.text += '"';
    return written;
  }

  Result<void, MsgpackError> value(msgpack::Token const& token) {
    std::string& out = result_.text;
    switch (token.kind) {
      case msgpack::Kind::nil:
        out += "null";
        return {};
      case msgpack::Kind::boolean:
        out += token.boolean ? "true" : "false";
        return {};
      case msgpack::Kind::integer:
        json::append_number(out, token.integer);
        return {};
      case msgpack::Kind::unsigned_integer:
        json::append_number(out, token.unsigned_integer);
        return {};
      case msgpack::Kind::floating:
        json::append_number(out, token.floating == 0 ? 0.0 : token.floating);  // no -0
        return {};
      case msgpack::Kind::string:
        if (!is_utf8(token.bytes)) return MsgpackError::bad_text;
        json::append_string(out, token.bytes);
        return {};
      case msgpack::Kind::binary:
        return attachment(token.bytes);
      case msgpack::Kind::extension:
        return extension(token);
      case msgpack::Kind::array:
      case msgpack::Kind::map:
        return open(token);
    }
    return MsgpackError::bad_msgpack;  // not reached
  }

  Result<void, MsgpackError> open(msgpack::Token const& token) {
    if (depth_ == depth_max_) return MsgpackError::too_deep;
    bool const map = token.kind == msgpack::Kind::map;
    open_[depth_++] = {.due = map ? 2 * token.count : token.count, .map = map, .empty = true, .placeholder_key = false};
    if (depth_ > bare_depths_) result_.text += map ? '{' : '[';
    return {};
  }

  Result<void, MsgpackError> extension(msgpack::Token const& token) {
    std::string& out = result_.text;
    if (is_undefined(token)) {
      out += "null";
      return {};
    }
    if (auto const milliseconds = date_of(token)) {
      std::size_t const begin = out.size();
      out += '"';
      if (append_iso_date(out, *milliseconds)) {
        out += '"';
      } else {
        out.replace(begin, Bytes::npos, "null");
      }
      return {};
    }
    if (token.extension == 0 && !token.fixext) return attachment(token.bytes);
    if (depth_ == depth_max_) return MsgpackError::too_deep;  // the brackets are one more
    out += '[';
    json::append_number(out, std::int64_t{token.extension});
    out += ',';
    auto const written = attachment(token.bytes);
    out += ']';
    return written;
  }

  Result<void, MsgpackError> attachment(Bytes bytes) {
    if (result_.attachments.size() == limits_.attachments_max) return MsgpackError::too_many_attachments;
    result_.text += R"({"_placeholder":true,"num":)";
    json::append_number(result_.text, std::uint64_t{result_.attachments.size()});
    result_.text += '}';
    result_.attachments.emplace_back(bytes);
    return {};
  }

  msgpack::Reader reader_;
  MsgpackLimits const& limits_;
  std::size_t const depth_max_;
  std::size_t const bare_depths_;  // outermost arrays that are written without brackets
  OwnedArgs result_;
  std::size_t depth_ = 0;
  bool looks_like_placeholder_ = false;
  std::array<Open, json::nesting_cap> open_;
};

}  // namespace

Bytes to_text(MsgpackError error) {
  switch (error) {
    case MsgpackError::bad_msgpack:
      return "not one MessagePack value";
    case MsgpackError::bad_json:
      return "not one JSON value";
    case MsgpackError::bad_text:
      return "a string is not UTF-8";
    case MsgpackError::bad_key:
      return "a map's key is neither a string nor an integer";
    case MsgpackError::no_array:
      return "not an array";
    case MsgpackError::bad_placeholder:
      return "a placeholder without its attachment";
    case MsgpackError::too_deep:
      return "too deep";
    case MsgpackError::too_many_attachments:
      return "too many attachments";
    case MsgpackError::too_big:
      return "too big";
  }
  return "unknown error";
}

Result<void, MsgpackError> append_msgpack(std::string& out, Bytes raw, std::span<Bytes const> attachments,
                                          MsgpackLimits const& limits) {
  return MsgpackConverter(out, attachments, limits).value(raw);
}

Result<void, MsgpackError> append_msgpack_event(std::string& out, Bytes name, Bytes arguments,
                                                std::span<Bytes const> attachments, MsgpackLimits const& limits) {
  return MsgpackConverter(out, attachments, limits).event(name, arguments);
}

Result<OwnedArgs, MsgpackError> json_of_msgpack(Bytes message, MsgpackLimits const& limits) {
  return JsonConverter(message, JsonConverter::Form::value, limits).run();
}

Result<OwnedArgs, MsgpackError> json_list_of_msgpack(Bytes message, MsgpackLimits const& limits) {
  return JsonConverter(message, JsonConverter::Form::list, limits).run();
}

}  // namespace chorus::socket
