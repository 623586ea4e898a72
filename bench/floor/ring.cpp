#include "floor/ring.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace bench_floor {

Ring::Ring() {
  io_uring_params params{};
  params.flags = IORING_SETUP_CLAMP | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
  works_ = io_uring_queue_init_params(entries, &ring_, &params) == 0;
}

Ring::~Ring() {
  if (works_) io_uring_queue_exit(&ring_);
}

void Ring::perform(std::span<Transfer> transfers, bool receiving) {
  if (!works_ || transfers.size() < 2) {
    for (Transfer& t : transfers) {
      t.result = receiving ? ::recv(t.descriptor, t.data, t.size, MSG_DONTWAIT)
                           : ::send(t.descriptor, t.data, t.size, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (t.result < 0) t.result = -errno;
    }
    return;
  }
  while (!transfers.empty()) {
    auto const part = transfers.first(std::min<std::size_t>(transfers.size(), entries));
    submit(part, receiving);
    transfers = transfers.subspan(part.size());
  }
}

// MSG_DONTWAIT: every transfer is answered within the submission.
void Ring::submit(std::span<Transfer> transfers, bool receiving) {
  for (Transfer& t : transfers) {
    io_uring_sqe* const entry = io_uring_get_sqe(&ring_);
    if (receiving) {
      io_uring_prep_recv(entry, t.descriptor, t.data, t.size, MSG_DONTWAIT);
    } else {
      io_uring_prep_send(entry, t.descriptor, t.data, t.size, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    io_uring_sqe_set_data(entry, &t);
  }
  for (std::size_t answered = 0; answered < transfers.size();) {
    io_uring_submit_and_wait(&ring_, 1);
    unsigned head = 0;
    unsigned count = 0;
    io_uring_cqe* entry = nullptr;
    io_uring_for_each_cqe(&ring_, head, entry) {
      static_cast<Transfer*>(io_uring_cqe_get_data(entry))->result = entry->res;
      ++count;
    }
    io_uring_cq_advance(&ring_, count);
    answered += count;
  }
}

}  // namespace bench_floor
