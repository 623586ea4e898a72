// Audience: who an emit is for. An immutable value: every narrowing gives a new one, the old keeps what it was.
#pragma once
#include <chrono>
#include <concepts>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chorus/ack.hpp"
#include "chorus/args.hpp"
#include "chorus/handshake.hpp"
#include "chorus/pending.hpp"

namespace chorus {

class Audience;

namespace socket {
class Switchboard;
struct Target;
}  // namespace socket

/// True for the names that an emit must not have (Socket.IO v5: connect, connect_error, disconnect, disconnecting,
/// newListener, removeListener). Ask before emitting under a name that came from a peer.
bool is_reserved_event(std::string_view name);

/// A socket as `fetch_sockets` tells of it: a snapshot, from whichever worker it lives on.
struct SocketInfo {
  std::string id;                              ///< socket.id()
  std::string nsp;                             ///< its namespace
  UserId user;                                 ///< empty if it is nobody's device
  std::vector<std::string> rooms;              ///< its own id included
  std::string data_json;                       ///< `socket.data`, if it can be encoded; else `{}`
  std::shared_ptr<Handshake const> handshake;  ///< shared with the socket
  unsigned worker = 0;                         ///< the index of the one that it lives on
  std::shared_ptr<socket::Switchboard> board;

  // The socket itself, by its id: also where it has gone away since, when nothing happens. Thread: any.

  /// Only this socket: to emit to, to ask, to move between rooms, to disconnect.
  Audience audience() const;
  /// To this socket alone.
  template <class... A>
  void emit(std::string_view event, A const&... args) const;
  /// As Socket::join, by letter.
  void join(std::string_view room) const;
  void join(std::vector<std::string> several) const;
  void join(std::initializer_list<std::string_view> several) const {
    join(std::vector<std::string>(several.begin(), several.end()));
  }
  /// As Socket::leave, by letter.
  void leave(std::string_view room) const;
  /// As Socket::disconnect, by letter.
  void disconnect(bool close_connection = false) const;
};

/// Who an emit is for: an immutable value, which every narrowing leaves as it is. Thread: any. On a worker its own
/// members are served at once, others by letter; from a foreign thread all by letter. Order: what one thread emits
/// arrives at each receiver in that order. Errors: emitting never throws and never blocks; reserved event names
/// (Socket.IO v5: connect, disconnect, ...) abort with a sentence, for they are a bug of the caller.
class Audience {
 public:
  Audience(std::shared_ptr<socket::Switchboard> board, std::string nsp);

  // ---- Narrowing ----

  /// The union of these rooms; a socket in several gets the event once. A socket id is a room.
  Audience to(std::string_view room) const;
  Audience to(std::vector<std::string> const& rooms) const;
  Audience to(std::initializer_list<std::string_view> rooms) const {
    return to(std::vector<std::string>(rooms.begin(), rooms.end()));
  }
  /// As to().
  Audience in(std::string_view room) const { return to(room); }
  Audience in(std::vector<std::string> const& rooms) const { return to(rooms); }
  Audience in(std::initializer_list<std::string_view> rooms) const { return to(rooms); }
  /// All devices of this user.
  Audience to(UserId const& user) const;
  /// Without the sockets of these rooms, or of this user. A socket id is a room.
  Audience except(std::string_view room) const;
  Audience except(std::vector<std::string> const& rooms) const;
  Audience except(std::initializer_list<std::string_view> rooms) const {
    return except(std::vector<std::string>(rooms.begin(), rooms.end()));
  }
  Audience except(UserId const& user) const;
  /// This process only.
  Audience local() const;
  /// Dropped for those whose connection is not ready to take it now.
  Audience volatile_() const;
  /// Whether compression may be used for it (where it was negotiated).
  Audience compress(bool on) const;
  /// How long `ask` waits for everybody.
  Audience timeout(std::chrono::milliseconds limit) const;

  // ---- Emitting ----

  /// To all of them. Each socket gets it once.
  template <class... A>
  void emit(std::string_view event, A const&... args) const {
    emit_encoded(event, encode_args(args...));
  }
  /// The same, of arguments that are encoded already.
  void emit_encoded(std::string_view event, ArgsWriter args) const;

  /// The event "message", which a client's `send` is too.
  template <class... A>
  void send(A const&... args) const {
    emit("message", args...);
  }

  // ---- Asking ----

  // Below, what comes back comes once: to a call-back in a turn of the worker that asked (worker 0 for a foreign
  // thread), or to a coroutine of that worker as a Pending (chorus/coroutine.hpp).

  /// Emits and collects everybody's acknowledgement, until all have answered or the time is over: then Answers holds
  /// what did come.
  template <class... A>
  void ask(std::string_view event, AnswersHandler on_answers, A const&... args) const {
    ask_encoded(event, encode_args(args...), std::move(on_answers));
  }
  /// The same, of arguments that are encoded already.
  void ask_encoded(std::string_view event, ArgsWriter args, AnswersHandler on_answers) const;
  /// The same to wait for.
  template <class... A>
  Pending<Answers> emit_with_ack(std::string_view event, A const&... args) const {
    return Pending<Answers>::start([&](auto const& state) {
      ask_encoded(event, encode_args(args...), [state](Answers const& answers) { state->finish(answers); });
    });
  }

  // ---- The sockets themselves ----

  /// All matching sockets of this process.
  void fetch_sockets(std::function<void(std::vector<SocketInfo>)> on_sockets) const;
  Pending<std::vector<SocketInfo>> fetch_sockets() const;
  /// Their ids; sorted.
  void all_sockets(std::function<void(std::vector<std::string>)> on_ids) const;
  Pending<std::vector<std::string>> all_sockets() const;

  /// How many there are in this process: all of a namespace, or of its rooms, each once.
  void sockets_count(std::function<void(std::size_t)> on_count) const;
  Pending<std::size_t> sockets_count() const;

  /// One room or several. (g++ 12 takes no braces in a co_await: give it a variable, or one room.)
  /// `done` runs, and the Pending is there, when it has taken effect on every worker of this process.
  void sockets_join(std::vector<std::string> rooms, std::function<void()> done) const;
  Pending<> sockets_join(std::vector<std::string> rooms) const;
  template <std::convertible_to<std::string_view> Room>
  Pending<> sockets_join(Room const& room) const {
    return sockets_join(std::vector<std::string>{std::string(std::string_view(room))});
  }
  /// As sockets_join, the other way.
  void sockets_leave(std::vector<std::string> rooms, std::function<void()> done) const;
  Pending<> sockets_leave(std::vector<std::string> rooms) const;
  template <std::convertible_to<std::string_view> Room>
  Pending<> sockets_leave(Room const& room) const {
    return sockets_leave(std::vector<std::string>{std::string(std::string_view(room))});
  }
  /// `close_connection`: the whole connection, not this namespace only.
  void disconnect_sockets(bool close_connection, std::function<void()> done) const;
  Pending<> disconnect_sockets(bool close_connection = false) const;

  /// As the sender: never to this socket itself.
  Audience except_socket(std::string_view socket_id) const;

 private:
  Audience(std::shared_ptr<socket::Switchboard> board, std::shared_ptr<socket::Target const> target);
  template <class Change>
  Audience changed(Change&& change) const;

  std::shared_ptr<socket::Switchboard> board_;
  std::shared_ptr<socket::Target const> target_;
};

/// What can be done to the sockets of a namespace, for whatever names one: `everyone()` is where it begins. What has no
/// comment here does as Audience's of the same name.
template <class Self>
class NamesAudience {
 public:
  Audience to(std::string_view room) const { return all().to(room); }
  Audience to(std::vector<std::string> const& rooms) const { return all().to(rooms); }
  Audience to(std::initializer_list<std::string_view> rooms) const { return all().to(rooms); }
  Audience to(UserId const& user) const { return all().to(user); }
  Audience in(std::string_view room) const { return all().to(room); }
  Audience in(std::vector<std::string> const& rooms) const { return all().to(rooms); }
  Audience in(std::initializer_list<std::string_view> rooms) const { return all().to(rooms); }
  /// All devices of this user.
  Audience user(UserId const& id) const { return all().to(id); }
  Audience except(std::string_view room) const { return all().except(room); }
  Audience except(std::vector<std::string> const& rooms) const { return all().except(rooms); }
  Audience except(std::initializer_list<std::string_view> rooms) const { return all().except(rooms); }
  Audience except(UserId const& user) const { return all().except(user); }
  Audience local() const { return all().local(); }
  Audience volatile_() const { return all().volatile_(); }
  Audience compress(bool on) const { return all().compress(on); }
  Audience timeout(std::chrono::milliseconds limit) const { return all().timeout(limit); }

  template <class... A>
  void emit(std::string_view event, A const&... args) const {
    all().emit(event, args...);
  }
  template <class... A>
  void send(A const&... args) const {
    all().send(args...);
  }
  template <class... A>
  void ask(std::string_view event, AnswersHandler on_answers, A const&... args) const {
    all().ask(event, std::move(on_answers), args...);
  }
  template <class... A>
  Pending<Answers> emit_with_ack(std::string_view event, A const&... args) const {
    return all().emit_with_ack(event, args...);
  }

  void fetch_sockets(std::function<void(std::vector<SocketInfo>)> on_sockets) const {
    all().fetch_sockets(std::move(on_sockets));
  }
  Pending<std::vector<SocketInfo>> fetch_sockets() const { return all().fetch_sockets(); }
  void all_sockets(std::function<void(std::vector<std::string>)> on_ids) const { all().all_sockets(std::move(on_ids)); }
  Pending<std::vector<std::string>> all_sockets() const { return all().all_sockets(); }
  void sockets_count(std::function<void(std::size_t)> on_count) const { all().sockets_count(std::move(on_count)); }
  Pending<std::size_t> sockets_count() const { return all().sockets_count(); }
  void sockets_join(std::vector<std::string> rooms, std::function<void()> done) const {
    all().sockets_join(std::move(rooms), std::move(done));
  }
  Pending<> sockets_join(std::vector<std::string> rooms) const { return all().sockets_join(std::move(rooms)); }
  template <std::convertible_to<std::string_view> Room>
  Pending<> sockets_join(Room const& room) const {
    return all().sockets_join(room);
  }
  void sockets_leave(std::vector<std::string> rooms, std::function<void()> done) const {
    all().sockets_leave(std::move(rooms), std::move(done));
  }
  Pending<> sockets_leave(std::vector<std::string> rooms) const { return all().sockets_leave(std::move(rooms)); }
  template <std::convertible_to<std::string_view> Room>
  Pending<> sockets_leave(Room const& room) const {
    return all().sockets_leave(room);
  }
  void disconnect_sockets(bool close_connection, std::function<void()> done) const {
    all().disconnect_sockets(close_connection, std::move(done));
  }
  Pending<> disconnect_sockets(bool close_connection = false) const {
    return all().disconnect_sockets(close_connection);
  }

 private:
  Audience const& all() const { return static_cast<Self const&>(*this).everyone(); }
};

// ---- Bodies ----

template <class... A>
void SocketInfo::emit(std::string_view event, A const&... args) const {
  audience().emit(event, args...);
}

}  // namespace chorus
