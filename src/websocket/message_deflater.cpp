#include "websocket/message_deflater.hpp"

#include <algorithm>
#include <cstring>

namespace chorus::websocket {
namespace {

constexpr std::size_t trailer_size = 4;  // 00 00 FF FF, which is not sent (RFC 7692, 7.2.1)

}  // namespace

/// With eight bits it uses zlib's nine: zlib refers no further back than 262 bytes less than its window.
MessageDeflater::MessageDeflater(DeflateSettings const& settings, int window_bits, Context context,
                                 DeflateCounters& counters)
    : deflater_({.format = DeflateFormat::raw,
                 .level = settings.level,
                 .window_bits = std::max(window_bits, deflate_window_bits_min)}),
      threshold_(settings.threshold),
      context_(context),
      counters_(counters) {}

void MessageDeflater::append_frame(std::string& out, Opcode opcode, Bytes prefix, Bytes payload) {
  std::size_t const size = prefix.size() + payload.size();
  if (size >= threshold_ && append_deflated(out, opcode, prefix, payload)) return;
  websocket::append_frame(out, opcode, prefix, payload);
}

/// False, and `out` as it was, when it would not be smaller.
bool MessageDeflater::append_deflated(std::string& out, Opcode opcode, Bytes prefix, Bytes payload) {
  if (context_ == Context::none) deflater_.reset();
  std::size_t const size = prefix.size() + payload.size(), begin = out.size();
  char header[frame_header_max];
  std::size_t const header_room = write_frame_header(header, opcode, size);
  out.resize(begin + header_room + size + trailer_size);
  MutableBytes const body = MutableBytes(out).subspan(begin + header_room);
  auto const flushed = deflater_.flush_into(body, prefix, payload);
  ++counters_.messages;
  if (!flushed) {
    out.resize(begin);
    deflater_.reset();  // the client never sees what it could refer back to
    return false;
  }
  std::size_t const left = *flushed - trailer_size;
  std::size_t const header_size = write_frame_header(header, opcode, left);
  header[0] = static_cast<char>(header[0] | rsv1_bit);
  std::memcpy(out.data() + begin, header, header_size);
  if (header_size != header_room) std::memmove(out.data() + begin + header_size, body.data(), left);
  out.resize(begin + header_size + left);
  counters_.bytes_saved.add(size - left);
  return true;
}

}  // namespace chorus::websocket
