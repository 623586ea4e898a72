#include "app/units.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace chorus::app {
namespace {

using Unit = std::pair<std::string_view, std::uint64_t>;
constexpr std::array<Unit, 4> durations{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr std::array<Unit, 4> sizes{{{"G", 1u << 30}, {"M", 1u << 20}, {"K", 1u << 10}, {"", 1}}};

/// `bare`: what a number without a unit counts. The result fits into a signed 64-bit number.
template <std::size_t N>
std::optional<std::uint64_t> parse(std::string_view text, std::array<Unit, N> const& units, std::uint64_t bare) {
  std::uint64_t number = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  auto const unit = text.substr(static_cast<std::size_t>(end - text.data()));
  std::uint64_t factor = unit.empty() ? bare : 0;
  for (auto const& [name, value] : units)
    if (!unit.empty() && unit == name) factor = value;
  if (factor == 0 || number > static_cast<std::uint64_t>(INT64_MAX) / factor) return std::nullopt;
  return number * factor;
}

template <std::size_t N>
std::string format(std::uint64_t value, std::array<Unit, N> const& units) {
  for (auto const& [name, factor] : units)
    if (value != 0 && value % factor == 0) return std::to_string(value / factor).append(name);
  return std::to_string(value);
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  auto const value = parse(text, durations, 1000);
  if (!value) return std::nullopt;
  return std::chrono::milliseconds(*value);
}

std::optional<std::size_t> parse_bytes(std::string_view text) { return parse(text, sizes, 1); }

std::optional<std::uint64_t> parse_count(std::string_view text) { return parse(text, std::array<Unit, 0>{}, 1); }

std::string format_duration(std::chrono::milliseconds duration) {
  return format(static_cast<std::uint64_t>(duration.count()), durations);
}

std::string format_bytes(std::size_t bytes) { return format(bytes, sizes); }

}  // namespace chorus::app
