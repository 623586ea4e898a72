// Relay: the way from one process of a machine to another, over Unix sockets. Bytes, and descriptors with them.
#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "cluster/node_name.hpp"
#include "net/file_descriptor.hpp"

namespace chorus::cluster {

struct RelayOptions {
  std::string folder;  ///< private to the user; each process has the socket FOLDER/NODE.INCARNATION in it
  NodeName self;
  std::size_t parcel_bytes_max = 128u << 20;
  std::size_t link_bytes_max = 256u << 20;  ///< unsent to one process; what comes on top is undelivered
  std::size_t links_max = 1'000;            ///< of processes that connected to this one
};

/// What goes to another process: bytes of the layer above, and maybe a descriptor.
struct Parcel {
  std::string bytes;
  net::FileDescriptor descriptor;
};

/// Thread: the relay's own. Must not block: the parcels of all processes wait behind it.
class RelayEvents {
 public:
  /// A descriptor that was sent may be missing: this process had no room for it.
  virtual void on_parcel(NodeName from, Parcel parcel) = 0;
  /// This process is gone, or was never there: whoever waits for an answer from it waits in vain. A later parcel to it
  /// is tried afresh.
  virtual void on_lost(NodeName node) = 0;
  /// It did not reach its receiver: it is gone, or its link is full. Comes before the on_lost that explains it.
  virtual void on_undelivered(NodeName to, Parcel parcel) = 0;

 protected:
  ~RelayEvents() = default;
};

/// Links are made when the first parcel asks for one, and used in both directions. Parcels of one thread to one process
/// arrive in order, each at most once.
///
/// Thread: send() any; the rest the owner's. One thread of its own does the I/O. Lifetime: `events` outlives it.
/// Failure: start() throws std::runtime_error with a sentence when its socket cannot be made.
class Relay {
 public:
  Relay(RelayOptions options, RelayEvents& events);
  ~Relay();
  Relay(Relay const&) = delete;
  Relay& operator=(Relay const&) = delete;

  void start();
  /// Closes all links; what was not sent is dropped without a word. Idempotent.
  void stop();
  void send(NodeName to, Parcel parcel);

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace chorus::cluster
