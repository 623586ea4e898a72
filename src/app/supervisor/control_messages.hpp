// What is said over the channels: between a supervisor and its processes, and at its control socket.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace chorus::app {

// ---- A process and its supervisor. Both are of one version, but for the time of a roll: unknown members are ignored,
// and what is not understood is logged and dropped. ----

/// It serves. What the start notice says of it, and its name among the nodes.
struct ReadyMessage {
  unsigned workers = 0;
  bool io_uring = false;
  std::uint64_t descriptors = 0;
  std::optional<std::string> node;  ///< nothing: it is alone, without Redis
};
struct StatsMessage {
  std::uint64_t connections = 0, sessions = 0, users = 0;
};
using ChildMessage = std::variant<ReadyMessage, StatsMessage>;

std::string encode(ChildMessage const& message);
std::optional<ChildMessage> decode_child_message(std::string_view text);

enum class ChildOrder {
  relieve,  ///< others accept from here on: serve what there is a little longer, then drain and end
  stats,    ///< answer with a StatsMessage
};
/// A neighbour is dead, by the name that it had in its ReadyMessage.
struct NodeDiedMessage {
  std::string node;

  friend bool operator==(NodeDiedMessage const&, NodeDiedMessage const&) = default;
};
using SupervisorMessage = std::variant<ChildOrder, NodeDiedMessage>;

std::string encode(SupervisorMessage const& message);
std::optional<SupervisorMessage> decode_supervisor_message(std::string_view text);

// ---- The control socket. ----

/// Of what follows. A supervisor answers a request of another version with an error that names its own.
inline constexpr unsigned control_version = 1;

struct ControlRequest {
  enum class What {
    status,
    take_over,  ///< answered by a HandOver with the listening sockets as descriptors
    retire,     ///< the successor serves: drain and end. Not answered
  } what = What::status;
  unsigned version = control_version;
};
std::string encode(ControlRequest request);
std::optional<ControlRequest> decode_control_request(std::string_view text);

struct ProcessStatus {
  unsigned slot = 0;
  std::optional<int> pid;  ///< nothing: none for now
  std::string state;
  std::optional<std::uint64_t> age_ms;
  unsigned restarts = 0;
  std::optional<std::uint64_t> connections, sessions, users;  ///< nothing: it did not say in time
};
struct StatusReport {
  int pid = 0;  ///< the supervisor's
  std::string version;
  std::string host;
  std::uint16_t port = 0;
  std::string redis;  ///< "none", "private", or where it is, without its password
  std::vector<ProcessStatus> processes;
};
std::string encode(StatusReport const& report);

/// What a successor needs to go on where this instance is.
struct HandOver {
  std::string host;
  std::string session_key;  ///< 16 bytes
  std::vector<std::uint8_t> incarnations;
};
std::string encode(HandOver const& hand_over);

/// A refusal, in words for the person who asked.
struct ControlError {
  std::string error;
};
std::string encode(ControlError const& error);

/// The answers, as the one who asked reads them; what is neither, nor a refusal, becomes a ControlError as well.
std::variant<StatusReport, ControlError> decode_status(std::string_view text);
std::variant<HandOver, ControlError> decode_hand_over(std::string_view text);

/// `redis://user:secret@host:6379/1` -> `redis://host:6379/1`
std::string without_credentials(std::string_view url);

}  // namespace chorus::app
