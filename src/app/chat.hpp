// Chat: the namespace `/socket`. Users with several devices, messages to everybody, rooms and users, and a history.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "app/authenticator.hpp"
#include "app/chat_sync.hpp"
#include "app/history.hpp"
#include "app/user_rooms.hpp"
#include "chorus/router.hpp"
#include "chorus/server.hpp"

namespace chorus::app {

inline constexpr std::size_t text_characters_max = 4'000;

struct ChatOptions {
  Authenticator authenticator{Authenticator::Options{}};
  HistoryLimits history;
};

/// Everything travels in the event `message`, in an envelope (docs/protocol.md, "The chat"): `{event, args}` from a
/// client, `{event, id, args}` to it.
///
/// With Redis the chats of all processes are one: rooms belong to users wherever their devices are, and every process
/// keeps the same history (ChatSync).
///
/// Thread: built and destroyed by the server's owner; its handlers run on the workers. Lifetime: made before the server
/// starts; its end stops the server, whose handlers need it. What a `sendMessage` names need not exist: a room nobody
/// is in and a user nobody has seen take messages, which the history keeps.
class Chat {
 public:
  /// Registers middlewares and handlers on `/socket`, and the route GET /messages.
  explicit Chat(Server& server, ChatOptions options = {});
  ~Chat();
  Chat(Chat const&) = delete;
  Chat& operator=(Chat const&) = delete;

  /// To all devices of a user, on every worker. Thread: any.
  template <class T>
  void dispatch(UserId const& user, std::string_view event, T const& args) const {
    router_.dispatch(user, event, args);
  }

  History const& history() const { return history_; }
  UserRooms const& rooms() const { return rooms_; }
  std::uint64_t unknown_events() const { return router_.unknown_events(); }

 private:
  // The two middlewares, in their order.
  Admission authenticate(Handshake const& handshake) const;
  Admission set_up(Socket const& socket);

  void connected(Socket const& socket);
  static void leave_all_but(std::vector<std::string> const& rooms, Socket const& socket);
  void presence_changed(Presence const& presence);

  void send_message(Enveloped const& message);
  void post_updated(Enveloped const& message);
  void typing(Enveloped const& message);
  void join_room(Enveloped const& message);
  void leave_room(Enveloped const& message);
  void who_is_online(Enveloped const& message);

  void room_changed(Enveloped const& message, UserRooms::Changed const& changed, std::string_view event);
  void room_changed_elsewhere(RoomWord const& word) const;
  std::vector<RoomWord> words_of_own_users() const;
  /// All who are concerned by what `from` sends to `to`: the sender's own devices too.
  Audience audience(Recipient const& to, Person const& from) const;

  HttpReply messages(HttpRequest const& request) const;

  Server& server_;
  Authenticator const authenticator_;
  std::string const server_id_;
  Namespace nsp_;
  Router router_;
  History history_;
  UserRooms rooms_;
  ChatSync sync_;
};

}  // namespace chorus::app
