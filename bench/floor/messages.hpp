// Just enough of WebSocket, Engine.IO and Socket.IO to answer the benchmark's messages. Checks nothing.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bench_floor {

/// The user that a request's query names (`id`); empty: none.
std::string_view user_of(std::string_view request);

/// The whole HTTP answer to an upgrade, and Engine.IO's first frame behind it.
std::string upgrade_answer(std::string_view request, std::uint64_t session);

/// A client's frame at the front of `input`, unmasked in place.
struct ClientFrame {
  unsigned opcode;
  std::string_view payload;
  std::size_t size;
};
std::optional<ClientFrame> take_frame(char* input, std::size_t size);

/// Bytes an answer to `payload_size` bytes may take: a header, and a few for an ack's brackets.
constexpr std::size_t answer_size_max(std::size_t payload_size) { return payload_size + 64; }

/// What a text asks for.
struct Reply {
  enum class To { sender, everybody, room, user, nobody };
  std::size_t size = 0;   ///< of what was written
  To to = To::sender;     ///< nobody: the sender joins the room
  std::string_view room;  ///< its name
};
/// `answer` has room for answer_size_max().
Reply answer(std::string_view text, char* answer, std::uint64_t session);

}  // namespace bench_floor
