#include "websocket/frame.hpp"

#include <cstring>

#include "base/check.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace chorus::websocket {
namespace {

constexpr std::uint64_t high_bits = 0x8080808080808080u;

/// `reason` without the last bytes that do not fit, and without a character that would be cut.
Bytes fitting_reason(Bytes reason) {
  constexpr std::size_t reason_max = control_payload_max - 2;
  if (reason.size() <= reason_max) return reason;
  std::size_t size = reason_max;
  while (size > 0 && (static_cast<unsigned char>(reason[size]) & 0xc0) == 0x80) --size;
  return reason.substr(0, size);
}

#if defined(__SSE2__)
/// Unmasks whole blocks of 32 and 16 bytes; returns how many bytes that were. `seen` collects their high bits.
std::size_t unmask_blocks(char* data, std::size_t size, std::uint32_t key, std::uint64_t& seen) {
  __m128i const mask = _mm_set1_epi32(static_cast<int>(key));
  __m128i all = _mm_setzero_si128();
  std::size_t i = 0;
  auto const block = [&](std::size_t at) {
    void* const place = data + at;
    __m128i const clear = _mm_xor_si128(_mm_loadu_si128(static_cast<__m128i const*>(place)), mask);
    _mm_storeu_si128(static_cast<__m128i*>(place), clear);
    all = _mm_or_si128(all, clear);
  };
  for (; i + 32 <= size; i += 32) {
    block(i);
    block(i + 16);
  }
  if (i + 16 <= size) {
    block(i);
    i += 16;
  }
  if (_mm_movemask_epi8(all) != 0) seen |= high_bits;
  return i;
}
#else
std::size_t unmask_blocks(char*, std::size_t, std::uint32_t, std::uint64_t&) { return 0; }
#endif

/// One word of 8, 4, 2 or 1 bytes.
template <class Word>
void unmask_word(char* data, std::uint64_t mask, std::uint64_t& seen) {
  Word word;
  std::memcpy(&word, data, sizeof(Word));
  word = static_cast<Word>(word ^ static_cast<Word>(mask));
  std::memcpy(data, &word, sizeof(Word));
  seen |= word;
}

}  // namespace

void append_frame(std::string& out, Opcode opcode, Bytes payload, Bytes rest) {
  std::size_t const size = payload.size() + rest.size();
  CHORUS_DCHECK(!is_control(opcode) || size <= control_payload_max, "a control frame holds 125 bytes");
  char header[frame_header_max];
  out.append(header, write_frame_header(header, opcode, size));
  out.append(payload).append(rest);
}

std::string close_frame(std::uint16_t code, Bytes reason) {
  reason = fitting_reason(reason);
  char const header[] = {static_cast<char>(0x88), static_cast<char>(2 + reason.size()), static_cast<char>(code >> 8),
                         static_cast<char>(code & 0xff)};
  std::string frame(header, sizeof header);
  frame.append(reason);
  return frame;
}

bool unmask(char* data, std::size_t size, std::uint32_t key_as_in_memory, std::size_t offset_in_frame) {
  // Two copies of the key in memory order; the one that begins at the offset is the key of data[0].
  char twice[8];
  std::memcpy(twice, &key_as_in_memory, 4);
  std::memcpy(twice + 4, &key_as_in_memory, 4);
  std::uint32_t key;
  std::memcpy(&key, twice + (offset_in_frame & 3), 4);

  std::uint64_t seen = 0;
  std::size_t i = unmask_blocks(data, size, key, seen);
  std::uint64_t const mask = std::uint64_t{key} << 32 | key;
  for (; i + 8 <= size; i += 8) unmask_word<std::uint64_t>(data + i, mask, seen);
  if (i + 4 <= size) {
    unmask_word<std::uint32_t>(data + i, key, seen);
    i += 4;
  }
  std::memcpy(twice, &key, 4);
  for (std::size_t k = 0; i < size; ++i, ++k) {
    data[i] = static_cast<char>(data[i] ^ twice[k]);
    seen |= static_cast<unsigned char>(data[i]);
  }
  return (seen & high_bits) == 0;
}

}  // namespace chorus::websocket
