// Events between the servers of a cluster: what server_side_emit sends and on_server_side hears.
#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "chorus/handler.hpp"

namespace chorus {

/// The asking server's call-back: `ack("value")` answers it, once; a copyable handle. Thread: any. False when no answer
/// was asked for.
class ServerAck {
 public:
  ServerAck() = default;
  /// For Chorus itself.
  explicit ServerAck(std::function<void(ArgsWriter)> answer) : answer_(std::move(answer)) {}
  /// An answer was asked for.
  explicit operator bool() const { return answer_ != nullptr; }
  /// Answers with these arguments.
  template <class... A>
  void operator()(A const&... args) const {
    if (answer_) answer_(encode_args(args...));
  }

 private:
  std::function<void(ArgsWriter)> answer_;
};

/// One event of another server. Borrowed for the call.
struct ServerSideEvent {
  std::string_view event;   ///< its name
  Args const& args;         ///< what it came with
  ServerAck const& answer;  ///< the asking server's call-back
};

/// False: the arguments were not of the types the handler wants, so it was not called.
using ServerSideHandler = std::function<bool(ServerSideEvent const&)>;

/// As make_handler: ServerAck, Args, OwnedArgs and ServerSideEvent parameters are filled in, every other one takes the
/// next argument, decoded.
template <class F>
ServerSideHandler make_server_side_handler(F f) {
  return detail::make_typed<ServerSideEvent>(std::move(f));
}

/// What server_count() found.
struct ServerCount {
  std::size_t servers = 0;  ///< this one among them
  /// Empty: they were counted. Else why nobody knows, its first word as that of RedisReply's errors: `DOWN` (no
  /// connection to Redis), `LOST` (it ended meanwhile), `LATE` (no answer within 5 s), `FULL` (10,000 questions are
  /// open), or what Redis said.
  std::string error;
  /// They were counted.
  explicit operator bool() const { return error.empty(); }
};

}  // namespace chorus
