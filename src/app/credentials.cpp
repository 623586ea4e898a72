#include "app/credentials.hpp"

#include <cstdint>

#include "base/bytes.hpp"

namespace chorus::app {
namespace {

/// RFC 6750, 2.1: the scheme's name in any case, one space.
std::string bearer_token(std::string_view authorization) {
  constexpr std::string_view scheme = "Bearer ";
  if (!equals_ignoring_case(authorization.substr(0, scheme.size()), scheme)) return {};
  return std::string(authorization.substr(scheme.size()));
}

/// An id may be written as a number, as JavaScript's programs do.
std::string auth_text(Handshake const& handshake, std::string_view member) {
  if (auto text = handshake.auth<std::string>(member)) return std::move(*text);
  if (auto const number = handshake.auth<std::int64_t>(member)) return std::to_string(*number);
  return {};
}

std::string first_of(std::string a, std::string_view b, std::string_view c) {
  if (!a.empty()) return a;
  return std::string(b.empty() ? c : b);
}

std::string header_token(std::string_view token, std::string_view authorization) {
  return token.empty() ? bearer_token(authorization) : std::string(token);
}

}  // namespace

Credentials credentials_of(Handshake const& handshake) {
  return {first_of(auth_text(handshake, "token"), handshake.query("token").value_or(""),
                   header_token(handshake.header("token"), handshake.header("authorization"))),
          first_of(auth_text(handshake, "id"), handshake.query("id").value_or(""), handshake.header("id"))};
}

Credentials credentials_of(HttpRequest const& request) {
  auto token = bearer_token(request.header("authorization"));
  return {first_of(std::move(token), request.header("token"), request.parameter("token")),
          first_of(std::string(request.header("id")), request.parameter("id"), {})};
}

std::string device_kind(Handshake const& handshake) {
  return handshake.auth<std::string>("kind") == "phone" ? "phone" : "desktop";
}

}  // namespace chorus::app
