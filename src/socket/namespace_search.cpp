#include "socket/namespace_search.hpp"

#include <utility>

#include "socket/client.hpp"

namespace chorus::socket {

void NamespaceSearch::go_on() {
  Hub& hub = client->hub();
  while (next_ < hub.parents().size()) {
    auto const index = next_++;
    auto const parent = hub.parents()[index];
    if (parent->decides) return ask(index);
    if (parent->matches(name)) return found(parent);
  }
  client->searched(*this, nullptr);
}

void NamespaceSearch::ask(std::size_t parent) {
  awaited_ = parent;
  auto const home = client->hub().index();
  auto decide = [self = shared_from_this(), board = client->hub().shared_board(), home, parent](bool allow) {
    Hub* const here = Hub::current();
    if (here != nullptr && here->index() == home && &here->board() == board.get())
      return self->on_verdict(parent, allow);
    board->post(home, Errand([self, parent, allow](Hub&) { self->on_verdict(parent, allow); }));
  };
  Hub& hub = client->hub();
  auto const definition = hub.parents()[parent];
  bool threw = true;
  guarded_call(hub, "namespace", name, [&] {
    definition->decides(name, ArgView(auth.empty() ? "{}" : auth), NamespaceVerdict(decide));
    threw = false;
  });
  if (threw) decide(false);
}

void NamespaceSearch::on_verdict(std::size_t parent, bool allow) {
  if (client == nullptr || awaited_ != parent) return;
  awaited_.reset();
  if (!allow) return go_on();
  found(client->hub().parents()[parent]);
}

void NamespaceSearch::found(std::shared_ptr<Definition const> const& parent) {
  Hub& hub = client->hub();
  NamespaceCore* const known = hub.find(name);  // made while it was decided
  client->searched(*this, known != nullptr ? known : hub.make_child(name, parent));
}

}  // namespace chorus::socket
