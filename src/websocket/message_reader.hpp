// Assembles the messages of one WebSocket client from bytes that arrive in any pieces (RFC 6455, 5).
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "websocket/frame.hpp"

namespace chorus::websocket {

class MessageInflater;

/// What the reader found; called during feed(). Payloads are valid during the call only. A text is valid UTF-8.
/// Every function returns whether to go on: false when the session was closed in the handler; the rest is dropped.
/// The reader must not be destroyed in these calls.
class MessageSink {
 public:
  virtual ~MessageSink() = default;
  virtual bool on_text(Bytes message) = 0;
  virtual bool on_binary(Bytes message) = 0;
  virtual bool on_ping(Bytes payload) = 0;
  virtual bool on_pong(Bytes payload) = 0;
  /// Always the last call. No code: the close frame was empty. The code is one that may stand on the wire.
  virtual void on_close(std::optional<std::uint16_t> code, Bytes reason) = 0;
};

struct Limits {
  /// Payload of a message, all its fragments together; of a deflated one, what comes of it (and
  /// deflated_bytes_max() of this on the wire).
  std::size_t message_bytes_max = 1'000'000;
};

/// The receiving half of one WebSocket on the server's side.
///
/// A message that lies whole in the input is unmasked where it lies and passed without a copy. Only an incomplete one
/// is kept, in a buffer that grows with what really arrived (a declared length reserves nothing beyond its first
/// 64 KiB) and is released when the message is complete: an idle connection owns nothing. A deflated message is kept as
/// it came and inflated when it is all there: one that is not costs no more than its bytes.
///
/// Failure: a CloseCode, to be sent in a close frame: protocol_error, invalid_payload (text or close reason that is no
/// UTF-8, found as the bytes arrive, not at the message's end, unless they are deflated; a message that cannot be
/// inflated) or too_big (as soon as declared, or inflated). Messages before the fault were passed. The outcome does not
/// depend on how the bytes were cut. After a fault, after on_close and after a sink's false, feed() ignores its input.
/// Thread: none of its own; the owner's.
class MessageReader {
 public:
  MessageReader();
  explicit MessageReader(Limits limits);
  MessageReader(MessageReader&&) noexcept;
  MessageReader& operator=(MessageReader&&) noexcept;
  ~MessageReader();

  /// Consumes all of `input`, whose bytes are changed. `inflater`: the connection's, in every call, if deflated
  /// messages were agreed on; borrowed for the call.
  Result<void, CloseCode> feed(MutableBytes input, MessageSink& sink, MessageInflater* inflater = nullptr);

  /// A message or frame has begun and is not complete.
  bool in_message() const { return incomplete_ != nullptr; }
  /// feed() has nothing more to give.
  bool finished() const { return finished_; }

 private:
  struct Incomplete;  // all that is remembered between two pieces

  Result<bool, CloseCode> feed_whole(MutableBytes& input, MessageSink& sink, MessageInflater* inflater);
  Result<bool, CloseCode> feed_incomplete(MutableBytes& input, MessageSink& sink, MessageInflater* inflater);

  std::unique_ptr<Incomplete> incomplete_;
  Limits limits_;
  bool finished_ = false;
};

static_assert(sizeof(MessageReader) <= 64, "one for each connection, most of them idle");

}  // namespace chorus::websocket
