#include "socket/packet.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "socket/msgpack_packet.hpp"

namespace chorus::socket {
namespace {

using Failure = std::optional<PacketError>;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Names with a meaning of their own on one of the sides; as event names they close the connection.
constexpr Bytes reserved_names[] = {"connect",       "connect_error", "disconnect",
                                    "disconnecting", "newListener",   "removeListener"};

bool is_reserved(Bytes name_raw, std::optional<Bytes> plain) {
  return std::any_of(std::begin(reserved_names), std::end(reserved_names),
                     [&](Bytes name) { return plain ? *plain == name : json::string_equals(name_raw, name); });
}

/// The arguments: from `begin` in the payload to its closing bracket, without white space around.
void take_list_from(PacketView& packet, std::size_t begin) {
  begin = json::skip_space(packet.payload, begin);
  std::size_t end = packet.payload.size() - 1;
  while (end > begin && json::is_space(packet.payload[end - 1])) --end;
  packet.arguments = packet.payload.substr(begin, end - begin);
}

Failure take_event(PacketView& packet, PacketLimits const& limits) {
  Bytes const payload = packet.payload;
  auto const begin = json::skip_space(payload, 1);
  auto const end = json::skip_value(payload, begin);
  Bytes const name = payload.substr(begin, end - begin);
  auto const kind = json::kind(name);
  if (kind != json::Kind::string && kind != json::Kind::number) return PacketError::bad_event_name;
  if (name.size() > limits.event_name_bytes_max) return PacketError::bad_event_name;
  auto const plain = json::plain_string(name);
  if (is_reserved(name, plain)) return PacketError::reserved_event_name;
  packet.event_name_raw = name;
  packet.event_name_is_plain = plain.has_value();
  auto const separator = json::skip_space(payload, end);
  take_list_from(packet, payload[separator] == ',' ? separator + 1 : separator);
  return std::nullopt;
}

/// Reads the parts of a packet from left to right. Each step returns the error that ends it, if any.
class Decoder {
 public:
  Decoder(Bytes text, PacketLimits const& limits) : text_(text), limits_(limits) {}

  Failure run() {
    auto failure = type();
    if (!failure) failure = attachments();
    if (!failure) failure = nsp();
    if (!failure) failure = ack_id();
    if (!failure) failure = payload();
    return failure;
  }

  PacketView const& packet() const { return packet_; }

 private:
  Bytes rest() const { return text_.substr(pos_); }

  Failure type() {
    if (text_.empty() || text_[0] < '0' || text_[0] > '6') return PacketError::unknown_type;
    packet_.type = static_cast<PacketType>(text_[0] - '0');
    pos_ = 1;
    return std::nullopt;
  }

  Failure attachments() {
    bool const binary = packet_.type == PacketType::binary_event || packet_.type == PacketType::binary_ack;
    if (!binary) return std::nullopt;
    auto const count = number();
    bool const dash = pos_ < text_.size() && text_[pos_] == '-';
    if (!digits_ || !dash) return PacketError::illegal_attachments;
    if (!count || *count > limits_.attachments_max) return PacketError::too_many_attachments;
    ++pos_;
    packet_.attachments = static_cast<unsigned>(*count);
    if (*count == 0) packet_.type = packet_.type == PacketType::binary_event ? PacketType::event : PacketType::ack;
    return std::nullopt;
  }

  Failure nsp() {
    if (!rest().starts_with('/')) return std::nullopt;
    Bytes const whole = rest().substr(0, rest().find(','));
    pos_ = std::min(pos_ + whole.size() + 1, text_.size());
    return take_namespace(packet_, whole, limits_);
  }

  Failure ack_id() {
    packet_.ack_id = number();
    if (digits_ && !packet_.ack_id) return PacketError::bad_ack_id;
    if (packet_.is_ack() && !digits_) return PacketError::missing_ack_id;
    return std::nullopt;
  }

  /// The digits at pos_, and whether there were any; nothing when they are none or do not fit.
  std::optional<std::uint64_t> number() {
    digits_ = pos_ < text_.size() && is_digit(text_[pos_]);
    if (!digits_) return std::nullopt;
    std::uint64_t value = 0;
    char const* const begin = text_.data() + pos_;
    auto const [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    pos_ += static_cast<std::size_t>(end - begin);
    if (error != std::errc()) return std::nullopt;
    return value;
  }

  Failure payload() {
    if (pos_ == text_.size()) return std::nullopt;
    auto const end = json::scan_value(text_, pos_, limits_.depth_max);
    if (!end || json::skip_space(text_, *end) != text_.size()) return PacketError::bad_json;
    return take_payload(packet_, text_.substr(pos_, *end - pos_), limits_);
  }

  Bytes text_;
  PacketLimits const& limits_;
  PacketView packet_;
  std::size_t pos_ = 0;
  bool digits_ = false;
};

/// Finds placeholders in one walk over the tokens of a valid payload: objects inside each other cost nothing extra.
class PlaceholderFinder {
 public:
  PlaceholderFinder(Bytes payload, unsigned attachments) : payload_(payload), attachments_(attachments) {}

  bool run() {
    for (std::size_t pos = 0; pos < payload_.size();) {
      switch (payload_[pos]) {
        case '[':
        case '{':
          open(pos);
          break;
        case ']':
        case '}':
          if (!close(pos + 1)) return false;
          break;
        case ',':
          await_key_ = !open_.empty() && open_.back().object;
          break;
        case ':':
        case ' ':
        case '\n':
        case '\r':
        case '\t':
          break;
        default:
          pos = scalar(pos);
          continue;
      }
      ++pos;
    }
    return true;
  }

  std::vector<Placeholder> take() { return std::move(found_); }

 private:
  enum class Role : std::uint8_t { none, placeholder, num };

  struct Open {
    std::size_t begin = 0;
    std::size_t found_before = 0;
    bool object = false;
    bool placeholder = false;
    Bytes num;
  };

  void open(std::size_t pos) {
    value(payload_.substr(pos, 1));  // neither true nor a number
    open_.push_back({.begin = pos, .found_before = found_.size(), .object = payload_[pos] == '{'});
    await_key_ = open_.back().object;
  }

  bool close(std::size_t end) {
    if (open_.empty()) return true;  // no JSON: cannot be, and does no harm
    Open const closed = open_.back();
    open_.pop_back();
    await_key_ = false;
    if (!closed.placeholder) return true;
    auto const num = json::to_uint64(closed.num);
    if (!num || *num >= attachments_) return false;
    found_.resize(closed.found_before);  // the whole object is replaced, with all that is in it
    found_.push_back({.begin = closed.begin, .end = end, .num = static_cast<unsigned>(*num)});
    return true;
  }

  std::size_t scalar(std::size_t pos) {
    std::size_t const end = std::max(json::skip_value(payload_, pos), pos + 1);
    Bytes const token = payload_.substr(pos, end - pos);
    if (await_key_) {
      await_key_ = false;
      role_ = role_of(token);
    } else {
      value(token);
    }
    return end;
  }

  static Role role_of(Bytes key) {
    if (json::string_equals(key, "_placeholder")) return Role::placeholder;
    if (json::string_equals(key, "num")) return Role::num;
    return Role::none;
  }

  /// A value, for the innermost object when its key had a role; of repeated keys the last one counts.
  void value(Bytes token) {
    Role const role = std::exchange(role_, Role::none);
    if (open_.empty()) return;
    if (role == Role::placeholder) open_.back().placeholder = token == "true";
    if (role == Role::num) open_.back().num = token;
  }

  Bytes payload_;
  unsigned attachments_;
  std::vector<Open> open_;
  std::vector<Placeholder> found_;
  Role role_ = Role::none;
  bool await_key_ = false;
};

}  // namespace

PacketLimits PacketLimits::none() {
  constexpr auto any = std::numeric_limits<std::size_t>::max();
  return {.attachments_max = std::numeric_limits<unsigned>::max(),
          .depth_max = json::nesting_cap,
          .event_name_bytes_max = any,
          .namespace_bytes_max = any,
          .packet_bytes_max = any};
}

Bytes to_text(PacketError error) {
  switch (error) {
    case PacketError::unknown_type:
      return "unknown packet type";
    case PacketError::illegal_attachments:
      return "illegal attachments";
    case PacketError::too_many_attachments:
      return "too many attachments";
    case PacketError::namespace_too_long:
      return "namespace too long";
    case PacketError::bad_namespace:
      return "no namespace's name";
    case PacketError::bad_ack_id:
      return "ack id is none, or out of range";
    case PacketError::missing_ack_id:
      return "ack without an id";
    case PacketError::bad_json:
      return "payload is no valid JSON";
    case PacketError::invalid_payload:
      return "payload does not fit the packet type";
    case PacketError::bad_event_name:
      return "event name is no string or number, or too long";
    case PacketError::reserved_event_name:
      return "reserved event name";
    case PacketError::text_between_attachments:
      return "text while attachments are due";
    case PacketError::attachment_without_header:
      return "attachment without a binary packet";
    case PacketError::packet_too_big:
      return "packet with its attachments is too big";
    case PacketError::bad_msgpack:
      return "message is no packet in MessagePack";
    case PacketError::other_encoding:
      return "text of a client that writes MessagePack";
  }
  return "unknown error";
}

Bytes PacketView::event_name(std::string& scratch) const {
  if (event_name_is_plain) return event_name_raw.substr(1, event_name_raw.size() - 2);
  if (json::kind(event_name_raw) != json::Kind::string) return event_name_raw;
  scratch = json::to_string(event_name_raw).value_or(std::string());
  return scratch;
}

std::optional<PacketError> take_namespace(PacketView& packet, Bytes whole, PacketLimits const& limits) {
  if (whole.size() > limits.namespace_bytes_max) return PacketError::namespace_too_long;
  auto const query = std::min(whole.find('?'), whole.size());
  packet.nsp = whole.substr(0, query);
  packet.nsp_query = whole.substr(std::min(query + 1, whole.size()));
  return std::nullopt;
}

std::optional<PacketError> take_payload(PacketView& packet, Bytes payload, PacketLimits const& limits) {
  packet.payload = payload;
  auto const kind = json::kind(payload);
  bool fits = false;
  switch (packet.type) {
    case PacketType::connect:
      fits = kind == json::Kind::object;
      break;
    case PacketType::disconnect:
      break;
    case PacketType::connect_error:
      fits = kind == json::Kind::object || kind == json::Kind::string;
      break;
    case PacketType::event:
    case PacketType::binary_event:
    case PacketType::ack:
    case PacketType::binary_ack:
      fits = kind == json::Kind::array;
      break;
  }
  if (!fits) return PacketError::invalid_payload;
  if (packet.is_event()) return take_event(packet, limits);
  if (packet.is_ack()) take_list_from(packet, 1);
  return std::nullopt;
}

Result<PacketView, PacketError> decode(Bytes text, PacketLimits const& limits) {
  Decoder decoder(text, limits);
  if (auto const failure = decoder.run()) return *failure;
  return decoder.packet();
}

Result<std::vector<Placeholder>, PacketError> find_placeholders(Bytes payload, unsigned attachments) {
  PlaceholderFinder finder(payload, attachments);
  if (!finder.run()) return PacketError::illegal_attachments;
  return finder.take();
}

std::span<std::string const> ReceivedPacket::attachments() const {
  if (!owned_) return {};
  return owned_->attachments;
}

Result<std::optional<ReceivedPacket>, PacketError> PacketAssembler::on_text(Bytes text) {
  if (encoding_ != Encoding::json) [[unlikely]] {
    if (encoding_ == Encoding::msgpack) return PacketError::other_encoding;
    encoding_ = Encoding::json;
  }
  if (partial_) return fail(PacketError::text_between_attachments);
  auto const view = decode(text, limits_);
  if (!view) return view.error();
  if (view->attachments == 0) return std::optional<ReceivedPacket>(std::in_place, *view);
  return begin(text, *view);
}

Result<std::optional<ReceivedPacket>, PacketError> PacketAssembler::begin(Bytes text, PacketView const& view) {
  if (text.size() > limits_.packet_bytes_max) return fail(PacketError::packet_too_big);
  auto placeholders = find_placeholders(view.payload, view.attachments);
  if (!placeholders) return fail(placeholders.error());
  auto owned = std::make_unique<OwnedArgs>();
  owned->text = text;
  auto const own_view = decode(owned->text, limits_);  // the same again, pointing into memory that stays
  if (!own_view) return fail(own_view.error());
  std::vector<std::size_t> uses(view.attachments, 0);
  for (auto const& placeholder : *placeholders) ++uses[placeholder.num];
  partial_ = std::make_unique<Partial>(Partial{.view = *own_view,
                                               .owned = std::move(owned),
                                               .uses = std::move(uses),
                                               .bytes_held = text.size(),
                                               .bytes_counted = text.size()});
  return std::nullopt;
}

Result<std::optional<ReceivedPacket>, PacketError> PacketAssembler::on_binary(Bytes message) {
  if (encoding_ == Encoding::json) return on_attachment(message);
  encoding_ = Encoding::msgpack;
  auto packet = decode_msgpack(message, limits_);
  if (!packet) return packet.error();
  return std::optional<ReceivedPacket>(std::move(*packet));
}

Result<std::optional<ReceivedPacket>, PacketError> PacketAssembler::on_attachment(Bytes attachment) {
  if (!partial_) return fail(PacketError::attachment_without_header);
  auto& [view, owned, all_uses, bytes_held, bytes_counted] = *partial_;
  auto& attachments = owned->attachments;
  // Named by two placeholders, an attachment is twice what a handler may copy: it counts as often.
  std::size_t const uses = std::max<std::size_t>(all_uses[attachments.size()], 1);
  if (attachment.size() > (limits_.packet_bytes_max - bytes_counted) / uses) return fail(PacketError::packet_too_big);
  attachments.emplace_back(attachment);
  bytes_held += attachment.size();
  bytes_counted += attachment.size() * uses;
  if (attachments.size() < view.attachments) return std::nullopt;
  std::optional<ReceivedPacket> whole(std::in_place, view, std::move(owned));
  reset();
  return whole;
}

void PacketAssembler::reset() { partial_.reset(); }

Result<std::optional<ReceivedPacket>, PacketError> PacketAssembler::fail(PacketError error) {
  reset();
  return error;
}

}  // namespace chorus::socket
