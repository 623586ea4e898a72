// The arguments of the chat's events, as they travel.
#pragma once
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "app/history.hpp"
#include "app/members.hpp"
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
struct OnlineAnswer {
  std::vector<OnlineUser> users;
};
/// `message_sent` and `post_updated_notification`.
struct Notice {
  std::string message;
};
struct DeviceInfo {
  std::string socket, kind;
  unsigned worker = 0;
  std::string since;
};
struct DevicesArgs {
  std::vector<DeviceInfo> devices;
};
struct WelcomeArgs {
  Person user;
  unsigned worker = 0, workers = 0;
  std::vector<std::string> rooms;
  std::vector<OnlineUser> online;
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

inline std::vector<DeviceInfo> describe(std::vector<Device> const& devices,
                                        std::map<std::string, std::string> const& kinds) {
  std::vector<DeviceInfo> all;
  for (auto const& device : devices) {
    auto const kind = kinds.find(device.socket_id);
    all.push_back(
        {device.socket_id, kind == kinds.end() ? "desktop" : kind->second, device.worker, iso_time(device.since)});
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
               field("worker", &app::DeviceInfo::worker), field("since", &app::DeviceInfo::since)};
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

}  // namespace chorus
