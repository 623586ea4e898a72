#include "app/recipient.hpp"

#include <algorithm>

#include "app/person.hpp"

namespace chorus::app {

std::size_t count_characters(std::string_view text) {
  // Every byte but the continuations 10xxxxxx begins a character.
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool is_room_name(std::string_view name) { return !name.empty() && count_characters(name) <= room_characters_max; }
bool is_user_id(std::string_view id) { return !id.empty() && id.size() <= user_id_bytes_max; }

std::optional<Recipient> read_recipient(ArgView to) {
  if (to.is_missing() || to.is_null()) return Everybody{};
  if (auto const word = to.as<std::string>()) {
    if (*word == "everybody") return Everybody{};
    return std::nullopt;
  }
  auto room = to["room"].as<std::string>();
  auto user = to["user"].as<std::string>();
  if (room.has_value() == user.has_value()) return std::nullopt;
  if (room) {
    if (!is_room_name(*room)) return std::nullopt;
    return ToRoom{std::move(*room)};
  }
  if (!is_user_id(*user)) return std::nullopt;
  return ToUser{std::move(*user)};
}

}  // namespace chorus::app

void chorus::Codec<chorus::app::Recipient>::encode(ArgsWriter& out, chorus::app::Recipient const& to) {
  if (auto const* room = std::get_if<app::ToRoom>(&to)) {
    ObjectWriter(out).member("room", room->name);
  } else if (auto const* user = std::get_if<app::ToUser>(&to)) {
    ObjectWriter(out).member("user", user->id);
  } else {
    out.string("everybody");
  }
}
