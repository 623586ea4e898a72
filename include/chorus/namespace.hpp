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

/// A user's device: one socket of theirs.
struct Device {
  std::string socket_id;
  unsigned worker = 0;
  /// When it connected.
  std::chrono::system_clock::time_point since;
};

/// Something changed about a user's devices.
struct Presence {
  UserId user;
  /// True when this is the first device, or the last one is gone.
  bool edge = false;
  bool online = false;
  /// What is left, in the order of connecting.
  std::vector<Device> devices;
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
  /// A user's devices changed. Runs on the user's home worker, in the order in which it happened.
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
  /// One user's devices here, as of now. Thread: any.
  std::vector<Device> devices(UserId const& user) const;
  /// All users with at least one device here, as of now, with the number of devices. Thread: any.
  std::vector<std::pair<UserId, std::size_t>> users() const;

 private:
  std::shared_ptr<socket::Registry> registry_;
  std::string name_;
  Audience everyone_;
};

}  // namespace chorus
