#include "cluster/redis/post_box.hpp"

#include <utility>

namespace chorus::cluster::redis {
namespace {

/// Of a list's memory; more is given back when it was read.
constexpr std::size_t letters_kept_max = 4096;

std::size_t bytes_of(CommandLetter const& letter) {
  std::size_t bytes = sizeof(Letter);
  for (std::string const& argument : letter.arguments) bytes += sizeof argument + argument.size();
  return bytes;
}

}  // namespace

/// False: the letter, a publish, is dropped. A command without room loses its arguments, never its answer.
bool PostBox::make_room(Content& content, Letter& letter) const {
  if (auto const* const publish = std::get_if<PublishLetter>(&letter)) {
    std::size_t const bytes = sizeof(Letter) + publish->channel.size() + publish->payload.size();
    if (content.closed || content.publishes >= limits_.spool_messages_max || bytes > limits_.spool_bytes_max ||
        content.publish_bytes > limits_.spool_bytes_max - bytes) {
      ++content.dropped;
      return false;
    }
    ++content.publishes;
    content.publish_bytes += bytes;
  } else if (auto* const command = std::get_if<CommandLetter>(&letter)) {
    std::size_t const bytes = bytes_of(*command);
    command->full = content.commands >= limits_.commands_max || bytes > limits_.commands_bytes_max ||
                    content.command_bytes > limits_.commands_bytes_max - bytes;
    if (command->full) {
      command->arguments = {};
      return true;
    }
    ++content.commands;
    content.command_bytes += bytes;
  }
  return true;
}

PostBox::Posted PostBox::post(Letter&& letter) {
  return content_.with([&](Content& content) {
    bool const publish = std::holds_alternative<PublishLetter>(letter);
    if (content.closed && !publish) return Posted::closed;
    if (!make_room(content, letter)) return content.closed ? Posted::closed : Posted::yes;
    content.letters.push_back(std::move(letter));
    return std::exchange(content.awake, true) ? Posted::yes : Posted::and_wake;
  });
}

PostBox::Posted PostBox::ask_to_stop(Duration flush_max) {
  return content_.with([&](Content& content) {
    if (content.closed) return Posted::closed;
    content.stop_asked = flush_max;
    return Posted::and_wake;
  });
}

std::vector<Letter>& PostBox::take(Content& content) {
  taken_.swap(content.letters);
  content.shown.ledger.published += content.publishes;
  content.shown.ledger.waiting += content.publishes;
  content.publishes = 0;
  content.publish_bytes = content.commands = content.command_bytes = 0;
  content.awake = false;
  return taken_;
}

std::vector<Letter>& PostBox::collect() {
  taken_.clear();
  if (taken_.capacity() > letters_kept_max) taken_ = std::vector<Letter>();
  return content_.with([this](Content& content) -> std::vector<Letter>& { return take(content); });
}

std::vector<Letter>& PostBox::close() {
  taken_.clear();
  return content_.with([this](Content& content) -> std::vector<Letter>& {
    content.closed = true;
    return take(content);
  });
}

std::optional<Duration> PostBox::stop_asked() const {
  return content_.with([](Content const& content) { return content.stop_asked; });
}

void PostBox::show(RedisStats const& stats) {
  content_.with([&](Content& content) { content.shown = stats; });
}

RedisStats PostBox::stats() const {
  return content_.with([](Content const& content) {
    RedisStats stats = content.shown;
    stats.ledger.published += content.publishes + content.dropped;
    stats.ledger.waiting += content.publishes;
    stats.ledger.dropped += content.dropped;
    return stats;
  });
}

}  // namespace chorus::cluster::redis
