// EventCounts: how much of what happened in each second, as `server_stats` tells it.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace chorus::admin {

/// What is counted, in the order of type_name().
enum class Happening : std::uint8_t { raw_connection, raw_disconnection, packets_in, packets_out, bytes_in, bytes_out };
inline constexpr std::size_t happenings = 6;
/// As the UI calls it: "rawConnection".
Bytes type_name(Happening what);

struct EventCount {
  std::chrono::seconds second{0};  ///< since 1970
  Happening what{};
  std::string sub_type;  ///< of raw_disconnection: the reason; else empty
  std::uint64_t count = 0;
};

/// Thread: its worker's. Limits: keeps the newest `seconds_max` seconds in which anything happened when nobody takes
/// them; a second has an entry for each happening, and for each reason of Engine.IO's.
class EventCounts {
 public:
  static constexpr std::chrono::seconds seconds_max{10};

  /// `second`: never less than before. Every message of the server's comes here.
  void add(std::chrono::seconds second, Happening what, std::uint64_t count = 1) {
    if (second != second_) [[unlikely]]
      begin(second);
    running_[static_cast<std::size_t>(what)] += count;
  }
  void add(std::chrono::seconds second, Happening what, std::uint64_t count, Bytes sub_type);
  /// All of them, and begins anew. Of a second those with a sub type come first.
  std::vector<EventCount> take();

 private:
  void begin(std::chrono::seconds second);
  void list_running();

  std::chrono::seconds second_{0};                   // that runs
  std::array<std::uint64_t, happenings> running_{};  // of it, but for what has a sub type
  std::vector<EventCount> list_;                     // the oldest first
};

/// Adds the second list's counts to the first's.
void merge(std::vector<EventCount>& into, std::vector<EventCount> const& from);

}  // namespace chorus::admin
