// JwtVerifier: whether a JSON Web Token (RFC 7519) was signed by who holds the key, is of now, and whom it names.
#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "app/person.hpp"
#include "base/result.hpp"

namespace chorus::app {

enum class JwtAlgorithm { hs256, rs256, es256 };

enum class TokenError {
  malformed,        ///< no JWT, or too long
  wrong_algorithm,  ///< of its header; `none` too
  bad_signature,
  expired,        ///< `exp` is over, or is no number
  not_yet_valid,  ///< `nbf` is to come, or is no number
  no_subject,     ///< no `sub`, or one that cannot be a user id
};
CHORUS_ERROR_ENUM(TokenError)
std::string_view to_text(TokenError error);

/// The algorithm is fixed by the key, never by the token (RFC 8725, 3.1): a public RSA key in PEM checks RS256 only, a
/// public EC key on P-256 ES256 only, any other bytes HS256 only. So `none` is refused, and so is a token signed by
/// HS256 with the text of the public key.
///
/// Thread: any; immutable. Cost: one signature check, no I/O.
class JwtVerifier {
 public:
  static constexpr std::size_t secret_bytes_min = 32;  ///< RFC 7518, 3.2: as long as the hash
  static constexpr int rsa_bits_min = 2048;            ///< RFC 7518, 3.3
  static constexpr std::size_t token_bytes_max = 8 * 1024;

  /// The error is a sentence for whoever configured the key; it never contains any of it.
  static Result<JwtVerifier, std::string> from_key(std::string key);

  JwtAlgorithm algorithm() const { return algorithm_; }

  /// The user the token names: id from `sub`, the name from `firstName` and `lastName`, else from `name`, else the id.
  /// `leeway` is what clocks may differ by. A token without `exp` does not expire.
  Result<Person, TokenError> verify(std::string_view token, std::chrono::system_clock::time_point now,
                                    std::chrono::seconds leeway) const;

 private:
  JwtVerifier(JwtAlgorithm algorithm, std::string key) : algorithm_(algorithm), key_(std::move(key)) {}

  JwtAlgorithm algorithm_;
  std::string key_;
};

std::string_view to_text(JwtAlgorithm algorithm);

}  // namespace chorus::app
