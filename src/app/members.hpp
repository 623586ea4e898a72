// Members: what the chat knows of those who are connected, beyond their sockets.
#pragma once
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "app/person.hpp"
#include "base/guarded.hpp"

namespace chorus::app {

inline constexpr std::size_t rooms_per_user_max = 50;
/// Of a `welcome` or `whoIsOnline`; who is beyond is online all the same.
inline constexpr std::size_t online_listed_max = 1'000;

struct OnlineUser {
  Person person;
  std::size_t devices = 0;
};

/// Name, rooms and kinds of device of each user with a device. Rooms belong to the user: they last until the last
/// device has gone, and a new device of an online user takes them over.
///
/// An entry is there from the first `arrived` to the `told` of the last device's end: the presence handler, which runs
/// later and on another worker than the device's own handlers, still finds the name. Every `arrived` needs its `left`
/// and, through the presence handler, its `told`. Thread: any.
class Members {
 public:
  /// A device is about to connect.
  void arrived(Person const& person, std::string const& socket_id, std::string const& kind);
  /// It has disconnected.
  void left(std::string const& user, std::string const& socket_id);
  /// The presence handler is at the point in time at which the user had `devices` devices. Answers who it is.
  Person told(std::string const& user, std::size_t devices);

  enum class Change { done, nothing, too_many };
  Change join(std::string const& user, std::string const& room);
  Change leave(std::string const& user, std::string const& room);
  bool is_in(std::string const& user, std::string const& room) const;
  /// Sorted.
  std::vector<std::string> rooms(std::string const& user) const;

  /// "desktop" for a socket that is not known.
  std::map<std::string, std::string> kinds(std::string const& user) const;
  /// Those with a device, at most online_listed_max.
  std::vector<OnlineUser> online() const;
  /// Entries; 0 when nobody is left behind.
  std::size_t size() const;

 private:
  struct Entry {
    Person person;
    std::map<std::string, std::string> kinds;  // by socket id
    std::set<std::string> rooms;
    std::size_t devices_told = 0;
    std::size_t ends_to_be_told = 0;
  };
  using Table = std::unordered_map<std::string, Entry>;

  Guarded<Table> table_;
};

}  // namespace chorus::app

template <>
struct chorus::Codec<chorus::app::OnlineUser> {
  static void encode(ArgsWriter& out, chorus::app::OnlineUser const& user) {
    ObjectWriter(out)
        .member("id", user.person.id)
        .member("firstName", user.person.first_name)
        .member("lastName", user.person.last_name)
        .member("devices", user.devices);
  }
};
