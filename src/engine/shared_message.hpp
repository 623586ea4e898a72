// A message that is encoded once for all who get it.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/once_made.hpp"
#include "engine/types.hpp"

namespace chorus::websocket {
class MessageDeflater;
}

namespace chorus::engine {

/// An outgoing Engine.IO text message and the binary messages that follow it unbroken: a Socket.IO packet with its
/// attachments. Encoded as WebSocket frames, from which polling payloads are made too, and what other dialects need.
///
/// Thread: any, immutable. Lifetime: that of its last holder; the views it gives end with it. Then its memory serves
/// other messages.
class SharedMessage {
 public:
  /// `text` comes without the packet's type '4', and is valid UTF-8.
  static std::shared_ptr<SharedMessage const> make(Bytes text, std::span<Bytes const> attachments = {},
                                                   Compress compress = Compress::yes);
  /// The same for whoever has to change some of its text when it is encoded: see overwrite_text().
  static std::shared_ptr<SharedMessage> begin(Bytes text, std::span<Bytes const> attachments = {},
                                              Compress compress = Compress::yes);
  /// A text packet that is no message, whole: "3".
  static std::shared_ptr<SharedMessage const> make_packet(Bytes packet);
  /// One binary message without a text before it: raw Engine.IO only.
  static std::shared_ptr<SharedMessage const> make_binary(Bytes data, Compress compress = Compress::yes);

  /// The text frame, then one frame for each attachment, as one block that a WebSocket sends as it is (server's frames
  /// bear no mask) when permessage-deflate is off.
  std::shared_ptr<std::string const> const& frames() const { return frames_; }
  /// The same for WebSockets with permessage-deflate that share one window and no context: deflated once, by the
  /// deflater of whoever asks first. Those of all workers of a server are alike.
  std::shared_ptr<std::string const> const& deflated_frames(websocket::MessageDeflater& deflater) const;
  /// Appends the same for a WebSocket with a deflater of its own.
  void append_deflated_frames(std::string& out, websocket::MessageDeflater& deflater) const;
  /// The same in another form, for receivers that read messages written differently: made by `make()`, the same
  /// whoever calls, of whoever asks first.
  template <class Make>
  std::shared_ptr<SharedMessage const> const& other_form(Make&& make) const {
    return other_form_.get(std::forward<Make>(make));
  }
  Compress compress() const { return compress_; }

  bool has_text() const { return text_.size != 0; }
  /// The text packet, "4…" but for make_packet()'s, which is the text frame's payload. Empty when there is none.
  Bytes text() const { return view(text_); }
  /// As many bytes of text() as `bytes` has, from `offset` on. Thread: its maker's, who has shown it to nobody yet.
  void overwrite_text(std::size_t offset, Bytes bytes);
  std::size_t attachment_count() const { return attachments_.size(); }
  Bytes attachment(std::size_t index) const { return view(attachments_[index]); }
  /// Of Engine.IO: each attachment is one.
  std::size_t packets() const { return (has_text() ? 1 : 0) + attachment_count(); }

  /// Bytes it takes in a polling payload, the separators between its own packets included. (In revision 3 of the
  /// protocol: about as many.)
  std::size_t payload_size() const { return payload_size_; }

 private:
  struct Piece {
    std::size_t offset = 0;
    std::size_t size = 0;
  };
  friend void clear(SharedMessage& message);
  struct Text {
    Bytes prefix, rest;  // "4" and the message
  };
  void assign(std::optional<Text> text, std::span<Bytes const> attachments, Compress compress);
  Bytes view(Piece piece) const { return Bytes(*frames_).substr(piece.offset, piece.size); }

  std::shared_ptr<std::string const> frames_;
  Piece text_;
  std::size_t payload_size_ = 0;
  std::vector<Piece> attachments_;
  Compress compress_ = Compress::yes;
  OnceMade<std::shared_ptr<std::string const>> deflated_;
  OnceMade<std::shared_ptr<SharedMessage const>> other_form_;
};

}  // namespace chorus::engine
