// Requests with headers of their own, and what their answers say: for tests of what a program adds to HTTP.
#pragma once
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/raw_client.hpp"

namespace chorus::testing {

inline constexpr std::string_view websocket_headers =
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// One request over a connection of its own, `headers` as whole lines.
inline Reply ask(std::uint16_t port, std::string_view method, std::string_view target, std::string_view headers = {},
                 std::string_view body = {}) {
  Connection connection(port);
  write_request(connection, method, target, body, std::string(headers) + "Connection: close\r\n");
  if (method != "HEAD") return read_reply(connection);
  Reply reply;
  reply.head = connection.read_until("\r\n\r\n");
  reply.status = std::stoi(reply.head.substr(9, 3));
  reply.body = connection.read_some();
  return reply;
}

/// "/socket.io/?EIO=4&transport=websocket<extra>"
inline std::string websocket_path(std::string_view extra = {}) {
  return std::string("/socket.io/?EIO=4&transport=websocket").append(extra);
}

/// The answer to a WebSocket's handshake, whatever it is.
inline Reply ask_upgrade(std::uint16_t port, std::string_view target, std::string_view headers = {}) {
  Connection connection(port);
  write_request(connection, "GET", target, {}, std::string(websocket_headers).append(headers));
  return read_reply(connection);
}

/// The values of all headers of this name, written as it is.
inline std::vector<std::string> values(Reply const& reply, std::string_view name) {
  std::vector<std::string> found;
  auto const start = std::string("\r\n").append(name).append(": ");
  for (auto at = reply.head.find(start); at != std::string::npos; at = reply.head.find(start, at + 1)) {
    auto const begin = at + start.size();
    found.push_back(reply.head.substr(begin, reply.head.find("\r\n", begin) - begin));
  }
  return found;
}
inline std::string value(Reply const& reply, std::string_view name) {
  auto const all = values(reply, name);
  return all.empty() ? std::string() : all.front();
}

/// Runs what is to happen on another thread, and waits for all of it at its end.
class Elsewhere {
 public:
  ~Elsewhere() { join(); }
  template <class F>
  void run(F f) {
    std::lock_guard lock(mutex_);
    threads_.emplace_back(std::move(f));
  }
  void join() {
    std::lock_guard lock(mutex_);
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  std::mutex mutex_;
  std::vector<std::thread> threads_;
};

}  // namespace chorus::testing
