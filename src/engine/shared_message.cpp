#include "engine/shared_message.hpp"

#include "base/check.hpp"
#include "base/recycled.hpp"
#include "engine/payload.hpp"
#include "websocket/frame.hpp"
#include "websocket/message_deflater.hpp"

namespace chorus::engine {
namespace {

constexpr Bytes message_digit = "4";

constexpr std::size_t kept_bytes_max = 16'384, kept_attachments_max = 16;  // of a message that is done with

std::size_t frame_size_at_most(Bytes payload) { return websocket::frame_header_max + payload.size(); }

void clear_frames(std::string& frames) {
  if (frames.capacity() > kept_bytes_max) frames = {};
  frames.clear();
}

}  // namespace

void clear(SharedMessage& message) {
  message.frames_.reset();
  message.deflated_.clear();
  message.other_form_.clear();
  message.text_ = {};
  message.payload_size_ = 0;
  if (message.attachments_.capacity() > kept_attachments_max) message.attachments_ = {};
  message.attachments_.clear();
}

std::shared_ptr<SharedMessage const> SharedMessage::make(Bytes text, std::span<Bytes const> attachments,
                                                         Compress compress) {
  return begin(text, attachments, compress);
}

std::shared_ptr<SharedMessage> SharedMessage::begin(Bytes text, std::span<Bytes const> attachments, Compress compress) {
  auto message = Recycled<SharedMessage, clear>::make();
  message->assign(Text{message_digit, text}, attachments, compress);
  return message;
}

void SharedMessage::overwrite_text(std::size_t offset, Bytes bytes) {
  CHORUS_CHECK(offset <= text_.size && bytes.size() <= text_.size - offset, "a message's text ends there");
  // Shared as a constant, and made as none.
  bytes.copy(const_cast<std::string&>(*frames_).data() + text_.offset + offset, bytes.size());
}

std::shared_ptr<SharedMessage const> SharedMessage::make_packet(Bytes packet) {
  auto message = Recycled<SharedMessage, clear>::make();
  message->assign(Text{packet, {}}, {}, Compress::no);
  return message;
}

std::shared_ptr<SharedMessage const> SharedMessage::make_binary(Bytes data, Compress compress) {
  auto message = Recycled<SharedMessage, clear>::make();
  message->assign(std::nullopt, std::span(&data, 1), compress);
  return message;
}

void SharedMessage::assign(std::optional<Text> text, std::span<Bytes const> attachments, Compress compress) {
  compress_ = compress;
  std::size_t size_at_most = text ? frame_size_at_most(text->rest) + text->prefix.size() : 0;
  for (Bytes const data : attachments) size_at_most += frame_size_at_most(data);

  auto frames = Recycled<std::string, clear_frames>::make();
  frames->reserve(size_at_most);
  auto const append = [&frames](websocket::Opcode opcode, Bytes prefix, Bytes payload) {
    websocket::append_frame(*frames, opcode, prefix, payload);
    std::size_t const size = prefix.size() + payload.size();
    return Piece{frames->size() - size, size};
  };

  if (text) {
    text_ = append(websocket::Opcode::text, text->prefix, text->rest);
    payload_size_ = text_.size;
  }
  attachments_.reserve(attachments.size());
  for (Bytes const data : attachments) {
    attachments_.push_back(append(websocket::Opcode::binary, {}, data));
    std::size_t const separator = payload_size_ == 0 ? 0 : 1;
    payload_size_ += separator + message_size(MessageKind::binary, data);
  }
  frames_ = std::move(frames);
}

std::shared_ptr<std::string const> const& SharedMessage::deflated_frames(websocket::MessageDeflater& deflater) const {
  if (compress_ == Compress::no || frames_->size() < deflater.threshold()) return frames_;
  return deflated_.get([&]() -> std::shared_ptr<std::string const> {
    auto frames = Recycled<std::string, clear_frames>::make();
    append_deflated_frames(*frames, deflater);
    return frames;
  });
}

void SharedMessage::append_deflated_frames(std::string& out, websocket::MessageDeflater& deflater) const {
  if (has_text()) deflater.append_frame(out, websocket::Opcode::text, {}, text());
  for (std::size_t i = 0; i < attachments_.size(); ++i)
    deflater.append_frame(out, websocket::Opcode::binary, {}, attachment(i));
}

}  // namespace chorus::engine
