// The session's cookie as a header's value (RFC 6265).
#pragma once
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "chorus/engine.hpp"

namespace chorus::server {

/// `io=<sid>; Path=/; HttpOnly; SameSite=Lax`: the attributes in the order in which Node's `cookie` writes them. `sid`
/// has no character that a cookie's value must not have.
std::string set_cookie(CookieSettings const& settings, Bytes sid);

/// What is wrong with the settings; nothing when they make a cookie.
std::optional<std::string> cookie_fault(CookieSettings const& settings);

}  // namespace chorus::server
