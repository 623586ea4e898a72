// Messages to many, framed anew for those whose dialect frames attachments in a way of its own.
#pragma once
#include <array>
#include <memory>
#include <string>

#include "engine/dialect.hpp"
#include "engine/shared_message.hpp"

namespace chorus::engine {

/// The frames of the message that came last, so that it is framed once for all receivers of a broadcast that speak the
/// same dialect, whoever stands between them.
///
/// Thread: one worker's. Limits: it keeps one message for each form of binary, plain and deflated, until the next one
/// or clear().
class Reframed {
 public:
  /// As SharedMessage::frames(), in revision 3.
  std::shared_ptr<std::string const> const& frames(std::shared_ptr<SharedMessage const> const& message,
                                                   BinaryForm form);
  /// As SharedMessage::deflated_frames(): one deflater for all who ask between two clear()s.
  std::shared_ptr<std::string const> const& deflated_frames(std::shared_ptr<SharedMessage const> const& message,
                                                            BinaryForm form, websocket::MessageDeflater& deflater);
  void clear() { last_ = last_deflated_ = {}; }

 private:
  struct Kept {
    std::shared_ptr<SharedMessage const> message;
    std::shared_ptr<std::string const> frames;
  };
  std::array<Kept, 2> last_, last_deflated_;  // by BinaryForm
};

/// As SharedMessage::append_deflated_frames(), in revision 3.
void append_deflated_frames(std::string& out, SharedMessage const& message, BinaryForm form,
                            websocket::MessageDeflater& deflater);

}  // namespace chorus::engine
