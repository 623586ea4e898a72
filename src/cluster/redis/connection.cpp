#include "cluster/redis/connection.hpp"

#include <algorithm>
#include <utility>

#include "cluster/redis/redis_link.hpp"
#include "cluster/redis/resp_writer.hpp"

namespace chorus::cluster::redis {

ConnectionFault fault_of_error(RespValue const& error) {
  using Kind = ConnectionFault::Kind;
  // ERR is what a wrong database, a password where none is set, and too many clients come as.
  static constexpr Bytes refusals[] = {"WRONGPASS", "NOAUTH", "NOPERM", "DENIED", "ERR"};
  bool const refused = std::find(std::begin(refusals), std::end(refusals), error.error_code()) != std::end(refusals);
  return {refused ? Kind::refused : Kind::ended, "Redis says: " + printable(error.text(), 200)};
}

Connection::Connection(StreamLoop& loop, RedisOptions const& options, ConnectionEvents& events)
    : options_(options), events_(events), reader_(options.replies), stream_(loop, options.url, *this) {}

void Connection::on_open() {
  auto const greet = [this](std::initializer_list<Bytes> command) {
    append_command(output(), command);
    ++answers_awaited_;
  };
  RedisUrl const& url = options_.url;
  if (url.password && url.user.empty()) greet({"AUTH", *url.password});
  if (url.password && !url.user.empty()) greet({"AUTH", url.user, *url.password});
  if (url.database != 0) greet({"SELECT", std::to_string(url.database)});
  greet({"PING"});
}

std::size_t Connection::on_bytes(Bytes buffered) {
  heard_ = true;
  auto const consumed = read_values(buffered);
  events_.on_values_read(*this);
  return consumed;
}

std::size_t Connection::read_values(Bytes buffered) {
  std::size_t consumed = 0;
  while (!failed_) {
    auto const read = reader_.read(buffered.substr(consumed));
    if (!read) {
      fail({ConnectionFault::Kind::malformed, std::string(to_text(read.error()))});
      break;
    }
    if (*read == 0) return consumed;
    consumed += *read;
    if (auto fault = take(reader_.value())) fail(std::move(*fault));
  }
  return buffered.size();
}

void Connection::on_end(std::string_view reason) {
  if (!failed_) fail({ConnectionFault::Kind::ended, std::string(reason)});
}

std::optional<ConnectionFault> Connection::take(RespValue const& value) {
  return greeted_ ? events_.on_value(*this, value) : take_greeting(value);
}

std::optional<ConnectionFault> Connection::take_greeting(RespValue const& value) {
  if (value.is_error()) return fault_of_error(value);
  Bytes const expected = answers_awaited_ == 1 ? "PONG" : "OK";
  if (value.type() != RespType::simple || value.text() != expected) {
    return ConnectionFault{ConnectionFault::Kind::malformed, "what answers is no Redis"};
  }
  if (--answers_awaited_ > 0) return std::nullopt;
  greeted_ = true;
  events_.on_greeted(*this);
  return std::nullopt;
}

void Connection::fail(ConnectionFault fault) {
  failed_ = true;
  events_.on_fault(*this, std::move(fault));
}

void Connection::hold(bool held) {
  held_ = held;
  stream_.hold(held);
}

Connection::Pulse Connection::pulse(TimePoint now) {
  if (heard_ || held_) {
    heard_ = false;
    last_heard_ = now;
    pinged_.reset();
  }
  if (pinged_) return now - *pinged_ >= options_.silence_max ? Pulse::silent : Pulse::fine;
  if (now - last_heard_ < options_.ping_interval) return Pulse::fine;
  pinged_ = now;
  return Pulse::ping_due;
}

}  // namespace chorus::cluster::redis
