// What the tests of TLS in net share: a server's certificate, and a client in memory.
#pragma once
#include <memory>
#include <string>

#include "net/tls_stream.hpp"
#include "support/certificates.hpp"
#include "support/tls_client.hpp"

namespace chorus::net {

/// A server's files. `settings` may be changed before load().
struct TlsFiles {
  TlsFiles() {
    settings.certificate = {.chain_file = folder.write("server.pem", server.certificate_pem()),
                            .key_file = folder.write("server.key", server.key_pem()),
                            .pfx_file = {},
                            .passphrase = {}};
  }
  std::shared_ptr<TlsContext const> load(Bytes secret = "a secret") const { return TlsContext::load(settings, secret); }

  tls_test::Identity authority{"Test Authority"};
  tls_test::Identity server{"server", {"localhost"}, &authority};
  tls_test::Folder folder;
  TlsSettings settings;
};

/// What is encrypted, in one text.
struct Collected final : CiphertextSink {
  void put(Bytes ciphertext) override { bytes += ciphertext; }
  std::string bytes;
};

/// Both ends of a connection without one.
struct TlsDialogue {
  explicit TlsDialogue(std::shared_ptr<TlsContext const> context, tls_test::TlsClientOptions const& options = {})
      : server(std::move(context)), client(options) {}

  /// To the server, in pieces of `piece` bytes.
  void tell_server(Bytes ciphertext, std::size_t piece = 1 << 14) {
    for (; !ciphertext.empty(); ciphertext.remove_prefix(std::min(piece, ciphertext.size()))) {
      Bytes const part = ciphertext.substr(0, piece);
      std::string room(part.size() + TlsStream::extra_room, '\0');
      received.append(room, 0, server.decrypt(part, room));
    }
  }
  /// Until neither has anything more to say. A piece of 1: every byte comes alone.
  void talk(std::size_t piece = 1 << 14) {
    client.go_on();
    for (;;) {
      auto const said = client.take_output();
      tell_server(said, piece);
      auto const answer = server.take_pending();
      if (said.empty() && answer.empty()) return;
      for (std::size_t at = 0; at < answer.size(); at += piece) client.take(Bytes(answer).substr(at, piece));
    }
  }

  TlsStream server;
  tls_test::TlsClient client;
  std::string received;  // by the server
};

}  // namespace chorus::net
