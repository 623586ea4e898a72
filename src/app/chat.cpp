#include "app/chat.hpp"

#include <algorithm>
#include <utility>

#include "app/chat_args.hpp"
#include "base/random.hpp"

namespace chorus::app {
namespace {

using Clock = std::chrono::system_clock;

/// The chat's rooms in the namespace. The prefix keeps them apart from socket ids, which are rooms of their own.
constexpr std::string_view room_prefix = "room:";
std::string room_name(std::string_view room) { return std::string(room_prefix).append(room); }

/// What the envelope's `id` says: the user addressed, else the sender.
UserId envelope_id(Recipient const& to, Person const& from) {
  auto const* user = std::get_if<ToUser>(&to);
  return UserId{user != nullptr ? user->id : from.id};
}

Person const& person_of(Enveloped const& message) { return message.socket.data<Visitor>().person; }

std::uint64_t now_ms() {
  using std::chrono::milliseconds;
  return static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(Clock::now().time_since_epoch()).count());
}

constexpr char const* bad_recipient = "to must be \"everybody\", {room: 1 to 64 characters} or {user: id}";
constexpr char const* bad_text = "text must have 1 to 4000 characters";
constexpr char const* bad_room = "room must have 1 to 64 characters";
constexpr char const* too_many_rooms = "no more than 50 rooms";

}  // namespace

Chat::Chat(Server& server, ChatOptions options)
    : server_(server),
      authenticator_(std::move(options.authenticator)),
      server_id_(random_token(12)),
      nsp_(server.of("/socket")),
      router_(nsp_),
      history_(options.history),
      sync_(server.cluster(), rooms_, history_,
            {.room_changed = [this](RoomWord const& word) { room_changed_elsewhere(word); },
             .own_words = [this] { return words_of_own_users(); }}) {
  nsp_.use([this](Handshake const& handshake) { return authenticate(handshake); });
  nsp_.use([this](Socket const& socket) { return set_up(socket); });
  nsp_.on_connection([this](Socket const& socket) { connected(socket); });
  nsp_.on_presence([this](Presence const& presence) { presence_changed(presence); });

  router_.on("sendMessage", [this](Enveloped const& m) { send_message(m); })
      .on("postUpdated", [this](Enveloped const& m) { post_updated(m); })
      .on("typing", [this](Enveloped const& m) { typing(m); })
      .on("joinRoom", [this](Enveloped const& m) { join_room(m); })
      .on("leaveRoom", [this](Enveloped const& m) { leave_room(m); })
      .on("whoIsOnline", [this](Enveloped const& m) { who_is_online(m); });
  server.route("GET", "/messages", [this](HttpRequest const& request) { return messages(request); });
}

Chat::~Chat() { server_.stop(); }

// ---- coming and going

Admission Chat::authenticate(Handshake const& handshake) const {
  auto const credentials = credentials_of(handshake);
  if (credentials.token.empty()) return refuse(std::string(authenticator_.texts().no_token));
  auto verdict = admit();
  if (auto person = authenticator_.person(credentials, Clock::now()))
    verdict.data = Visitor{std::move(*person), device_kind(handshake)};
  return verdict;
}

Admission Chat::set_up(Socket const& socket) {
  auto const* visitor = socket.data_if<Visitor>();
  if (visitor == nullptr) return refuse(std::string(authenticator_.texts().no_user));
  auto verdict = admit(UserId{visitor->person.id});
  verdict.device_info = encode_args(*visitor).text();
  return verdict;
}

void Chat::connected(Socket const& socket) {
  auto const& person = socket.data<Visitor>().person;
  UserId const user{person.id};
  // Read after the socket has become one of the user's: a join by another device either is in this list already, or its
  // letter to all devices finds this one.
  auto const rooms = rooms_.rooms(person.id);
  for (auto const& room : rooms) socket.join(room_name(room));
  if (socket.recovered()) leave_all_but(rooms, socket);
  router_.send(socket, "welcome", user,
               WelcomeArgs{person, socket.worker(), server_.workers(), rooms, describe(nsp_.users(online_listed_max)),
                           describe(user, nsp_.devices(user)), server_id_});
}

/// It has come back with the rooms it was in. The table has the last word: another device may have left some meanwhile,
/// and who had no device is in none any more, here as in every other process; the page then joins again what it wants.
void Chat::leave_all_but(std::vector<std::string> const& rooms, Socket const& socket) {
  for (auto const& name : socket.rooms()) {
    bool const is_chats = name.starts_with(room_prefix);
    if (is_chats && !std::ranges::binary_search(rooms, name.substr(room_prefix.size()))) socket.leave(name);
  }
}

void Chat::presence_changed(Presence const& presence) {
  // Every process hears of it, and tells its own clients.
  auto const& user = presence.user;
  router_.send(nsp_.everyone().local(), "presence", user,
               PresenceArgs{visitor_of(user, presence.device).person, presence.online, presence.devices.size()});
  if (presence.online)
    return router_.send(nsp_.user(user).local(), "devices", user, DevicesArgs{describe(user, presence.devices)});
  auto const rooms = rooms_.forget(user.value);
  // Who came back meanwhile has taken the rooms over: they leave them, as everybody believes they did.
  if (!rooms.empty() && !nsp_.devices(user).empty()) {
    std::vector<std::string> names;
    for (auto const& room : rooms) names.push_back(room_name(room));
    nsp_.user(user).local().sockets_leave(names);
  }
}

// ---- messages

Audience Chat::audience(Recipient const& to, Person const& from) const {
  UserId const sender{from.id};
  if (auto const* room = std::get_if<ToRoom>(&to)) return nsp_.to(room_name(room->name)).to(sender);
  if (auto const* user = std::get_if<ToUser>(&to)) return nsp_.user(UserId{user->id}).to(sender);
  return nsp_.everyone();
}

void Chat::send_message(Enveloped const& message) {
  auto const& from = person_of(message);
  if (message.args["text"].is_missing()) {  // as the first version had it
    router_.dispatch(message.user, "message_sent", Notice{authenticator_.texts().message_sent(from.id)});
    return message.ack(Done{});
  }
  auto const text = message.args["text"].as<std::string>();
  if (!text || text->empty() || count_characters(*text) > text_characters_max) return message.ack(Failed{bad_text});
  auto const to = read_recipient(message.args["to"]);
  if (!to) return message.ack(Failed{bad_recipient});
  // In the history before it is on its way: who connects meanwhile finds it in the one or the other.
  auto const kept = history_.add(from, *to, *text, Clock::now());
  sync_.added(*kept);
  router_.send(audience(*to, from), "chat_message", envelope_id(*to, from), RawJson{kept->json});
  message.ack(SentAnswer{true, kept->id, iso_time(kept->time)});
}

void Chat::post_updated(Enveloped const& message) {
  router_.dispatch(message.user, "post_updated_notification", Notice{std::string(authenticator_.texts().post_updated)});
  message.ack(Done{});
}

void Chat::typing(Enveloped const& message) {
  auto const to = read_recipient(message.args["to"]);
  auto const is_typing = message.args["typing"].as<bool>();
  if (!to) return message.ack(Failed{bad_recipient});
  if (!is_typing) return message.ack(Failed{"typing must be true or false"});
  auto const& from = person_of(message);
  router_.send(audience(*to, from).except(message.user), "typing", envelope_id(*to, from),
               TypingArgs{from, *to, *is_typing});
  message.ack(Done{});
}

void Chat::who_is_online(Enveloped const& message) {
  message.ack(OnlineAnswer{describe(nsp_.users(online_listed_max))});
}

// ---- rooms

void Chat::join_room(Enveloped const& message) {
  auto const room = message.args["room"].as<std::string>();
  if (!room || !is_room_name(*room)) return message.ack(Failed{bad_room});
  auto const changed = rooms_.join(message.user.value, *room, now_ms());
  if (changed.change == UserRooms::Change::too_many) return message.ack(Failed{too_many_rooms});
  room_changed(message, changed, "room_joined");
}

void Chat::leave_room(Enveloped const& message) {
  auto const room = message.args["room"].as<std::string>();
  if (!room || !is_room_name(*room)) return message.ack(Failed{bad_room});
  room_changed(message, rooms_.leave(message.user.value, *room, now_ms()), "room_left");
}

/// The table of rooms decides; the sockets follow, on all nodes. Two devices may join and leave at once, and letters of
/// two workers have no order: so once one change has arrived everywhere here, the table is asked again.
void Chat::room_changed(Enveloped const& message, UserRooms::Changed const& changed, std::string_view event) {
  auto const& word = changed.word;
  if (changed.change == UserRooms::Change::done) sync_.said(word);
  auto const devices = nsp_.user(message.user);
  auto const done = [this, word, devices, user = message.user, event = std::string(event), ack = message.ack] {
    if (rooms_.is_in(user.value, word.room) != word.in) {
      if (word.in)
        devices.sockets_leave({room_name(word.room)});
      else
        devices.sockets_join({room_name(word.room)});
    }
    auto const rooms = rooms_.rooms(user.value);
    router_.dispatch(user, event, RoomArgs{word.room, rooms});
    ack(RoomsAnswer{true, rooms});
  };
  if (word.in)
    devices.sockets_join({room_name(word.room)}, done);
  else
    devices.sockets_leave({room_name(word.room)}, done);
}

void Chat::room_changed_elsewhere(RoomWord const& word) const {
  auto const devices = nsp_.user(UserId{word.user}).local();
  if (word.in)
    devices.sockets_join({room_name(word.room)});
  else
    devices.sockets_leave({room_name(word.room)});
}

std::vector<RoomWord> Chat::words_of_own_users() const {
  std::vector<RoomWord> words;
  for (auto const& user : rooms_.users()) {
    bool const is_own = std::ranges::any_of(nsp_.devices(UserId{user}), [](auto const& d) { return d.node.empty(); });
    if (!is_own) continue;
    for (auto& word : rooms_.words(user)) words.push_back(std::move(word));
  }
  return words;
}

}  // namespace chorus::app
