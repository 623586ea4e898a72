#include "app/jwt_key.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <utility>

#include "base/base64.hpp"

namespace chorus::app {
namespace {

using KeyResult = Result<JwtKey, std::string>;

struct Free {
  void operator()(BIO* p) const { BIO_free(p); }
  void operator()(BIGNUM* p) const { BN_free(p); }
  void operator()(ECDSA_SIG* p) const { ECDSA_SIG_free(p); }
  void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
  void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
  void operator()(OSSL_PARAM_BLD* p) const { OSSL_PARAM_BLD_free(p); }
  void operator()(OSSL_PARAM* p) const { OSSL_PARAM_free(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;
using SharedKey = std::shared_ptr<EVP_PKEY>;

SharedKey shared(EVP_PKEY* key) {
  return {key, [](EVP_PKEY* p) { EVP_PKEY_free(p); }};
}

enum class Family : std::uint8_t { hmac, rsa, rsa_pss, ec, ed25519 };

struct Facts {
  std::string_view name;
  Family family;
  int hash_bits = 0;
  char const* curve = nullptr;  // of EC, OpenSSL's name
  std::string_view jwk_curve = {};
  std::size_t number_bytes = 0;  // of EC: each of a signature's two, and of a point's
};

constexpr std::array<Facts, 13> all_facts = {{
    {"HS256", Family::hmac, 256},
    {"HS384", Family::hmac, 384},
    {"HS512", Family::hmac, 512},
    {"RS256", Family::rsa, 256},
    {"RS384", Family::rsa, 384},
    {"RS512", Family::rsa, 512},
    {"PS256", Family::rsa_pss, 256},
    {"PS384", Family::rsa_pss, 384},
    {"PS512", Family::rsa_pss, 512},
    {"ES256", Family::ec, 256, "prime256v1", "P-256", 32},
    {"ES384", Family::ec, 384, "secp384r1", "P-384", 48},
    {"ES512", Family::ec, 512, "secp521r1", "P-521", 66},
    {"EdDSA", Family::ed25519, 0},
}};

Facts const& facts_of(JwtAlgorithm algorithm) { return all_facts[static_cast<std::size_t>(algorithm)]; }

/// The one whose facts these are.
template <class Is>
std::optional<JwtAlgorithm> algorithm_with(Is const& is) {
  for (std::size_t i = 0; i < all_facts.size(); ++i)
    if (is(all_facts[i])) return static_cast<JwtAlgorithm>(i);
  return std::nullopt;
}

EVP_MD const* hash_of(Facts const& facts) {
  return facts.hash_bits == 256   ? EVP_sha256()
         : facts.hash_bits == 384 ? EVP_sha384()
         : facts.hash_bits == 512 ? EVP_sha512()
                                  : nullptr;
}

unsigned char const* octets(Bytes bytes) { return reinterpret_cast<unsigned char const*>(bytes.data()); }

std::optional<JwtAlgorithm> algorithm_of(EVP_PKEY const* key) {
  if (EVP_PKEY_is_a(key, "RSA") == 1) return JwtAlgorithm::rs256;
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return JwtAlgorithm::eddsa;
  char group[32] = {};
  std::size_t size = 0;
  if (EVP_PKEY_is_a(key, "EC") != 1 || EVP_PKEY_get_group_name(key, group, sizeof group, &size) != 1)
    return std::nullopt;
  return algorithm_with(
      [&](Facts const& facts) { return facts.curve != nullptr && std::string_view(group, size) == facts.curve; });
}

/// RFC 7518, 3.4: two numbers of fixed size; OpenSSL wants them in DER.
std::string der_of(Bytes signature, std::size_t number_bytes) {
  if (signature.size() != 2 * number_bytes) return {};
  auto const number = [&](std::size_t at) {
    return BN_bin2bn(octets(signature) + at, static_cast<int>(number_bytes), nullptr);
  };
  Owned<ECDSA_SIG> const parts(ECDSA_SIG_new());
  if (!parts || ECDSA_SIG_set0(parts.get(), number(0), number(number_bytes)) != 1) return {};
  unsigned char* der = nullptr;
  int const size = i2d_ECDSA_SIG(parts.get(), &der);
  if (size <= 0) return {};
  std::string out(reinterpret_cast<char const*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

bool hmac_verifies(std::string const& secret, Facts const& facts, Bytes text, Bytes signature) {
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (HMAC(hash_of(facts), secret.data(), static_cast<int>(secret.size()), octets(text), text.size(), hash, &size) ==
      nullptr)
    return false;
  return signature.size() == size && CRYPTO_memcmp(hash, signature.data(), size) == 0;
}

bool key_verifies(EVP_PKEY* key, Facts const& facts, Bytes text, Bytes signature) {
  Owned<EVP_MD_CTX> const context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;  // the context's
  if (!context || EVP_DigestVerifyInit(context.get(), &options, hash_of(facts), nullptr, key) != 1) return false;
  if (facts.family == Family::rsa_pss && (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1 ||
                                          EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1))
    return false;
  std::string const der = facts.family == Family::ec ? der_of(signature, facts.number_bytes) : std::string();
  Bytes const wanted = facts.family == Family::ec ? Bytes(der) : signature;
  return EVP_DigestVerify(context.get(), octets(wanted), wanted.size(), octets(text), text.size()) == 1;
}

// ---- from a JWK

std::string text_in(ArgView jwk, std::string_view name) { return jwk[name].as<std::string>().value_or(std::string()); }

/// A member that is bytes in base64url; empty when it is none.
std::string bytes_in(ArgView jwk, std::string_view name) {
  return decode_base64(text_in(jwk, name)).value_or(std::string());
}

SharedKey key_of(char const* kind, OSSL_PARAM_BLD* builder) {
  Owned<OSSL_PARAM> const parameters(OSSL_PARAM_BLD_to_param(builder));
  Owned<EVP_PKEY_CTX> const context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
    return nullptr;
  return shared(key);
}

SharedKey rsa_key(ArgView jwk) {
  auto const modulus = bytes_in(jwk, "n"), exponent = bytes_in(jwk, "e");
  if (modulus.empty() || modulus.size() > JwtKey::rsa_bits_max / 8 + 1 || exponent.empty() || exponent.size() > 8)
    return nullptr;
  Owned<OSSL_PARAM_BLD> const builder(OSSL_PARAM_BLD_new());
  Owned<BIGNUM> const n(BN_bin2bn(octets(modulus), static_cast<int>(modulus.size()), nullptr));
  Owned<BIGNUM> const e(BN_bin2bn(octets(exponent), static_cast<int>(exponent.size()), nullptr));
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  return key_of("RSA", builder.get());
}

SharedKey ec_key(ArgView jwk) {
  auto const curve = text_in(jwk, "crv");
  auto const algorithm =
      algorithm_with([&](Facts const& facts) { return facts.family == Family::ec && facts.jwk_curve == curve; });
  if (!algorithm) return nullptr;
  auto const& facts = facts_of(*algorithm);
  auto const x = bytes_in(jwk, "x"), y = bytes_in(jwk, "y");
  if (x.size() != facts.number_bytes || y.size() != facts.number_bytes) return nullptr;
  std::string const point = '\x04' + x + y;
  Owned<OSSL_PARAM_BLD> const builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, facts.curve, 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  return key_of("EC", builder.get());
}

SharedKey ed25519_key(ArgView jwk) {
  auto const x = bytes_in(jwk, "x");
  if (text_in(jwk, "crv") != "Ed25519" || x.size() != 32) return nullptr;
  return shared(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(x), x.size()));
}

SharedKey key_in(ArgView jwk, std::string const& kind) {
  if (kind == "RSA") return rsa_key(jwk);
  if (kind == "EC") return ec_key(jwk);
  if (kind == "OKP") return ed25519_key(jwk);
  return nullptr;
}

/// Which algorithms may be named for a key that is by itself for `own`.
bool is_for(JwtAlgorithm named, JwtAlgorithm own) {
  auto const family = facts_of(named).family;
  if (own == JwtAlgorithm::rs256) return family == Family::rsa || family == Family::rsa_pss;
  if (own == JwtAlgorithm::hs256) return family == Family::hmac;
  return named == own;
}

}  // namespace

std::string_view to_text(JwtAlgorithm algorithm) { return facts_of(algorithm).name; }

std::optional<JwtAlgorithm> jwt_algorithm(std::string_view name) {
  return algorithm_with([name](Facts const& facts) { return facts.name == name; });
}

KeyResult JwtKey::from_public_key(SharedKey key) {
  auto const algorithm = algorithm_of(key.get());
  if (!algorithm)
    return std::string(
        "it is a public key of another kind; RSA (for RS256), EC on P-256, P-384 or P-521 (for ES256, ES384 or ES512) "
        "and Ed25519 (for EdDSA) are known");
  int const bits = EVP_PKEY_get_bits(key.get());
  if (*algorithm == JwtAlgorithm::rs256 && (bits < rsa_bits_min || bits > rsa_bits_max))
    return "it is an RSA key of " + std::to_string(bits) + " bits; 2048 are the least, 8192 the most";
  return JwtKey(*algorithm, std::move(key));
}

KeyResult JwtKey::from_text(std::string text) {
  if (text.find("-----BEGIN ") == std::string::npos) {
    if (text.size() < secret_bytes_min)
      return "it is a secret of " + std::to_string(text.size()) + " bytes; HS256 needs 32 at least, chosen at random";
    return JwtKey(JwtAlgorithm::hs256, std::move(text));
  }
  if (text.find("PRIVATE KEY-----") != std::string::npos)
    return std::string("it is a private key; checking tokens takes the public one only (openssl pkey -pubout)");
  Owned<BIO> const source(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  auto key = shared(PEM_read_bio_PUBKEY(source.get(), nullptr, nullptr, nullptr));
  if (!key) return std::string("it is PEM, but no public key (-----BEGIN PUBLIC KEY-----)");
  return from_public_key(std::move(key));
}

KeyResult JwtKey::from_jwk(ArgView jwk) {
  auto const kind = text_in(jwk, "kty");
  auto key = [&]() -> KeyResult {
    if (kind == "oct") {
      auto secret = bytes_in(jwk, "k");
      if (secret.empty()) return std::string("it has no secret (k)");
      return from_text(std::move(secret));
    }
    auto public_key = key_in(jwk, kind);
    if (!public_key) return "it is no public key of the kind it names (kty \"" + kind + "\")";
    return from_public_key(std::move(public_key));
  }();
  if (!key) return key;
  if (auto const use = text_in(jwk, "use"); !use.empty() && use != "sig")
    return std::string("it is not for signatures");
  key->id_ = text_in(jwk, "kid");
  if (auto const name = text_in(jwk, "alg"); !name.empty()) {
    auto const named = jwt_algorithm(name);
    if (!named || !is_for(*named, key->algorithm_)) return std::string("its algorithm (alg) is not one for such a key");
    key->algorithm_ = *named;
  }
  // RFC 7518, 3.2: as long as the hash.
  if (auto const bits = facts_of(key->algorithm_).hash_bits;
      key->key_ == nullptr && key->secret_.size() < static_cast<std::size_t>(bits / 8))
    return std::string("its secret is shorter than the hash");
  return key;
}

bool JwtKey::verifies(Bytes text, Bytes signature) const {
  auto const& facts = facts_of(algorithm_);
  return facts.family == Family::hmac ? hmac_verifies(secret_, facts, text, signature)
                                      : key_verifies(key_.get(), facts, text, signature);
}

}  // namespace chorus::app
