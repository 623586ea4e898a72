// Offsets: how a client says up to where it has heard a namespace (connection state recovery).
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/shared_message.hpp"

namespace chorus::socket {

/// A place in the order of a namespace as the client is told of it: the string that is an event's last argument, and
/// that it gives back. Always of this size, so that a message can be encoded before its place is known.
inline constexpr std::size_t offset_size = 9;
using OffsetText = std::array<char, offset_size>;

/// `sequence`: below 2^54, which is enough for ten million a second for half a century.
OffsetText offset_text(std::uint64_t sequence);
/// Nothing: no offset that we ever wrote.
std::optional<std::uint64_t> sequence_of_offset(std::string_view text);

/// Makes room for an offset as the last argument of an event's packet.
void append_offset_place(std::string& packet);
/// Puts it there. Nobody else may know the message yet.
void write_offset(engine::SharedMessage& message, std::uint64_t sequence);

}  // namespace chorus::socket
