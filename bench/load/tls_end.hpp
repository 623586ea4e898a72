// A client's end of TLS, over memory: what the load generator needs of it.
#pragma once
#include <memory>
#include <string>
#include <string_view>

struct bio_st;
struct ssl_ctx_st;
struct ssl_st;

namespace load {

/// What all clients share: TLS 1.2 and 1.3, no resumption (each shakes hands anew), and any certificate is believed,
/// for nobody has anything to hide here. Throws std::runtime_error, as all below do.
std::shared_ptr<ssl_ctx_st> make_tls_context();

/// Thread: its client's.
class TlsEnd {
 public:
  explicit TlsEnd(std::shared_ptr<ssl_ctx_st> context);

  /// What came; the plaintext in it is appended.
  void take(std::string_view ciphertext, std::string& plaintext);
  /// Appends to `ciphertext` what is to be sent: its own words, and once it has shaken hands all of `plaintext`, which
  /// is empty then.
  void give(std::string& plaintext, std::string& ciphertext);

 private:
  struct Free {
    void operator()(ssl_st* ssl) const;
  };

  std::shared_ptr<ssl_ctx_st> context_;
  std::unique_ptr<ssl_st, Free> ssl_;
  bio_st* in_;  // the SSL's
  bio_st* out_;
};

}  // namespace load
