// NodeName: which process of a cluster, and which holder of that place.
#pragma once
#include <compare>
#include <cstdint>
#include <string>

namespace chorus::cluster {

/// The place of a process, and a count of those who held it: a successor is another node than its predecessor.
/// Travels in every session id (engine/session_id.hpp).
struct NodeName {
  std::uint16_t node = 0;
  std::uint8_t incarnation = 0;

  auto operator<=>(NodeName const&) const = default;
};

/// "3.12", for logs and file names.
inline std::string to_text(NodeName name) { return std::to_string(name.node) + '.' + std::to_string(name.incarnation); }

}  // namespace chorus::cluster
