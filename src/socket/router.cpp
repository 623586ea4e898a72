#include "chorus/router.hpp"

#include <map>

#include "base/guarded.hpp"
#include "socket/definition.hpp"
#include "socket/uplink.hpp"

namespace chorus {
namespace {

socket::Uplink* uplink_of(Namespace const& nsp) { return nsp.registry()->board()->uplink(); }

}  // namespace

struct Router::Table {
  std::map<std::string, Handler, std::less<>> handlers;  // complete before traffic: read without a lock
  Guarded<std::uint64_t> unknown;
};

Router::Router(Namespace nsp, std::string envelope)
    : nsp_(std::move(nsp)),
      envelope_(std::move(envelope)),
      channel_(envelope_ + ":outgoing_socket_message"),
      table_(std::make_shared<Table>()) {
  if (auto* const uplink = uplink_of(nsp_)) uplink->route({channel_, nsp_.name(), envelope_});
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

bool Router::reaches_other_nodes() const { return uplink_of(nsp_) != nullptr; }

void Router::dispatch_elsewhere(UserId const& user, std::string_view event, ArgsWriter const& args) const {
  if (auto* const uplink = uplink_of(nsp_)) uplink->dispatch({channel_, user, event, args.text()});
}

std::uint64_t Router::unknown_events() const {
  return table_->unknown.with([](std::uint64_t count) { return count; });
}

}  // namespace chorus
