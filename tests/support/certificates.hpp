// Certificates for tests of TLS, made when they run: an authority, and who it vouches for.
#pragma once
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace chorus::tls_test {

struct OpensslRelease {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(PKCS12* pfx) const { PKCS12_free(pfx); }
};
template <class T>
using Openssl = std::unique_ptr<T, OpensslRelease>;

inline std::string contents(BIO* bio) {
  char* data = nullptr;
  long const size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

/// A key on P-256 and its certificate. Without an issuer: an authority that vouches for itself.
class Identity {
 public:
  explicit Identity(std::string const& name, std::vector<std::string> const& hosts = {},
                    Identity const* issuer = nullptr)
      : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
    static long serial = 0;
    X509* const made = certificate_.get();
    X509_set_version(made, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(made), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made), 24 * 3600);
    X509_NAME* const subject = X509_get_subject_name(made);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<unsigned char const*>(name.c_str()), -1,
                               -1, 0);
    X509* const by = issuer != nullptr ? issuer->certificate_.get() : made;
    X509_set_issuer_name(made, X509_get_subject_name(by));
    X509_set_pubkey(made, key_.get());
    add(NID_basic_constraints, issuer != nullptr ? "CA:FALSE" : "critical,CA:TRUE");
    std::string names;
    for (auto const& host : hosts) names += (names.empty() ? "DNS:" : ",DNS:") + host;
    if (!names.empty()) add(NID_subject_alt_name, names);
    if (X509_sign(made, issuer != nullptr ? issuer->key_.get() : key_.get(), EVP_sha256()) == 0)
      throw std::runtime_error("a certificate cannot be signed");
  }

  EVP_PKEY* key() const { return key_.get(); }
  X509* certificate() const { return certificate_.get(); }

  std::string certificate_pem() const {
    Openssl<BIO> const out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(out.get(), certificate_.get());
    return contents(out.get());
  }
  std::string key_pem(std::string passphrase = {}) const {
    Openssl<BIO> const out(BIO_new(BIO_s_mem()));
    auto* const secret = reinterpret_cast<unsigned char*>(passphrase.data());
    PEM_write_bio_PrivateKey(out.get(), key_.get(), passphrase.empty() ? nullptr : EVP_aes_128_cbc(), secret,
                             static_cast<int>(passphrase.size()), nullptr, nullptr);
    return contents(out.get());
  }
  std::string pkcs12(std::string const& passphrase) const {
    Openssl<PKCS12> const pfx(
        PKCS12_create(passphrase.c_str(), "test", key_.get(), certificate_.get(), nullptr, 0, 0, 0, 0, 0));
    Openssl<BIO> const out(BIO_new(BIO_s_mem()));
    i2d_PKCS12_bio(out.get(), pfx.get());
    return contents(out.get());
  }

 private:
  void add(int kind, std::string const& value) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    X509_add_ext(certificate_.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }

  Openssl<EVP_PKEY> key_;
  Openssl<X509> certificate_;
};

/// A folder of its own, gone with the test.
class Folder {
 public:
  Folder() {
    std::string path = (std::filesystem::temp_directory_path() / "chorus_tls_XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("no folder for a test");
    path_ = path;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(Folder const&) = delete;
  Folder& operator=(Folder const&) = delete;

  /// Its path.
  std::string write(std::string const& name, std::string const& content) const {
    auto const path = (path_ / name).string();
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
    return path;
  }
  std::string path(std::string const& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace chorus::tls_test
