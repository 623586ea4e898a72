// Uplink: ring 3, what leaves the process. Declared here because emits need it; implemented above (cluster/).
#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chorus/args.hpp"
#include "chorus/namespace.hpp"
#include "chorus/server_side.hpp"

namespace chorus::socket {

struct Target;

/// What a Router sends to one user's devices: an envelope, on a channel of its own (the origin system's). Views: it
/// lives for one call.
struct Dispatch {
  std::string_view channel;
  UserId const& user;
  std::string_view event;      ///< the envelope's
  std::string_view args_json;  ///< the envelope's; empty: it has none
};

/// Where a Router's envelopes arrive.
struct DispatchRoute {
  std::string channel;
  std::string nsp;
  std::string envelope;

  friend bool operator==(DispatchRoute const&, DispatchRoute const&) = default;
};

/// The other nodes. What is told here takes effect there, in the order in which one thread told it, and not here: the
/// caller has seen to its own process.
///
/// Thread: any; never blocks. Failure: none that a caller must handle. What cannot leave now waits or is counted.
class Uplink {
 public:
  virtual ~Uplink() = default;

  virtual void broadcast(Target const& target, std::string_view event, ArgsWriter const& args) = 0;
  /// `rooms`: keys.
  virtual void sockets_join(Target const& target, std::vector<std::string> const& rooms) = 0;
  virtual void sockets_leave(Target const& target, std::vector<std::string> const& rooms) = 0;
  virtual void disconnect_sockets(Target const& target, bool close_connection) = 0;
  virtual void dispatch(Dispatch const& dispatch) = 0;
  /// An event for the servers themselves (Namespace::server_side_emit).
  virtual void server_side_emit(std::string_view nsp, std::string_view event, ArgsWriter const& args) = 0;
  /// The same with one answer of each: `on_answers` is called once, on any thread.
  virtual void server_side_ask(std::string_view nsp, std::string_view event, ArgsWriter const& args,
                               AnswersHandler on_answers) = 0;

  /// The servers that have the namespace, this one among them: `on_count` is called once, on any thread, within a time
  /// that is limited.
  virtual void server_count(std::string_view nsp, std::function<void(ServerCount const&)> on_count) = 0;

  /// From here on this process serves the namespace. Idempotent.
  virtual void namespace_opened(std::string_view nsp) = 0;
  /// Envelopes of the channel are for this namespace. Idempotent.
  virtual void route(DispatchRoute route) = 0;

  /// A user's device of this process. Called under the user's lock, so in the order in which it happened.
  virtual void device_came(std::string_view nsp, UserId const& user, Device const& device) = 0;
  virtual void device_went(std::string_view nsp, UserId const& user, std::string_view socket_id) = 0;
};

}  // namespace chorus::socket
