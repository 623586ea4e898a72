#include "cluster/redis/receive_buffer.hpp"

#include <cstring>
#include <utility>

namespace chorus::cluster::redis {

MutableBytes ReceiveBuffer::room() {
  std::size_t const size = end_ - begin_;
  if (capacity_ == 0 || (size <= kept_ / 2 && capacity_ > kept_)) {
    move_to(kept_);
  } else if (size > capacity_ - capacity_ / 4) {
    move_to(capacity_ * 2);
  } else if (size == 0) {
    begin_ = end_ = 0;
  } else if (capacity_ - end_ < capacity_ / 4) {
    std::memmove(memory_.get(), memory_.get() + begin_, size);
    begin_ = 0;
    end_ = size;
  }
  return {memory_.get() + end_, capacity_ - end_};
}

void ReceiveBuffer::move_to(std::size_t capacity) {
  auto memory = std::make_unique<char[]>(capacity);
  std::size_t const size = end_ - begin_;
  if (size > 0) std::memcpy(memory.get(), memory_.get() + begin_, size);
  memory_ = std::move(memory);
  capacity_ = capacity;
  begin_ = 0;
  end_ = size;
}

}  // namespace chorus::cluster::redis
