// The arguments of the chat's events, as they travel.
#pragma once
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "app/history.hpp"
#include "app/person.hpp"
#include "chorus/args.hpp"
#include "chorus/namespace.hpp"

namespace chorus::app {

/// `{"ok":true}`
struct Done {
  bool ok = true;
};
/// `{"ok":false,"error":"..."}`
struct Failed {
  std::string error;
  bool ok = false;
};
struct SentAnswer {
  bool ok = true;
  std::string id, time;
};
struct RoomsAnswer {
  bool ok = true;
  std::vector<std::string> rooms;
};
/// Of a `welcome` or `whoIsOnline`; who is beyond is online all the same.
inline constexpr std::size_t online_listed_max = 1'000;
/// `{"id":…,"firstName":…,"lastName":…,"devices":…}`
struct OnlinePerson {
  std::string person_json;
  std::size_t devices = 0;
};
struct OnlineAnswer {
  std::vector<OnlinePerson> users;
};
/// `message_sent` and `post_updated_notification`.
struct Notice {
  std::string message;
};
struct DeviceInfo {
  std::string socket, kind;
  unsigned worker = 0;
  std::string since;
  /// Connected to the same process as the one who is told; else the worker is one of another process.
  bool here = true;
};
struct DevicesArgs {
  std::vector<DeviceInfo> devices;
};
struct WelcomeArgs {
  Person user;
  unsigned worker = 0, workers = 0;
  std::vector<std::string> rooms;
  std::vector<OnlinePerson> online;
  std::vector<DeviceInfo> devices;
  std::string server_id;
};
struct TypingArgs {
  Person from;
  Recipient to;
  bool typing = false;
};
struct PresenceArgs {
  Person user;
  bool online = false;
  std::size_t devices = 0;
};
struct RoomArgs {
  std::string room;
  std::vector<std::string> rooms;
};

/// What everybody knows of whoever has this device.
inline Visitor visitor_of(UserId const& user, Device const& device) {
  return ArgView(device.info_json).as<Visitor>().value_or(Visitor{{user.value, user.value, ""}, "desktop"});
}

inline std::vector<DeviceInfo> describe(UserId const& user, std::vector<Device> const& devices) {
  std::vector<DeviceInfo> all;
  for (auto const& device : devices)
    all.push_back(
        {device.socket_id, visitor_of(user, device).kind, device.worker, iso_time(device.since), device.node.empty()});
  return all;
}

/// A thousand of them for each who comes: what their admission wrote is passed on, not read.
inline std::vector<OnlinePerson> describe(std::vector<OnlineUser> const& users) {
  std::vector<OnlinePerson> all;
  all.reserve(users.size());
  for (auto const& each : users) {
    auto const person = ArgView(each.info_json)["person"].raw();
    if (person.starts_with("{\"id\":"))
      all.push_back({std::string(person), each.devices});
    else
      all.push_back({encode_args(Person{each.user.value, each.user.value, ""}).text(), each.devices});
  }
  return all;
}

}  // namespace chorus::app

namespace chorus {

template <>
inline constexpr auto fields<app::Done> = std::tuple{field("ok", &app::Done::ok)};
template <>
inline constexpr auto fields<app::Failed> =
    std::tuple{field("ok", &app::Failed::ok), field("error", &app::Failed::error)};
template <>
inline constexpr auto fields<app::SentAnswer> = std::tuple{
    field("ok", &app::SentAnswer::ok), field("id", &app::SentAnswer::id), field("time", &app::SentAnswer::time)};
template <>
inline constexpr auto fields<app::RoomsAnswer> =
    std::tuple{field("ok", &app::RoomsAnswer::ok), field("rooms", &app::RoomsAnswer::rooms)};
template <>
inline constexpr auto fields<app::OnlineAnswer> = std::tuple{field("users", &app::OnlineAnswer::users)};
template <>
inline constexpr auto fields<app::Notice> = std::tuple{field("message", &app::Notice::message)};
template <>
inline constexpr auto fields<app::DeviceInfo> =
    std::tuple{field("socket", &app::DeviceInfo::socket), field("kind", &app::DeviceInfo::kind),
               field("worker", &app::DeviceInfo::worker), field("since", &app::DeviceInfo::since),
               field("here", &app::DeviceInfo::here)};
template <>
inline constexpr auto fields<app::DevicesArgs> = std::tuple{field("devices", &app::DevicesArgs::devices)};
template <>
inline constexpr auto fields<app::WelcomeArgs> =
    std::tuple{field("user", &app::WelcomeArgs::user),         field("worker", &app::WelcomeArgs::worker),
               field("workers", &app::WelcomeArgs::workers),   field("rooms", &app::WelcomeArgs::rooms),
               field("online", &app::WelcomeArgs::online),     field("devices", &app::WelcomeArgs::devices),
               field("serverId", &app::WelcomeArgs::server_id)};
template <>
inline constexpr auto fields<app::TypingArgs> =
    std::tuple{field("from", &app::TypingArgs::from), field("to", &app::TypingArgs::to),
               field("typing", &app::TypingArgs::typing)};
template <>
inline constexpr auto fields<app::PresenceArgs> =
    std::tuple{field("user", &app::PresenceArgs::user), field("online", &app::PresenceArgs::online),
               field("devices", &app::PresenceArgs::devices)};
template <>
inline constexpr auto fields<app::RoomArgs> =
    std::tuple{field("room", &app::RoomArgs::room), field("rooms", &app::RoomArgs::rooms)};

template <>
struct Codec<app::OnlinePerson> {
  static void encode(ArgsWriter& out, app::OnlinePerson const& online) {
    auto json = online.person_json;
    json.pop_back();
    Codec<RawJson>::encode(out,
                           RawJson{json.append(",\"devices\":").append(std::to_string(online.devices)).append("}")});
  }
};

}  // namespace chorus
