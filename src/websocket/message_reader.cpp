#include "websocket/message_reader.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/utf8.hpp"
#include "websocket/message_inflater.hpp"

namespace chorus::websocket {
namespace {

/// A frame that only claims to be long costs us this much and no more.
constexpr std::size_t first_reserve_max = 64 * 1024;

struct FrameHeader {
  Opcode opcode = Opcode::continuation;
  bool fin = false;
  bool deflated = false;  // it begins such a message
  std::uint8_t size = 2;  // bytes of the header itself
  std::uint32_t key = 0;  // as in memory
  std::uint64_t payload = 0;
};

/// The message of which fragments are awaited, as a frame's header must fit to it.
struct OpenMessage {
  bool open = false;
  bool deflated = false;
  std::size_t size = 0;
};

/// What the connection allows.
struct Rules {
  Limits limits;
  bool inflates = false;  // permessage-deflate was agreed on
};

bool is_known(unsigned opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

/// The first two bytes (5.2). The bit of permessage-deflate may stand at the beginning of a data message only (RFC
/// 7692, 6).
bool accept_first_bytes(unsigned first, unsigned second, OpenMessage message, bool inflates) {
  auto const opcode = static_cast<Opcode>(first & 0xf);
  bool const begins_message = opcode == Opcode::text || opcode == Opcode::binary;
  unsigned const reserved_bits_allowed = inflates && begins_message ? rsv1_bit : 0;
  if ((first & 0x70 & ~reserved_bits_allowed) != 0 || !is_known(first & 0xf)) return false;
  if ((second & 0x80) == 0) return false;  // 5.1: a client masks
  if (is_control(opcode)) return (first & 0x80) != 0 && (second & 0x7f) <= control_payload_max;
  return (opcode == Opcode::continuation) == message.open;
}

std::uint64_t read_big_endian(char const* bytes, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

/// Reads what is there of a header, checking as early as the bytes allow. `header` is filled when header.size bytes
/// are there; else header.size says how many are needed next.
Result<void, CloseCode> parse_header(Bytes bytes, OpenMessage message, Rules rules, FrameHeader& header) {
  header.size = 2;
  if (bytes.size() < 2) return {};
  unsigned const first = static_cast<unsigned char>(bytes[0]);
  unsigned const second = static_cast<unsigned char>(bytes[1]);
  if (!accept_first_bytes(first, second, message, rules.inflates)) return CloseCode::protocol_error;
  header.opcode = static_cast<Opcode>(first & 0xf);
  header.fin = (first & 0x80) != 0;
  header.deflated = (first & rsv1_bit) != 0;
  header.payload = second & 0x7f;

  std::size_t const extended = header.payload == 127 ? 8 : header.payload == 126 ? 2 : 0;
  header.size = static_cast<std::uint8_t>(2 + extended);
  if (bytes.size() < header.size) return {};
  if (extended != 0) {
    header.payload = read_big_endian(bytes.data() + 2, extended);
    // 5.2: the shortest form must be used, and the highest bit is 0.
    if (header.payload < (extended == 2 ? 126u : 65536u) || header.payload >> 63 != 0) return CloseCode::protocol_error;
  }
  std::size_t wire_bytes_max = rules.limits.message_bytes_max;
  if (header.deflated || message.deflated) [[unlikely]]
    wire_bytes_max = deflated_bytes_max(wire_bytes_max);
  if (!is_control(header.opcode) && header.payload > wire_bytes_max - message.size) return CloseCode::too_big;

  header.size = static_cast<std::uint8_t>(header.size + 4);
  if (bytes.size() >= header.size) std::memcpy(&header.key, bytes.data() + 2 + extended, 4);
  return {};
}

/// 7.4: codes that may stand in a close frame.
bool is_wire_code(std::uint16_t code) {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

Result<void, CloseCode> pass_close(Bytes payload, MessageSink& sink) {
  if (payload.empty()) {
    sink.on_close(std::nullopt, {});
    return {};
  }
  if (payload.size() == 1) return CloseCode::protocol_error;
  auto const code = static_cast<std::uint16_t>(read_big_endian(payload.data(), 2));
  if (!is_wire_code(code)) return CloseCode::protocol_error;
  Bytes const reason = payload.substr(2);
  if (!is_utf8(reason)) return CloseCode::invalid_payload;
  sink.on_close(code, reason);
  return {};
}

/// Passes a whole message or control frame, text checked already; the value says whether to go on.
Result<bool, CloseCode> pass(Opcode opcode, Bytes payload, MessageSink& sink) {
  switch (opcode) {
    case Opcode::text:
      return sink.on_text(payload);
    case Opcode::binary:
      return sink.on_binary(payload);
    case Opcode::ping:
      return sink.on_ping(payload);
    case Opcode::pong:
      return sink.on_pong(payload);
    case Opcode::close:
      if (auto const passed = pass_close(payload, sink); !passed) return passed.error();
      return false;
    case Opcode::continuation:
      break;
  }
  return CloseCode::protocol_error;  // not reached: parse_header() knows the opcodes
}

/// Apart from what other messages go through, which stays the shorter.
[[gnu::noinline]] Result<bool, CloseCode> pass_inflated(Opcode opcode, Bytes deflated, Limits limits,
                                                        MessageInflater& inflater, MessageSink& sink) {
  auto const message = inflater.inflate(deflated, opcode, limits.message_bytes_max);
  auto const going_on = message ? pass(opcode, *message, sink) : message.error();
  inflater.release();
  return going_on;
}

}  // namespace

/// The header, frame and message that are incomplete between two pieces of input.
struct MessageReader::Incomplete {
  char header_bytes[14];
  std::uint8_t header_size = 0;  // of header_bytes, while the header is incomplete
  bool in_payload = false;
  FrameHeader frame;
  std::uint64_t left = 0;  // of the frame's payload

  bool message_open = false;  // a message without its last frame; the next two are its first frame's
  bool message_deflated = false;
  Opcode message_opcode = Opcode::text;
  Utf8Validator validator;
  std::string message;  // as it came
  std::string control;  // a control frame may stand between fragments

  OpenMessage open_message() const { return {message_open, message_open && message_deflated, message.size()}; }
  bool holds_text() const { return message_opcode == Opcode::text && !message_deflated; }
  bool empty() const { return header_size == 0 && !in_payload && !message_open; }

  Result<void, CloseCode> take_header(MutableBytes& input, Rules rules);
  Result<void, CloseCode> take_payload(MutableBytes& input);
  Result<bool, CloseCode> end_frame(MessageSink& sink, Limits limits, MessageInflater* inflater);
  void begin_frame();
};

Result<void, CloseCode> MessageReader::Incomplete::take_header(MutableBytes& input, Rules rules) {
  frame = FrameHeader();
  while (true) {
    if (auto const parsed = parse_header({header_bytes, header_size}, open_message(), rules, frame); !parsed)
      return parsed;
    if (header_size == frame.size) break;
    if (input.empty()) return {};
    std::size_t const n = std::min<std::size_t>(frame.size - header_size, input.size());
    std::memcpy(header_bytes + header_size, input.data(), n);
    header_size = static_cast<std::uint8_t>(header_size + n);
    input = input.subspan(n);
  }
  begin_frame();
  return {};
}

void MessageReader::Incomplete::begin_frame() {
  header_size = 0;
  in_payload = true;
  left = frame.payload;
  if (is_control(frame.opcode)) return control.clear();
  if (frame.opcode != Opcode::continuation) {
    message_opcode = frame.opcode;
    message_deflated = frame.deflated;
    message_open = true;
    validator.reset();
  }
  if (message.empty()) message.reserve(std::min<std::size_t>(frame.payload, first_reserve_max));
}

Result<void, CloseCode> MessageReader::Incomplete::take_payload(MutableBytes& input) {
  auto const n = static_cast<std::size_t>(std::min<std::uint64_t>(left, input.size()));
  Bytes const piece(input.data(), n);
  bool const ascii = unmask(input.data(), n, frame.key, static_cast<std::size_t>((frame.payload - left) & 3));
  input = input.subspan(n);
  left -= n;
  if (is_control(frame.opcode)) {
    control.append(piece);
    return {};
  }
  if (holds_text() && !(ascii && validator.complete()) && !validator.accept(piece)) {
    return CloseCode::invalid_payload;
  }
  message.append(piece);
  return {};
}

/// After the last byte of a frame's payload.
Result<bool, CloseCode> MessageReader::Incomplete::end_frame(MessageSink& sink, Limits limits,
                                                             MessageInflater* inflater) {
  in_payload = false;
  if (is_control(frame.opcode)) return pass(frame.opcode, control, sink);
  if (!frame.fin) return true;
  if (holds_text() && !validator.complete()) return CloseCode::invalid_payload;
  message_open = false;
  auto const going_on = message_deflated ? pass_inflated(message_opcode, message, limits, *inflater, sink)
                                         : pass(message_opcode, message, sink);
  message = std::string();
  return going_on;
}

MessageReader::MessageReader() : MessageReader(Limits()) {}
MessageReader::MessageReader(Limits limits) : limits_(limits) {}
MessageReader::MessageReader(MessageReader&&) noexcept = default;
MessageReader& MessageReader::operator=(MessageReader&&) noexcept = default;
MessageReader::~MessageReader() = default;

Result<void, CloseCode> MessageReader::feed(MutableBytes input, MessageSink& sink, MessageInflater* inflater) {
  auto const finish = [this](Result<void, CloseCode> outcome) {
    finished_ = true;
    incomplete_.reset();
    return outcome;
  };
  while (!input.empty() && !finished_) {
    auto const going_on = incomplete_ ? feed_incomplete(input, sink, inflater) : feed_whole(input, sink, inflater);
    if (!going_on) return finish(going_on.error());
    if (!*going_on) return finish({});
  }
  return {};
}

/// Passes the frames that lie whole at the front of `input` and are messages of their own: the usual case. Leaves the
/// first one that is not to feed_incomplete().
Result<bool, CloseCode> MessageReader::feed_whole(MutableBytes& input, MessageSink& sink, MessageInflater* inflater) {
  Rules const rules{limits_, inflater != nullptr};
  while (!input.empty()) {
    FrameHeader frame;
    if (auto const parsed = parse_header(as_bytes(input), {}, rules, frame); !parsed) return parsed.error();
    bool const whole = input.size() >= frame.size && input.size() - frame.size >= frame.payload;
    if (!whole || !frame.fin) {
      incomplete_ = std::make_unique<Incomplete>();
      return true;
    }
    MutableBytes const payload = input.subspan(frame.size, static_cast<std::size_t>(frame.payload));
    input = input.subspan(frame.size + payload.size());
    bool const ascii = unmask(payload.data(), payload.size(), frame.key);
    if (frame.deflated) [[unlikely]] {
      auto const going_on = pass_inflated(frame.opcode, as_bytes(payload), limits_, *inflater, sink);
      if (!going_on || !*going_on) return going_on;
      continue;
    }
    if (frame.opcode == Opcode::text && !ascii && !is_utf8(as_bytes(payload))) return CloseCode::invalid_payload;
    auto const going_on = pass(frame.opcode, as_bytes(payload), sink);
    if (!going_on || !*going_on) return going_on;
  }
  return true;
}

/// One frame, or what is there of it, by way of the buffers.
Result<bool, CloseCode> MessageReader::feed_incomplete(MutableBytes& input, MessageSink& sink,
                                                       MessageInflater* inflater) {
  Incomplete& state = *incomplete_;
  if (!state.in_payload) {
    if (auto const taken = state.take_header(input, {limits_, inflater != nullptr}); !taken) return taken.error();
    if (!state.in_payload) return true;
  }
  if (auto const taken = state.take_payload(input); !taken) return taken.error();
  if (state.left != 0) return true;
  auto const going_on = state.end_frame(sink, limits_, inflater);
  if (state.empty()) incomplete_.reset();
  return going_on;
}

}  // namespace chorus::websocket
