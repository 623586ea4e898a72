#include "load/workload.hpp"

#include <algorithm>
#include <chrono>

namespace load {
namespace {

// A payload begins with `<stream>.<number>.` in hexadecimal digits of a fixed number, and is filled up with x.
constexpr std::size_t stream_digits = 8;
constexpr std::size_t number_digits = 12;
constexpr std::size_t number_at = stream_digits + 1;
constexpr std::size_t stamp_size = stream_digits + number_digits + 2;

void write_hex(char* to, std::size_t digits, std::uint64_t value) {
  constexpr char const* symbols = "0123456789abcdef";
  for (; digits > 0; --digits, value >>= 4) to[digits - 1] = symbols[value & 15];
}

bool read_hex(std::string_view text, std::uint64_t& value) {
  value = 0;
  for (char const c : text) {
    unsigned const digit = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
                           : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a' + 10)
                                                  : 16;
    if (digit == 16) return false;
    value = value << 4 | digit;
  }
  return true;
}

std::uint64_t nanoseconds_between(Clock::time_point from, Clock::time_point to) {
  return static_cast<std::uint64_t>(std::max(to - from, Clock::duration::zero()).count());
}

std::string room_name(std::size_t group) { return "room" + std::to_string(group); }
std::string user_name(std::size_t group) { return "user" + std::to_string(group); }

// The origin system's envelope.
constexpr char const* send_message = R"(42/socket,["message",{"event":"sendMessage","args":{}}])";
std::string notice_for(std::string const& user) {
  return R"(2/socket,["message",{"event":"message_sent","id":")" + user +
         R"(","args":{"message":"A message from user with id: )" + user + R"( has been send"}}])";
}

// What Chorus's chat tells beyond that when clients come and go.
bool is_about_presence(std::string_view packet) {
  constexpr std::string_view head = R"(2/socket,["message",{"event":")";
  if (!packet.starts_with(head)) return false;
  packet.remove_prefix(head.size());
  return packet.starts_with("welcome\"") || packet.starts_with("presence\"") || packet.starts_with("devices\"");
}

}  // namespace

Target target_of(Options const& options) {
  Target target = target_at(options.host, options.port);
  if (options.kind == Kind::dispatch) target.join = "40/socket,";
  if (options.tls) target.tls = make_tls_context();
  return target;
}

std::string query_of(Options const& options, std::size_t client) {
  std::string const user = user_name(client / options.group_size);
  if (options.kind == Kind::users) return "&id=" + user;
  if (options.kind == Kind::dispatch) return "&token=any&id=" + user;
  return {};
}

Workload::Workload(Options const& options, Fleet& fleet)
    : options_(options), fleet_(fleet), received_(fleet.size()), payload_(options.payload_bytes, 'x') {
  bool const to_all = options.kind == Kind::broadcast;
  streams_.resize(to_all ? options.senders : options.connections / options.group_size);
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    streams_[i].sender = to_all ? i : i * options.group_size;
    streams_[i].receivers = options.group_size;
    streams_[i].window.resize(options.window);
  }
  if (options.kind == Kind::dispatch)
    for (std::size_t i = 0; i < streams_.size(); ++i) notices_.push_back(notice_for(user_name(i)));
  for (auto& of_client : received_) of_client.resize(to_all ? streams_.size() : 1);
}

void Workload::prepare() {
  if (options_.kind != Kind::rooms) return;
  preparing_ = true;
  for (std::size_t i = 0; i < fleet_.size(); ++i) {
    fleet_.send(i, "42[\"join\",\"" + room_name(i / options_.group_size) + "\"]");
    fleet_.send(i, "420[\"ack\",\"entered\"]");
  }
  fleet_.flush();
  while (entered_ < fleet_.size()) fleet_.run_once(std::chrono::seconds(1), *this);
  preparing_ = false;
}

void Workload::start() {
  sending_ = true;
  if (options_.rate > 0) {
    schedule_.emplace(options_.rate, streams_.size(), Clock::now());
    return;
  }
  for (std::size_t i = 0; i < streams_.size(); ++i) send_what_may(i);
  fleet_.flush();
}

std::chrono::nanoseconds Workload::send_due() {
  if (!schedule_) return std::chrono::nanoseconds::max();
  for (std::uint64_t const due = schedule_->due_by(Clock::now()); sending_ && due_ < due; ++due_) {
    std::size_t const stream = due_ % streams_.size();
    ++streams_[stream].due;
    send_what_may(stream);
  }
  fleet_.flush();
  return std::max(schedule_->time_of(due_) - Clock::now(), Clock::duration::zero());
}

bool Workload::may_send(Stream const& stream) const {
  if (stream.window[stream.next % stream.window.size()].missing > 0) return false;
  return schedule_ ? stream.next < stream.due : sending_;
}

void Workload::send_what_may(std::size_t index) {
  for (Stream& stream = streams_[index]; may_send(stream); ++stream.next) {
    auto const now = Clock::now();
    Slot& slot = stream.window[stream.next % stream.window.size()];
    slot = {stream.next, stream.receivers, schedule_ ? schedule_->time_of(index, stream.next) : now};
    if (schedule_ && counts(slot)) delays_.add(nanoseconds_between(slot.since, now));
    ++in_flight_;
    ++sent_;
    fleet_.send(stream.sender, stamp(index, stream.next));
  }
}

std::string_view Workload::stamp(std::size_t stream, std::uint64_t number) {
  if (options_.kind == Kind::dispatch) return send_message;
  write_hex(payload_.data(), stream_digits, stream);
  payload_[stream_digits] = '.';
  write_hex(payload_.data() + number_at, number_digits, number);
  payload_[stamp_size - 1] = '.';
  switch (options_.kind) {
    case Kind::echo:
      packet_ = "42[\"echo\",\"";
      break;
    case Kind::ack:
      packet_ = "42" + std::to_string(number) + "[\"ack\",\"";
      break;
    case Kind::broadcast:
      packet_ = "42[\"broadcast\",\"";
      break;
    case Kind::rooms:
      packet_ = "42[\"room\",\"" + room_name(stream) + "\",\"";
      break;
    case Kind::users:
      packet_ = "42[\"message\",\"";
      break;
    case Kind::connect:
    case Kind::dispatch:
      break;
  }
  packet_ += payload_;
  packet_ += "\"]";
  return packet_;
}

// `2["echo","<payload>"]` or `3<id>["<payload>"]`: the payload is the last argument, and its size is known.
bool Workload::read_stamp(std::string_view packet, Stamp& stamp) const {
  std::size_t const size = options_.payload_bytes;
  if (packet.size() < size + 4 || !packet.ends_with("\"]")) return false;
  std::size_t const begin = packet.size() - 2 - size;
  std::string_view const payload = packet.substr(begin, size);
  if (packet[begin - 1] != '"' || payload[stream_digits] != '.' || payload[stamp_size - 1] != '.') return false;
  if (!payload.ends_with('x')) return false;
  std::uint64_t stream = 0;
  if (!read_hex(payload.substr(0, stream_digits), stream)) return false;
  if (!read_hex(payload.substr(number_at, number_digits), stamp.number)) return false;
  stamp.stream = static_cast<std::size_t>(stream);
  return stream < streams_.size() && stamp.number < streams_[stamp.stream].next;
}

bool Workload::read_notice(std::size_t client, std::string_view packet, Stamp& stamp) const {
  std::size_t const own = client / options_.group_size;
  stamp = {own, received_[client][0].next};
  if (packet == notices_[own]) return true;
  auto const other = std::ranges::find(notices_, packet);
  stamp.stream = static_cast<std::size_t>(other - notices_.begin());
  return other != notices_.end();
}

void Workload::on_packet(std::size_t client, std::string_view packet) {
  if (preparing_) {
    entered_ += packet.starts_with("30") ? 1 : 0;
    return;
  }
  Stamp stamp{};
  bool const by_order = options_.kind == Kind::dispatch;
  if (by_order && is_about_presence(packet)) return;
  if (by_order ? !read_notice(client, packet, stamp) : !read_stamp(packet, stamp)) {
    ++seen_.damaged;
    return;
  }
  Received* const received = received_of(client, stamp.stream);
  if (received == nullptr) {
    ++seen_.misdirected;
    return;
  }
  if (stamp.number >= streams_[stamp.stream].next) {  // by order: one more than was sent
    ++seen_.doubled;
    return;
  }
  if (!is_new(*received, stamp.number)) return;
  ++delivered_;
  Stream& stream = streams_[stamp.stream];
  Slot& slot = stream.window[stamp.number % stream.window.size()];
  if (counts(slot)) latencies_.add(nanoseconds_between(slot.since, fleet_.now()));
  if (--slot.missing > 0) return;
  --in_flight_;
  send_what_may(stamp.stream);
}

Workload::Received* Workload::received_of(std::size_t client, std::size_t stream) {
  if (options_.kind == Kind::broadcast) return &received_[client][stream];
  return client / options_.group_size == stream ? &received_[client][0] : nullptr;
}

// The first of its number; counts what is amiss.
bool Workload::is_new(Received& received, std::uint64_t number) {
  if (number >= received.next) {
    for (; received.next < number; ++received.next) received.skipped.push_back(received.next);
    ++received.next;
    return true;
  }
  if (std::erase(received.skipped, number) == 0) {
    ++seen_.doubled;
    return false;
  }
  ++seen_.out_of_order;
  return true;
}

Faults Workload::faults() const {
  Faults faults = seen_;
  for (std::size_t client = 0; client < received_.size(); ++client) {
    for (std::size_t i = 0; i < received_[client].size(); ++i) {
      std::size_t const stream = options_.kind == Kind::broadcast ? i : client / options_.group_size;
      Received const& received = received_[client][i];
      faults.lost += streams_[stream].next - received.next + received.skipped.size();
    }
  }
  return faults;
}

}  // namespace load
