#include "engine/reframed.hpp"

#include "base/base64.hpp"
#include "engine/payload_v3.hpp"
#include "websocket/frame.hpp"

namespace chorus::engine {
namespace {

std::string framed(SharedMessage const& message, BinaryForm form) {
  std::string frames;
  if (message.has_text()) websocket::append_frame(frames, websocket::Opcode::text, {}, message.text());
  for (std::size_t i = 0; i < message.attachment_count(); ++i) {
    Bytes const data = message.attachment(i);
    if (form == BinaryForm::bytes)
      websocket::append_frame(frames, websocket::Opcode::binary, v3::binary_prefix, data);
    else
      websocket::append_frame(frames, websocket::Opcode::text, v3::base64_prefix, base64(data));
  }
  return frames;
}

}  // namespace

std::shared_ptr<std::string const> const& Reframed::frames(std::shared_ptr<SharedMessage const> const& message,
                                                           BinaryForm form) {
  auto& kept = last_[static_cast<std::size_t>(form)];
  if (kept.message != message) kept = {message, std::make_shared<std::string const>(framed(*message, form))};
  return kept.frames;
}

}  // namespace chorus::engine
