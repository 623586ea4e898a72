// SocketCore's own handlers, and who looks at all its events: catch-all listeners and middlewares.
#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "engine/session.hpp"
#include "socket/client.hpp"
#include "socket/debug_lines.hpp"
#include "socket/event_draft.hpp"
#include "socket/hub.hpp"
#include "socket/namespace_core.hpp"
#include "socket/socket_core.hpp"
#include "socket/spectator.hpp"

namespace chorus::socket {

// ---- coming and going

ListenerId SocketCore::add_handler(std::string_view event, EventHandler handler, Times times) {
  check_worker();
  auto const id = nsp_.hub().next_listener();
  auto& own = extras().handlers[std::string(event)];
  if (own.label == nullptr) own.label = nsp_.hub().label(event);
  own.list.add(id, std::move(handler), Place::back, times);
  return id;
}
ListenerId SocketCore::add_disconnecting(DisconnectHandler handler) {
  auto const id = nsp_.hub().next_listener();
  extras().disconnecting.add(id, std::move(handler));
  return id;
}
ListenerId SocketCore::add_disconnect(DisconnectHandler handler) {
  auto const id = nsp_.hub().next_listener();
  extras().disconnect.add(id, std::move(handler));
  return id;
}
ListenerId SocketCore::add_any(IncomingHandler listener, Place place) {
  auto const id = nsp_.hub().next_listener();
  observers().incoming.add(id, std::move(listener), place);
  return id;
}
ListenerId SocketCore::add_any_outgoing(OutgoingHandler listener, Place place) {
  auto const id = nsp_.hub().next_listener();
  observers().outgoing.add(id, std::move(listener), place);
  note_observers();
  return id;
}
ListenerId SocketCore::add_error(EventErrorHandler handler) {
  auto const id = nsp_.hub().next_listener();
  observers().error.add(id, std::move(handler));
  return id;
}
void SocketCore::add_middleware(EventMiddleware middleware) {
  observers().middlewares.push_back(std::move(middleware));
}

void SocketCore::remove_handler(ListenerId id) {
  check_worker();
  if (!extras_) return;
  for (auto own = extras_->handlers.begin(); own != extras_->handlers.end(); ++own) {
    auto& list = own->second.list;
    if (!list.remove(id)) continue;
    if (list.empty() && !list.running()) extras_->handlers.erase(own);
    return;
  }
  if (extras_->disconnecting.remove(id) || extras_->disconnect.remove(id) || !extras_->observers) return;
  Observers& all = *extras_->observers;
  if (all.incoming.remove(id) || all.error.remove(id)) return;
  if (all.outgoing.remove(id)) note_observers();
}

void SocketCore::remove_handlers(std::string_view event) {
  check_worker();
  if (!extras_) return;
  auto const found = extras_->handlers.find(event);
  if (found == extras_->handlers.end()) return;
  found->second.list.clear();
  if (!found->second.list.running()) extras_->handlers.erase(found);
}

void SocketCore::remove_handlers() {
  check_worker();
  if (!extras_) return;
  for (auto& [event, own] : extras_->handlers) own.list.clear();
  std::erase_if(extras_->handlers, [](auto const& each) { return !each.second.list.running(); });
}

void SocketCore::remove_any() {
  if (extras_ && extras_->observers) extras_->observers->incoming.clear();
}

void SocketCore::remove_any_outgoing() {
  if (!extras_ || !extras_->observers) return;
  extras_->observers->outgoing.clear();
  note_observers();
}

std::vector<std::string> SocketCore::event_names() const {
  std::vector<std::string> names;
  if (!extras_) return names;
  for (auto const& [event, own] : extras_->handlers)
    if (!own.list.empty()) names.push_back(event);
  std::ranges::sort(names);
  return names;
}

std::vector<ListenerId> SocketCore::handlers_of(std::string_view event) const {
  if (!extras_) return {};
  auto const found = extras_->handlers.find(event);
  return found == extras_->handlers.end() ? std::vector<ListenerId>() : found->second.list.ids();
}

std::vector<ListenerId> SocketCore::any_listeners() const {
  return extras_ && extras_->observers ? extras_->observers->incoming.ids() : std::vector<ListenerId>();
}

std::vector<ListenerId> SocketCore::any_outgoing_listeners() const {
  return extras_ && extras_->observers ? extras_->observers->outgoing.ids() : std::vector<ListenerId>();
}

SocketCore::Observers& SocketCore::observers() {
  check_worker();
  auto& observers = extras().observers;
  if (!observers) observers = std::make_unique<Observers>();
  return *observers;
}

bool SocketCore::is_observed() const { return extras_ && extras_->observers && !extras_->observers->outgoing.empty(); }

bool SocketCore::is_spectated() const {
  auto* const spectator = nsp_.hub().spectator();
  return spectator != nullptr && spectator->hears_events(*this);
}

void SocketCore::note_observers() {
  if (!connected()) return;
  bool const is_apart = is_observed() || client_.speaks_msgpack() || nsp_.hub().spectator() != nullptr;
  state_ = is_apart ? State::apart : State::connected;
}

// ---- what comes in

bool SocketCore::run_own_handlers(Incoming const& incoming) {
  auto const found = extras_->handlers.find(incoming.event);
  if (found == extras_->handlers.end() || found->second.list.empty()) return false;
  auto& [label, list] = found->second;  // stays where it is while others come and go
  list.for_each([&, label = label](EventHandler const& handler) {
    run_handler(handler, incoming, label);
    return connected();
  });
  if (list.empty() && !list.running()) extras_->handlers.erase(extras_->handlers.find(incoming.event));
  return true;
}

void SocketCore::observe(Incoming const& incoming) {
  if (is_spectated()) {
    nsp_.hub().spectator()->event_received(*this, incoming.event, incoming.args);
    if (!connected()) return;
  }
  if (!extras_ || !extras_->observers) return dispatch(incoming);
  Observers& all = *extras_->observers;
  all.incoming.for_each([&](IncomingHandler const& listener) {
    guarded_call(nsp_.hub(), "any", incoming.event, [&] { listener(incoming); });
    return connected();
  });
  if (!connected()) return;
  if (all.middlewares.empty()) return dispatch(incoming);
  draft(incoming);
}

void SocketCore::draft(Incoming const& incoming) {
  auto& waiting = extras_->observers->waiting;
  if (waiting.size() >= nsp_.hub().settings().drafts_pending_max) {
    std::erase_if(waiting, [](auto const& each) {
      auto const draft = each.lock();
      return !draft || !draft->awaited;
    });
    if (waiting.size() >= nsp_.hub().settings().drafts_pending_max)
      return tell_error({std::string(incoming.event), "Too many events wait for a middleware", {}});
  }
  auto const draft = std::make_shared<EventDraft::State>(EventDraft::State{
      handle_, std::string(incoming.event), OwnedArgs::copy(incoming.args), incoming.ack_id, std::nullopt});
  run_middleware(draft, 0);
  if (draft->awaited && extras_) extras_->observers->waiting.push_back(draft);
}

void SocketCore::run_middleware(std::shared_ptr<EventDraft::State> const& draft, std::size_t index) {
  auto const& middlewares = extras_->observers->middlewares;
  if (index == middlewares.size()) {
    draft->awaited.reset();
    auto const args = draft->args.view();
    return dispatch(Incoming{handle_, draft->event, args, draft->ack_id});
  }
  draft->awaited = index;
  auto verdict = Verdict([draft, index](Admission admission) {
    auto decide = [draft, index, admission = std::move(admission)](Hub&) {
      if (SocketCore* const core = draft->socket.ref()->core) core->on_draft_verdict(draft, index, admission);
    };
    auto const& ref = draft->socket.ref();
    Hub* const here = Hub::current();
    if (here != nullptr && ref->is_here())
      decide(*here);
    else
      ref->home->board->post(ref->home->worker, Errand(std::move(decide)));
  });
  auto const middleware = middlewares[index];  // it may add one
  bool threw = true;
  auto run = [&] {
    middleware(EventDraft(draft), verdict);
    threw = false;
  };
  guarded_call(nsp_.hub(), "event middleware", draft->event, run, nsp_.label());
  if (threw) verdict(refuse("Internal error"));
}

void SocketCore::on_draft_verdict(std::shared_ptr<EventDraft::State> const& draft, std::size_t index,
                                  Admission const& verdict) {
  if (!connected() || draft->awaited != index) return;
  draft->awaited.reset();
  if (nsp_.debugs()) DebugLines::verdict(*this, draft->event, verdict);
  if (verdict.admitted()) return run_middleware(draft, index + 1);
  tell_error({draft->event, verdict.message, verdict.data_json});
}

void SocketCore::tell_error(EventError const& error) {
  Hub& hub = nsp_.hub();
  bool told = false;
  auto tell = [&](EventErrorHandler const& handler) {
    told = true;
    guarded_call(hub, "error", error.event, [&] { handler(handle_, error); });
    return connected();
  };
  auto const definition = nsp_.shared_definition();
  for (auto const& handler : definition->error) tell(handler.call);
  if (extras_ && extras_->observers) extras_->observers->error.for_each(tell);
  if (!told)
    log(LogLevel::warning, "event_refused",
        {peer_field("event", error.event), {"message", error.message}, {"nsp", nsp_.name()}});
}

// ---- what goes out

void SocketCore::tell_outgoing(std::string_view event, std::string_view args,
                               std::span<std::string const> attachments) {
  Args const view(args, attachments);
  if (is_spectated()) nsp_.hub().spectator()->event_sent(*this, event, view);
  if (!is_observed()) return;
  Observers& all = *extras_->observers;
  if (std::exchange(all.telling_outgoing, true)) return;  // a listener's own emit: told, it would never end
  Outgoing const outgoing{handle_, event, view};
  all.outgoing.for_each([&](OutgoingHandler const& listener) {
    guarded_call(nsp_.hub(), "any outgoing", event, [&] { listener(outgoing); });
    return true;
  });
  all.telling_outgoing = false;
}

void SocketCore::tell_outgoing(engine::SharedMessage const& message) {
  auto const packet = decode(message.text().substr(1), PacketLimits::none());  // without Engine.IO's type
  if (!packet || !packet->is_event()) return;
  std::vector<std::string> attachments;
  for (std::size_t i = 0; i < message.attachment_count(); ++i) attachments.emplace_back(message.attachment(i));
  std::string name;
  tell_outgoing(packet->event_name(name), packet->arguments, attachments);
}

void SocketCore::send_apart(std::shared_ptr<engine::SharedMessage const> const& message) {
  if (is_observed() || is_spectated()) tell_outgoing(*message);
  if (connected()) client_.send(message);
}

}  // namespace chorus::socket
