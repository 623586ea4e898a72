#include "engine/reframed.hpp"

#include "base/base64.hpp"
#include "engine/payload_v3.hpp"
#include "websocket/frame.hpp"
#include "websocket/message_deflater.hpp"

namespace chorus::engine {
namespace {

/// Calls `append(opcode, prefix, payload)` for each frame.
template <class Append>
void for_each_frame(SharedMessage const& message, BinaryForm form, Append append) {
  if (message.has_text()) append(websocket::Opcode::text, Bytes(), message.text());
  for (std::size_t i = 0; i < message.attachment_count(); ++i) {
    Bytes const data = message.attachment(i);
    if (form == BinaryForm::bytes)
      append(websocket::Opcode::binary, v3::binary_prefix, data);
    else
      append(websocket::Opcode::text, v3::base64_prefix, Bytes(base64(data)));
  }
}

}  // namespace

void append_deflated_frames(std::string& out, SharedMessage const& message, BinaryForm form,
                            websocket::MessageDeflater& deflater) {
  for_each_frame(message, form, [&](websocket::Opcode opcode, Bytes prefix, Bytes payload) {
    deflater.append_frame(out, opcode, prefix, payload);
  });
}

std::shared_ptr<std::string const> const& Reframed::frames(std::shared_ptr<SharedMessage const> const& message,
                                                           BinaryForm form) {
  auto& kept = last_[static_cast<std::size_t>(form)];
  if (kept.message == message) return kept.frames;
  std::string frames;
  for_each_frame(*message, form, [&frames](websocket::Opcode opcode, Bytes prefix, Bytes payload) {
    websocket::append_frame(frames, opcode, prefix, payload);
  });
  kept = {message, std::make_shared<std::string const>(std::move(frames))};
  return kept.frames;
}

std::shared_ptr<std::string const> const& Reframed::deflated_frames(std::shared_ptr<SharedMessage const> const& message,
                                                                    BinaryForm form,
                                                                    websocket::MessageDeflater& deflater) {
  auto& kept = last_deflated_[static_cast<std::size_t>(form)];
  if (kept.message == message) return kept.frames;
  std::string frames;
  append_deflated_frames(frames, *message, form, deflater);
  kept = {message, std::make_shared<std::string const>(std::move(frames))};
  return kept.frames;
}

}  // namespace chorus::engine
