// For tests: keys made on the spot, and tokens signed with them by OpenSSL (not by the library under test).
#pragma once
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

  std::string public_pem() const {
    return pem([this](BIO* out) { PEM_write_bio_PUBKEY(out, key_.get()); });
  }
  std::string private_pem() const {
    return pem([this](BIO* out) { PEM_write_bio_PrivateKey(out, key_.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  }

  /// As JWS wants it: for EC the two numbers of 32 bytes, not their DER (RFC 7518, 3.4).
  std::string sign(std::string const& text) const {
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    std::size_t size = 0;
    CHORUS_CHECK(EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_.get()) == 1, "no signing");
    EVP_DigestSign(context, nullptr, &size, octets(text), text.size());
    std::string signature(size, '\0');
    EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, octets(text), text.size());
    signature.resize(size);
    EVP_MD_CTX_free(context);
    return EVP_PKEY_is_a(key_.get(), "EC") == 1 ? raw_of_der(signature) : signature;
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

  static std::string raw_of_der(std::string const& der) {
    unsigned char const* at = octets(der);
    ECDSA_SIG* const parts = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    std::string raw(64, '\0');
    auto* const out = reinterpret_cast<unsigned char*>(raw.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(parts), out, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(parts), out + 32, 32);
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

}  // namespace chorus::app
