// Where a worker keeps its connections. Internal to net.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "net/backlog.hpp"
#include "net/connection.hpp"

namespace chorus::net {

enum class ConnectionState : std::uint8_t {
  open,
  flushing,   // close(after_flush): what is unsent goes out, input is discarded
  lingering,  // EOF was sent, the peer's is awaited
  ended,      // its descriptor is closed, on_closed is still to be told
};

/// All that an idle connection owns: one cache line.
struct alignas(64) Connection {
  ConnectionHandler* handler = nullptr;  // nullptr: free, or lingering with its end told
  // Output of this turn (Output): one piece, nearly always; further ones in a Gather.
  char const* data = nullptr;
  std::size_t size = 0;
  std::unique_ptr<Backlog> backlog;  // only while the kernel refuses bytes
  std::uint32_t held = 0;            // which shared bytes `data` points into; 0: the arena
  std::uint32_t gather = 0;          // index + 1

  std::uint32_t generation = 1;
  int descriptor = -1;
  ConnectionState state = ConnectionState::open;
  bool dirty = false;         // in the list of those to send to
  bool queued = false;        // in the list of those to read from
  bool paused = false;        // by the owner
  bool has_unread = false;    // bytes wait outside the kernel
  bool readable = false;      // an edge was seen that could not be followed: paused, or unread bytes come first
  bool hung_up = false;       // RDHUP, HUP or ERR seen: no further edge will tell of the end of the stream
  bool broken = false;        // HUP or ERR seen: cannot be written any more
  bool at_end = false;        // the end of the stream was read
  bool end_told = false;      // on_end was called
  bool has_deadline = false;  // in the list of those that must be flushed in time
};
static_assert(sizeof(Connection) == 64);

/// Connections by index and generation. Addresses are stable; slots of gone connections are used again, their names
/// not.
class ConnectionTable {
 public:
  ConnectionId add(int descriptor, ConnectionHandler& handler) {
    if (free_.empty()) grow();
    std::uint32_t const index = free_.back();
    free_.pop_back();
    Connection& c = at(index);
    c.descriptor = descriptor;
    c.handler = &handler;
    ++size_;
    return {index, c.generation};
  }

  /// nullptr when the name is stale.
  Connection* find(ConnectionId id) {
    if (id.index / chunk_size >= chunks_.size()) return nullptr;
    Connection& c = at(id.index);
    return c.generation == id.generation ? &c : nullptr;
  }
  Connection const* find(ConnectionId id) const { return const_cast<ConnectionTable*>(this)->find(id); }

  void remove(ConnectionId id) {
    Connection& c = at(id.index);
    std::uint32_t const next = id.generation + 1 == 0 ? 1 : id.generation + 1;
    c = Connection{};
    c.generation = next;
    free_.push_back(id.index);
    --size_;
  }

  std::size_t size() const { return size_; }

  /// `f(ConnectionId, Connection&)` for each; `f` must not add or remove.
  template <class F>
  void for_each(F&& f) {
    for (std::uint32_t i = 0; i < chunks_.size() * chunk_size; ++i) {
      if (at(i).descriptor >= 0) f(ConnectionId{i, at(i).generation}, at(i));
    }
  }

 private:
  static constexpr std::uint32_t chunk_size = 1024;

  Connection& at(std::uint32_t index) { return chunks_[index / chunk_size][index % chunk_size]; }

  void grow() {
    auto const first = static_cast<std::uint32_t>(chunks_.size()) * chunk_size;
    chunks_.push_back(std::make_unique<Connection[]>(chunk_size));
    for (std::uint32_t i = chunk_size; i-- > 0;) free_.push_back(first + i);
  }

  std::vector<std::unique_ptr<Connection[]>> chunks_;
  std::vector<std::uint32_t> free_;
  std::size_t size_ = 0;
};

}  // namespace chorus::net
