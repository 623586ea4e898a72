// Ground: what an instance stands on before it starts anything.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/config.hpp"
#include "app/supervisor/node_places.hpp"
#include "app/supervisor/takeover.hpp"
#include "server/listening_sockets.hpp"

namespace chorus::app {

/// Made in the order of its members, or taken over. Thread: main's. Lifetime: the instance's.
struct Ground {
  std::string runtime_folder;   // empty: it cannot be had, and the instance does without
  std::string instance_folder;  // in it; empty as well
  std::optional<Takeover> predecessor;
  server::ListeningSockets sockets;
  std::optional<NodePlaces> places;  // nothing: the instance is no part of a cluster, or has none in its sessions
  std::string session_key;
  std::vector<std::uint8_t> incarnations;  // of the predecessor's processes

  /// The place of the process that is started now.
  NodePlace place_of(unsigned slot, std::uint8_t incarnation);
  /// For the processes' sockets to each other; empty: there is none.
  std::string relay_folder() const;
};

/// Throws std::runtime_error with a sentence: the port is taken, or an older instance does not give it.
Ground prepare_ground(Config const& config);

}  // namespace chorus::app
