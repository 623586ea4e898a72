// The words of the code base for memory that belongs to somebody else.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace chorus {

/// Bytes that are only looked at. Borrowed for the call unless the declaration says otherwise.
using Bytes = std::string_view;

/// Bytes that may be changed where they lie (unmasking). Borrowed for the call.
using MutableBytes = std::span<char>;

inline Bytes as_bytes(MutableBytes bytes) { return {bytes.data(), bytes.size()}; }

/// `text[0..max)` with everything unprintable escaped: how a peer's bytes may appear in a log line or an error.
std::string printable(Bytes text, std::size_t max = 80);

/// ASCII only, as HTTP compares header names and tokens.
bool equals_ignoring_case(Bytes a, Bytes b);
std::string lower_case(Bytes text);

}  // namespace chorus
