// What to load, with how much, for how long.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace load {

enum class Kind { connect, echo, ack, broadcast, rooms, users, dispatch };
char const* name_of(Kind kind);
enum class Transport { websocket, polling };

struct Options {
  Kind kind = Kind::echo;
  Transport transport = Transport::websocket;
  std::string host = "127.0.0.1";
  std::uint16_t port = 3000;
  std::size_t connections = 1000;
  std::size_t payload_bytes = 32;  ///< connect, dispatch: none
  double rate = 0;                 ///< messages per second, of all streams together; 0: a closed loop
  std::size_t window = 0;          ///< messages in flight of each stream at most; 0, until parsed: what is usual
  std::size_t senders = 1;         ///< broadcast: how many connections send
  std::size_t group_size = 0;      ///< members of a room, devices of a user
  std::chrono::milliseconds warm_up{1000};
  std::chrono::milliseconds duration{3000};
  std::optional<pid_t> server_process;
  std::optional<pid_t> server_tree;    ///< instead: a process and its descendants
  std::optional<pid_t> apart_process;  ///< what it needs beside (Redis), counted apart
  bool tls = false;                    ///< no certificate is checked
  bool answer_times = false;           ///< asks the server for what it has measured itself
  bool announce = false;               ///< a line on standard error when the load begins
  bool json = false;
};

/// Throws std::invalid_argument with a sentence for what it cannot read.
Options parse_options(int count, char const* const* words);
char const* usage();

}  // namespace load
