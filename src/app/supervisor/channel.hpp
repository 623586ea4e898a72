// Channel: messages and descriptors between two processes of this machine, over a Unix socket that keeps messages
// apart.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "server/descriptor.hpp"

namespace chorus::app {

/// SOCK_SEQPACKET: a message arrives whole or not at all. Thread: one at a time. Never waits but in wait_for_message().
class Channel {
 public:
  static constexpr std::size_t message_bytes_max = 64 * 1024;
  static constexpr std::size_t descriptors_max = 16;  ///< of one message

  struct Received {
    enum class Kind {
      nothing,  ///< for now
      message,
      garbage,  ///< longer than allowed; dropped
      closed,   ///< the other end is gone
    } kind = Kind::nothing;
    std::string text;
    std::vector<server::FileDescriptor> descriptors;  ///< close-on-exec
  };

  explicit Channel(server::FileDescriptor socket) : socket_(std::move(socket)) {}
  /// Two ends of one channel; both close-on-exec. Throws std::system_error without descriptors.
  static std::pair<Channel, Channel> pair();

  /// Copies of `descriptors` go along. False: not sent, for the other end is gone, or has let too many messages lie.
  bool send(std::string_view message, std::vector<int> const& descriptors = {});
  Received receive();
  /// Waits until there is something to receive, at most `limit`.
  bool wait_for_message(Duration limit) const;

  /// Borrowed, to wait for.
  int descriptor() const { return socket_.get(); }

 private:
  server::FileDescriptor socket_;
};

}  // namespace chorus::app
