// StartNotice: what the program says when it has begun to listen.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chorus::app {

/// What it is made of; a value.
struct StartFacts {
  std::string host;
  std::uint16_t port = 0;
  bool encrypted = false;
  unsigned processes = 1;
  unsigned workers = 0;  ///< of each process
  bool io_uring = false;
  bool io_uring_wanted = true;
  std::size_t descriptors = 0;
  /// How they are checked, "RS256"; empty in the development mode.
  std::string token_check;
  std::string web_root;
  /// Where other devices find this machine; asked for only when it listens for them.
  std::vector<std::string> lan_addresses;
};

/// The lines for standard output, each with its end. The first is `Listening on port 7999.`
std::string start_notice(StartFacts const& facts);

}  // namespace chorus::app
