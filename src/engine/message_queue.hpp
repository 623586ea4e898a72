// Messages that wait for a poll. Inner part of a session.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "engine/polling_body.hpp"
#include "engine/shared_message.hpp"

namespace chorus::engine {

/// First in, first out, bounded by its user. Owns no memory while empty.
class MessageQueue {
 public:
  using Message = std::shared_ptr<SharedMessage const>;

  struct Limits {
    std::size_t bytes_max;
    std::size_t messages_max;
  };

  /// False, and nothing kept, when a limit would be passed. An empty queue takes one message of any size: it would have
  /// left at any size if a poll had been there.
  bool push(Message message, Limits limits);

  /// Moves as many messages into `answer` as fit into `payload_bytes_max` (sizes are those of revision 4); at least one
  /// when it is empty. A message stays whole, so that nothing comes between a packet and its attachments.
  void move_into(AnswerWriter& answer, std::size_t payload_bytes_max);

  /// Everything, in order; the queue is empty then.
  std::vector<Message> take_all();
  void clear() { take_all(); }

  bool empty() const { return messages_.empty(); }
  std::size_t size() const { return messages_.size(); }
  /// Of all messages: each attachment is one.
  std::size_t packets() const;
  /// As they would lie in payloads.
  std::size_t bytes() const { return bytes_; }

 private:
  std::vector<Message> messages_;
  std::size_t bytes_ = 0;
};

}  // namespace chorus::engine
