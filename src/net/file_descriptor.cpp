#include "net/file_descriptor.hpp"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace chorus::net {

void FileDescriptor::reset(int descriptor) {
  // Linux frees the number even when close() reports an error, so there is nothing to repeat.
  if (int const old = std::exchange(descriptor_, descriptor); old >= 0) ::close(old);
}

int take_socket_error(int descriptor) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

DescriptorLimit raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  DescriptorLimit result{.before = limit.rlim_cur, .after = limit.rlim_cur};
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) == 0) result.after = limit.rlim_cur;
  return result;
}

}  // namespace chorus::net
