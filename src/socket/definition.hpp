// What a namespace does, as versions that never change: handlers and middlewares of one name.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.hpp"
#include "chorus/namespace.hpp"
#include "socket/switchboard.hpp"

namespace chorus::socket {

/// One version. Immutable once published; a change copies it. Thread: any.
struct Definition {
  std::string name;
  /// Set for a parent of dynamic namespaces: decides about names.
  std::function<bool(std::string_view)> matches;

  std::vector<MiddlewareHandler> middlewares;
  std::vector<ConnectionHandler> connection;
  std::map<std::string, std::vector<EventHandler>, std::less<>> events;
  EventHandler unhandled;
  std::vector<DisconnectHandler> disconnecting;
  std::vector<DisconnectHandler> disconnect;
  std::vector<PresenceHandler> presence;
};

/// The newest version of every namespace, and the way to publish a newer one.
///
/// Thread: any. A change is sent to each worker as a letter; the calling worker sees it before the call returns.
class Registry {
 public:
  explicit Registry(std::shared_ptr<Switchboard> board) : board_(std::move(board)) {}

  /// The definition of this name; made empty if it is new.
  void ensure(std::string_view name);
  void ensure_pattern(std::string_view name, std::function<bool(std::string_view)> matches);
  void change(std::string_view name, std::function<void(Definition&)> const& edit);
  std::vector<std::shared_ptr<Definition const>> all() const;
  std::shared_ptr<Definition const> find(std::string_view name) const;

  /// At the end of the server: handlers may hold handles that hold this registry, and would keep each other alive.
  void clear();

  std::shared_ptr<Switchboard> const& board() const { return board_; }

 private:
  using Table = std::map<std::string, std::shared_ptr<Definition const>, std::less<>>;

  void publish(std::shared_ptr<Definition const> version);

  std::shared_ptr<Switchboard> board_;
  Guarded<Table> table_;
};

}  // namespace chorus::socket
