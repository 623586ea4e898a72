#include "socket/offset.hpp"

#include "base/check.hpp"
#include "base/random.hpp"

namespace chorus::socket {
namespace {

constexpr unsigned bits_of_character = 6;
constexpr std::string_view behind_it = "\"]";

}  // namespace

OffsetText offset_text(std::uint64_t sequence) {
  OffsetText text;
  for (auto place = text.rbegin(); place != text.rend(); ++place) {
    *place = token_alphabet[sequence % token_alphabet.size()];
    sequence >>= bits_of_character;
  }
  return text;
}

std::optional<std::uint64_t> sequence_of_offset(std::string_view text) {
  if (text.size() != offset_size) return std::nullopt;
  std::uint64_t sequence = 0;
  for (char const c : text) {
    auto const value = token_alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    sequence = sequence << bits_of_character | value;
  }
  return sequence;
}

void append_offset_place(std::string& packet) {
  CHORUS_DCHECK(packet.ends_with(']'), "only an event's packet has room for an offset");
  packet.back() = ',';
  packet += '"';
  packet.append(offset_size, '-');
  packet += behind_it;
}

void write_offset(engine::SharedMessage& message, std::uint64_t sequence) {
  auto const text = offset_text(sequence);
  message.overwrite_text(message.text().size() - behind_it.size() - offset_size, {text.data(), text.size()});
}

}  // namespace chorus::socket
