// Units: times and sizes as people write them on a command line.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chorus::app {

/// "500ms", "25s", "2m", "1h"; a bare number is seconds. Nothing: anything else, or more than fits.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
/// "4096", "64K", "4M", "1G"; the letters are powers of 1024.
std::optional<std::size_t> parse_bytes(std::string_view text);
/// Decimal digits only.
std::optional<std::uint64_t> parse_count(std::string_view text);

/// In the greatest unit that leaves no rest: "25s", "500ms"; "4M", "1000000".
std::string format_duration(std::chrono::milliseconds duration);
std::string format_bytes(std::size_t bytes);

}  // namespace chorus::app
