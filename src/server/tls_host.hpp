// TlsHost: the certificates of a server as they are now, and the files they come from.
#pragma once
#include <memory>
#include <string>

#include "base/guarded.hpp"
#include "chorus/tls.hpp"
#include "net/tls_context.hpp"
#include "net/tls_stream.hpp"

namespace chorus::server {

/// Reads the files and gives up what it read. Throws as the constructor of TlsHost does.
void check_tls_files(TlsSettings const& settings);

/// A version is replaced as a whole; streams that were made with the older one go on with that.
///
/// Thread: any. Failure: the constructor and reload() throw std::runtime_error with a sentence that names option and
/// file; after such a reload() all is as before.
class TlsHost {
 public:
  /// Servers with the same `secret` take up each other's sessions; empty: one of its own.
  TlsHost(TlsSettings settings, std::string secret);

  void reload();
  /// For a connection that was just accepted.
  std::unique_ptr<net::TlsStream> accept() const;

 private:
  TlsSettings const settings_;
  std::string const secret_;
  Guarded<std::shared_ptr<net::TlsContext const>> context_;
};

}  // namespace chorus::server
