// Recipient: who a chat message is for.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "chorus/args.hpp"

namespace chorus::app {

inline constexpr std::size_t room_characters_max = 64;

struct Everybody {
  bool operator==(Everybody const&) const = default;
};
struct ToRoom {
  std::string name;
  bool operator==(ToRoom const&) const = default;
};
struct ToUser {
  std::string id;
  bool operator==(ToUser const&) const = default;
};

/// On the wire `"everybody"`, `{"room":"name"}` or `{"user":"id"}`.
using Recipient = std::variant<Everybody, ToRoom, ToUser>;

/// 1 to room_characters_max characters.
bool is_room_name(std::string_view name);
/// 1 to user_id_bytes_max bytes.
bool is_user_id(std::string_view id);
/// UTF-8 characters of valid text.
std::size_t count_characters(std::string_view text);

/// What a client's `to` means; missing or null is everybody. Nothing: none of the three forms, or a bad name.
std::optional<Recipient> read_recipient(ArgView to);

}  // namespace chorus::app

template <>
struct chorus::Codec<chorus::app::Recipient> {
  static void encode(ArgsWriter& out, chorus::app::Recipient const& to);
};
