// TLS: the certificates a server shows, and what it asks of its clients (HTTPS and WSS on the listening port).
#pragma once
#include <chrono>
#include <string>
#include <vector>

namespace chorus {

/// A certificate with its key: two PEM files, or one PKCS #12 file. Names in brackets are those of Node's TLS options.
struct TlsCertificate {
  std::string chain_file;  ///< PEM: the server's own certificate first, then those that vouch for it [cert]
  std::string key_file;    ///< PEM; empty: the key is in chain_file too [key]
  std::string pfx_file;    ///< PKCS #12, in place of both [pfx]
  std::string passphrase;  ///< of the key or the PKCS #12 file [passphrase]
};

/// HTTPS and WSS in place of HTTP and WS; off while `certificate` names no file. The files are read by Server::start()
/// and Server::reload_tls().
struct TlsSettings {
  /// For clients that name no host, or one that no other certificate is for.
  TlsCertificate certificate;
  /// Up to 64 more, for other hosts: the first whose own names (wildcards too) hold the one that a client asks for
  /// (SNI).
  std::vector<TlsCertificate> further;

  /// What becomes of clients' certificates; what was brought: Handshake::client_certificate().
  enum class ClientCertificates {
    none,     ///< not asked for
    request,  ///< asked for; without one, or with one that nobody vouches for, a client comes in all the same
              ///< [requestCert without rejectUnauthorized]
    require,  ///< without one that `client_ca_file` vouches for the handshake fails [requestCert]
  } client_certificates = ClientCertificates::none;
  std::string client_ca_file;  ///< PEM: who vouches for clients' certificates [ca]

  enum class Version { tls_1_2, tls_1_3 } version_min = Version::tls_1_2;  ///< [minVersion] older ones are refused
  std::chrono::milliseconds handshake_timeout{10'000};  ///< from the connection to the end of the handshake
  /// Clients may resume what they had: half a round of messages less, and no signature. On whichever worker they land,
  /// after a reload too, and on any process with the same NodeIdentity::session_key, whose holders could therefore read
  /// resumed conversations of TLS 1.2 (those of TLS 1.3 have fresh keys each time).
  bool session_tickets = true;

  /// A certificate is named.
  bool enabled() const { return !certificate.chain_file.empty() || !certificate.pfx_file.empty(); }
};

}  // namespace chorus
