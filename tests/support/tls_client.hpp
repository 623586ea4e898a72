// A client's end of TLS over memory: what it says is bytes for a test to carry.
#pragma once
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "support/certificates.hpp"

namespace chorus::tls_test {

struct TlsClientOptions {
  Identity const* trusted = nullptr;   ///< nullptr: whoever answers
  Identity const* identity = nullptr;  ///< what it shows of itself
  std::string host;                    ///< asked for by name
  std::string protocol;                ///< offered by ALPN
  int version = TLS1_3_VERSION;        ///< exactly
  SSL_SESSION* session = nullptr;      ///< to be taken up
};

/// Thread: one at a time.
class TlsClient {
 public:
  explicit TlsClient(TlsClientOptions const& options = {}) : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_min_proto_version(context_.get(), options.version);
    SSL_CTX_set_max_proto_version(context_.get(), options.version);
    if (options.trusted != nullptr) {
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), options.trusted->certificate());
      SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    }
    if (options.identity != nullptr) {
      SSL_CTX_use_certificate(context_.get(), options.identity->certificate());
      SSL_CTX_use_PrivateKey(context_.get(), options.identity->key());
    }
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_connect_state(ssl_.get());
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl_.get(), in_, out_);
    if (!options.host.empty()) SSL_set_tlsext_host_name(ssl_.get(), options.host.c_str());
    if (!options.protocol.empty()) {
      std::string const list = static_cast<char>(options.protocol.size()) + options.protocol;
      SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<unsigned char const*>(list.data()),
                          static_cast<unsigned>(list.size()));
    }
    if (options.session != nullptr) SSL_set_session(ssl_.get(), options.session);
  }

  ~TlsClient() { SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); }  // its session stays good
  TlsClient(TlsClient const&) = delete;
  TlsClient& operator=(TlsClient const&) = delete;

  /// What came from the server; plaintext is appended to `received`. Does what is to be done, the handshake too.
  void take(std::string_view ciphertext) {
    BIO_write(in_, ciphertext.data(), static_cast<int>(ciphertext.size()));
    go_on();
  }
  void go_on() {
    char room[16 * 1024];
    ERR_clear_error();
    for (;;) {
      int const n = SSL_read(ssl_.get(), room, sizeof room);
      if (n > 0) {
        received.append(room, static_cast<std::size_t>(n));
        continue;
      }
      int const why = SSL_get_error(ssl_.get(), n);
      if (why == SSL_ERROR_ZERO_RETURN) ended = true;
      if (why == SSL_ERROR_SSL) {
        failed = true;
        char const* const reason = ERR_reason_error_string(ERR_peek_last_error());
        error = reason != nullptr ? reason : "";
      }
      return;
    }
  }
  /// After the handshake.
  void say(std::string_view plaintext) {
    if (SSL_write(ssl_.get(), plaintext.data(), static_cast<int>(plaintext.size())) <= 0)
      throw std::runtime_error("the client cannot write");
  }
  /// The bytes for the server.
  std::string take_output() {
    auto const bytes = contents(out_);
    BIO_reset(out_);
    return bytes;
  }

  bool established() const { return SSL_is_init_finished(ssl_.get()) == 1; }
  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  /// Whose certificate the server has shown: its common name.
  std::string server_name() const {
    X509* const shown = SSL_get0_peer_certificate(ssl_.get());
    char text[256] = {};
    if (shown != nullptr) X509_NAME_get_text_by_NID(X509_get_subject_name(shown), NID_commonName, text, sizeof text);
    return text;
  }
  std::string protocol() const {
    unsigned char const* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<char const*>(name), size};
  }
  SSL* ssl() const { return ssl_.get(); }

  std::string received;
  bool ended = false;   ///< the server said goodbye
  bool failed = false;  ///< an alert came, or what came broke the rules
  std::string error;

 private:
  struct Release {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  std::unique_ptr<SSL_CTX, Release> context_;
  std::unique_ptr<SSL, Release> ssl_;
  BIO* in_ = nullptr;  // the SSL's
  BIO* out_ = nullptr;
};

}  // namespace chorus::tls_test
