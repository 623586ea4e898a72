#include "app/authenticator.hpp"

#include "app/recipient.hpp"
#include "base/log.hpp"
#include "base/utf8.hpp"

namespace chorus::app {

std::optional<Person> Authenticator::person(Credentials const& credentials,
                                            std::chrono::system_clock::time_point now) const {
  if (credentials.token.empty()) return std::nullopt;
  if (!options_.verifier) {
    // Headers and queries bring any bytes; a user id goes into JSON.
    if (!is_user_id(credentials.id) || !is_utf8(credentials.id)) return std::nullopt;
    return Person{credentials.id, credentials.id, ""};
  }
  auto verified = options_.verifier->verify(credentials.token, now, options_.leeway);
  if (verified.has_error()) {
    log(LogLevel::info, "token_refused", {{"why", to_text(verified.error())}});
    return std::nullopt;
  }
  if (!credentials.id.empty() && credentials.id != verified->id) {
    log(LogLevel::info, "token_refused", {{"why", "id is not the token's subject"}});
    return std::nullopt;
  }
  return std::move(*verified);
}

}  // namespace chorus::app
