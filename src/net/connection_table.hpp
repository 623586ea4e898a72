// Where a worker keeps its connections. Internal to net.
#pragma once
#include <algorithm>
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
  bool encrypted = false;     // has a TlsStream. What is queued is plaintext, its backlog is ciphertext
};
static_assert(sizeof(Connection) == 64);

/// Connections by index and generation. Addresses are stable; slots of gone connections are used again, their names
/// not. Memory comes and goes in chunks; a new connection goes to the first chunk that has room, so that those that
/// stay when a crowd has left leave whole chunks empty.
class ConnectionTable {
 public:
  ConnectionId add(int descriptor, ConnectionHandler& handler) {
    while (with_room_ < chunks_.size() && chunks_[with_room_].used == chunk_size) ++with_room_;
    if (with_room_ == chunks_.size()) chunks_.emplace_back();
    Chunk& chunk = chunks_[with_room_];
    if (!chunk.slots) open(chunk);
    std::uint32_t const place = chunk.free.back();
    chunk.free.pop_back();
    ++chunk.used;
    ++size_;
    Connection& c = chunk.slots[place];
    c.descriptor = descriptor;
    c.handler = &handler;
    return {with_room_ * chunk_size + place, c.generation};
  }

  /// nullptr when the name is stale.
  Connection* find(ConnectionId id) {
    if (id.index / chunk_size >= chunks_.size()) return nullptr;
    Chunk& chunk = chunks_[id.index / chunk_size];
    if (!chunk.slots) return nullptr;
    Connection& c = chunk.slots[id.index % chunk_size];
    return c.generation == id.generation ? &c : nullptr;
  }
  Connection const* find(ConnectionId id) const { return const_cast<ConnectionTable*>(this)->find(id); }

  void remove(ConnectionId id) {
    std::uint32_t const number = id.index / chunk_size;
    Chunk& chunk = chunks_[number];
    Connection& c = chunk.slots[id.index % chunk_size];
    c = Connection{};
    c.generation = next_generation(id.generation);
    chunk.free.push_back(static_cast<std::uint16_t>(id.index % chunk_size));
    --chunk.used;
    --size_;
    with_room_ = std::min(with_room_, number);
    if (chunk.used == 0) has_empty_ = true;
  }

  /// Gives back the memory of empty chunks, but for a chunk's worth of room for those to come. Nobody may hold the
  /// address of a connection that was removed.
  void give_back() {
    if (!has_empty_) return;
    has_empty_ = false;
    for (Chunk& chunk : chunks_)
      if (chunk.slots && chunk.used == 0 && slots_open_ - size_ >= std::size_t{2} * chunk_size) close(chunk);
  }

  std::size_t size() const { return size_; }
  /// Slots that memory is there for, used or not.
  std::size_t capacity() const { return slots_open_; }

  /// `f(ConnectionId, Connection&)` for each; `f` must not add or remove.
  template <class F>
  void for_each(F&& f) {
    for (std::uint32_t number = 0; number < chunks_.size(); ++number) {
      if (chunks_[number].used == 0) continue;
      for (std::uint32_t i = 0; i < chunk_size; ++i) {
        Connection& c = chunks_[number].slots[i];
        if (c.descriptor >= 0) f(ConnectionId{number * chunk_size + i, c.generation}, c);
      }
    }
  }

 private:
  static constexpr std::uint32_t chunk_size = 1024;

  struct Chunk {
    std::unique_ptr<Connection[]> slots;  // nullptr: given back
    std::vector<std::uint16_t> free;      // of the slots
    std::uint32_t used = 0;
    std::uint32_t generation = 1;  // at which slots begin, beyond those that were here before
  };

  static std::uint32_t next_generation(std::uint32_t generation) { return generation + 1 == 0 ? 1 : generation + 1; }

  void open(Chunk& chunk) {
    chunk.slots = std::make_unique<Connection[]>(chunk_size);
    for (std::uint32_t i = chunk_size; i-- > 0;) {
      chunk.slots[i].generation = chunk.generation;
      chunk.free.push_back(static_cast<std::uint16_t>(i));
    }
    slots_open_ += chunk_size;
  }
  void close(Chunk& chunk) {
    for (std::uint32_t i = 0; i < chunk_size; ++i)
      chunk.generation = std::max(chunk.generation, chunk.slots[i].generation);
    chunk.slots.reset();
    chunk.free = {};
    slots_open_ -= chunk_size;
  }

  std::vector<Chunk> chunks_;
  std::uint32_t with_room_ = 0;  // no chunk before this one has a free slot
  std::size_t size_ = 0;
  std::size_t slots_open_ = 0;
  bool has_empty_ = false;  // a chunk's last connection was removed since give_back()
};

}  // namespace chorus::net
