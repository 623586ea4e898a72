// Base64 (RFC 4648): the standard alphabet with padding, and the URL alphabet without.
#pragma once
#include <optional>
#include <string>

#include "base/bytes.hpp"

namespace chorus {

constexpr std::size_t base64_size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

/// Appends the standard form of `bytes`, padded.
void append_base64(std::string& out, Bytes bytes);
std::string base64(Bytes bytes);
/// Appends the URL form, unpadded.
void append_base64url(std::string& out, Bytes bytes);

/// Accepts both alphabets, padding optional but right where present; nothing else: no spaces, no stray bits.
std::optional<std::string> decode_base64(Bytes text);

}  // namespace chorus
