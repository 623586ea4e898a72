// Socket.IO packets as they come in (protocol v5: "Packet encoding"): `<type>[<n>-][<nsp>,][<ack id>][JSON]`. Those of
// clients with the msgpack parser become the same: msgpack_packet.hpp.
//
// Pure. Thread: any, one object at a time. The payload stays raw JSON text: it is validated once, and decoded when a
// handler asks for a type (chorus/args.hpp).
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "chorus/ack.hpp"

namespace chorus::socket {

enum class PacketType : std::uint8_t {
  connect = 0,
  disconnect = 1,
  event = 2,
  ack = 3,
  connect_error = 4,
  binary_event = 5,
  binary_ack = 6,
};

struct PacketLimits {
  unsigned attachments_max = 10;                    ///< as the reference has it
  std::size_t depth_max = json::nesting_max;        ///< arrays and objects inside each other
  std::size_t event_name_bytes_max = 1024;          ///< as written, with quotes and escapes
  std::size_t namespace_bytes_max = 512;            ///< with its query
  std::size_t packet_bytes_max = 10 * 1024 * 1024;  ///< a binary packet's text and attachments, each as often as named

  /// For packets of our own making: the others are for what peers send.
  static PacketLimits none();
};

/// How a client writes its packets, and how packets for it are written.
enum class Encoding : std::uint8_t {
  undecided,  ///< as its first packet will say: text is JSON, binary MessagePack
  json,       ///< text, its binaries behind it as attachments
  msgpack,    ///< one binary message a packet, as npm's socket.io-msgpack-parser
};

/// Why a text or a sequence of messages is no packet. Each closes the whole connection (reason "parse error").
enum class PacketError : std::uint8_t {
  unknown_type,               ///< empty, or the first byte is not '0'..'6'; in MessagePack, not 0 to 4
  illegal_attachments,        ///< attachment count unreadable, or a placeholder with a num that is no index of one
  too_many_attachments,       ///< more than attachments_max
  namespace_too_long,         ///< more than namespace_bytes_max
  bad_namespace,              ///< MessagePack only: no string, not "/" first, or a ',' in it
  bad_ack_id,                 ///< the ack id does not fit 64 bits
  missing_ack_id,             ///< an answer that does not say to what
  bad_json,                   ///< the payload is not one JSON value, or too deep
  invalid_payload,            ///< JSON, but not what this packet type carries
  bad_event_name,             ///< neither string nor number, or too long
  reserved_event_name,        ///< connect, connect_error, disconnect, disconnecting, newListener, removeListener
  text_between_attachments,   ///< text while attachments are due
  attachment_without_header,  ///< binary while none is due
  packet_too_big,             ///< more than packet_bytes_max
  bad_msgpack,                ///< no map of MessagePack, or one that does not become JSON (msgpack_json.hpp)
  other_encoding,             ///< text of a client that writes MessagePack
};
CHORUS_ERROR_ENUM(PacketError)

/// A short English phrase for logs.
Bytes to_text(PacketError error);

/// A decoded text packet. VIEWS into the message text: valid as long as that.
struct PacketView {
  /// binary_event and binary_ack only when attachments follow; `50-["x"]` is an ordinary event here.
  PacketType type = PacketType::connect;
  unsigned attachments = 0;
  Bytes nsp = "/";  ///< "/" when absent; without its query part
  Bytes nsp_query;  ///< what follows '?' in the namespace, as v2 clients send it: `token=x`
  std::optional<std::uint64_t> ack_id;
  Bytes payload;         ///< raw JSON, validated; empty when there is none
  Bytes event_name_raw;  ///< events: the first element, `"chat"`, `"a\nb"` or `7`; empty: an event nobody handles (`2`)
  bool event_name_is_plain = false;  ///< it is a string without escapes
  Bytes arguments;  ///< raw list between the brackets, for events behind the name: `"x",{"a":1}`; may be empty

  bool is_event() const { return type == PacketType::event || type == PacketType::binary_event; }
  bool is_ack() const { return type == PacketType::ack || type == PacketType::binary_ack; }
  /// The decoded name (a number's is its digits). `scratch` is written, and pointed into, only if it has escapes.
  Bytes event_name(std::string& scratch) const;
};

/// Reads one text message. Never allocates. `text` must be valid UTF-8.
///
/// Payloads, as the reference judges them: connect none or an object; disconnect none; event none or an array that
/// begins with a string or number; ack none or an array; connect_error none, a string or an object. Stricter than it
/// in what no client sends: no white space before the payload, digits only as attachment count and ack id, an ack
/// without id is refused here rather than ignored later.
Result<PacketView, PacketError> decode(Bytes text, PacketLimits const& limits = {});

// What all encodings judge alike. Each names the error that ends the packet, if any, and completes it otherwise.

/// `whole`: with its query.
std::optional<PacketError> take_namespace(PacketView& packet, Bytes whole, PacketLimits const& limits);
/// `payload`: valid JSON, for a packet whose type is known.
std::optional<PacketError> take_payload(PacketView& packet, Bytes payload, PacketLimits const& limits);

/// Where an attachment belongs in a payload: `{"_placeholder":true,"num":N}`.
struct Placeholder {
  std::size_t begin = 0;  ///< byte range of the whole object in the payload
  std::size_t end = 0;
  unsigned num = 0;
};

/// All placeholders at any depth, in the order of the text. As the reference: any object with `_placeholder` true is
/// one whatever else it holds; several may name one attachment, and an attachment may be named by none.
/// illegal_attachments when a num is missing, no integer, or not below `attachments`.
Result<std::vector<Placeholder>, PacketError> find_placeholders(Bytes payload, unsigned attachments);

/// A whole packet. A text without attachments is the caller's message; one with attachments, and what was MessagePack,
/// owns its payload and its attachments, on the heap, so that views survive a move.
class ReceivedPacket {
 public:
  explicit ReceivedPacket(PacketView const& view_of_message) : view_(view_of_message) {}
  ReceivedPacket(PacketView const& view_of_owned, std::unique_ptr<OwnedArgs const> owned)
      : view_(view_of_owned), owned_(std::move(owned)) {}

  PacketView const& view() const { return view_; }
  std::span<std::string const> attachments() const;

 private:
  PacketView view_;
  std::unique_ptr<OwnedArgs const> owned_;
};

/// Makes a session's messages packets: holds a binary packet of JSON back until its attachments have come, and reads
/// MessagePack. One per session, fed with its messages in order.
///
/// Lifetime: the limits outlive it. It owns memory only while a packet is being assembled. After an error it is empty
/// again; the session closes.
class PacketAssembler {
 public:
  explicit PacketAssembler(PacketLimits const& limits = default_limits, Encoding encoding = Encoding::json)
      : limits_(limits), encoding_(encoding) {}
  explicit PacketAssembler(PacketLimits&&, Encoding = Encoding::json) = delete;

  /// A text message: a packet, or nothing yet when attachments follow.
  Result<std::optional<ReceivedPacket>, PacketError> on_text(Bytes text);
  /// A binary message: the packet when it was the last attachment, or is one of MessagePack, which may point into it.
  Result<std::optional<ReceivedPacket>, PacketError> on_binary(Bytes message);

  /// As the first message said, if it was left to that.
  Encoding encoding() const { return encoding_; }

  bool assembling() const { return partial_ != nullptr; }
  /// What is held back, for the session's account.
  std::size_t bytes_held() const { return assembling() ? partial_->bytes_held : 0; }
  void reset();

 private:
  Result<std::optional<ReceivedPacket>, PacketError> begin(Bytes text, PacketView const& view);
  Result<std::optional<ReceivedPacket>, PacketError> on_attachment(Bytes attachment);
  Result<std::optional<ReceivedPacket>, PacketError> fail(PacketError error);

  struct Partial {
    PacketView view;
    std::unique_ptr<OwnedArgs> owned;
    std::vector<std::size_t> uses;  // how many placeholders name each attachment
    std::size_t bytes_held = 0;
    std::size_t bytes_counted = 0;  // each attachment as often as it is named
  };
  static constexpr PacketLimits default_limits{};

  PacketLimits const& limits_;
  std::unique_ptr<Partial> partial_;  // on the heap: few sessions ever need it
  Encoding encoding_;
};

}  // namespace chorus::socket
