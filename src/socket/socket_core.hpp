// SocketCore: the body of one client in one namespace, on its worker.
#pragma once
#include <any>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "chorus/socket.hpp"
#include "engine/shared_message.hpp"
#include "socket/listeners.hpp"
#include "socket/packet.hpp"
#include "socket/rooms.hpp"
#include "socket/saved_session.hpp"
#include "socket/socket_id.hpp"
#include "socket/switchboard.hpp"

namespace chorus::engine {
class Session;
}

namespace chorus::socket {

class Client;
class NamespaceCore;
class SocketCore;
struct Recoverable;
struct Restored;

/// Where the sockets of one namespace on one worker are: the same for all of them.
struct SocketHome {
  WorkerMark const* mark = nullptr;  ///< whose turn must run to touch a SocketCore
  std::shared_ptr<Switchboard> board;
  unsigned worker = 0;
  std::string nsp;
};

/// What every handle of a socket shares. Immutable but for `core`, which only the socket's own worker may look at.
struct SocketRef {
  mutable SocketCore* core = nullptr;  ///< its home's worker's; nullptr once the socket has ended
  std::shared_ptr<SocketHome const> home;
  Handshake handshake;
  SocketId id_chars;
  bool has_session_id = false;  ///< then it is a SessionIdRef

  std::string_view id() const;

  /// The body, when called in a turn of its own worker and the socket lives.
  SocketCore* here() const { return is_here() ? core : nullptr; }
  bool is_here() const { return current_turn == home->mark; }
};

/// Of a client of Socket.IO 2, which takes its session's id for its socket's: with the namespace before it, but for the
/// default one.
struct SessionIdRef : SocketRef {
  std::string id_text;
};

inline std::string_view SocketRef::id() const {
  if (has_session_id) return static_cast<SessionIdRef const*>(this)->id_text;
  return {id_chars.data(), id_chars.size()};
}

/// Thread: its worker's. Lifetime: owned by its Client, then by the hub's graveyard until the turn ends.
class SocketCore final : public RoomMember, public WorkerBound {
 public:
  /// `apart`: connected, and an event from it or to it takes more than dispatching it, or sending it as it is: somebody
  /// listens to all that goes out, the client speaks MessagePack, or there is a spectator. A state of its own, so that
  /// a broadcast looks at nothing more for others.
  enum class State : std::uint8_t { deciding, ended, connected, apart };

 private:
  /// What few sockets have; an idle one pays a pointer.
  struct Extras;

  // First, beside the memberships: what a broadcast looks at, then what an event does. With a thousand connections
  // nothing is in a near cache, and a cache line costs as much as a hundred instructions.
  engine::Session& session_;
  Client& client_;
  NamespaceCore& nsp_;
  State state_ = State::deciding;
  bool was_connected_ = false;

 public:
  /// The namespace's own: where this one stands among its sockets.
  std::uint32_t place_in_namespace = 0;
  /// The client's own: its socket that connected before this one.
  std::unique_ptr<SocketCore> older;

 private:
  Socket handle_;
  std::unique_ptr<Extras> extras_;

 public:
  SocketCore(Client& client, NamespaceCore& nsp, Handshake handshake);
  ~SocketCore();

  State state() const { return state_; }
  bool connected() const { return state_ >= State::connected; }
  Socket const& handle() const { return handle_; }
  std::string_view id() const { return handle_.ref()->id(); }
  NamespaceCore& nsp() const { return nsp_; }
  Client& client() const { return client_; }

  // Downwards.
  chorus::Sent emit(std::string_view event, std::string_view args, std::span<std::string const> attachments,
                    EmitOptions options);
  /// Before its middlewares have decided: a client keeps such events until it is connected. Nothing happens later.
  void emit_while_deciding(std::string_view event, std::string_view args);
  void acknowledge(std::uint64_t id, std::string_view args, std::span<std::string const> attachments);
  void send(std::shared_ptr<engine::SharedMessage const> const& message, bool is_volatile);
  /// Asks with an id of its own.
  void ask(std::string_view event, ArgsWriter const& args, Duration timeout, AnswerHandler on_answer,
           EmitOptions options);
  /// The answer to a packet that somebody else sends (a broadcast).
  void expect_answer(std::uint64_t id, Duration timeout, AnswerHandler on_answer);

  /// Own rooms of its id are neither joined nor left.
  void join(std::string_view key);
  void leave(std::string_view key);
  std::vector<std::string> room_names() const;
  void disconnect(bool close_connection);

  // Upwards, from the client.
  void on_event(PacketView const& packet, std::span<std::string const> attachments);
  void on_ack(std::uint64_t id, Args args);

  // The namespace's steps. Admission is a state: which middleware's verdict is awaited, and for how long.
  void await_verdict(std::size_t index);
  /// True once for each awaited verdict, while the socket is still there.
  bool take_verdict(std::size_t index);
  void set_device_info(std::string json);
  /// What the verdicts told about the device; empty: nothing.
  std::string become_connected();
  bool was_connected() const { return was_connected_; }
  /// Everything that ends with the socket: handlers told, rooms left, questions answered with `disconnected`.
  void end(std::string_view reason, std::string_view detail = {});

  /// Whose device it is; nullptr: nobody's.
  UserId const* user() const { return belongings_ && belongings_->user ? &*belongings_->user : nullptr; }
  void set_user(UserId user) { belongings().user = std::move(user); }
  /// nullptr: there was none set.
  std::any* data() const { return belongings_ ? &belongings_->data : nullptr; }
  void set_data(std::any data, void (*encoder)(std::any const&, ArgsWriter&));
  /// As JSON, if it can be encoded; else `{}`.
  std::string data_json() const;
  SocketInfo info() const;

  // socket_listeners.cpp: handlers of this socket alone.
  ListenerId add_handler(std::string_view event, EventHandler handler, Times times);
  ListenerId add_disconnecting(DisconnectHandler handler);
  ListenerId add_disconnect(DisconnectHandler handler);
  ListenerId add_any(IncomingHandler listener, Place place);
  ListenerId add_any_outgoing(OutgoingHandler listener, Place place);
  ListenerId add_error(EventErrorHandler handler);
  void add_middleware(EventMiddleware middleware);
  void remove_handler(ListenerId id);
  void remove_handlers(std::string_view event);
  void remove_handlers();
  void remove_any();
  void remove_any_outgoing();
  std::vector<std::string> event_names() const;
  std::vector<ListenerId> handlers_of(std::string_view event) const;
  std::vector<ListenerId> any_listeners() const;
  std::vector<ListenerId> any_outgoing_listeners() const;
  /// A middleware's verdict on a draft; heeded once for each `index`.
  void on_draft_verdict(std::shared_ptr<EventDraft::State> const& draft, std::size_t index, Admission const& verdict);
  // Connection state recovery (socket_recovery.cpp).

  /// Its client may come back to it. Before admission.
  void make_recoverable();
  Recoverable* recoverable() const { return recoverable_.get(); }
  /// Its client has come back to it.
  Comeback comeback() const;
  bool recovered() const { return comeback() == Comeback::recovered; }
  std::optional<RecoveryId> recovery_id() const;
  /// It becomes what that session's was, with its id. Nobody has a handle to it yet.
  void restore(Restored restored);

 private:
  /// What its client can come back to, but for the data; nothing: the end was meant.
  std::optional<SavedSession> save(std::string_view reason) const;
  void keep(SavedSession session);

  /// One open question. A node of its own, for the timer must not move.
  struct Question {
    Question(SocketCore& s, std::uint64_t i, AnswerHandler h)
        : socket(s), id(i), on_answer(std::move(h)), timer(timer_callback<&Question::on_timeout>, this) {}
    void on_timeout(TimePoint);
    SocketCore& socket;
    std::uint64_t id;
    AnswerHandler on_answer;
    Timer timer;
  };
  /// While deciding only.
  struct Admitting {
    explicit Admitting(SocketCore& s) : timer(timer_callback<&SocketCore::on_admission_timeout>, &s) {}
    std::optional<std::size_t> awaited;
    std::string device_info;
    Timer timer;
  };
  /// Who looks at all events: fewer still have them.
  struct Observers {
    Listeners<IncomingHandler> incoming;
    Listeners<OutgoingHandler> outgoing;
    Listeners<EventErrorHandler> error;
    std::vector<EventMiddleware> middlewares;
    std::vector<std::weak_ptr<EventDraft::State>>
        waiting;  // for verdicts; those that are done with are swept when full
    bool telling_outgoing = false;
  };
  struct Extras {
    std::unique_ptr<Admitting> admitting;
    std::unique_ptr<Observers> observers;
    struct OwnEvent {
      std::string const* label = nullptr;  // Hub::label
      Listeners<EventHandler> list;
    };
    StringMap<OwnEvent> handlers;
    Listeners<DisconnectHandler> disconnecting;
    Listeners<DisconnectHandler> disconnect;
    std::unordered_map<std::uint64_t, std::unique_ptr<Question>> questions;

    bool empty() const {
      return !admitting && !observers && handlers.empty() && disconnecting.empty() && disconnect.empty() &&
             questions.empty();
    }
  };
  Extras& extras();
  Admitting& admitting();
  /// What the program gave the socket; one that was given nothing pays a pointer.
  struct Belongings {
    std::optional<UserId> user;
    std::any data;
    void (*encode_data)(std::any const&, ArgsWriter&) = nullptr;
  };
  Belongings& belongings();
  void on_admission_timeout(TimePoint);
  bool is_own_room(std::string_view key) const { return key.starts_with('r') && key.substr(1) == id(); }
  void settle(std::uint64_t id, AskError error, Args args);
  void dispatch(Incoming const& incoming);
  bool run_handlers(Incoming const& incoming);
  bool run_own_handlers(Incoming const& incoming);
  void run_handler(EventHandler const& handler, Incoming const& incoming, std::string const* label);

  Observers& observers();
  /// Somebody listens to what goes out; or the spectator wants to know of it.
  bool is_observed() const;
  bool is_spectated() const;
  /// What it is when connected, `connected` or `apart`, as somebody listens or nobody does any more.
  void note_observers();
  void observe(Incoming const& incoming);
  void draft(Incoming const& incoming);
  void run_middleware(std::shared_ptr<EventDraft::State> const& draft, std::size_t index);
  void tell_error(EventError const& error);
  void tell_outgoing(std::string_view event, std::string_view args, std::span<std::string const> attachments);
  void tell_outgoing(engine::SharedMessage const& message);
  [[gnu::noinline]] void send_apart(std::shared_ptr<engine::SharedMessage const> const& message);

  std::unique_ptr<Belongings> belongings_;
  std::unique_ptr<Recoverable> recoverable_;
};

}  // namespace chorus::socket
