// Takeover, as the successor sees it: asks an older instance for its place.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/supervisor/channel.hpp"
#include "app/supervisor/control_messages.hpp"

namespace chorus::app {

/// While it lives, the older instance starts nothing new; if it dies without send_retire(), that goes on untouched.
struct Takeover {
  Channel channel;
  HandOver place;
  std::vector<server::FileDescriptor> listening;

  /// The successor serves: the older instance drains and ends.
  void send_retire();
};

/// Of the own instance on `port`; nothing when there is none. Throws std::runtime_error with a sentence when it
/// refuses, does not answer, or listens on another host. Waits up to 5 s for an answer.
std::optional<Takeover> ask_for_takeover(std::string const& runtime_folder, std::string const& host,
                                         std::uint16_t port);

}  // namespace chorus::app
