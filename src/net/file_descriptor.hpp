// An owned descriptor of the kernel.
#pragma once
#include <cstddef>
#include <utility>

namespace chorus::net {

/// Closes what it holds when it dies. Movable, so that a descriptor can walk from worker to worker.
/// Thread: any, one at a time.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  ~FileDescriptor() { reset(); }
  FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) reset(std::exchange(other.descriptor_, -1));
    return *this;
  }

  /// -1 when there is none.
  int get() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }
  /// The caller owns it from here on.
  [[nodiscard]] int release() { return std::exchange(descriptor_, -1); }
  /// Closes what was held, takes `descriptor` in its place.
  void reset(int descriptor = -1);

 private:
  int descriptor_ = -1;
};

/// The pending error of a socket (SO_ERROR), which it forgets with this; 0: none.
int take_socket_error(int descriptor);

/// Makes a connected stream socket (TCP, Unix) that somebody else has opened what a worker needs: non-blocking,
/// close-on-exec and, TCP, without Nagle's delay. False: it is none, and nothing has changed.
bool make_ready_stream(int descriptor);

struct DescriptorLimit {
  std::size_t before = 0;
  std::size_t after = 0;
};

/// Raises the process's soft limit of descriptors to the hard one: one connection is one descriptor.
/// Thread: any; call it once, at start. Where it is refused, `after` equals `before`.
DescriptorLimit raise_descriptor_limit();

}  // namespace chorus::net
