#include "chorus/router.hpp"

#include <map>

#include "base/guarded.hpp"

namespace chorus {

struct Router::Table {
  std::map<std::string, Handler, std::less<>> handlers;  // complete before traffic: read without a lock
  Guarded<std::uint64_t> unknown;
};

Router::Router(Namespace nsp, std::string envelope)
    : nsp_(std::move(nsp)), envelope_(std::move(envelope)), table_(std::make_shared<Table>()) {
  nsp_.add_handler(envelope_, [table = table_](Incoming const& in) {
    ArgView const message = in.args[0];
    auto const event = message["event"].as<std::string>();
    if (!event) return false;
    if (auto const found = table->handlers.find(*event); found != table->handlers.end()) {
      found->second(Enveloped{in.socket, in.socket.user(), message["args"], in.ack()});
      return true;
    }
    table->unknown.with([](std::uint64_t& count) { ++count; });
    if (in.ack_id) in.ack()(RawJson{R"({"ok":false,"error":"unknown event"})"});
    return true;
  });
}

Router& Router::on(std::string_view event, Handler handler) {
  table_->handlers.insert_or_assign(std::string(event), std::move(handler));
  return *this;
}

std::uint64_t Router::unknown_events() const {
  return table_->unknown.with([](std::uint64_t count) { return count; });
}

}  // namespace chorus
