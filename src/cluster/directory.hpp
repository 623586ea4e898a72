// Directory: which nodes there are, and which users' devices are connected to them.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "chorus/namespace.hpp"

namespace chorus::cluster {

struct DirectoryLimits {
  Duration beat_interval = std::chrono::seconds(2);
  /// A node is gone when this many of our own beats came back since it was last heard of. What holds the bus up holds
  /// all beats up, so a paused or lost Redis makes nobody look dead.
  unsigned beats_missed_max = 4;
  std::size_t nodes_max = 1'000;
  std::size_t devices_max = 2'000'000;       ///< on all other nodes together; what comes on top is not counted
  std::size_t snapshot_devices_max = 1'000;  ///< of one message
  std::size_t dead_nodes_max = 64;           ///< whose names are remembered, the last ones; see node_died()
};

/// What the directory asks of the bus, and what it tells. All in calls of the directory.
class DirectoryOutlet {
 public:
  /// To all nodes, this one included, in order.
  virtual void announce(std::string message) = 0;
  virtual void remote_came(std::string const& nsp, UserId const& user, Device device) = 0;
  virtual void remote_went(std::string const& nsp, UserId const& user, std::string const& socket_id) = 0;
  virtual void node_found(std::string const& node) = 0;
  virtual void node_lost(std::string const& node) = 0;

 protected:
  ~DirectoryOutlet() = default;
};

/// Every node numbers what it announces about its devices, beats, and sends all of it again when asked:
///
///     ["beat",node,number]                    I am here, and this was my last announcement
///     ["came",node,number,nsp,user,device]    ["went",node,number,nsp,user,socket id]
///     ["all",node,number,part,parts,[[nsp,user,device],...]]     what I have, in parts that follow one another
///     ["want",node,whose]                     somebody missed a number of that node ("": of all)
///     ["bye",node]
///
/// Pure. Thread: one at a time (the post office's). Messages may be lost, and are then asked for; they must not arrive
/// out of order or twice. What cannot be read is refused and changes nothing.
class Directory {
 public:
  /// `node`: this node's name, unique among all that ever were.
  Directory(std::string node, DirectoryOutlet& outlet, DirectoryLimits limits = {});

  // From the own process.
  void device_came(std::string nsp, UserId user, Device device);
  void device_went(std::string nsp, UserId user, std::string_view socket_id);
  /// Who looks after that node saw it die: it is gone at once, not when its beats are missed. What it had announced may
  /// still be on the way, and counts no more. Of a name that is not known, or our own: nothing happens.
  void node_died(std::string const& name);

  // From the bus.

  /// It stands (again): what was said meanwhile was missed here, and perhaps what was said here elsewhere.
  void on_up();
  void on_down() { up_ = false; }
  void on_tick(TimePoint now);
  /// False: it cannot be read.
  bool on_message(Bytes message);
  /// The end of this node.
  void leave();

  std::size_t nodes() const { return nodes_.size(); }
  std::size_t remote_devices() const { return remote_devices_; }

 private:
  /// A device's place: namespace, user, socket id.
  struct Place {
    std::string nsp, user, socket_id;
    auto operator<=>(Place const&) const = default;
  };
  using Devices = std::map<Place, Device>;

  struct Node {
    std::uint64_t number = 0;                // of its last announcement that was taken in
    std::uint64_t heard_at = 0;              // in own beats that came back
    std::optional<std::uint64_t> wanted_at;  // likewise: when everything of it was asked for
    std::uint64_t arriving_number = 0, arriving_parts = 0;
    Devices arriving;  // of an "all" that is not complete
    Devices devices;
  };

  void beat();
  void announce_all();
  void answer_wants();
  void want(std::string const& name, Node& of);
  /// The node that speaks, made known if it is new; nullptr when there are too many.
  Node* heard(std::string const& name);
  /// True when nothing of it was missed before `number`; else everything is asked for.
  bool in_order(std::string const& name, Node& from, std::uint64_t number);
  bool take_came(std::string const& name, Args const& message);
  bool take_went(std::string const& name, Args const& message);
  bool take_beat(std::string const& name, Args const& message);
  bool take_part(std::string const& name, Args const& message);
  bool take_want(Args const& message);
  void replace(Node& of, Devices devices);
  void add(Node& of, Place place, Device device);
  void remove(Node& of, Place const& place);
  void look_for_lost();
  void lose(std::string const& name);
  bool is_dead(std::string_view name) const;

  std::string const node_;
  DirectoryOutlet& outlet_;
  DirectoryLimits const limits_;
  Devices own_;
  std::uint64_t number_ = 0;
  std::uint64_t own_beats_back_ = 0;
  TimePoint last_beat_{};
  bool up_ = false;
  bool answered_ = false;  // a "want", since the last tick
  bool wanted_ = false;    // again since then
  std::map<std::string, Node> nodes_;
  std::deque<std::string> dead_;  // oldest first
  std::size_t remote_devices_ = 0;
};

}  // namespace chorus::cluster
