// Socket: one client in one namespace, as handlers and other threads know it.
#pragma once
#include <any>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chorus/audience.hpp"
#include "chorus/handler.hpp"

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

/// A socket and how to emit to it: `socket.compress(false).emit("event", x)`. Immutable as an Audience is, and
/// otherwise as the Socket it comes from.
class SocketEmitter {
 public:
  SocketEmitter(std::shared_ptr<socket::SocketRef const> ref, EmitOptions options)
      : ref_(std::move(ref)), options_(options) {}

  SocketEmitter volatile_() const { return {ref_, {.is_volatile = true, .compress = options_.compress}}; }
  SocketEmitter compress(bool on) const { return {ref_, {.is_volatile = options_.is_volatile, .compress = on}}; }

  template <class... A>
  Sent emit(std::string_view event, A const&... args) const {
    return emit_encoded(event, encode_args(args...));
  }
  Sent emit_encoded(std::string_view event, ArgsWriter args) const;

 private:
  std::shared_ptr<socket::SocketRef const> ref_;
  EmitOptions options_;
};

/// Reasons as Socket.IO 4 names them: "transport close", "ping timeout", "client namespace disconnect", ...
using DisconnectHandler = std::function<void(class Socket const&, std::string_view reason)>;

/// A copyable handle. Thread: any, unless a method says "own worker" (in a handler of this socket you are there);
/// elsewhere a call becomes a letter to the socket's worker. Lifetime: outlives the connection, then calls do nothing.
class Socket {
 public:
  Socket() = default;
  explicit Socket(std::shared_ptr<socket::SocketRef const> ref) : ref_(std::move(ref)) {}

  /// 20 characters; also the name of a room that only this socket is in. Never the session id, but for clients of
  /// Socket.IO 2: they know themselves by it, behind the namespace and '#' where that is not the default one.
  /// Valid as long as a handle of the socket is.
  std::string_view id() const;
  std::string const& nsp() const;
  Handshake const& handshake() const;
  /// Index of the worker it lives on.
  unsigned worker() const;
  bool operator==(Socket const& other) const { return ref_ == other.ref_; }
  explicit operator bool() const { return ref_ != nullptr; }

  /// Own worker. False while middlewares decide and after it is gone.
  bool connected() const;
  /// Own worker. Its client has come back after its connection broke, and this socket goes on where that one ended
  /// (ServerOptions::connection_state_recovery): its id, rooms, data and user, and what was emitted to it meanwhile.
  bool recovered() const;
  /// Own worker. The user whose device it is; empty if nobody's.
  UserId user() const;
  /// Own worker. "polling" or "websocket".
  std::string_view transport() const;
  /// Own worker. The revision of Engine.IO's protocol that the client speaks: 4, or 3 for Socket.IO 1 and 2
  /// (ServerOptions::allow_eio3); 0 when it is gone.
  unsigned protocol() const;
  /// Own worker. Sorted, with its own id.
  std::vector<std::string> rooms() const;

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

  /// Takes effect before it returns (own worker): an emit to the room on any worker from now on reaches this socket.
  void join(std::string_view room) const;
  void leave(std::string_view room) const;

  template <class... A>
  Sent emit(std::string_view event, A const&... args) const {
    return emit_encoded(event, encode_args(args...));
  }
  Sent emit_encoded(std::string_view event, ArgsWriter args, EmitOptions options = {}) const;
  /// Dropped when the connection is not ready to take it now.
  template <class... A>
  Sent emit_volatile(std::string_view event, A const&... args) const {
    return emit_encoded(event, encode_args(args...), {.is_volatile = true});
  }
  SocketEmitter volatile_() const { return {ref_, {.is_volatile = true}}; }
  /// Whether compression may be used for what is emitted through it (where it was negotiated).
  SocketEmitter compress(bool on) const { return {ref_, {.compress = on}}; }

  /// Asks the client: `on_answer(answer)` runs once, on the socket's worker; see AskError for what may be missing.
  template <class... A>
  void ask(std::string_view event, std::chrono::milliseconds timeout, AnswerHandler on_answer, A const&... args) const {
    ask_encoded(event, timeout, std::move(on_answer), encode_args(args...));
  }
  void ask_encoded(std::string_view event, std::chrono::milliseconds timeout, AnswerHandler on_answer,
                   ArgsWriter args) const;

  /// Everyone in the namespace but this socket; narrow it with `to`.
  Audience broadcast() const;
  Audience to(std::string_view room) const { return broadcast().to(room); }
  Audience to(UserId const& user) const { return broadcast().to(user); }

  /// Leaves this namespace; `close_connection`: ends the whole connection. A stock client does not come back by itself.
  void disconnect(bool close_connection = false) const;

  /// Own worker. A handler for this socket alone; the namespace's handlers for the event run first.
  template <class F>
  void on(std::string_view event, F handler) const {
    add_handler(event, make_handler(std::move(handler)));
  }
  void add_handler(std::string_view event, EventHandler handler) const;
  /// Own worker. Rooms are still there.
  void on_disconnecting(DisconnectHandler handler) const;
  /// Own worker. The last thing heard of it.
  void on_disconnect(DisconnectHandler handler) const;

  std::shared_ptr<socket::SocketRef const> const& ref() const { return ref_; }

 private:
  std::any& data_any() const;
  void put_data(std::any value, void (*encoder)(std::any const&, ArgsWriter&)) const;
  [[noreturn]] static void wrong_data_type();

  std::shared_ptr<socket::SocketRef const> ref_;
};

}  // namespace chorus
