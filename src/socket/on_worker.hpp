// What is to be done to a socket on its own worker, from wherever.
#pragma once
#include <memory>
#include <utility>

#include "base/check.hpp"
#include "socket/ordered_emit.hpp"
#include "socket/socket_core.hpp"
#include "socket/switchboard.hpp"

namespace chorus::socket {

using RefPtr = std::shared_ptr<SocketRef const>;

/// Something for the socket's worker.
inline void post(SocketRef const& ref, Errand errand, Order order) {
  auto& board = *ref.home->board;
  if (order == Order::of_letters || board.recovery() == nullptr)
    board.post(ref.home->worker, std::move(errand));
  else
    post_in_order(board, ref.home->nsp, ref.home->worker, std::move(errand));
}

/// Runs `act(core)` now when this is the socket's worker, else by letter. Nothing happens once the socket has ended.
/// Thread: any.
template <class F>
void on_worker(RefPtr const& ref, F act, Order order = Order::of_the_namespace) {
  CHORUS_CHECK(ref != nullptr, "an empty Socket handle was used");
  if (ref->is_here()) {
    if (ref->core != nullptr) act(*ref->core);
    return;
  }
  post(*ref, Errand([ref, act = std::move(act)](Hub&) mutable {
    if (ref->core != nullptr) act(*ref->core);
  }),
       order);
}

}  // namespace chorus::socket
