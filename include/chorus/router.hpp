// The envelope router: one Socket.IO event carries `{event, args}`, and a handler is looked up by that inner name.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "chorus/namespace.hpp"

namespace chorus {

/// One message that came in an envelope. Borrowed for the call.
struct Enveloped {
  Socket const& socket;  ///< who sent it
  UserId user;           ///< whose device that is; empty if nobody's
  /// The envelope's `args`; missing() if there are none.
  ArgView args;
  Ack ack;  ///< the client's call-back; false-like if it has none
};

/// `Router chat(io.of("/socket")); chat.on("sendMessage", [](Enveloped const& m) {...}); chat.dispatch(user, ...)`
/// Incoming: event `message`, one argument `{"event":name,"args":...}`. Outgoing: event `message`, one argument
/// `{"event":name,"id":user,"args":...}`. Unknown names are counted and ignored; an ack, if asked for, gets
/// `{"ok":false,"error":"unknown event"}`.
/// In a cluster a dispatch travels on a Redis channel of its own, `<envelope>:outgoing_socket_message`, as JSON
/// `{"event":name,"id":user,"args":...,"from":...}`: any program can push to a user with one PUBLISH.
/// Thread: `on` before the server starts; `dispatch` and `send` from any thread. Lifetime: a copyable handle.
class Router {
 public:
  /// Called in a turn of the socket's worker.
  using Handler = std::function<void(Enveloped const&)>;

  /// `envelope`: the one event's name.
  explicit Router(Namespace nsp, std::string envelope = "message");

  /// The handler of this inner name; it takes the place of one before it.
  Router& on(std::string_view event, Handler handler);

  /// To all devices of a user, on every worker of every node.
  template <class T>
  void dispatch(UserId const& user, std::string_view event, T const& args) const {
    send(nsp_.user(user).local(), event, user, args);
    if (reaches_other_nodes()) dispatch_elsewhere(user, event, encode_args(args));
  }
  /// The same envelope to another audience; `id` is what the envelope says.
  template <class T>
  void send(Audience const& audience, std::string_view event, UserId const& id, T const& args) const {
    audience.emit_encoded(envelope_, enveloped(event, id, args));
  }
  template <class T>
  void send(Socket const& socket, std::string_view event, UserId const& id, T const& args) const {
    socket.emit_encoded(envelope_, enveloped(event, id, args));
  }

  /// How many messages named an event that nobody handles.
  std::uint64_t unknown_events() const;

 private:
  template <class T>
  static ArgsWriter enveloped(std::string_view event, UserId const& id, T const& args) {
    ArgsWriter out;
    ObjectWriter(out).member("event", event).member("id", id.value).member("args", args);
    return out;
  }

  bool reaches_other_nodes() const;
  void dispatch_elsewhere(UserId const& user, std::string_view event, ArgsWriter const& args) const;

  struct Table;
  Namespace nsp_;
  std::string envelope_;
  std::string channel_;  // of the envelope, as the origin system's bus names it
  std::shared_ptr<Table> table_;
};

}  // namespace chorus
