#include "net/wake_up.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace chorus::net {

WakeUp::WakeUp() : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!descriptor_) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void WakeUp::post() const {
  std::uint64_t const one = 1;
  // Can only fail when the count is about to overflow, after 2^64 - 1 posts.
  [[maybe_unused]] ssize_t const written = ::write(descriptor_.get(), &one, sizeof one);
}

}  // namespace chorus::net
