// What a namespace does, as versions that never change: handlers and middlewares of one name.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.hpp"
#include "chorus/namespace.hpp"
#include "socket/room_census.hpp"
#include "socket/switchboard.hpp"

namespace chorus::socket {

/// A handler and the name to remove it by.
template <class F>
struct Listener {
  ListenerId id;
  F call;
};
template <class F>
using ListenerList = std::vector<Listener<F>>;

/// Who hears an event of all sockets.
struct EventListeners {
  std::shared_ptr<std::string const> label;  ///< its name for the watchdog; kept by the registry
  ListenerList<EventHandler> list;
};

/// One version. Immutable once published; a change copies it. Thread: any.
struct Definition {
  std::string name;
  /// Grows with each version of any namespace of the registry: a worker that has a newer one keeps it.
  std::uint64_t version = 0;
  /// Set for a child of a dynamic namespace that was given something of its own.
  std::string parent;

  // One of these is set for a parent of dynamic namespaces: decides about names.
  std::function<bool(std::string_view)> matches;
  NamespaceDecider decides;
  bool is_parent() const { return matches || decides; }
  std::uint64_t parent_order = 0;  ///< parents are asked in this order

  std::vector<MiddlewareHandler> middlewares;
  ListenerList<ConnectionHandler> connection;
  std::map<std::string, EventListeners, std::less<>> events;
  EventHandler unhandled;
  ListenerList<EventErrorHandler> error;
  ListenerList<DisconnectHandler> disconnecting;
  ListenerList<DisconnectHandler> disconnect;
  ListenerList<PresenceHandler> presence;
  std::map<std::string, ListenerList<ServerSideHandler>, std::less<>> server_side;
  /// Set once somebody listens to rooms; shared by all versions.
  std::shared_ptr<RoomCensus> census;
  ListenerList<RoomHandler> room_created, room_deleted;
  ListenerList<RoomMemberHandler> room_joined, room_left;
};

/// The newest version of every namespace, the children of dynamic ones, and the way to publish a newer version.
///
/// Thread: any. A change is sent to each worker as a letter; the calling worker sees it before the call returns.
class Registry : public std::enable_shared_from_this<Registry> {
 public:
  using Edit = std::function<void(Definition&)>;
  /// Children of dynamic namespaces that are remembered before they have a client.
  static constexpr std::size_t children_by_hand_max = 10'000;

  explicit Registry(std::shared_ptr<Switchboard> board) : board_(std::move(board)) {}

  /// Makes the namespace of this name, if it is new: a child of the first dynamic one whose expression matches, else
  /// one of its own.
  void ensure(std::string_view name);
  void ensure_pattern(std::string_view name, std::function<bool(std::string_view)> matches);
  /// A new parent, which `decides`; its name.
  std::string add_decider(NamespaceDecider decides);
  /// Of a child of a dynamic namespace: for this child alone, in addition to what its parent has.
  void change(std::string_view name, Edit const& edit);
  /// The name as text that lives as long as the registry.
  std::shared_ptr<std::string const> label(std::string_view name);
  /// Gives the new handler its name, and adds it: `edit(definition, id)`.
  ListenerId add(std::string_view name, std::function<void(Definition&, ListenerId)> const& edit);

  std::vector<std::shared_ptr<Definition const>> all() const;
  std::shared_ptr<Definition const> find(std::string_view name) const;

  /// A worker makes, or ends, its part of a child. The first tells on_new_namespace, the last forgets what was given to
  /// the child alone.
  void child_opened(std::string_view name, std::string_view parent, unsigned worker);
  void child_closed(std::string_view name, unsigned worker);
  /// What the child has of its own beside its parent's; nullptr: nothing.
  std::shared_ptr<Definition const> child(std::string_view name) const;

  /// Runs once for each new namespace, in the call or the turn that makes it.
  ListenerId on_new_namespace(std::function<void(Namespace const&)> handler);

  /// At the end of the server: handlers may hold handles that hold this registry, and would keep each other alive.
  void clear();

  std::shared_ptr<Switchboard> const& board() const { return board_; }

 private:
  using DefinitionPtr = std::shared_ptr<Definition const>;
  struct Child {
    std::string parent;
    WorkerSet workers = 0;
    std::vector<Edit> edits;
    DefinitionPtr own;  // the parent's newest with the edits; nullptr: no edits
  };
  struct Tables {
    std::map<std::string, DefinitionPtr, std::less<>> definitions;
    std::map<std::string, Child, std::less<>> children;
    ListenerList<std::function<void(Namespace const&)>> new_namespace;
    std::map<std::string, std::shared_ptr<std::string const>, std::less<>> labels;  // as many as handlers have names
    std::uint64_t versions = 0;
    std::uint64_t listeners = 0;
    std::uint64_t parents = 0;
  };

  static bool is_known(Tables const& tables, std::string_view name);
  /// The dynamic namespace whose expression matches; empty: none.
  static std::string parent_of(Tables const& tables, std::string_view name);
  static DefinitionPtr edited(Tables& tables, std::string_view name, Edit const& edit);
  static DefinitionPtr remade(Tables& tables, std::string_view name, Child& child);
  void publish(DefinitionPtr const& version);
  void tell_new(std::string_view name);

  std::shared_ptr<Switchboard> board_;
  Guarded<Tables> tables_;
};

}  // namespace chorus::socket
