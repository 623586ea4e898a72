#include "app/jwt_verifier.hpp"

#include <jwt.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cmath>
#include <cstdlib>
#include <memory>

#include "app/recipient.hpp"
#include "base/utf8.hpp"

namespace chorus::app {
namespace {

struct Free {
  void operator()(jwt_t* p) const { jwt_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(BIO* p) const { BIO_free(p); }
  void operator()(char* p) const { std::free(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

jwt_alg_t library_name(JwtAlgorithm algorithm) {
  switch (algorithm) {
    case JwtAlgorithm::rs256:
      return JWT_ALG_RS256;
    case JwtAlgorithm::es256:
      return JWT_ALG_ES256;
    case JwtAlgorithm::hs256:
      break;
  }
  return JWT_ALG_HS256;
}

bool is_p256(EVP_PKEY const* key) {
  char group[32] = {};
  std::size_t size = 0;
  return EVP_PKEY_get_group_name(key, group, sizeof group, &size) == 1 && std::string_view(group, size) == "prime256v1";
}

Result<JwtAlgorithm, std::string> algorithm_of_pem(std::string const& pem) {
  if (pem.find("PRIVATE KEY-----") != std::string::npos)
    return std::string("it is a private key; checking tokens takes the public one only (openssl pkey -pubout)");
  Owned<BIO> const text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Owned<EVP_PKEY> const key(PEM_read_bio_PUBKEY(text.get(), nullptr, nullptr, nullptr));
  if (!key) return std::string("it is PEM, but no public key (-----BEGIN PUBLIC KEY-----)");
  if (EVP_PKEY_is_a(key.get(), "RSA") == 1) {
    if (EVP_PKEY_get_bits(key.get()) < JwtVerifier::rsa_bits_min)
      return "it is an RSA key of " + std::to_string(EVP_PKEY_get_bits(key.get())) + " bits; 2048 are the least";
    return JwtAlgorithm::rs256;
  }
  if (EVP_PKEY_is_a(key.get(), "EC") == 1 && is_p256(key.get())) return JwtAlgorithm::es256;
  return std::string("it is a public key of another kind; RSA (for RS256) and EC on P-256 (for ES256) are known");
}

/// A time claim (RFC 7519, 2: NumericDate, fractions allowed). Missing: nothing. No number: NaN.
std::optional<double> time_claim(ArgView claims, std::string_view name) {
  auto const claim = claims[name];
  if (claim.is_missing()) return std::nullopt;
  return claim.as<double>().value_or(std::nan(""));
}

std::string name_claim(ArgView claims, std::string_view claim) {
  auto name = claims[claim].as<std::string>().value_or("");
  if (name.size() > name_bytes_max) {
    std::size_t end = name_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;  // at a character's boundary
    name.resize(end);
  }
  return name;
}

Person person_of(std::string id, ArgView claims) {
  Person person{std::move(id), name_claim(claims, "firstName"), name_claim(claims, "lastName")};
  if (person.first_name.empty() && person.last_name.empty()) person.first_name = name_claim(claims, "name");
  if (person.first_name.empty() && person.last_name.empty()) person.first_name = person.id;
  return person;
}

Result<Person, TokenError> judge(ArgView claims, double now, double leeway) {
  if (auto const end = time_claim(claims, "exp"); end && !(now < *end + leeway)) return TokenError::expired;
  if (auto const begin = time_claim(claims, "nbf"); begin && !(now >= *begin - leeway))
    return TokenError::not_yet_valid;
  auto subject = claims["sub"].as<std::string>();
  if (!subject || !is_user_id(*subject)) return TokenError::no_subject;
  return person_of(std::move(*subject), claims);
}

/// The compact form (RFC 7515, 3.1) has no other characters; NUL, above all, would end the string for the library.
bool is_compact(std::string_view token) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  return token.size() <= JwtVerifier::token_bytes_max && token.find_first_not_of(alphabet) == std::string_view::npos;
}

}  // namespace

Result<JwtVerifier, std::string> JwtVerifier::from_key(std::string key) {
  if (key.find("-----BEGIN ") != std::string::npos) {
    auto algorithm = algorithm_of_pem(key);
    if (algorithm.has_error()) return algorithm.error();
    return JwtVerifier(*algorithm, std::move(key));
  }
  if (key.size() < secret_bytes_min)
    return "it is a secret of " + std::to_string(key.size()) + " bytes; HS256 needs 32 at least, chosen at random";
  return JwtVerifier(JwtAlgorithm::hs256, std::move(key));
}

Result<Person, TokenError> JwtVerifier::verify(std::string_view token, std::chrono::system_clock::time_point now,
                                               std::chrono::seconds leeway) const {
  if (!is_compact(token)) return TokenError::malformed;
  std::string const text(token);

  // Once without the key, to see what it claims to be signed with. An error of the second call is then the signature's.
  jwt_t* raw = nullptr;
  if (jwt_decode(&raw, text.c_str(), nullptr, 0) != 0) return TokenError::malformed;
  Owned<jwt_t> const unchecked(raw);
  char const* const claimed = jwt_get_header(unchecked.get(), "alg");
  if (claimed == nullptr || claimed != to_text(algorithm_)) return TokenError::wrong_algorithm;
  // RFC 7515, 4.1.11: what is critical must be understood, and nothing is here.
  if (Owned<char> const critical(jwt_get_headers_json(unchecked.get(), "crit")); critical) return TokenError::malformed;

  raw = nullptr;
  if (jwt_decode(&raw, text.c_str(), reinterpret_cast<unsigned char const*>(key_.data()),
                 static_cast<int>(key_.size())) != 0)
    return TokenError::bad_signature;
  Owned<jwt_t> const checked(raw);
  if (jwt_get_alg(checked.get()) != library_name(algorithm_)) return TokenError::wrong_algorithm;

  Owned<char> const claims(jwt_get_grants_json(checked.get(), nullptr));
  if (!claims || !is_utf8(claims.get())) return TokenError::malformed;
  return judge(ArgView(claims.get()), std::chrono::duration<double>(now.time_since_epoch()).count(),
               std::chrono::duration<double>(leeway).count());
}

std::string_view to_text(JwtAlgorithm algorithm) {
  switch (algorithm) {
    case JwtAlgorithm::rs256:
      return "RS256";
    case JwtAlgorithm::es256:
      return "ES256";
    case JwtAlgorithm::hs256:
      break;
  }
  return "HS256";
}

std::string_view to_text(TokenError error) {
  switch (error) {
    case TokenError::malformed:
      return "malformed";
    case TokenError::wrong_algorithm:
      return "wrong algorithm";
    case TokenError::bad_signature:
      return "bad signature";
    case TokenError::expired:
      return "expired";
    case TokenError::not_yet_valid:
      return "not yet valid";
    case TokenError::no_subject:
      break;
  }
  return "no subject";
}

}  // namespace chorus::app
