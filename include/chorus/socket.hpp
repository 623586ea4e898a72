// Socket: one client in one namespace, as handlers and other threads know it.
#pragma once
#include <any>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chorus/audience.hpp"
#include "chorus/client_connection.hpp"
#include "chorus/handler.hpp"
#include "chorus/listener.hpp"
#include "chorus/pending.hpp"

namespace chorus {

namespace socket {
struct SocketRef;
class SocketCore;
}  // namespace socket

/// What became of an emit to one socket.
enum class Sent {
  now,      ///< handed on; nothing older waits for this client
  queued,   ///< waits behind older bytes, or travels to the socket's worker
  dropped,  ///< the socket is gone, or it was volatile and the connection not ready
};

/// How one emit to one socket goes out.
struct EmitOptions {
  bool is_volatile = false;  ///< dropped when the connection is not ready to take it now
  bool compress = true;      ///< whether compression may be used for it (where it was negotiated)
};

/// Whether a socket goes on where a former one of its client ended (ServerOptions::connection_state_recovery).
enum class Comeback : std::uint8_t {
  none,             ///< its client asked for no former session: it is new here
  recovered,        ///< it goes on
  unknown_session,  ///< a new one: the former one had expired, was crowded out, or never was of this process
  unknown_offset,   ///< a new one: not all that the client missed was kept
  too_much_missed,  ///< a new one: it missed more than half of ServerOptions::backlog_bytes_max
};

/// How long a question waits when it does not say.
inline constexpr std::chrono::milliseconds ask_timeout_default{5'000};

/// A socket and how to emit to it: `socket.compress(false).emit("event", x)`, `socket.timeout(2s).ask("event", then,
/// x)`. Immutable as an Audience is, and otherwise as the Socket it comes from. What has no comment here does as
/// Socket's of the same name.
class SocketEmitter {
 public:
  SocketEmitter(std::shared_ptr<socket::SocketRef const> ref, EmitOptions options,
                std::chrono::milliseconds timeout = ask_timeout_default)
      : ref_(std::move(ref)), options_(options), timeout_(timeout) {}

  SocketEmitter volatile_() const { return {ref_, {.is_volatile = true, .compress = options_.compress}, timeout_}; }
  SocketEmitter compress(bool on) const {
    return {ref_, {.is_volatile = options_.is_volatile, .compress = on}, timeout_};
  }
  /// How long `ask` and `emit_with_ack` wait for the client.
  SocketEmitter timeout(std::chrono::milliseconds limit) const { return {ref_, options_, limit}; }

  template <class... A>
  Sent emit(std::string_view event, A const&... args) const {
    return emit_encoded(event, encode_args(args...));
  }
  Sent emit_encoded(std::string_view event, ArgsWriter args) const;
  template <class... A>
  Sent send(A const&... args) const {
    return emit("message", args...);
  }
  /// As Socket::ask; how long it waits is what timeout() said. One that is volatile and was dropped has no answer: the
  /// time-out tells.
  template <class... A>
  void ask(std::string_view event, AnswerHandler on_answer, A const&... args) const;
  /// The same to wait for.
  template <class... A>
  Pending<OwnedAnswer> emit_with_ack(std::string_view event, A const&... args) const;

 private:
  std::shared_ptr<socket::SocketRef const> ref_;
  EmitOptions options_;
  std::chrono::milliseconds timeout_;
};

/// `reason` as Socket.IO 4 names them: "transport close", "ping timeout", "client namespace disconnect", ...; `detail`:
/// the occasion in words, where there is more to say ("poll connection closed prematurely").
using DisconnectHandler = std::function<void(class Socket const&, std::string_view reason, std::string_view detail)>;

namespace detail {

/// A view, or for a coroutine a string of its own.
struct Text {
  std::string_view text;
  operator std::string_view() const { return text; }
  operator std::string() const { return std::string(text); }
};

/// The forms of a handler of ends: `f(Socket const&, reason)` and `f(Socket const&, reason, detail)`.
template <class F>
DisconnectHandler make_disconnect_handler(F handler) {
  auto f = keep_captures(std::move(handler));
  if constexpr (std::is_invocable_v<F&, class Socket const&, std::string, std::string>)
    return [f = std::move(f)](class Socket const& s, std::string_view reason, std::string_view detail) mutable {
      f(s, Text{reason}, Text{detail});
    };
  else
    return [f = std::move(f)](class Socket const& s, std::string_view reason, std::string_view) mutable {
      f(s, Text{reason});
    };
}

}  // namespace detail

/// One client in one namespace: a copyable handle. Thread: any, unless a method says "own worker" (in a handler of this
/// socket you are there); elsewhere a call becomes a letter to the socket's worker. Lifetime: outlives the connection,
/// then calls do nothing.
class Socket {
 public:
  Socket() = default;
  explicit Socket(std::shared_ptr<socket::SocketRef const> ref) : ref_(std::move(ref)) {}

  // ---- What it is ----

  /// 20 characters; also the name of a room that only this socket is in. Never the session id, but for clients of
  /// Socket.IO 2: they know themselves by it, behind the namespace and '#' where that is not the default one.
  /// Valid as long as a handle of the socket is.
  std::string_view id() const;
  /// The name of its namespace.
  std::string const& nsp() const;
  /// How its client introduced itself.
  Handshake const& handshake() const;
  /// Index of the worker it lives on.
  unsigned worker() const;
  bool operator==(Socket const& other) const { return ref_ == other.ref_; }
  /// It is a socket, gone or not.
  explicit operator bool() const { return ref_ != nullptr; }

  /// Own worker. False while middlewares decide and after it is gone.
  bool connected() const;
  /// Own worker. Its client has come back after its connection broke, and this socket goes on where that one ended
  /// (ServerOptions::connection_state_recovery): its id, rooms, data and user, and what was emitted to it meanwhile.
  bool recovered() const;
  /// Own worker. The same, and of a client that came back too late, why: what a program kept for it is to be sent anew.
  Comeback comeback() const;
  /// Own worker. The user whose device it is; empty if nobody's.
  UserId user() const;
  /// Own worker. "polling" or "websocket".
  std::string_view transport() const;
  /// Own worker. The revision of Engine.IO's protocol that the client speaks: 4, or 3 for Socket.IO 1 and 2
  /// (ServerOptions::allow_eio3); 0 when it is gone.
  unsigned protocol() const;
  /// Own worker. What it shares with the client's sockets in other namespaces.
  ClientConnection conn() const;
  /// Own worker. Sorted, with its own id.
  std::vector<std::string> rooms() const;

  // ---- Its data ----

  /// What `admit` or `set_data` put there. Own worker. Another type, or nothing there, aborts with a sentence.
  template <class T>
  T& data() const {
    T* value = std::any_cast<T>(&data_any());
    if (value == nullptr) wrong_data_type();
    return *value;
  }
  /// Own worker. nullptr where data<T>() would abort.
  template <class T>
  T* data_if() const {
    return std::any_cast<T>(&data_any());
  }
  /// Own worker. If T can be encoded, fetch_sockets shows it.
  template <class T>
  void set_data(T value) const {
    void (*encoder)(std::any const&, ArgsWriter&) = nullptr;
    if constexpr (Encodable<T>)
      encoder = [](std::any const& any, ArgsWriter& writer) { encode(writer, *std::any_cast<T>(&any)); };
    put_data(std::any(std::move(value)), encoder);
  }

  // ---- Its rooms ----

  /// Takes effect before it returns (own worker): an emit to the room on any worker from now on reaches this socket.
  void join(std::string_view room) const;
  void join(std::vector<std::string> const& rooms) const {
    for (auto const& room : rooms) join(room);
  }
  void join(std::initializer_list<std::string_view> rooms) const {
    for (auto const room : rooms) join(room);
  }
  /// Takes effect before it returns (own worker).
  void leave(std::string_view room) const;

  // ---- To its client ----

  /// To this client. Never blocks and never throws.
  template <class... A>
  Sent emit(std::string_view event, A const&... args) const {
    return emit_encoded(event, encode_args(args...));
  }
  /// The same, of arguments that are encoded already.
  Sent emit_encoded(std::string_view event, ArgsWriter args, EmitOptions options = {}) const;
  /// Dropped when the connection is not ready to take it now.
  template <class... A>
  Sent emit_volatile(std::string_view event, A const&... args) const {
    return emit_encoded(event, encode_args(args...), {.is_volatile = true});
  }
  /// The event "message", which a client's `send` is too.
  template <class... A>
  Sent send(A const&... args) const {
    return emit("message", args...);
  }
  /// As send().
  template <class... A>
  Sent write(A const&... args) const {
    return send(args...);
  }
  /// What is emitted through it is dropped when the connection is not ready to take it now.
  SocketEmitter volatile_() const { return {ref_, {.is_volatile = true}}; }
  /// Whether compression may be used for what is emitted through it (where it was negotiated).
  SocketEmitter compress(bool on) const { return {ref_, {.compress = on}}; }
  /// `socket.timeout(2s).ask("event", then, args...)`.
  SocketEmitter timeout(std::chrono::milliseconds limit) const { return {ref_, {}, limit}; }

  /// Asks the client: `on_answer(answer)` runs once, on the socket's worker; see AskError for what may be missing.
  template <class... A>
  void ask(std::string_view event, std::chrono::milliseconds timeout, AnswerHandler on_answer, A const&... args) const {
    ask_encoded(event, timeout, std::move(on_answer), encode_args(args...));
  }
  /// The same, of arguments that are encoded already.
  void ask_encoded(std::string_view event, std::chrono::milliseconds timeout, AnswerHandler on_answer, ArgsWriter args,
                   EmitOptions options = {}) const;
  /// The same to wait for: `auto answer = co_await socket.emit_with_ack(2s, "event", args...)`.
  template <class... A>
  Pending<OwnedAnswer> emit_with_ack(std::chrono::milliseconds timeout, std::string_view event,
                                     A const&... args) const {
    return this->timeout(timeout).emit_with_ack(event, args...);
  }

  // ---- To others ----

  /// Everyone in the namespace but this socket; narrow it with `to`.
  Audience broadcast() const;
  /// Those of the room, or of the user, but for this socket. Narrow it further as any Audience.
  Audience to(std::string_view room) const { return broadcast().to(room); }
  Audience to(std::vector<std::string> const& rooms) const { return broadcast().to(rooms); }
  Audience to(std::initializer_list<std::string_view> rooms) const { return broadcast().to(rooms); }
  Audience to(UserId const& user) const { return broadcast().to(user); }
  /// As to().
  Audience in(std::string_view room) const { return to(room); }
  Audience in(std::vector<std::string> const& rooms) const { return to(rooms); }
  Audience in(std::initializer_list<std::string_view> rooms) const { return to(rooms); }
  /// As broadcast(), without those of the room, or of the user.
  Audience except(std::string_view room) const { return broadcast().except(room); }
  Audience except(std::vector<std::string> const& rooms) const { return broadcast().except(rooms); }
  Audience except(std::initializer_list<std::string_view> rooms) const { return broadcast().except(rooms); }
  Audience except(UserId const& user) const { return broadcast().except(user); }
  /// As broadcast(), this process only.
  Audience local() const { return broadcast().local(); }

  // ---- Its end ----

  /// Leaves this namespace; `close_connection`: ends the whole connection. A stock client does not come back by itself.
  void disconnect(bool close_connection = false) const;

  // ---- Its handlers ----

  // Handlers of this socket alone. Own worker, all of it. They end with the socket; one that is removed while it runs
  // is kept until it has returned.

  /// The namespace's handlers for the event run first, then the socket's own in the order in which they were added.
  template <class F>
  ListenerId on(std::string_view event, F handler) const {
    return add_handler(event, make_handler(std::move(handler)));
  }
  /// For the next event of this name only.
  template <class F>
  ListenerId once(std::string_view event, F handler) const {
    return add_handler(event, make_handler(std::move(handler)), true);
  }
  /// The form that on() and once() keep.
  ListenerId add_handler(std::string_view event, EventHandler handler, bool once = false) const;
  /// Removes this handler, of whichever kind; all of an event; all of all events.
  void off(ListenerId id) const;
  void off(std::string_view event) const;
  void off() const;
  /// The events that it has handlers of its own for, sorted.
  std::vector<std::string> event_names() const;
  /// Its own handlers for the event, in their order, as off() takes them.
  std::vector<ListenerId> listeners(std::string_view event) const;

  /// Hears every event of the client before its middlewares and handlers, whether there are any:
  /// `f(Incoming const&)` or `f(std::string_view event, Args const&)`. `prepend_any`: before those that are there.
  template <class F>
  ListenerId on_any(F listener) const {
    return add_any(detail::make_catch_all<Incoming>(std::move(listener)), false);
  }
  /// As on_any(), before those that are there.
  template <class F>
  ListenerId prepend_any(F listener) const {
    return add_any(detail::make_catch_all<Incoming>(std::move(listener)), true);
  }
  /// Removes this one; all of them.
  void off_any(ListenerId id) const;
  void off_any() const;
  /// In their order.
  std::vector<ListenerId> listeners_any() const;

  /// Hears every event that goes out to the client, those emitted to many included, but for what is dropped: of forms
  /// `f(Outgoing const&)` or `f(std::string_view event, Args const&)`. What it emits to this socket itself is not told.
  template <class F>
  ListenerId on_any_outgoing(F listener) const {
    return add_any_outgoing(detail::make_catch_all<Outgoing>(std::move(listener)), false);
  }
  /// As on_any_outgoing(), before those that are there.
  template <class F>
  ListenerId prepend_any_outgoing(F listener) const {
    return add_any_outgoing(detail::make_catch_all<Outgoing>(std::move(listener)), true);
  }
  /// Removes this one; all of them.
  void off_any_outgoing(ListenerId id) const;
  void off_any_outgoing() const;
  /// In their order.
  std::vector<ListenerId> listeners_any_outgoing() const;

  /// A middleware for each event of the client, in order of registration, the next one only after this one's verdict;
  /// then the handlers. Forms: `Admission f(EventDraft const&)`, `Task<Admission> f(EventDraft)`, and `void
  /// f(EventDraft const&, Verdict)` for later: then other events of the socket may overtake this one. A refusal goes to
  /// on_error, a verdict that is never given drops the event. Of more than `ServerOptions::drafts_pending_max` waiting
  /// ones the newest is refused.
  template <class F>
  void use(F middleware) const {
    if constexpr (std::is_invocable_v<F&, EventDraft const&, Verdict>)
      add_event_middleware(detail::keep_captures(std::move(middleware)));
    else if constexpr (detail::is_coroutine<F>)
      add_event_middleware(
          [m = std::make_shared<F>(std::move(middleware))](EventDraft const& d, Verdict v) { answer_later(v, m, d); });
    else
      add_event_middleware([m = std::move(middleware)](EventDraft const& d, Verdict v) mutable { v(m(d)); });
  }
  /// The form that use() keeps.
  void add_event_middleware(EventMiddleware middleware) const;
  /// An event was refused by a middleware: told to these, or logged when there are none.
  ListenerId on_error(EventErrorHandler handler) const;

  /// Rooms are still there.
  template <class F>
  ListenerId on_disconnecting(F handler) const {
    return add_disconnecting(detail::make_disconnect_handler(std::move(handler)));
  }
  /// The last thing heard of it.
  template <class F>
  ListenerId on_disconnect(F handler) const {
    return add_disconnect(detail::make_disconnect_handler(std::move(handler)));
  }

  std::shared_ptr<socket::SocketRef const> const& ref() const { return ref_; }

 private:
  ListenerId add_any(IncomingHandler listener, bool front) const;
  ListenerId add_any_outgoing(OutgoingHandler listener, bool front) const;
  ListenerId add_disconnecting(DisconnectHandler handler) const;
  ListenerId add_disconnect(DisconnectHandler handler) const;
  std::any& data_any() const;
  void put_data(std::any value, void (*encoder)(std::any const&, ArgsWriter&)) const;
  [[noreturn]] static void wrong_data_type();

  std::shared_ptr<socket::SocketRef const> ref_;
};

// ---- Bodies ----

template <class... A>
void SocketEmitter::ask(std::string_view event, AnswerHandler on_answer, A const&... args) const {
  Socket(ref_).ask_encoded(event, timeout_, std::move(on_answer), encode_args(args...), options_);
}

template <class... A>
Pending<OwnedAnswer> SocketEmitter::emit_with_ack(std::string_view event, A const&... args) const {
  return Pending<OwnedAnswer>::start([&](auto const& state) {
    auto take = [state](Answer const& answer) { state->finish({answer.error, OwnedArgs::copy(answer.args)}); };
    ask(event, std::move(take), args...);
  });
}

}  // namespace chorus
