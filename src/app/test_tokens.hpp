// For tests: keys made on the spot, and tokens signed with them by OpenSSL (not by the library under test).
#pragma once
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <chrono>
#include <memory>
#include <string>

#include "base/base64.hpp"
#include "base/bytes.hpp"
#include "base/check.hpp"

namespace chorus::app {

/// The shared key, and the time at which tokens are looked at.
inline std::string const test_secret = "0123456789abcdef0123456789abcdef";
inline constexpr std::chrono::system_clock::time_point test_now{std::chrono::seconds(1'800'000'000)};

inline std::string base64url(Bytes bytes) {
  std::string out;
  append_base64url(out, bytes);
  return out;
}

inline unsigned char const* octets(std::string const& text) {
  return reinterpret_cast<unsigned char const*>(text.data());
}

inline std::string hmac_sha256(std::string const& key, std::string const& text) {
  unsigned char hash[32];
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), octets(text), text.size(), hash, &size);
  return {reinterpret_cast<char const*>(hash), size};
}

/// A key pair of OpenSSL.
class TestKey {
 public:
  static TestKey rsa(unsigned bits = 2048) { return TestKey(EVP_RSA_gen(bits)); }
  static TestKey ec(char const* curve = "P-256") { return TestKey(EVP_EC_gen(curve)); }
  static TestKey ed25519() { return TestKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); }

  std::string public_pem() const {
    return pem([this](BIO* out) { PEM_write_bio_PUBKEY(out, key_.get()); });
  }
  std::string private_pem() const {
    return pem([this](BIO* out) { PEM_write_bio_PrivateKey(out, key_.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  }

  /// The members of RFC 7517 that are the public key's, without braces.
  std::string jwk() const {
    if (is("ED25519")) return R"("kty":"OKP","crv":"Ed25519","x":")" + base64url(raw_public()) + '"';
    if (is("RSA"))
      return R"("kty":"RSA","n":")" + base64url(number(OSSL_PKEY_PARAM_RSA_N)) + R"(","e":")" +
             base64url(number(OSSL_PKEY_PARAM_RSA_E)) + '"';
    auto const size = number_bytes();
    return R"("kty":"EC","crv":")" +
           std::string(size == 32   ? "P-256"
                       : size == 48 ? "P-384"
                                    : "P-521") +
           R"(","x":")" + base64url(number(OSSL_PKEY_PARAM_EC_PUB_X, size)) + R"(","y":")" +
           base64url(number(OSSL_PKEY_PARAM_EC_PUB_Y, size)) + '"';
  }

  /// As JWS wants it: for EC the two numbers of fixed size, not their DER (RFC 7518, 3.4). `hash`: nothing for the one
  /// that fits the key.
  enum class Padding { pkcs1, pss };
  std::string sign(std::string const& text, EVP_MD const* hash = nullptr, Padding padding = Padding::pkcs1) const {
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* options = nullptr;
    std::size_t size = 0;
    if (hash == nullptr) hash = own_hash();
    CHORUS_CHECK(EVP_DigestSignInit(context, &options, hash, nullptr, key_.get()) == 1, "no signing");
    if (padding == Padding::pss) {
      EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
      EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST);
    }
    EVP_DigestSign(context, nullptr, &size, octets(text), text.size());
    std::string signature(size, '\0');
    EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, octets(text), text.size());
    signature.resize(size);
    EVP_MD_CTX_free(context);
    return is("EC") ? raw_of_der(signature) : signature;
  }

 private:
  explicit TestKey(EVP_PKEY* key) : key_(key, &EVP_PKEY_free) {}

  template <class Write>
  static std::string pem(Write write) {
    BIO* const out = BIO_new(BIO_s_mem());
    write(out);
    char* data = nullptr;
    auto const size = BIO_get_mem_data(out, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(out);
    return text;
  }

  bool is(char const* kind) const { return EVP_PKEY_is_a(key_.get(), kind) == 1; }
  std::size_t number_bytes() const { return static_cast<std::size_t>((EVP_PKEY_get_bits(key_.get()) + 7) / 8); }
  EVP_MD const* own_hash() const {
    if (is("ED25519")) return nullptr;
    if (is("RSA") || number_bytes() == 32) return EVP_sha256();
    return number_bytes() == 48 ? EVP_sha384() : EVP_sha512();
  }
  /// A parameter's bytes, `size` of them, or as few as it has.
  std::string number(char const* name, std::size_t size = 0) const {
    BIGNUM* value = nullptr;
    CHORUS_CHECK(EVP_PKEY_get_bn_param(key_.get(), name, &value) == 1, "no such number in the key");
    std::string bytes(size == 0 ? static_cast<std::size_t>(BN_num_bytes(value)) : size, '\0');
    BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    BN_free(value);
    return bytes;
  }
  std::string raw_public() const {
    std::size_t size = 32;
    std::string bytes(size, '\0');
    EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size);
    return bytes;
  }

  std::string raw_of_der(std::string const& der) const {
    unsigned char const* at = octets(der);
    ECDSA_SIG* const parts = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    auto const size = number_bytes();
    std::string raw(2 * size, '\0');
    auto* const out = reinterpret_cast<unsigned char*>(raw.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(parts), out, static_cast<int>(size));
    BN_bn2binpad(ECDSA_SIG_get0_s(parts), out + size, static_cast<int>(size));
    ECDSA_SIG_free(parts);
    return raw;
  }

  std::shared_ptr<EVP_PKEY> key_;
};

inline std::string unsigned_token(std::string const& header, std::string const& claims) {
  return base64url(header) + "." + base64url(claims);
}

inline std::string hs256_token(std::string const& secret, std::string const& claims) {
  auto const text = unsigned_token(R"({"alg":"HS256","typ":"JWT"})", claims);
  return text + "." + base64url(hmac_sha256(secret, text));
}

inline std::string signed_token(TestKey const& key, std::string const& algorithm, std::string const& claims) {
  auto const text = unsigned_token(R"({"alg":")" + algorithm + R"(","typ":"JWT"})", claims);
  return text + "." + base64url(key.sign(text));
}

/// The same with the key's id.
inline std::string identified_token(TestKey const& key, std::string const& algorithm, std::string const& id,
                                    std::string const& claims) {
  auto const text = unsigned_token(R"({"alg":")" + algorithm + R"(","kid":")" + id + R"("})", claims);
  return text + "." + base64url(key.sign(text));
}

}  // namespace chorus::app
