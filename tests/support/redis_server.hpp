// A redis-server of a test's own: on a Unix socket and a free TCP port of loopback, in a folder that goes with it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace chorus::testing {

/// Throws a sentence when redis-server is missing or does not come up. It dies with the thread that started it.
/// Thread: one.
class RedisServer {
 public:
  struct Options {
    std::vector<std::string> arguments;  ///< more of redis-server's own, "{folder}" stands for folder()
    bool tls = false;                    ///< the port speaks TLS, with certificate_file() as its own issuer
  };

  RedisServer() : RedisServer(Options()) {}
  explicit RedisServer(Options options);
  ~RedisServer();
  RedisServer(RedisServer const&) = delete;
  RedisServer& operator=(RedisServer const&) = delete;

  /// The constructor starts; again after kill(). On the same socket and port. Returns when it answers.
  void start();
  /// SIGKILL, waited for.
  void kill();
  /// SIGSTOP and SIGCONT.
  void pause();
  void resume();

  std::string const& folder() const { return folder_; }
  std::string socket_path() const { return folder_ + "/redis.sock"; }
  std::string certificate_file() const { return folder_ + "/certificate.pem"; }
  std::uint16_t port() const { return port_; }

 private:
  bool try_to_start();
  bool answers();
  std::vector<std::string> command_line() const;

  Options const options_;
  std::string folder_;
  std::uint16_t port_ = 0;
  int process_ = -1;
};

/// Writes a fresh key and a certificate for `localhost` that it signed itself, as PEM files.
void write_certificate(std::string const& certificate_file, std::string const& key_file);

}  // namespace chorus::testing
