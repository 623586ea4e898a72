#include "floor/mailbox.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

namespace bench_floor {

Mailbox::Mailbox() : bell_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (bell_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void Mailbox::post(Bundle& bundle) {
  {
    std::lock_guard const lock(mutex_);
    if (waiting_.letters.empty()) {
      std::swap(waiting_, bundle);
    } else {
      waiting_.letters.insert(waiting_.letters.end(), bundle.letters.begin(), bundle.letters.end());
      waiting_.text += bundle.text;
    }
  }
  bundle.clear();
  std::uint64_t const one = 1;
  if (!rung_.exchange(true) && ::write(bell_, &one, sizeof one) < 0)
    throw std::system_error(errno, std::generic_category(), "write");
}

void Mailbox::take(Bundle& into) {
  if (!rung_.load() || !rung_.exchange(false)) return;
  std::lock_guard const lock(mutex_);
  std::swap(waiting_, into);
}

}  // namespace bench_floor
