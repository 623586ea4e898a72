#include "net/tls_stream.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <new>
#include <utility>

#include "base/check.hpp"

namespace chorus::net {

/// What OpenSSL reads from and writes to: the stream itself. So no bytes are kept in between.
struct TlsBio {
  static TlsStream& stream(BIO* bio) { return *static_cast<TlsStream*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* to, int size) {
    BIO_clear_retry_flags(bio);
    Bytes& input = stream(bio).input_;
    auto const n = input.copy(to, static_cast<std::size_t>(size));
    input.remove_prefix(n);
    if (n > 0) return static_cast<int>(n);
    BIO_set_retry_read(bio);
    return -1;
  }

  static int write(BIO* bio, char const* from, int size) {
    TlsStream& self = stream(bio);
    Bytes const bytes(from, static_cast<std::size_t>(size));
    if (self.sink_ != nullptr)
      self.sink_->put(bytes);
    else
      self.pending_.append(bytes);
    return size;
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {
      BIO_METHOD* const method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "chorus connection");
      BIO_meth_set_read(method, read);
      BIO_meth_set_write(method, write);
      BIO_meth_set_ctrl(method, control);
      return method;
    }();
    return made;
  }

  static BIO* make(TlsStream& stream) {
    BIO* const bio = BIO_new(method());
    if (bio == nullptr) throw std::bad_alloc();
    BIO_set_data(bio, &stream);
    BIO_set_init(bio, 1);
    return bio;
  }
};

void TlsStream::FreeSsl::operator()(ssl_st* ssl) const { SSL_free(ssl); }

TlsStream::TlsStream(std::shared_ptr<TlsContext const> context)
    : context_(std::move(context)), ssl_(context_->make_ssl()) {
  if (!ssl_) throw std::bad_alloc();
  BIO* const bio = TlsBio::make(*this);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_accept_state(ssl_.get());
}

TlsStream::~TlsStream() = default;

std::size_t TlsStream::decrypt(Bytes ciphertext, MutableBytes room) {
  if (state_ != State::open) return 0;
  ERR_clear_error();
  input_ = ciphertext;
  std::size_t size = 0;
  int error = SSL_ERROR_NONE;
  while (error == SSL_ERROR_NONE) {
    std::size_t n = 0;
    CHORUS_CHECK(size < room.size(), "there is no room for the plaintext of a slot and a record");
    int const result = SSL_read_ex(ssl_.get(), room.data() + size, room.size() - size, &n);
    if (result == 1)
      size += n;
    else
      error = SSL_get_error(ssl_.get(), result);
  }
  if (error == SSL_ERROR_ZERO_RETURN)
    state_ = State::ended;
  else if (error != SSL_ERROR_WANT_READ)
    state_ = State::failed;
  input_ = {};
  ERR_clear_error();
  return size;
}

bool TlsStream::established() const { return SSL_is_init_finished(ssl_.get()) == 1; }
bool TlsStream::resumed() const { return SSL_session_reused(ssl_.get()) == 1; }

TlsPeer TlsStream::peer() const {
  X509* const certificate = SSL_get0_peer_certificate(ssl_.get());
  if (certificate == nullptr) return {};
  BIO* const text = BIO_new(BIO_s_mem());
  if (text == nullptr) throw std::bad_alloc();
  X509_NAME_print_ex(text, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* data = nullptr;
  long const size = BIO_get_mem_data(text, &data);
  TlsPeer peer{std::string(data, static_cast<std::size_t>(std::max(size, 0L))),
               SSL_get_verify_result(ssl_.get()) == X509_V_OK};
  BIO_free(text);
  return peer;
}

bool TlsStream::encrypt(Bytes plaintext, CiphertextSink& sink) {
  if (!established()) return false;
  if (plaintext.empty()) return true;
  ERR_clear_error();
  sink_ = &sink;
  std::size_t written = 0;
  bool const done = SSL_write_ex(ssl_.get(), plaintext.data(), plaintext.size(), &written) == 1;
  sink_ = nullptr;
  ERR_clear_error();
  return done;
}

void TlsStream::say_goodbye() {
  if (state_ == State::failed || !established()) return;
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

}  // namespace chorus::net
