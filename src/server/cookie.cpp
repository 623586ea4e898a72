#include "server/cookie.hpp"

#include <algorithm>

#include "http/characters.hpp"

namespace chorus::server {
namespace {

using SameSite = CookieSettings::SameSite;

Bytes to_string(SameSite same_site) {
  switch (same_site) {
    case SameSite::none_given:
      return {};
    case SameSite::strict:
      return "Strict";
    case SameSite::lax:
      return "Lax";
    case SameSite::none:
      return "None";
  }
  return {};
}

/// RFC 6265, 4.1.1: any character but controls and ';'.
bool is_attribute(Bytes value) {
  return std::ranges::all_of(value, [](char c) { return c >= 0x20 && c < 0x7f && c != ';'; });
}

}  // namespace

std::string set_cookie(CookieSettings const& settings, Bytes sid) {
  std::string out = settings.name;
  out.append("=").append(sid);
  if (settings.max_age) out += "; Max-Age=" + std::to_string(settings.max_age->count());
  if (!settings.domain.empty()) out += "; Domain=" + settings.domain;
  if (!settings.path.empty()) out += "; Path=" + settings.path;
  if (settings.http_only) out += "; HttpOnly";
  if (settings.secure) out += "; Secure";
  if (settings.partitioned) out += "; Partitioned";
  if (auto const same_site = to_string(settings.same_site); !same_site.empty())
    out.append("; SameSite=").append(same_site);
  return out;
}

std::optional<std::string> cookie_fault(CookieSettings const& settings) {
  if (!http::all_of(settings.name, http::token_character))
    return "cookie.name: \"" + settings.name + "\" is no name of a cookie";
  if (!is_attribute(settings.path)) return std::string("cookie.path: has a character that a cookie's path cannot have");
  if (!is_attribute(settings.domain))
    return std::string("cookie.domain: has a character that a cookie's domain cannot have");
  return std::nullopt;
}

}  // namespace chorus::server
