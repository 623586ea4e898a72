#include "load/options.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace load {
namespace {

constexpr Kind kinds[] = {Kind::connect, Kind::echo,  Kind::ack,     Kind::broadcast,
                          Kind::rooms,   Kind::users, Kind::dispatch};
constexpr std::size_t payload_bytes_min = 24;  // the stamp of workload.cpp
constexpr std::size_t open_window = 256;       // what a stream may be behind; then messages wait with the generator

template <class T>
T number(std::string_view name, std::string_view text) {
  T value{};
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw std::invalid_argument(std::string(name) + ": \"" + std::string(text) + "\" is no number that fits");
  return value;
}

std::chrono::milliseconds seconds(std::string_view name, std::string_view text) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(number<double>(name, text) * 1000));
}

Kind kind_of(std::string_view text) {
  for (Kind const kind : kinds)
    if (text == name_of(kind)) return kind;
  throw std::invalid_argument("\"" + std::string(text) + "\" is no load");
}

Transport transport_of(std::string_view text) {
  if (text == "websocket") return Transport::websocket;
  if (text == "polling") return Transport::polling;
  throw std::invalid_argument("--transport is websocket or polling");
}

bool* flag(Options& options, std::string_view name) {
  if (name == "--json") return &options.json;
  if (name == "--announce") return &options.announce;
  if (name == "--tls") return &options.tls;
  return name == "--answer-times" ? &options.answer_times : nullptr;
}

void take(Options& options, std::string_view name, std::string_view value) {
  if (name == "--host") {
    options.host = value;
  } else if (name == "--port") {
    options.port = number<std::uint16_t>(name, value);
  } else if (name == "--transport") {
    options.transport = transport_of(value);
  } else if (name == "--connections") {
    options.connections = number<std::size_t>(name, value);
  } else if (name == "--size") {
    options.payload_bytes = number<std::size_t>(name, value);
  } else if (name == "--rate") {
    options.rate = number<double>(name, value);
    if (!(options.rate > 0 && std::isfinite(options.rate))) throw std::invalid_argument("--rate is above 0");
  } else if (name == "--window") {
    options.window = number<std::size_t>(name, value);
    if (options.window == 0) throw std::invalid_argument("--window is at least 1");
  } else if (name == "--senders") {
    options.senders = number<std::size_t>(name, value);
  } else if (name == "--group-size") {
    options.group_size = number<std::size_t>(name, value);
  } else if (name == "--warm-up") {
    options.warm_up = seconds(name, value);
  } else if (name == "--seconds") {
    options.duration = seconds(name, value);
  } else if (name == "--pid") {
    options.server_process = number<pid_t>(name, value);
  } else if (name == "--process-tree") {
    options.server_tree = number<pid_t>(name, value);
  } else if (name == "--apart") {
    options.apart_process = number<pid_t>(name, value);
  } else {
    throw std::invalid_argument("unknown option " + std::string(name));
  }
}

void complete(Options& options) {
  bool const alone = options.kind == Kind::connect || options.kind == Kind::echo || options.kind == Kind::ack;
  if (alone) options.group_size = 1;
  if (options.kind == Kind::broadcast) options.group_size = options.connections;
  if (options.group_size == 0) options.group_size = options.kind == Kind::rooms ? 10 : 3;
  if (options.window == 0) options.window = options.rate > 0 ? open_window : 1;
  if (options.connections == 0 || options.senders == 0)
    throw std::invalid_argument("--connections and --senders are at least 1");
  if (options.connections % options.group_size != 0)
    throw std::invalid_argument("--connections must be a multiple of --group-size");
  options.senders = std::min(options.senders, options.connections);
  if (options.transport == Transport::polling && !alone)
    throw std::invalid_argument("--transport polling: only connect, echo and ack, where a client hears but itself");
  if (options.kind == Kind::connect && options.rate > 0)
    throw std::invalid_argument("--rate: connect sends no messages");
  if (options.kind == Kind::connect && options.answer_times)
    throw std::invalid_argument("--answer-times: connect has no window to measure in");
  if (options.tls && options.answer_times)
    throw std::invalid_argument("--answer-times: asked for without TLS, which the server does not serve beside it");
  if (options.kind == Kind::connect || options.kind == Kind::dispatch)
    options.payload_bytes = 0;
  else if (options.payload_bytes < payload_bytes_min)
    throw std::invalid_argument("--size is at least " + std::to_string(payload_bytes_min));
}

}  // namespace

char const* name_of(Kind kind) {
  switch (kind) {
    case Kind::connect:
      return "connect";
    case Kind::echo:
      return "echo";
    case Kind::ack:
      return "ack";
    case Kind::broadcast:
      return "broadcast";
    case Kind::rooms:
      return "rooms";
    case Kind::users:
      return "users";
    case Kind::dispatch:
      return "dispatch";
  }
  return "";
}

char const* usage() {
  return R"(chorus-load LOAD [OPTION...]: Socket.IO clients, and what they cost the server

Loads: which messages, of which streams; `w` of each are in flight, and one is until its last receiver has it.
  connect            none: the way in, and the memory that clients need and leave behind
  echo, ack          each client to itself
  broadcast          --senders clients to all
  rooms, users       in each room (of 10), for each user (with 3 devices) one client to all of them
  dispatch           as users, in the origin system's envelope

  --port N           3000
  --host ADDRESS     127.0.0.1
  --tls              over TLS 1.3, or 1.2 (https, wss); each client shakes hands anew, and no certificate is checked
  --transport T      websocket, or polling (connect, echo, ack)
  --connections N    1000
  --size BYTES       of the payload: 32
  --group-size N     members of a room, devices of a user
  --senders N        of a broadcast: 1
  --window N         w: 1; with --rate 256
  --rate N           open loop: N messages per second are sent, of all streams together, whether or not answers come.
                     Latency counts from when a message was to be sent, so that what a slow server kept from being sent
                     in time counts as late
  --warm-up S        1
  --seconds S        of the measuring window: 3. SIGINT and SIGTERM end it early, and the report comes
  --pid PID          the server: its CPU time and memory are reported
  --process-tree PID the same with all that descends from it
  --apart PID        what is counted apart (a Redis)
  --answer-times     the server's own view of the window too: the time from when a client's words could have been read
                     to when their answer was written (POST /answer-times: the bench server with ANSWER_TIMES=1)
  --announce         says `under way` on standard error when the load begins
  --json             the report for scripts

Ends with status 1 when a message was lost, doubled, out of order, damaged or came to the wrong client; 2 when it could
not measure.
)";
}

Options parse_options(int count, char const* const* words) {
  std::span const all(words, static_cast<std::size_t>(count));
  if (all.size() < 2) throw std::invalid_argument("which load?");
  Options options;
  options.kind = kind_of(all[1]);
  for (std::size_t i = 2; i < all.size(); ++i) {
    if (bool* const is_wanted = flag(options, all[i])) {
      *is_wanted = true;
      continue;
    }
    if (i + 1 == all.size()) throw std::invalid_argument(std::string(all[i]) + " needs a value");
    take(options, all[i], all[i + 1]);
    ++i;
  }
  complete(options);
  return options;
}

}  // namespace load
