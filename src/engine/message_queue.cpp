#include "engine/message_queue.hpp"

#include <iterator>
#include <utility>

namespace chorus::engine {

bool MessageQueue::push(Message message, Limits limits) {
  std::size_t const size = message->payload_size();
  bool const fits = messages_.size() < limits.messages_max && bytes_ + size <= limits.bytes_max;
  if (!fits && !messages_.empty()) return false;
  messages_.push_back(std::move(message));
  bytes_ += size;
  return true;
}

Compress MessageQueue::move_into(std::string& payload, std::size_t payload_bytes_max) {
  std::size_t size = payload.size();
  std::size_t count = 0;
  for (auto const& message : messages_) {
    std::size_t const separator = size == 0 ? 0 : 1;
    std::size_t const grown = size + separator + message->payload_size();
    if (size != 0 && grown > payload_bytes_max) break;
    size = grown;
    ++count;
  }
  payload.reserve(size);
  Compress compress = Compress::no;
  for (std::size_t i = 0; i < count; ++i) {
    if (messages_[i]->compress() == Compress::yes) compress = Compress::yes;
    messages_[i]->append_to(payload);
    bytes_ -= messages_[i]->payload_size();
  }
  if (count == messages_.size()) {
    clear();
  } else {
    messages_.erase(messages_.begin(), std::next(messages_.begin(), static_cast<std::ptrdiff_t>(count)));
  }
  return compress;
}

std::vector<MessageQueue::Message> MessageQueue::take_all() {
  bytes_ = 0;
  return std::exchange(messages_, {});
}

}  // namespace chorus::engine
