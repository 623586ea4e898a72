// The one listening address of a server.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/file_descriptor.hpp"

namespace chorus::net {

struct ListenOptions {
  /// "localhost" is 127.0.0.1 and, where there is IPv6, ::1, on one port. "::" takes IPv4 too. Any literal or name.
  std::string host = "localhost";
  std::uint16_t port = 0;  ///< 0: any free one, the same for all addresses of `host`
  int backlog = 4096;      ///< connections waiting to be accepted; the kernel cuts it to net.core.somaxconn
};

/// Why it does not listen, in words for the person who configured it.
struct ListenError {
  std::string key;     ///< the option to blame: "host" or "port"
  std::string value;   ///< what it was
  int code = 0;        ///< errno, 0 when the name did not resolve
  std::string reason;  ///< "address already in use", ...
  std::string holder;  ///< for a port in use: who has it, "process 4711 (nginx)" or "user www-data", "" when unknown

  /// One sentence with all of it.
  std::string message() const;
};
CHORUS_ERROR_ENUM(ListenError const&)

/// Listening sockets, opened once and shared by all workers (Worker::listen). No SO_REUSEPORT: a second server on the
/// same port is an error, and a closed worker takes no queued connection with it.
///
/// Thread: any, one at a time. Lifetime: outlives the workers' listening (Worker::stop_listening first).
class Listener {
 public:
  static Result<Listener, ListenError> open(ListenOptions const& options);

  /// Sockets opened by somebody else (a supervisor, systemd); they must listen already.
  static Listener of(std::vector<FileDescriptor> sockets);

  std::uint16_t port() const { return port_; }
  /// "127.0.0.1:3000", "[::1]:3000"
  std::vector<std::string> const& addresses() const { return addresses_; }
  std::vector<FileDescriptor> const& sockets() const { return sockets_; }

 private:
  explicit Listener(std::vector<FileDescriptor> sockets);

  std::vector<FileDescriptor> sockets_;
  std::vector<std::string> addresses_;
  std::uint16_t port_ = 0;
};

}  // namespace chorus::net
