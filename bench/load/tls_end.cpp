#include "load/tls_end.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace load {
namespace {

constexpr std::size_t record_bytes_max = 16 * 1024;

[[noreturn]] void fail(char const* what) {
  char const* const reason = ERR_reason_error_string(ERR_peek_last_error());
  throw std::runtime_error(std::string("TLS: ") + what + (reason != nullptr ? std::string(": ") + reason : ""));
}

}  // namespace

std::shared_ptr<ssl_ctx_st> make_tls_context() {
  std::shared_ptr<ssl_ctx_st> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (!context) fail("no context");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  return context;
}

void TlsEnd::Free::operator()(ssl_st* ssl) const { SSL_free(ssl); }

TlsEnd::TlsEnd(std::shared_ptr<ssl_ctx_st> context)
    : context_(std::move(context)),
      ssl_(SSL_new(context_.get())),
      in_(BIO_new(BIO_s_mem())),
      out_(BIO_new(BIO_s_mem())) {
  if (!ssl_ || in_ == nullptr || out_ == nullptr) fail("no memory");
  SSL_set_bio(ssl_.get(), in_, out_);
  SSL_set_connect_state(ssl_.get());
}

void TlsEnd::take(std::string_view ciphertext, std::string& plaintext) {
  ERR_clear_error();
  if (BIO_write(in_, ciphertext.data(), static_cast<int>(ciphertext.size())) != static_cast<int>(ciphertext.size()))
    fail("no memory");
  std::array<char, record_bytes_max> room;
  for (;;) {
    std::size_t size = 0;
    if (SSL_read_ex(ssl_.get(), room.data(), room.size(), &size) == 1) {
      plaintext.append(room.data(), size);
      continue;
    }
    int const why = SSL_get_error(ssl_.get(), 0);
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_ZERO_RETURN) return;  // the end of the stream is the socket's
    fail("the server's words cannot be read");
  }
}

void TlsEnd::give(std::string& plaintext, std::string& ciphertext) {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_.get()) == 0) {
    if (SSL_do_handshake(ssl_.get()) != 1 && SSL_get_error(ssl_.get(), 0) != SSL_ERROR_WANT_READ) fail("no handshake");
  }
  if (SSL_is_init_finished(ssl_.get()) == 1 && !plaintext.empty()) {
    std::size_t written = 0;
    if (SSL_write_ex(ssl_.get(), plaintext.data(), plaintext.size(), &written) != 1) fail("nothing can be said");
    plaintext.clear();
  }
  char* data = nullptr;
  long const size = BIO_get_mem_data(out_, &data);
  ciphertext.append(data, static_cast<std::size_t>(size));
  BIO_reset(out_);
}

}  // namespace load
