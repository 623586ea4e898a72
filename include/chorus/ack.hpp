// Acknowledgements, both ways: the answer a handler gives, and the answer a client gives.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "chorus/args.hpp"

namespace chorus {

namespace socket {
struct SocketRef;
}

/// The client's call-back: `ack("delivered")` answers it (Socket.IO v5, "Acknowledgement"). A copyable handle.
/// Thread: any. After the socket is gone it does nothing; of two answers a client heeds the first. False when the
/// client asked for none.
class Ack {
 public:
  Ack() = default;
  Ack(std::shared_ptr<socket::SocketRef const> socket, std::uint64_t id);

  /// The client asked for an answer.
  explicit operator bool() const { return socket_ != nullptr; }
  /// Answers with these arguments.
  template <class... A>
  void operator()(A const&... args) const {
    if (socket_) send(encode_args(args...));
  }
  /// Answers with arguments that are already encoded.
  void send(ArgsWriter args) const;

 private:
  std::shared_ptr<socket::SocketRef const> socket_;
  std::uint64_t id_ = 0;
};

/// Why there is no answer.
enum class AskError {
  none,          ///< there is an answer
  timeout,       ///< the client did not acknowledge in time
  disconnected,  ///< the socket went away first
  too_many,      ///< `asks_pending_max` questions are open on this socket
};

/// What came back for one question.
struct Answer {
  AskError error = AskError::none;  ///< `none`: there is an answer
  /// The client's arguments; empty on error. Valid during the call-back only.
  Args args;
  /// There is an answer.
  explicit operator bool() const { return error == AskError::none; }
};
/// Called once, in a turn of the socket's worker.
using AnswerHandler = std::function<void(Answer const&)>;

/// Arguments that own what they are made of.
struct OwnedArgs {
  std::string text;                      ///< as Args::raw()
  std::vector<std::string> attachments;  ///< as Args::attachments()
  /// Valid as long as this.
  Args view() const { return Args(text, attachments); }
  /// For what must outlive the handler that it was given to.
  static OwnedArgs copy(Args const& args) {
    return {std::string(args.raw()), {args.attachments().begin(), args.attachments().end()}};
  }
};

/// An answer that owns its arguments: what `co_await socket.emit_with_ack(...)` gives.
struct OwnedAnswer {
  AskError error = AskError::none;  ///< `none`: there is an answer
  OwnedArgs args;                   ///< of the client; empty on error
  /// There is an answer.
  explicit operator bool() const { return error == AskError::none; }
  /// The argument at `index` as a T; nothing on error, and when it is of another type.
  template <class T>
  std::optional<T> as(std::size_t index = 0) const {
    if (error != AskError::none) return std::nullopt;
    return args.view()[index].template as<T>();
  }
};

/// What came back for a question to many.
struct Answers {
  /// False when at least one client did not answer in time.
  bool complete = true;
  /// Each client's arguments, in the order of arrival.
  std::vector<OwnedArgs> answers;
};
/// Called once, in a turn of the worker that asked.
using AnswersHandler = std::function<void(Answers const&)>;

}  // namespace chorus
