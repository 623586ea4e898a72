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

void MessageQueue::move_into(AnswerWriter& answer, std::size_t payload_bytes_max) {
  std::size_t size = answer.size();
  std::size_t count = 0;
  for (auto const& message : messages_) {
    std::size_t const separator = size == 0 ? 0 : 1;
    std::size_t const grown = size + separator + message->payload_size();
    if (size != 0 && grown > payload_bytes_max) break;
    size = grown;
    ++count;
  }
  answer.reserve(size);
  for (std::size_t i = 0; i < count; ++i) {
    answer.message(*messages_[i]);
    bytes_ -= messages_[i]->payload_size();
  }
  if (count == messages_.size()) {
    clear();
  } else {
    messages_.erase(messages_.begin(), std::next(messages_.begin(), static_cast<std::ptrdiff_t>(count)));
  }
}

std::size_t MessageQueue::packets() const {
  std::size_t packets = 0;
  for (auto const& message : messages_) packets += message->packets();
  return packets;
}

std::vector<MessageQueue::Message> MessageQueue::take_all() {
  bytes_ = 0;
  return std::exchange(messages_, {});
}

}  // namespace chorus::engine
