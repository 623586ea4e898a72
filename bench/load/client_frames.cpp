#include "load/client_frames.hpp"

#include <cstring>

namespace load {
namespace {

void mask_bytes(char* data, std::size_t size, std::uint32_t key) {
  std::uint64_t const wide = std::uint64_t{key} << 32 | key;
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint64_t word;
    std::memcpy(&word, data + i, 8);
    word ^= wide;
    std::memcpy(data + i, &word, 8);
  }
  char bytes[4];
  std::memcpy(bytes, &key, 4);
  for (; i < size; ++i) data[i] = static_cast<char>(data[i] ^ bytes[i & 3]);
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (char const c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

}  // namespace

void append_frame(std::string& out, Opcode opcode, std::string_view payload, std::uint32_t mask) {
  std::size_t const size = payload.size();
  out += static_cast<char>(0x80 | static_cast<unsigned>(opcode));
  unsigned const length_bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
  out += static_cast<char>(0x80 | (length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127));
  for (unsigned i = length_bytes; i-- > 0;) out += static_cast<char>(size >> (8 * i) & 0xff);
  char key[4];
  std::memcpy(key, &mask, 4);
  out.append(key, 4);
  std::size_t const begin = out.size();
  out.append(payload);
  mask_bytes(out.data() + begin, size, mask);
}

std::optional<Frame> read_frame(std::string_view bytes) {
  if (bytes.size() < 2) return std::nullopt;
  std::size_t const code = static_cast<unsigned char>(bytes[1]) & 0x7f;
  std::size_t const length_bytes = code == 126 ? 2 : code == 127 ? 8 : 0;
  std::size_t const head = 2 + length_bytes;
  if (bytes.size() < head) return std::nullopt;
  std::size_t const size =
      length_bytes == 0 ? code : static_cast<std::size_t>(big_endian(bytes.substr(2, length_bytes)));
  if (bytes.size() - head < size) return std::nullopt;
  return Frame{static_cast<Opcode>(bytes[0] & 0xf), bytes.substr(head, size), head + size};
}

}  // namespace load
