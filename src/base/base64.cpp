#include "base/base64.hpp"

#include <array>

namespace chorus {
namespace {

constexpr char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<signed char, 256> make_values() {
  std::array<signed char, 256> values{};
  for (auto& v : values) v = -1;
  for (int i = 0; i < 64; ++i) {
    values[static_cast<unsigned char>(standard[i])] = static_cast<signed char>(i);
    values[static_cast<unsigned char>(url[i])] = static_cast<signed char>(i);
  }
  return values;
}
constexpr auto values = make_values();

void append(std::string& out, Bytes in, char const* alphabet, bool padded) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(in[i])); };
  out.reserve(out.size() + base64_size(in.size()));
  std::size_t i = 0;
  for (; i + 3 <= in.size(); i += 3) {
    unsigned const v = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    char const four[4] = {alphabet[v >> 18], alphabet[v >> 12 & 63], alphabet[v >> 6 & 63], alphabet[v & 63]};
    out.append(four, 4);
  }
  std::size_t const rest = in.size() - i;
  if (rest == 0) return;
  unsigned const v = byte(i) << 16 | (rest == 2 ? byte(i + 1) << 8 : 0);
  out += alphabet[v >> 18];
  out += alphabet[v >> 12 & 63];
  if (rest == 2) out += alphabet[v >> 6 & 63];
  if (padded) out.append(rest == 2 ? "=" : "==");
}

}  // namespace

void append_base64(std::string& out, Bytes bytes) { append(out, bytes, standard, true); }
void append_base64url(std::string& out, Bytes bytes) { append(out, bytes, url, false); }

std::string base64(Bytes bytes) {
  std::string out;
  append_base64(out, bytes);
  return out;
}

std::optional<std::string> decode_base64(Bytes text) {
  if (text.size() % 4 == 0)
    for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) text.remove_suffix(1);
  std::size_t const rest = text.size() % 4;
  if (rest == 1) return std::nullopt;

  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  unsigned bits = 0;
  int count = 0;
  for (char c : text) {
    int const v = values[static_cast<unsigned char>(c)];
    if (v < 0) return std::nullopt;
    bits = bits << 6 | static_cast<unsigned>(v);
    if (++count == 4) {
      char const three[3] = {static_cast<char>(bits >> 16), static_cast<char>(bits >> 8), static_cast<char>(bits)};
      out.append(three, 3);
      bits = 0;
      count = 0;
    }
  }
  if (rest == 2) {
    if (bits & 0xf) return std::nullopt;
    out += static_cast<char>(bits >> 4);
  } else if (rest == 3) {
    if (bits & 0x3) return std::nullopt;
    out += static_cast<char>(bits >> 10);
    out += static_cast<char>(bits >> 2);
  }
  return out;
}

}  // namespace chorus
