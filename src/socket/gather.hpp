// Gather: what several workers are asked, put together where it was asked.
#pragma once
#include <functional>
#include <memory>
#include <string_view>

#include "socket/hub.hpp"
#include "socket/ordered_emit.hpp"
#include "socket/switchboard.hpp"

namespace chorus::socket {

/// Runs `on_worker(hub)` in a turn of each worker of `workers` and its result through `add(result)`, then once
/// `finish()`, both in turns of the worker that asked (worker 0 for a foreign thread). Everything captured travels:
/// values and handles only.
///
/// `on_worker` gets a `reply` that it calls exactly once, at once or in a later turn of its worker.
///
/// `in_order_of`: a namespace, not a parent, whose emits behind this may not overtake `on_worker`, which runs no user's
/// code then.
template <class Part>
void gather(std::shared_ptr<Switchboard> const& board, WorkerSet workers,
            std::function<void(Hub&, std::function<void(Part)> reply)> on_worker, std::function<void(Part)> add,
            std::function<void()> finish, std::string_view in_order_of = {}) {
  Hub* const here = Hub::current();
  unsigned const home = here != nullptr ? here->index() : 0;
  unsigned count = 0;
  for (unsigned w = 0; w < board->workers(); ++w) count += (workers >> w & 1) != 0;

  struct Open {
    unsigned missing;
    std::function<void(Part)> add;
    std::function<void()> finish;
  };
  auto const open = std::make_shared<Open>(Open{count, std::move(add), std::move(finish)});  // touched at home only
  if (count == 0) {
    if (here != nullptr) return open->finish();
    return board->post(home, Errand([open](Hub&) { open->finish(); }));
  }
  auto reply = [board, home, open](Part part) {
    auto take = [open, part = std::move(part)](Hub&) mutable {
      open->add(std::move(part));
      if (--open->missing == 0) open->finish();
    };
    Hub* const now = Hub::current();
    if (now != nullptr && now->index() == home && &now->board() == board.get()) return take(*now);
    board->post(home, Errand(std::move(take)));
  };
  for (unsigned w = 0; w < board->workers(); ++w) {
    if ((workers >> w & 1) == 0) continue;
    if (here != nullptr && here->index() == w) {
      on_worker(*here, reply);
      continue;
    }
    Errand errand([on_worker, reply](Hub& hub) { on_worker(hub, reply); });
    if (in_order_of.empty() || board->recovery() == nullptr)
      board->post(w, std::move(errand));
    else
      post_in_order(*board, in_order_of, w, std::move(errand));
  }
}

}  // namespace chorus::socket
