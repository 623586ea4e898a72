// Namespace: middlewares, handlers and audiences of one name (`/`, `/admin`, ...).
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "chorus/audience.hpp"
#include "chorus/handler.hpp"
#include "chorus/handshake.hpp"
#include "chorus/listener.hpp"
#include "chorus/server_side.hpp"
#include "chorus/socket.hpp"

namespace chorus {

namespace socket {
class Registry;
}

/// A user's device: one socket of theirs, on any node.
struct Device {
  std::string socket_id;  ///< socket.id()
  unsigned worker = 0;    ///< the index of the one that it lives on
  /// When it connected.
  std::chrono::system_clock::time_point since;
  /// What its admission told about it (Admission::device_info): raw JSON, `null` if nothing.
  std::string info_json = "null";
  /// The node it is connected to; empty: this process.
  std::string node;
};

/// A user with at least one device.
struct OnlineUser {
  UserId user;              ///< who it is
  std::size_t devices = 0;  ///< how many, on all nodes
  /// Device::info_json of the one that is there longest.
  std::string info_json;
};

/// A user's devices, and what changed about them.
struct Presence {
  UserId user;  ///< whose devices they are
  /// True when this is the first device, or the last one is gone.
  bool edge = false;
  bool online = false;  ///< true when any device is left
  /// What is left: those of this process in the order of connecting, and those of other nodes in the order of hearing.
  std::vector<Device> devices;
  /// The one that came or went.
  Device device;
};

/// What use() keeps of a middleware.
using MiddlewareHandler = std::function<void(Socket const&, Verdict)>;
/// Told of a socket that has connected.
using ConnectionHandler = std::function<void(Socket const&)>;
/// Told of a change, in every process of a cluster.
using PresenceHandler = std::function<void(Presence const&)>;

/// Told of a room.
using RoomHandler = std::function<void(std::string const& room)>;
/// Told of a room and one of its members.
using RoomMemberHandler = std::function<void(std::string const& room, std::string const& socket_id)>;

/// Whether a name may become a namespace, asked by a client. To be called once, from any thread; dropped without a word
/// it says nothing, and the client waits (`ServerOptions::connect_timeout`).
class NamespaceVerdict {
 public:
  /// For Chorus itself.
  explicit NamespaceVerdict(std::function<void(bool)> decide) : decide_(std::move(decide)) {}
  /// The verdict.
  void operator()(bool allow) const { decide_(allow); }

 private:
  std::function<void(bool)> decide_;
};
/// What Server::of_function keeps of a function.
using NamespaceDecider = std::function<void(std::string_view name, ArgView auth, NamespaceVerdict)>;

/// The middlewares, handlers and sockets of one name: a copyable handle. Thread: any. What is set here is set for all
/// workers: a change makes a new version of the namespace's table, which each worker takes up at its next letter and
/// the calling worker at once. Handlers run on many threads, each in the turn of its socket's worker: what they capture
/// must bear that.
///
/// Of a dynamic namespace's parent: what is set on it holds for all children, and what is emitted reaches all of them.
/// Of a child: what is set on it is this child's alone, beside what its parent has, and ends with it (`off` does not
/// reach what is the parent's).
class Namespace : public NamesAudience<Namespace> {
 public:
  Namespace(std::shared_ptr<socket::Registry> registry, std::string name);

  /// `/`, or `/admin` and the like.
  std::string const& name() const { return name_; }

  // ---- Middlewares and handlers ----

  /// Runs for each client that wants to connect, in order of registration, the next one only after this one's verdict.
  /// Forms: `Admission f(Handshake const&)`, `Admission f(Socket const&)`, `void f(Socket const&, Verdict)` for later,
  /// and `Task<Admission> f(Socket)` or `f(Handshake)`.
  template <class F>
  Namespace& use(F middleware) {
    if constexpr (std::is_invocable_v<F&, Socket const&, Verdict>)
      return add_middleware(detail::keep_captures(std::move(middleware)));
    else if constexpr (detail::is_coroutine<F>)
      return add_middleware([m = std::make_shared<F>(std::move(middleware))](Socket const& s, Verdict v) {
        if constexpr (std::is_invocable_v<F&, Socket>)
          answer_later(v, m, s);
        else
          answer_later(v, m, s.handshake());
      });
    else if constexpr (std::is_invocable_r_v<Admission, F&, Handshake const&>)
      return add_middleware([m = std::move(middleware)](Socket const& s, Verdict v) mutable { v(m(s.handshake())); });
    else
      return add_middleware([m = std::move(middleware)](Socket const& s, Verdict v) mutable { v(m(s)); });
  }
  /// The form that use() keeps.
  Namespace& add_middleware(MiddlewareHandler middleware);

  /// All middlewares said yes and the client was told.
  template <class F>
  ListenerId on_connection(F handler) {
    return add_connection(detail::keep_captures(std::move(handler)));
  }
  /// As on_connection(), by its other name.
  template <class F>
  ListenerId on_connect(F handler) {
    return on_connection(std::move(handler));
  }
  /// The form that on_connection() keeps.
  ListenerId add_connection(ConnectionHandler handler);
  /// An event of any socket here. Several handlers for one event run in order of registration.
  template <class F>
  ListenerId on(std::string_view event, F handler) {
    return add_handler(event, make_handler(std::move(handler)));
  }
  /// The form that on() keeps.
  ListenerId add_handler(std::string_view event, EventHandler handler);
  /// An event for which there was no handler.
  Namespace& on_unhandled(EventHandler handler);
  /// An event was refused by a middleware of its socket (Socket::use).
  ListenerId on_error(EventErrorHandler handler);
  /// A socket here is about to end: as Socket::on_disconnecting.
  template <class F>
  ListenerId on_disconnecting(F handler) {
    return add_disconnecting(detail::make_disconnect_handler(std::move(handler)));
  }
  /// A socket here has ended: as Socket::on_disconnect.
  template <class F>
  ListenerId on_disconnect(F handler) {
    return add_disconnect(detail::make_disconnect_handler(std::move(handler)));
  }
  // ---- Users and rooms ----

  /// A user's devices changed, here or on another node. Runs on the user's home worker, in the order in which this
  /// process learned of it: once in every process of a cluster.
  ListenerId on_presence(PresenceHandler handler);

  /// A room got its first member, and lost its last one, on whichever worker of this process; a socket came into a room
  /// and left it. All that is told of one room is told by one worker, the room's home, in the order in which it
  /// happened. A socket's own room, named by its id, is not told of: on_connection and on_disconnect are.
  /// Set these before the server starts: who is in a room already is not counted.
  ListenerId on_create_room(RoomHandler handler);
  /// The last member has left it.
  ListenerId on_delete_room(RoomHandler handler);
  /// A socket has come into it.
  ListenerId on_join_room(RoomMemberHandler handler);
  /// A socket has left it.
  ListenerId on_leave_room(RoomMemberHandler handler);

  // ---- Taking handlers back ----

  /// Removes this handler, of whichever kind; all handlers of an event. An event that is being handled on another
  /// worker may still reach them.
  void off(ListenerId id);
  void off(std::string_view event);

  // ---- Between servers ----

  /// An event for the other servers of the cluster, not for clients, and not for this one. Typed as `on`, but for
  /// ServerAck in place of Ack; runs on one worker, always the same for a namespace.
  template <class F>
  ListenerId on_server_side(std::string_view event, F handler) {
    return add_server_side(event, make_server_side_handler(std::move(handler)));
  }
  /// The form that on_server_side() keeps.
  ListenerId add_server_side(std::string_view event, ServerSideHandler handler);
  /// To the other servers of the cluster, without an answer.
  template <class... A>
  void server_side_emit(std::string_view event, A const&... args) const {
    server_side_emit_encoded(event, encode_args(args...));
  }
  /// The same, of arguments that are encoded already.
  void server_side_emit_encoded(std::string_view event, ArgsWriter args) const;
  /// With one answer of each other server, as for Audience::ask. Where there is none: no answer, and no wait.
  template <class... A>
  void server_side_ask(std::string_view event, AnswersHandler on_answers, A const&... args) const {
    server_side_ask_encoded(event, encode_args(args...), std::move(on_answers));
  }
  /// The same, of arguments that are encoded already.
  void server_side_ask_encoded(std::string_view event, ArgsWriter args, AnswersHandler on_answers) const;
  /// The same to wait for.
  template <class... A>
  Pending<Answers> server_side_emit_with_ack(std::string_view event, A const&... args) const {
    return Pending<Answers>::start([&](auto const& state) {
      server_side_ask_encoded(event, encode_args(args...), [state](Answers const& all) { state->finish(all); });
    });
  }

  /// How many servers of the cluster have this namespace, this one among them, as Redis knows it now: Node's with the
  /// standard adapter count, a process with many workers is one [adapter.serverCount]. Of a dynamic namespace's parent:
  /// those that have `/`, so all. Without Redis it is 1, at once. Where Redis does not answer, there is an error in
  /// place of a number, within 5 s. The call-back runs once, on the asking worker; asked on a foreign thread, on a
  /// worker. Thread: any.
  void server_count(std::function<void(ServerCount const&)> on_count) const;
  /// The same to wait for.
  Pending<ServerCount> server_count() const;

  // ---- Who is there ----

  /// All of its sockets.
  Audience const& everyone() const { return everyone_; }
  /// One user's devices, as of now, those on other nodes included. Thread: any.
  std::vector<Device> devices(UserId const& user) const;
  /// Users with at least one device, on this or on another node, as of now, sorted by their ids. Of more than `limit`
  /// any are left out, and cost nothing. Thread: any.
  std::vector<OnlineUser> users(std::size_t limit = 1'000'000) const;

  std::shared_ptr<socket::Registry> const& registry() const { return registry_; }

 private:
  ListenerId add_disconnecting(DisconnectHandler handler);
  ListenerId add_disconnect(DisconnectHandler handler);

  std::shared_ptr<socket::Registry> registry_;
  std::string name_;
  Audience everyone_;
};

}  // namespace chorus
