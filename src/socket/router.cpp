#include "chorus/router.hpp"

#include <map>

#include "base/guarded.hpp"

namespace chorus {

struct Router::Table {
  struct Entries {
    std::map<std::string, Handler, std::less<>> handlers;
    std::uint64_t unknown = 0;
  };
  Guarded<Entries> entries;

  /// A copy: the handler runs outside the lock.
  Handler find(std::string_view event) const {
    return entries.with([&](Entries const& e) {
      auto const found = e.handlers.find(event);
      return found == e.handlers.end() ? Handler() : found->second;
    });
  }
};

Router::Router(Namespace nsp, std::string envelope)
    : nsp_(std::move(nsp)), envelope_(std::move(envelope)), table_(std::make_shared<Table>()) {
  nsp_.add_handler(envelope_, [table = table_](Incoming const& in) {
    ArgView const message = in.args[0];
    auto const event = message["event"].as<std::string>();
    if (!event) return false;
    if (auto const handler = table->find(*event)) {
      handler(Enveloped{in.socket, in.socket.user(), message["args"], in.ack()});
      return true;
    }
    table->entries.with([](Table::Entries& e) { ++e.unknown; });
    if (in.ack_id) in.ack()(RawJson{R"({"ok":false,"error":"unknown event"})"});
    return true;
  });
}

Router& Router::on(std::string_view event, Handler handler) {
  table_->entries.with([&](Table::Entries& e) { e.handlers.insert_or_assign(std::string(event), std::move(handler)); });
  return *this;
}

std::uint64_t Router::unknown_events() const {
  return table_->entries.with([](Table::Entries const& e) { return e.unknown; });
}

}  // namespace chorus
