// JwtKey: one key that JSON Web Tokens are checked with, and the one algorithm it is for (RFC 7515, 7517, 7518, 8037).
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "chorus/args.hpp"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace chorus::app {

/// Those of RFC 7518, and EdDSA with Ed25519.
enum class JwtAlgorithm : std::uint8_t {
  hs256,
  hs384,
  hs512,
  rs256,
  rs384,
  rs512,
  ps256,
  ps384,
  ps512,
  es256,
  es384,
  es512,
  eddsa,
};
std::string_view to_text(JwtAlgorithm algorithm);
/// Nothing for `none` and whatever else is not known.
std::optional<JwtAlgorithm> jwt_algorithm(std::string_view name);

/// The algorithm is fixed by the key, never by the token (RFC 8725, 3.1). So `none` is refused, and so is a token
/// signed by HS256 with the text of a public key.
///
/// Thread: any; an immutable value. Cost of a check: one signature, no I/O.
class JwtKey {
 public:
  static constexpr std::size_t secret_bytes_min = 32;  ///< RFC 7518, 3.2: as long as the hash
  static constexpr int rsa_bits_min = 2048;            ///< RFC 7518, 3.3
  static constexpr int rsa_bits_max = 8192;

  /// A public key in PEM: RSA for RS256, EC for the ES… of its curve, Ed25519 for EdDSA; any other bytes are a secret
  /// for HS256. The error is a sentence for whoever configured the key; it never contains any of it.
  static Result<JwtKey, std::string> from_text(std::string text);
  /// An object of RFC 7517. Its `alg`, or else what its kind is used for: RS256, the ES… of its curve, EdDSA, HS256.
  static Result<JwtKey, std::string> from_jwk(ArgView jwk);

  JwtAlgorithm algorithm() const { return algorithm_; }
  /// Its `kid`; empty: none.
  std::string const& id() const { return id_; }

  /// `signature`: as JWS has it, decoded.
  bool verifies(Bytes text, Bytes signature) const;

 private:
  JwtKey(JwtAlgorithm algorithm, std::string secret) : algorithm_(algorithm), secret_(std::move(secret)) {}
  JwtKey(JwtAlgorithm algorithm, std::shared_ptr<evp_pkey_st> key) : algorithm_(algorithm), key_(std::move(key)) {}
  static Result<JwtKey, std::string> from_public_key(std::shared_ptr<evp_pkey_st> key);

  JwtAlgorithm algorithm_;
  std::string id_;
  std::string secret_;                // of HS…
  std::shared_ptr<evp_pkey_st> key_;  // of the others
};

}  // namespace chorus::app
