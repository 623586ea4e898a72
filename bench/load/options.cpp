#include "load/options.hpp"

#include <algorithm>
#include <charconv>
#include <span>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace load {
namespace {

constexpr Kind kinds[] = {Kind::connect, Kind::echo,  Kind::ack,     Kind::broadcast,
                          Kind::rooms,   Kind::users, Kind::dispatch};
constexpr std::size_t payload_bytes_min = 24;  // the stamp of workload.cpp

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
  } else if (name == "--window") {
    options.window = number<std::size_t>(name, value);
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
  if (options.connections == 0 || options.window == 0 || options.senders == 0)
    throw std::invalid_argument("--connections, --window and --senders are at least 1");
  if (options.connections % options.group_size != 0)
    throw std::invalid_argument("--connections must be a multiple of --group-size");
  options.senders = std::min(options.senders, options.connections);
  if (options.transport == Transport::polling && !alone)
    throw std::invalid_argument("--transport polling: only connect, echo and ack, where a client hears but itself");
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
  return "chorus_load connect|echo|ack|broadcast|rooms|users|dispatch [--port N] [--host ADDRESS]\n"
         "    [--transport websocket|polling] [--connections N] [--size BYTES] [--window N] [--senders N]\n"
         "    [--group-size N] [--warm-up S] [--seconds S] [--pid PID | --process-tree PID] [--apart PID] [--json]\n";
}

Options parse_options(int count, char const* const* words) {
  std::span const all(words, static_cast<std::size_t>(count));
  if (all.size() < 2) throw std::invalid_argument("which load?");
  Options options;
  options.kind = kind_of(all[1]);
  for (std::size_t i = 2; i < all.size(); ++i) {
    if (std::string_view(all[i]) == "--json") {
      options.json = true;
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
