// Audience: who an emit is for. An immutable value: every narrowing gives a new one, the old keeps what it was.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chorus/ack.hpp"
#include "chorus/args.hpp"
#include "chorus/handshake.hpp"

namespace chorus {

namespace socket {
class Switchboard;
struct Target;
}  // namespace socket

/// True for the names that an emit must not have (Socket.IO v5: connect, connect_error, disconnect, disconnecting,
/// newListener, removeListener). Ask before emitting under a name that came from a peer.
bool is_reserved_event(std::string_view name);

/// A socket as `fetch_sockets` tells of it: a snapshot, from whichever worker it lives on.
struct SocketInfo {
  std::string id;
  std::string nsp;
  UserId user;                     ///< empty if it is nobody's device
  std::vector<std::string> rooms;  ///< its own id included
  std::string data_json;           ///< `socket.data`, if it can be encoded; else `{}`
  std::shared_ptr<Handshake const> handshake;
  unsigned worker = 0;
};

/// Thread: any. On a worker its own members are served at once, others by letter; from a foreign thread all by letter.
/// Order: what one thread emits arrives at each receiver in that order. Errors: emitting never throws and never blocks;
/// reserved event names (Socket.IO v5: connect, disconnect, ...) abort with a sentence, for they are a bug of the
/// caller.
class Audience {
 public:
  Audience(std::shared_ptr<socket::Switchboard> board, std::string nsp);

  /// The union of these rooms; a socket in several gets the event once. A socket id is a room.
  Audience to(std::string_view room) const;
  Audience to(std::vector<std::string> const& rooms) const;
  Audience in(std::string_view room) const { return to(room); }
  /// All devices of this user.
  Audience to(UserId const& user) const;
  Audience except(std::string_view room) const;
  Audience except(std::vector<std::string> const& rooms) const;
  Audience except(UserId const& user) const;
  /// This process only.
  Audience local() const;
  /// Dropped for those whose connection is not ready to take it now.
  Audience volatile_() const;
  /// Whether compression may be used for it (where it was negotiated).
  Audience compress(bool on) const;
  /// How long `ask` waits for everybody.
  Audience timeout(std::chrono::milliseconds limit) const;

  template <class... A>
  void emit(std::string_view event, A const&... args) const {
    emit_encoded(event, encode_args(args...));
  }
  void emit_encoded(std::string_view event, ArgsWriter args) const;

  /// Emits and collects everybody's acknowledgement. `on_answers(answers)` runs once, on the worker that asked
  /// (worker 0 for a foreign thread), when all answered or the time is over.
  template <class... A>
  void ask(std::string_view event, AnswersHandler on_answers, A const&... args) const {
    ask_encoded(event, encode_args(args...), std::move(on_answers));
  }
  void ask_encoded(std::string_view event, ArgsWriter args, AnswersHandler on_answers) const;

  /// All matching sockets of this process. The call-back runs as for `ask`.
  void fetch_sockets(std::function<void(std::vector<SocketInfo>)> on_sockets) const;
  /// `done` (optional) runs when it has taken effect on every worker.
  void sockets_join(std::vector<std::string> rooms, std::function<void()> done = {}) const;
  void sockets_leave(std::vector<std::string> rooms, std::function<void()> done = {}) const;
  /// `close_connection`: the whole connection, not this namespace only.
  void disconnect_sockets(bool close_connection = false, std::function<void()> done = {}) const;

  /// As the sender: never to this socket itself.
  Audience except_socket(std::string_view socket_id) const;

 private:
  Audience(std::shared_ptr<socket::Switchboard> board, std::shared_ptr<socket::Target const> target);
  template <class Change>
  Audience changed(Change&& change) const;

  std::shared_ptr<socket::Switchboard> board_;
  std::shared_ptr<socket::Target const> target_;
};

}  // namespace chorus
