// TlsContext: a server's certificates and its rules for TLS, read and checked.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "chorus/tls.hpp"

struct ssl_ctx_st;
struct ssl_st;
struct x509_st;

namespace chorus::net {

/// An immutable version: a reload makes another one, and streams keep the one they began with. HTTP/1.1 is the one
/// protocol that is agreed on (ALPN); renegotiation and compression are refused.
///
/// Thread: any. Lifetime: shared by its streams.
class TlsContext {
 public:
  static constexpr std::size_t further_max = 64;                     ///< certificates beside the first
  static constexpr std::size_t file_bytes_max = 1u << 20;            ///< of each file
  static constexpr std::size_t client_chain_bytes_max = 16u * 1024;  ///< what a client may bring

  /// `ticket_secret`: of servers that share it, each resumes the others' sessions. Reads all files. Throws
  /// std::runtime_error with a sentence that begins with the option and names the file.
  static std::shared_ptr<TlsContext const> load(TlsSettings const& settings, Bytes ticket_secret);

  ~TlsContext();
  TlsContext(TlsContext const&) = delete;
  TlsContext& operator=(TlsContext const&) = delete;

  /// A server's end of a new connection. Owned by the caller.
  ssl_st* make_ssl() const;
  /// The certificates for the host that `ssl`'s client asks for become its own.
  void choose_certificate(ssl_st* ssl) const;

 private:
  struct FreeContext {
    void operator()(ssl_ctx_st* context) const;
  };
  using Context = std::unique_ptr<ssl_ctx_st, FreeContext>;

  explicit TlsContext(TlsSettings const& settings, Bytes ticket_secret);
  Context make_context(TlsSettings const& settings, Bytes ticket_secret) const;

  Context first_;
  std::vector<Context> further_;
};

/// What went wrong last in this thread's calls of OpenSSL, in its words; clears its list.
std::string tls_error_text();

}  // namespace chorus::net
