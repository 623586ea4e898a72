// JwtVerifier: whether a JSON Web Token (RFC 7519) was signed by who holds the key, is of now, and whom it names.
#pragma once
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/jwks_file.hpp"
#include "app/jwt_key.hpp"
#include "app/person.hpp"
#include "base/result.hpp"

namespace chorus::app {

enum class TokenError {
  malformed,        ///< no JWT, or too long
  wrong_algorithm,  ///< of its header; `none` too
  unknown_key,      ///< a key set has none of its id and algorithm
  bad_signature,
  expired,         ///< `exp` is over, or is no number
  not_yet_valid,   ///< `nbf` is to come, or is no number
  wrong_issuer,    ///< `iss` is not the one wanted
  wrong_audience,  ///< `aud` names none of those wanted
  no_subject,      ///< no `sub`, or one that cannot be a user id
};
CHORUS_ERROR_ENUM(TokenError)
std::string_view to_text(TokenError error);

/// Checks with one key, or with the keys of a file that change. It reads each token by itself (RFC 7515, 7.1: the
/// compact form), so that nothing of it is used before its signature was checked, but for the key's id and the
/// algorithm.
///
/// Thread: any; what it was made with does not change, its file may. Cost: one signature check; of a file, see
/// JwksFile.
class JwtVerifier {
 public:
  static constexpr std::size_t secret_bytes_min = JwtKey::secret_bytes_min;
  static constexpr std::size_t token_bytes_max = 8 * 1024;

  /// See JwtKey::from_text.
  static Result<JwtVerifier, std::string> from_key(std::string key);
  /// A file with a key set (RFC 7517). The error is a sentence.
  static Result<JwtVerifier, std::string> from_jwks_file(std::string path);

  /// What a token's `iss` must be, and which of its `aud` must be there; empty: whatever.
  struct Wanted {
    std::string issuer = {};
    std::vector<std::string> audiences = {};
  };
  void want(Wanted wanted) { wanted_ = std::move(wanted); }

  /// For people: "RS256", or that there is a file.
  std::string description() const;

  /// The user the token names: id from `sub`, the name from `firstName` and `lastName`, else from `name`, else the id.
  /// `leeway` is what clocks may differ by. A token without `exp` does not expire.
  Result<Person, TokenError> verify(std::string_view token, std::chrono::system_clock::time_point now,
                                    std::chrono::seconds leeway) const;

 private:
  using Time = std::chrono::system_clock::time_point;

  JwtVerifier() = default;
  /// Keeps the keys alive while one of them is used.
  struct Chosen {
    std::shared_ptr<JwkSet const> set;
    JwtKey const* key = nullptr;
  };
  Chosen key_for(JwtAlgorithm algorithm, std::string_view id, Time now) const;
  Result<Person, TokenError> judge(ArgView claims, double now, double leeway) const;

  std::shared_ptr<JwtKey const> key_;
  std::shared_ptr<JwksFile const> file_;  // in its place
  Wanted wanted_;
};

}  // namespace chorus::app
