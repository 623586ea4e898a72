#include "cluster/redis/outbox.hpp"

#include <string_view>
#include <utility>

#include "base/check.hpp"
#include "cluster/redis/resp_writer.hpp"

namespace chorus::cluster::redis {
namespace {

/// An error value that stands in the program's text.
struct LocalError {
  explicit LocalError(std::string_view t) : text(t), node{.type = RespType::error, .size = t.size()} {}
  Reply reply() const { return {node, text.data()}; }

  std::string_view text;
  RespNode node;
};

}  // namespace

Reply reply_down() {
  static LocalError const error("DOWN no connection to Redis");
  return error.reply();
}

Reply reply_lost() {
  static LocalError const error("LOST the connection to Redis ended before the answer");
  return error.reply();
}

Reply reply_full() {
  static LocalError const error("FULL too many commands wait for Redis");
  return error.reply();
}

Outbox::Outbox(OutboxLimits limits) : limits_(limits) {}

/// What a waiting message takes, near enough.
std::size_t Outbox::cost(Bytes channel, Bytes payload) { return sizeof(Waiting) + channel.size() + payload.size(); }

std::size_t Outbox::cost(std::vector<std::string> const& arguments) {
  std::size_t bytes = sizeof(Waiting);
  for (std::string const& argument : arguments) bytes += sizeof argument + argument.size();
  return bytes;
}

void Outbox::publish(std::string channel, std::string payload) {
  ++ledger_.published;
  std::size_t const bytes = cost(channel, payload);
  if (closed_ || ledger_.waiting >= limits_.spool_messages_max || bytes > limits_.spool_bytes_max ||
      waiting_bytes_ > limits_.spool_bytes_max - bytes) {
    ++ledger_.dropped;
    return;
  }
  ++ledger_.waiting;
  waiting_bytes_ += bytes;
  waiting_.push_back({Kind::publish, std::move(channel), std::move(payload), {}, nullptr});
}

void Outbox::command(std::vector<std::string> arguments, OnReply on_reply) {
  if (!up_) return on_reply(reply_down());
  std::size_t const bytes = cost(arguments);
  if (commands_ >= limits_.commands_max || bytes > limits_.commands_bytes_max ||
      commands_bytes_ > limits_.commands_bytes_max - bytes) {
    return on_reply(reply_full());
  }
  ++commands_;
  commands_bytes_ += bytes;
  waiting_.push_back({Kind::command, {}, {}, std::move(arguments), std::move(on_reply)});
}

void Outbox::ping(std::string& out) {
  append_command(out, {"PING"});
  in_flight_.push_back({Kind::ping, false, 0, 0, nullptr});
}

void Outbox::up() {
  CHORUS_CHECK(!up_ && !closed_, "a link comes up once between two outages");
  up_ = true;
  spooled_left_ = ledger_.waiting;
}

void Outbox::down() {
  up_ = false;
  auto const lost = std::exchange(in_flight_, {});
  auto kept = std::exchange(waiting_, {});
  std::vector<OnReply> unsent;
  in_flight_bytes_ = 0;
  commands_ = commands_bytes_ = 0;
  ledger_.unknown += std::exchange(ledger_.in_flight, 0);
  for (Waiting& entry : kept) {
    if (entry.kind == Kind::publish) {
      waiting_.push_back(std::move(entry));
    } else {
      unsent.push_back(std::move(entry.on_reply));
    }
  }
  // Only now: the callers may come back with more.
  for (InFlight const& entry : lost) {
    if (entry.on_reply) entry.on_reply(reply_lost());
  }
  for (OnReply const& on_reply : unsent) on_reply(reply_down());
}

void Outbox::close() {
  closed_ = true;
  down();
  ledger_.dropped += std::exchange(ledger_.waiting, 0);
  waiting_.clear();
  waiting_bytes_ = 0;
}

void Outbox::take(std::string& out, std::size_t bytes_max) {
  if (!up_) return;
  std::size_t const begin = out.size();
  while (!waiting_.empty() && out.size() - begin < bytes_max &&
         (in_flight_bytes_ == 0 || in_flight_bytes_ < limits_.in_flight_bytes_max)) {
    take_one(out);
  }
}

void Outbox::take_one(std::string& out) {
  Waiting entry = std::move(waiting_.front());
  waiting_.pop_front();
  std::size_t const begin = out.size();
  bool spooled = false;
  std::size_t command_bytes = 0;
  if (entry.kind == Kind::publish) {
    append_command(out, {"PUBLISH", entry.channel, entry.payload});
    waiting_bytes_ -= cost(entry.channel, entry.payload);
    --ledger_.waiting;
    ++ledger_.in_flight;
    spooled = spooled_left_ > 0;
    if (spooled) --spooled_left_;
  } else {
    append_command(out, entry.arguments);
    command_bytes = cost(entry.arguments);
  }
  // An entry's own size counts too: many small messages must not cost more than the limit says.
  std::size_t const bytes = out.size() - begin + sizeof(InFlight);
  in_flight_bytes_ += bytes;
  in_flight_.push_back({entry.kind, spooled, bytes, command_bytes, std::move(entry.on_reply)});
}

bool Outbox::answer(RespValue const& value) {
  if (in_flight_.empty()) return false;
  InFlight const entry = std::move(in_flight_.front());
  in_flight_.pop_front();
  in_flight_bytes_ -= entry.bytes;
  settle(entry, value);
  return true;
}

void Outbox::settle(InFlight const& entry, RespValue const& value) {
  switch (entry.kind) {
    case Kind::publish:
      --ledger_.in_flight;
      if (value.is_error()) {
        ++ledger_.dropped;
        ++ledger_.refused;
      } else {
        ++(entry.spooled ? ledger_.spooled_sent : ledger_.confirmed);
      }
      return;
    case Kind::command:
      --commands_;
      commands_bytes_ -= entry.command_bytes;
      return entry.on_reply(value);
    case Kind::ping:
      return;
  }
}

Ledger Outbox::ledger() const { return ledger_; }

}  // namespace chorus::cluster::redis
