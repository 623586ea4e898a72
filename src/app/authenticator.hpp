// Authenticator: from credentials to a person, or to a refusal's text.
#pragma once
#include <chrono>
#include <optional>

#include "app/credentials.hpp"
#include "app/jwt_verifier.hpp"
#include "app/texts.hpp"

namespace chorus::app {

/// How the program checks who somebody is. With a verifier, tokens are JWTs and an `id`, where one is given, must be
/// the token's `sub`. Without one (the development mode) any token will do and the `id` is the user.
///
/// Thread: any; immutable.
class Authenticator {
 public:
  struct Options {
    std::optional<JwtVerifier> verifier;
    std::chrono::seconds leeway{60};
    Language language = Language::english;
  };

  explicit Authenticator(Options options) : options_(std::move(options)) {}

  bool checks_tokens() const { return options_.verifier.has_value(); }
  Texts const& texts() const { return app::texts(options_.language); }

  /// Nobody, when the token is not good for this id.
  std::optional<Person> person(Credentials const& credentials, std::chrono::system_clock::time_point now) const;

 private:
  Options options_;
};

}  // namespace chorus::app
