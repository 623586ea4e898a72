// Non-blocking receives and sends, all of a turn in one system call.
#pragma once
#include <liburing.h>
#include <sys/types.h>

#include <cstddef>
#include <span>

namespace bench_floor {

struct Transfer {
  int descriptor;
  char* data;
  std::size_t size;
  ssize_t result = 0;  ///< bytes, or -errno
};

/// Plain calls for one transfer, or where the kernel gives no ring. Thread: that of its maker.
class Ring {
 public:
  Ring();
  ~Ring();
  Ring(Ring const&) = delete;
  Ring& operator=(Ring const&) = delete;

  void receive(std::span<Transfer> transfers) { perform(transfers, true); }
  void send(std::span<Transfer> transfers) { perform(transfers, false); }

 private:
  static constexpr unsigned entries = 4096;
  void perform(std::span<Transfer> transfers, bool receiving);
  void submit(std::span<Transfer> transfers, bool receiving);

  io_uring ring_{};
  bool works_ = false;
};

}  // namespace bench_floor
