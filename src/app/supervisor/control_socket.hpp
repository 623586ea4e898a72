// ControlSocket: where a running supervisor is asked, by path.
#pragma once
#include <sys/types.h>

#include <optional>
#include <string>

#include "app/supervisor/channel.hpp"

namespace chorus::app {

/// Thread: one at a time. Lifetime: its file goes with it, unless a successor has put its own there.
class ControlSocket {
 public:
  /// Puts a listening socket at `path`, in place of whatever file was there: a dead supervisor's, or, in a takeover,
  /// the predecessor's. At no moment there is none. Throws std::runtime_error with a sentence.
  static ControlSocket put_at(std::string path);

  ControlSocket(ControlSocket&&) noexcept;
  ControlSocket& operator=(ControlSocket&&) noexcept;
  ~ControlSocket();

  /// The next one who asks. Nothing: nobody waits, or it is neither this user nor root.
  std::optional<Channel> accept();
  /// Borrowed, to wait for.
  int descriptor() const { return socket_.get(); }

 private:
  ControlSocket(std::string path, server::FileDescriptor socket);
  void remove_own_file();

  std::string path_;
  server::FileDescriptor socket_;
  dev_t device_ = 0;  // of our file
  ino_t inode_ = 0;
};

/// A channel to the supervisor whose socket is at `path`. Nothing: none runs there.
std::optional<Channel> connect_to_control(std::string const& path);

}  // namespace chorus::app
