// ChatSync: how the chats of several processes come to know the same rooms and the same history.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/history.hpp"
#include "app/user_rooms.hpp"
#include "base/guarded.hpp"
#include "chorus/cluster.hpp"

namespace chorus::app {

/// Over Redis, beside what the library does by itself:
///
///   channel `chorus:chat`         {"node":…,"row":message}   {"node":…,"words":[[user,room,in,stamp],…]}
///                                 {"node":…,"want":true}: a process that came (back) asks for all words
///   sorted set `chorus:chat:history`   all messages, by their ids (each member is a message's JSON, which its id
///   leads)
///
/// A process that comes (back) puts what it knows into the set and reads what the others know from it; until then its
/// history is partial. Messages that cannot be read are counted and ignored.
///
/// Thread: any; what is heard is told on the thread of the bus. Lifetime: from before the server starts until it has
/// stopped. Without Redis: does nothing, and nothing is partial.
class ChatSync {
 public:
  struct Events {
    /// Another process's word was news: the user's sockets of this process follow.
    std::function<void(RoomWord const&)> room_changed;
    /// The words on rooms of all users with a device in this process.
    std::function<std::vector<RoomWord>()> own_words;
  };

  ChatSync(Cluster cluster, UserRooms& rooms, History& history, Events events);

  void said(RoomWord const& word) const;
  /// Before the message is emitted: then it is in every history when it arrives.
  void added(Message const& message);
  /// Other processes may know messages that this one does not.
  bool partial() const;
  std::uint64_t malformed() const;

 private:
  struct State {
    bool read = false;  // all that the set had when Redis was there last
    std::uint64_t malformed = 0;
    std::size_t added = 0;
  };

  void on_up();
  void on_message(std::string_view text);
  bool take(std::string_view text);
  void write_all();
  void read_page(std::uint64_t round, std::string greatest, std::size_t total);
  void answer_want() const;
  void publish_words(std::vector<RoomWord> const& words) const;

  Cluster const cluster_;
  UserRooms& rooms_;
  History& history_;
  Events const events_;
  std::uint64_t round_ = 0;  // of reading; the bus's thread
  Guarded<State> state_;
};

}  // namespace chorus::app
