#include "websocket/handshake.hpp"

#include <openssl/sha.h>

#include <array>
#include <optional>
#include <vector>

#include "base/base64.hpp"

namespace chorus::websocket {
namespace {

/// The one value of a header; nullopt when it is absent or repeated.
std::optional<Bytes> only_value(http::Request const& request, Bytes name) {
  std::optional<Bytes> found;
  for (http::Header const header : request.headers()) {
    if (!equals_ignoring_case(header.name, name)) continue;
    if (found) return std::nullopt;
    found = header.value;
  }
  return found;
}

/// 4.1: 16 bytes in base64, the standard alphabet with its padding.
bool is_client_key(Bytes key) {
  if (key.size() != base64_size(16) || key.find_first_of("-_") != Bytes::npos) return false;
  auto const bytes = decode_base64(key);
  return bytes && bytes->size() == 16;
}

}  // namespace

bool wants_websocket(http::Request const& request) { return request.has_token("Upgrade", "websocket"); }

Result<std::string, UpgradeError> check_upgrade(http::Request const& request) {
  if (request.method() != "GET" || request.minor_version() < 1) return UpgradeError::bad_request;
  if (!wants_websocket(request) || !request.has_token("Connection", "upgrade")) return UpgradeError::bad_request;
  auto const key = only_value(request, "Sec-WebSocket-Key");
  if (!key || !is_client_key(*key)) return UpgradeError::bad_request;
  auto const version = only_value(request, "Sec-WebSocket-Version");
  if (!version) return UpgradeError::bad_request;
  if (*version != "13") return UpgradeError::upgrade_required;
  return accept_key(*key);
}

std::string accept_key(Bytes client_key) {
  constexpr Bytes guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::vector<unsigned char> text(client_key.begin(), client_key.end());
  text.insert(text.end(), guid.begin(), guid.end());
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
  SHA1(text.data(), text.size(), digest.data());
  return base64(std::string(digest.begin(), digest.end()));
}

std::string upgrade_response(Bytes accept_key, http::ResponseHeaders const& extra) {
  std::string out = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  http::append_header(out, "Sec-WebSocket-Accept", accept_key);
  for (auto const& [name, value] : extra) http::append_header(out, name, value);
  out += "\r\n";
  return out;
}

http::Response upgrade_refusal(UpgradeError error) {
  http::Response response;
  response.status = status_of(error);
  response.close = true;
  if (error == UpgradeError::upgrade_required) {
    response.headers.emplace_back("Sec-WebSocket-Version", "13");
    response.headers.emplace_back("Upgrade", "websocket");
  }
  return response;
}

}  // namespace chorus::websocket
