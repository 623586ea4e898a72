// EnginePacket: one packet of Engine.IO, as those see it who watch a connection.
#pragma once
#include <cstdint>
#include <string_view>

namespace chorus {

/// A packet that will be sent [packetCreate]. Borrowed for the call.
struct EnginePacket {
  /// Those that a session sends once it is open.
  enum class Type : std::uint8_t { ping, pong, message };
  Type type = Type::message;  ///< what it is
  std::string_view data;      ///< of a message: text, or bytes; of a pong what its ping brought (Engine.IO 3)
  bool binary = false;        ///< `data` are bytes
  bool compress = false;      ///< [options.compress] compression may be used for it
};

}  // namespace chorus
