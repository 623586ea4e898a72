// What chorus::EventDraft is made of.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "chorus/socket.hpp"

namespace chorus {

/// Thread: its socket's worker's, but for the end: the last holder may be a verdict that another thread drops.
struct EventDraft::State {
  Socket socket;
  std::string event;
  OwnedArgs args;
  std::optional<std::uint64_t> ack_id;
  std::optional<std::size_t> awaited;  ///< which middleware's verdict
};

}  // namespace chorus
