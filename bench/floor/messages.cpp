#include "floor/messages.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <cstring>

namespace bench_floor {
namespace {

std::string_view find_key(std::string_view request) {
  constexpr std::string_view name = "sec-websocket-key:";
  for (std::size_t at = 0; at + name.size() < request.size(); ++at) {
    std::size_t same = 0;
    while (same < name.size() && std::tolower(static_cast<unsigned char>(request[at + same])) == name[same]) ++same;
    if (same < name.size()) continue;
    auto const value = request.substr(at + same, request.find('\r', at) - at - same);
    return value.substr(value.find_first_not_of(' '));
  }
  return {};
}

std::size_t write_head(char* out, std::size_t payload_size) {
  out[0] = static_cast<char>(0x81);
  if (payload_size < 126) {
    out[1] = static_cast<char>(payload_size);
    return 2;
  }
  bool const is_long = payload_size > 0xffff;
  out[1] = is_long ? 127 : 126;
  int const bytes = is_long ? 8 : 2;
  for (int i = 0; i < bytes; ++i) out[2 + i] = static_cast<char>(payload_size >> (8 * (bytes - 1 - i)));
  return static_cast<std::size_t>(2 + bytes);
}

void unmask(char* data, std::size_t size, char const* key) {
  std::uint32_t word;
  std::memcpy(&word, key, 4);
  std::uint64_t const wide = std::uint64_t{word} << 32 | word;
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint64_t bytes;
    std::memcpy(&bytes, data + i, 8);
    bytes ^= wide;
    std::memcpy(data + i, &bytes, 8);
  }
  for (; i < size; ++i) data[i] = static_cast<char>(data[i] ^ key[i & 3]);
}

std::size_t write_frame(char* out, std::string_view payload) {
  std::size_t const head = write_head(out, payload.size());
  std::memcpy(out + head, payload.data(), payload.size());
  return head + payload.size();
}

/// `42<id>["ack",X]` becomes `43<id>[X]`.
std::size_t write_ack(char* out, std::string_view text) {
  std::size_t const id_end = text.find('[');
  std::size_t const comma = text.find(',', id_end);
  if (comma == std::string_view::npos) return 0;
  std::string_view const id = text.substr(2, id_end - 2);
  std::string_view const rest = text.substr(comma + 1);
  char* to = out + write_head(out, 3 + id.size() + rest.size());
  *to++ = '4';
  *to++ = '3';
  to += id.copy(to, id.size());
  *to++ = '[';
  to += rest.copy(to, rest.size());
  return static_cast<std::size_t>(to - out);
}

/// Of `42["event","X",…`: X.
std::string_view first_argument(std::string_view text) {
  std::size_t const comma = text.find(',');
  if (comma == std::string_view::npos) return {};
  std::string_view const rest = text.substr(std::min(comma + 2, text.size()));
  return rest.substr(0, rest.find('"'));
}

/// `42["room",NAME,X]` becomes `42["room",X]`.
Reply to_room(std::string_view text, char* out) {
  constexpr std::string_view event = "42[\"room\",";
  std::string_view const room = first_argument(text);
  std::size_t const comma = text.find(',', event.size());
  if (comma == std::string_view::npos) return {};
  std::string_view const rest = text.substr(comma + 1);
  std::size_t const head = write_head(out, event.size() + rest.size());
  event.copy(out + head, event.size());
  rest.copy(out + head + event.size(), rest.size());
  return {head + event.size() + rest.size(), Reply::To::room, room};
}

}  // namespace

std::string_view user_of(std::string_view request) {
  std::string_view const line = request.substr(0, request.find('\r'));
  std::size_t const id = line.find("&id=");
  if (id == std::string_view::npos) return {};
  std::string_view const value = line.substr(id + 4);
  return value.substr(0, value.find_first_of("& "));
}

std::string upgrade_answer(std::string_view request, std::uint64_t session) {
  std::string const proof = std::string(find_key(request)) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<unsigned char const*>(proof.data()), proof.size(), digest.data());
  std::array<unsigned char, 32> accept{};
  EVP_EncodeBlock(accept.data(), digest.data(), static_cast<int>(digest.size()));
  std::string answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  answer.append("Sec-WebSocket-Accept: ").append(reinterpret_cast<char const*>(accept.data())).append("\r\n\r\n");

  std::string const open = "0{\"sid\":\"floor" + std::to_string(session) +
                           "\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}";
  std::string frame(open.size() + 10, '\0');
  frame.resize(write_frame(frame.data(), open));
  return answer + frame;
}

std::optional<ClientFrame> take_frame(char* input, std::size_t size) {
  if (size < 6) return std::nullopt;
  std::size_t payload = static_cast<unsigned char>(input[1]) & 0x7f;
  std::size_t head = 2;
  if (std::size_t const bytes = payload == 126 ? 2 : payload == 127 ? 8 : 0; bytes != 0) {
    head += bytes;
    if (size < head + 4) return std::nullopt;
    payload = 0;
    for (std::size_t i = 2; i < head; ++i) payload = payload << 8 | static_cast<unsigned char>(input[i]);
  }
  if (size - head - 4 < payload) return std::nullopt;
  char* const text = input + head + 4;
  unmask(text, payload, input + head);
  return ClientFrame{static_cast<unsigned>(input[0]) & 0xf, {text, payload}, head + 4 + payload};
}

Reply answer(std::string_view text, char* answer, std::uint64_t session) {
  if (text.starts_with("40")) {
    char connected[64];
    int const size =
        std::snprintf(connected, sizeof connected, "40{\"sid\":\"%llu\"}", static_cast<unsigned long long>(session));
    return {write_frame(answer, {connected, static_cast<std::size_t>(size)}), Reply::To::sender, {}};
  }
  if (!text.starts_with("42")) return {};
  if (text.size() > 2 && text[2] != '[') return {write_ack(answer, text), Reply::To::sender, {}};
  if (text.starts_with("42[\"room\"")) return to_room(text, answer);
  if (text.starts_with("42[\"join\"")) return {0, Reply::To::nobody, first_argument(text)};
  Reply::To to = Reply::To::sender;
  if (text.starts_with("42[\"broadcast\"")) to = Reply::To::everybody;
  if (text.starts_with("42[\"message\"")) to = Reply::To::user;
  return {write_frame(answer, text), to, {}};
}

}  // namespace bench_floor
