#include "net/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "base/check.hpp"

namespace chorus::net {
namespace {

template <class T, void (*release)(T*)>
struct Release {
  void operator()(T* object) const { release(object); }
};
void free_bio(BIO* bio) { BIO_free(bio); }
void free_certificates(STACK_OF(X509) * list) { sk_X509_pop_free(list, X509_free); }
using Source = std::unique_ptr<BIO, Release<BIO, free_bio>>;
using Certificate = std::unique_ptr<X509, Release<X509, X509_free>>;
using Certificates = std::unique_ptr<STACK_OF(X509), Release<STACK_OF(X509), free_certificates>>;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY, EVP_PKEY_free>>;

/// A file that an option names: what is wrong with it is said in one way.
class File {
 public:
  File(std::string option, std::string const& path) : option_(std::move(option)), path_(path) {
    std::ifstream in(path, std::ios::binary);
    bytes_.resize(TlsContext::file_bytes_max + 1);
    in.read(bytes_.data(), static_cast<std::streamsize>(bytes_.size()));
    if (!in.is_open() || in.bad()) fail("cannot be read: " + std::generic_category().message(errno));
    bytes_.resize(static_cast<std::size_t>(in.gcount()));
    if (bytes_.size() > TlsContext::file_bytes_max) fail("is larger than 1 MiB");
  }

  /// Lives as long as the file.
  Source source() const { return Source(BIO_new_mem_buf(bytes_.data(), static_cast<int>(bytes_.size()))); }
  Bytes bytes() const { return bytes_; }
  [[noreturn]] void fail(std::string const& what) const {
    throw std::runtime_error(option_ + ": '" + path_ + "' " + what);
  }
  /// ... with OpenSSL's reason.
  [[noreturn]] void fail_because(std::string const& what) const { fail(what + ": " + tls_error_text()); }

 private:
  std::string option_, path_, bytes_;
};

int give_passphrase(char* buffer, int size, int, void* passphrase) {
  auto const& text = *static_cast<std::string const*>(passphrase);
  if (text.empty() || text.size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(buffer, text.data(), text.size());
  return static_cast<int>(text.size());
}
void* as_argument(std::string const& passphrase) { return const_cast<std::string*>(&passphrase); }

/// One after the other until the end; a text that is broken in the middle is a fault too.
template <class F>
std::size_t for_each_certificate(File const& file, F const& f) {
  auto const source = file.source();
  std::size_t count = 0;
  for (; X509* const each = PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr); ++count) f(Certificate(each));
  auto const fault = ERR_peek_last_error();
  bool const at_end = ERR_GET_LIB(fault) == ERR_LIB_PEM && ERR_GET_REASON(fault) == PEM_R_NO_START_LINE;
  if (!at_end) file.fail_because("holds a certificate that cannot be read");
  ERR_clear_error();
  return count;
}

void use_certificate(SSL_CTX* context, File const& file, X509* certificate) {
  if (SSL_CTX_use_certificate(context, certificate) != 1) file.fail_because("holds a certificate that cannot be used");
}

void use_key(SSL_CTX* context, File const& file, EVP_PKEY* key) {
  if (SSL_CTX_use_PrivateKey(context, key) != 1 || SSL_CTX_check_private_key(context) != 1)
    file.fail_because("does not hold the key of the certificate");
}

void use_pem(SSL_CTX* context, TlsCertificate const& files, std::string const& option) {
  File const chain(option + ".chain_file", files.chain_file);
  bool is_first = true;
  auto const count = for_each_certificate(chain, [&](Certificate certificate) {
    if (std::exchange(is_first, false)) return use_certificate(context, chain, certificate.get());
    SSL_CTX_add0_chain_cert(context, certificate.release());
  });
  if (count == 0) chain.fail("holds no certificate in PEM");
  bool const apart = !files.key_file.empty();
  File const holder(option + (apart ? ".key_file" : ".chain_file"), apart ? files.key_file : files.chain_file);
  auto const source = holder.source();
  Key const key(PEM_read_bio_PrivateKey(source.get(), nullptr, give_passphrase, as_argument(files.passphrase)));
  if (!key) holder.fail_because("holds no key that can be read (in PEM, with this passphrase)");
  use_key(context, holder, key.get());
}

void use_pkcs12(SSL_CTX* context, TlsCertificate const& files, std::string const& option) {
  File const file(option + ".pfx_file", files.pfx_file);
  auto const source = file.source();
  std::unique_ptr<PKCS12, Release<PKCS12, PKCS12_free>> const pfx(d2i_PKCS12_bio(source.get(), nullptr));
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  STACK_OF(X509)* others = nullptr;
  if (!pfx || PKCS12_parse(pfx.get(), files.passphrase.c_str(), &key, &certificate, &others) != 1)
    file.fail_because("cannot be read as PKCS #12 (with this passphrase)");
  Key const own_key(key);
  Certificate const own_certificate(certificate);
  Certificates const chain(others);
  if (!own_key || !own_certificate) file.fail("does not hold both a certificate and its key");
  use_certificate(context, file, certificate);
  use_key(context, file, key);
  if (others != nullptr && SSL_CTX_set1_chain(context, others) != 1) file.fail_because("holds an unusable chain");
}

void use(SSL_CTX* context, TlsCertificate const& files, std::string const& option) {
  if (files.chain_file.empty() == files.pfx_file.empty())
    throw std::runtime_error(option + ": takes either chain_file or pfx_file");
  if (files.pfx_file.empty())
    use_pem(context, files, option);
  else
    use_pkcs12(context, files, option);
}

int accept_any(int, X509_STORE_CTX*) { return 1; }  // the verdict is kept: SSL_get_verify_result

/// Sessions are resumed only under the rules they were made with.
void name_rules(SSL_CTX* context, TlsSettings const& settings, Bytes authorities) {
  std::string rules(1, static_cast<char>(settings.client_certificates));
  rules.append(authorities);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<unsigned char const*>(rules.data()), rules.size(), digest.data());
  SSL_CTX_set_session_id_context(context, digest.data(), digest.size());
}

void ask_clients(SSL_CTX* context, TlsSettings const& settings) {
  using Clients = TlsSettings::ClientCertificates;
  std::string authorities;
  if (!settings.client_ca_file.empty()) {
    File const file("tls.client_ca_file", settings.client_ca_file);
    auto const count = for_each_certificate(file, [&](Certificate const& certificate) {
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get());
      SSL_CTX_add_client_CA(context, certificate.get());
    });
    if (count == 0) file.fail("holds no certificate in PEM");
    authorities = file.bytes();
  } else if (settings.client_certificates == Clients::require) {
    throw std::runtime_error("tls.client_ca_file: is needed where tls.client_certificates are required");
  }
  name_rules(context, settings, authorities);
  if (settings.client_certificates == Clients::request)
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, accept_any);
  else if (settings.client_certificates == Clients::require)
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_max_cert_list(context, static_cast<long>(TlsContext::client_chain_bytes_max));
}

/// The keys that tickets are sealed with: always the same of a secret, and nothing about the secret can be told from
/// them.
void set_ticket_keys(SSL_CTX* context, Bytes secret) {
  std::array<unsigned char, 3 * SHA256_DIGEST_LENGTH> keys{};
  for (unsigned char part = 0; part < 3; ++part) {
    std::string label = "chorus tls ticket keys ";
    label += static_cast<char>('0' + part);
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<unsigned char const*>(label.data()), label.size(),
         keys.data() + std::size_t{part} * SHA256_DIGEST_LENGTH, nullptr);
  }
  auto const size = SSL_CTX_get_tlsext_ticket_keys(context, nullptr, 0);
  CHORUS_CHECK(size > 0 && static_cast<std::size_t>(size) <= keys.size(), "OpenSSL wants longer ticket keys");
  SSL_CTX_set_tlsext_ticket_keys(context, keys.data(), size);
}

/// RFC 7301: a client that offers protocols and not this one is told so.
int choose_protocol(SSL*, unsigned char const** chosen, unsigned char* size, unsigned char const* offered,
                    unsigned offered_size, void*) {
  static constexpr unsigned char http[] = "\x08http/1.1";
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, size, http, sizeof http - 1, offered, offered_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

int choose_by_name(SSL* ssl, int*, void* context) {
  static_cast<TlsContext const*>(context)->choose_certificate(ssl);
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

std::string tls_error_text() {
  auto const code = ERR_peek_last_error();
  char const* const reason = ERR_reason_error_string(code);
  ERR_clear_error();
  return reason != nullptr ? reason : "no reason given";
}

void TlsContext::FreeContext::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

std::shared_ptr<TlsContext const> TlsContext::load(TlsSettings const& settings, Bytes ticket_secret) {
  return std::shared_ptr<TlsContext const>(new TlsContext(settings, ticket_secret));
}

TlsContext::TlsContext(TlsSettings const& settings, Bytes ticket_secret)
    : first_(make_context(settings, ticket_secret)) {
  if (settings.further.size() > further_max)
    throw std::runtime_error("tls.further: has " + std::to_string(settings.further.size()) + " certificates; " +
                             std::to_string(further_max) + " at most");
  use(first_.get(), settings.certificate, "tls.certificate");
  for (std::size_t i = 0; i < settings.further.size(); ++i) {
    further_.push_back(make_context(settings, ticket_secret));
    use(further_.back().get(), settings.further[i], "tls.further[" + std::to_string(i) + "]");
  }
  SSL_CTX_set_tlsext_servername_callback(first_.get(), choose_by_name);
  SSL_CTX_set_tlsext_servername_arg(first_.get(), this);
}

TlsContext::~TlsContext() = default;

TlsContext::Context TlsContext::make_context(TlsSettings const& settings, Bytes ticket_secret) const {
  ERR_clear_error();
  Context made(SSL_CTX_new(TLS_server_method()));
  if (!made) throw std::runtime_error("tls: OpenSSL cannot be set up: " + tls_error_text());
  SSL_CTX* const context = made.get();
  SSL_CTX_set_min_proto_version(
      context, settings.version_min == TlsSettings::Version::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);  // an idle connection owns none
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  if (settings.session_tickets) {
    set_ticket_keys(context, ticket_secret);
  } else {
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
  }
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  ask_clients(context, settings);
  return made;
}

ssl_st* TlsContext::make_ssl() const { return SSL_new(first_.get()); }

void TlsContext::choose_certificate(ssl_st* ssl) const {
  char const* const name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return;
  for (auto const& each : further_) {
    if (X509_check_host(SSL_CTX_get0_certificate(each.get()), name, std::strlen(name), 0, nullptr) != 1) continue;
    SSL_set_SSL_CTX(ssl, each.get());
    return;
  }
}

}  // namespace chorus::net
