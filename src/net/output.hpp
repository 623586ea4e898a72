// What a turn has to say: queued by the handlers, sent once at the end. Internal to net.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "net/arena.hpp"
#include "net/connection_table.hpp"
#include "net/system_calls.hpp"

namespace chorus::net {

/// Joins all output of a connection's turn into as few pieces as possible, nearly always one: small pieces by copying
/// into the arena, shared bytes by pointing at them. Does no I/O.
///
/// Thread: the worker's. Lifetime: what was queued is readable until reset(), which comes after the sends.
class Output {
 public:
  explicit Output(std::size_t join_bytes_max) : join_bytes_max_(join_bytes_max) {}

  void append(Connection& c, Bytes head, Bytes body);
  void append(Connection& c, SharedBytes const& bytes);

  /// Of this turn and before.
  std::size_t unsent(Connection const& c) const {
    std::size_t const gathered = c.gather != 0 ? gathers_[c.gather - 1]->size : 0;
    return c.size + gathered + (c.backlog ? c.backlog->size() : 0);
  }

  /// Takes what is queued out of `c`: `f(Bytes)` for each piece, which may append to `c` anew. The pieces stay readable
  /// until reset(). Without backlog only.
  template <class F>
  void take_queued(Connection& c, F const& f) {
    Bytes const first(c.data, c.size);
    Gather const* const others = c.gather != 0 ? gathers_[c.gather - 1].get() : nullptr;
    drop(c);
    if (!first.empty()) f(first);
    if (others == nullptr) return;
    for (std::size_t i = others->first; i < others->pieces.size(); ++i)
      f(Bytes(others->pieces[i].data, others->pieces[i].size));
  }

  /// One send for what `c` has queued, or for its beginning. Valid until the next reset_messages().
  SendRequest request(Connection& c);
  /// `n` bytes went out.
  void consume(Connection& c, std::size_t n);
  /// The kernel takes no more: what is queued moves to the backlog.
  void spill(Connection& c);
  void drop(Connection& c);

  /// Bytes of memory that wait for reset().
  std::size_t used() const { return arena_.used(); }
  void give_back_memory() { arena_.give_back(); }
  void reset_messages() { messages_in_use_ = 0; }
  /// Nothing is queued any more: the turn's memory and references are given up.
  void reset();

 private:
  static constexpr std::size_t message_pieces_max = 32;
  static constexpr std::size_t held_references_max = 1 << 16;  // capacity kept for the next turn
  static constexpr std::size_t memo_size = 64;

  struct Piece {
    char const* data = nullptr;
    std::size_t size = 0;
    std::uint32_t held = 0;
  };
  /// The pieces of a connection's turn behind the first one.
  struct Gather {
    std::vector<Piece> pieces;
    std::size_t first = 0;  // those before it are gone
    std::size_t size = 0;
  };
  struct Message {
    msghdr header{};
    std::array<iovec, message_pieces_max> pieces{};
  };
  /// "left then right" was joined before, at `joined`: in a fan-out the next receiver has the very same pair.
  struct Memo {
    char const* left = nullptr;
    std::size_t left_size = 0;
    char const* right = nullptr;
    char const* joined = nullptr;
  };

  static bool queued(Connection const& c) { return c.size != 0 || c.gather != 0; }
  std::uint32_t hold(SharedBytes const& bytes);
  bool join(Connection& c, Bytes head, Bytes body);
  void join_shared(Connection& c, Bytes bytes, std::uint32_t held);
  void gather(Connection& c, Piece piece);
  Memo& memo_for(Connection const& c, Bytes right);
  void spill(Backlog& backlog, Piece const& piece);
  Message& next_message();

  std::size_t join_bytes_max_;
  Arena arena_;
  std::vector<SharedBytes> held_;
  std::vector<std::unique_ptr<Gather>> gathers_;
  std::size_t gathers_in_use_ = 0;
  std::deque<Message> messages_;
  std::size_t messages_in_use_ = 0;
  std::array<Memo, memo_size> memos_{};
  bool memos_used_ = false;
};

}  // namespace chorus::net
