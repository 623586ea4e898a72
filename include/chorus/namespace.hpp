// Namespace: middlewares, handlers and audiences of one name (`/`, `/admin`, ...).
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "chorus/audience.hpp"
#include "chorus/handler.hpp"
#include "chorus/handshake.hpp"
#include "chorus/socket.hpp"

namespace chorus {

namespace socket {
class Registry;
}

/// A user's device: one socket of theirs, on any node.
struct Device {
  std::string socket_id;
  unsigned worker = 0;
  /// When it connected.
  std::chrono::system_clock::time_point since;
  /// What its admission told about it (Admission::device_info): raw JSON, `null` if nothing.
  std::string info_json = "null";
  /// The node it is connected to; empty: this process.
  std::string node;
};

/// A user with at least one device.
struct OnlineUser {
  UserId user;
  std::size_t devices = 0;
  /// Device::info_json of the one that is there longest.
  std::string info_json;
};

/// A user's devices, and what changed about them.
struct Presence {
  UserId user;
  /// True when this is the first device, or the last one is gone.
  bool edge = false;
  bool online = false;
  /// What is left: those of this process in the order of connecting, and those of other nodes in the order of hearing.
  std::vector<Device> devices;
  /// The one that came or went.
  Device device;
};

using MiddlewareHandler = std::function<void(Socket const&, Verdict)>;
using ConnectionHandler = std::function<void(Socket const&)>;
using PresenceHandler = std::function<void(Presence const&)>;

/// A copyable handle. Thread: any. What is set here is set for all workers: a change makes a new version of the
/// namespace's table, which each worker takes up at its next letter and the calling worker at once. Handlers run on
/// many threads, each in the turn of its socket's worker: what they capture must bear that.
class Namespace {
 public:
  Namespace(std::shared_ptr<socket::Registry> registry, std::string name);

  std::string const& name() const { return name_; }

  /// Runs for each client that wants to connect, in order of registration, the next one only after this one's verdict.
  /// Forms: `Admission f(Handshake const&)`, `Admission f(Socket const&)`, `void f(Socket const&, Verdict)` for later.
  template <class F>
  Namespace& use(F middleware) {
    if constexpr (std::is_invocable_v<F&, Socket const&, Verdict>)
      return add_middleware(std::move(middleware));
    else if constexpr (std::is_invocable_r_v<Admission, F&, Handshake const&>)
      return add_middleware([m = std::move(middleware)](Socket const& s, Verdict v) mutable { v(m(s.handshake())); });
    else
      return add_middleware([m = std::move(middleware)](Socket const& s, Verdict v) mutable { v(m(s)); });
  }
  Namespace& add_middleware(MiddlewareHandler middleware);

  /// All middlewares said yes and the client was told.
  Namespace& on_connection(ConnectionHandler handler);
  /// An event of any socket here. Several handlers for one event run in order of registration.
  template <class F>
  Namespace& on(std::string_view event, F handler) {
    return add_handler(event, make_handler(std::move(handler)));
  }
  Namespace& add_handler(std::string_view event, EventHandler handler);
  /// An event for which there was no handler.
  Namespace& on_unhandled(EventHandler handler);
  Namespace& on_disconnecting(DisconnectHandler handler);
  Namespace& on_disconnect(DisconnectHandler handler);
  /// A user's devices changed, here or on another node. Runs on the user's home worker, in the order in which this
  /// process learned of it: once in every process of a cluster.
  Namespace& on_presence(PresenceHandler handler);

  Audience const& everyone() const { return everyone_; }
  Audience to(std::string_view room) const { return everyone().to(room); }
  Audience in(std::string_view room) const { return everyone().to(room); }
  Audience except(std::string_view room) const { return everyone().except(room); }
  Audience user(UserId const& id) const { return everyone().to(id); }
  template <class... A>
  void emit(std::string_view event, A const&... args) const {
    everyone().emit(event, args...);
  }
  /// One user's devices, as of now, those on other nodes included. Thread: any.
  std::vector<Device> devices(UserId const& user) const;
  /// Users with at least one device, on this or on another node, as of now, sorted by their ids. Of more than `limit`
  /// any are left out, and cost nothing. Thread: any.
  std::vector<OnlineUser> users(std::size_t limit = 1'000'000) const;

  std::shared_ptr<socket::Registry> const& registry() const { return registry_; }

 private:
  std::shared_ptr<socket::Registry> registry_;
  std::string name_;
  Audience everyone_;
};

}  // namespace chorus
