// ListeningSockets: the one listening address of a server, for a process that opens it for others.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "net/listener.hpp"

namespace chorus::server {

/// The sockets of `host` and `port`. Throws std::runtime_error with a sentence for the person who configured them.
net::Listener open_listener(std::string const& host, std::uint16_t port);
/// Takes ownership of descriptors that listen already. Throws std::runtime_error when one is no such socket.
net::Listener adopt_listener(std::vector<int> const& descriptors);

/// Opened once and handed to the processes that accept from it. Thread: one at a time. Lifetime: the descriptors end
/// with it; whoever was given a copy goes on listening.
class ListeningSockets {
 public:
  static ListeningSockets open(std::string const& host, std::uint16_t port) {
    return ListeningSockets(open_listener(host, port));
  }
  static ListeningSockets adopt(std::vector<int> const& descriptors) {
    return ListeningSockets(adopt_listener(descriptors));
  }

  std::uint16_t port() const { return listener_.port(); }
  /// Borrowed.
  std::vector<int> descriptors() const;

 private:
  explicit ListeningSockets(net::Listener listener) : listener_(std::move(listener)) {}
  net::Listener listener_;
};

}  // namespace chorus::server
