#include "socket/socket_core.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "engine/session.hpp"
#include "socket/client.hpp"
#include "socket/debug_lines.hpp"
#include "socket/hub.hpp"
#include "socket/namespace_core.hpp"
#include "socket/ordered_emit.hpp"
#include "socket/packet_writer.hpp"
#include "socket/recoverable.hpp"
#include "socket/spectator.hpp"

namespace chorus::socket {
namespace {

std::shared_ptr<SocketRef const> make_ref(Client const& client, NamespaceCore& nsp, Handshake handshake,
                                          SocketCore* core) {
  if (!client.speaks_protocol_4())
    return std::make_shared<SocketRef const>(
        SocketRef{core, nsp.home(), std::move(handshake), make_socket_id(nsp.hub().index())});
  std::string id = nsp.name() == "/" ? "" : nsp.name() + '#';
  id += client.session().sid();
  return std::make_shared<SessionIdRef const>(
      SessionIdRef{{core, nsp.home(), std::move(handshake), {}, true}, std::move(id)});
}

/// Outgoing packets are written into one buffer a thread, and copied on from there.
std::string& scratch() {
  thread_local std::string buffer;
  buffer.clear();
  return buffer;
}

engine::Compress compression_of(EmitOptions options) {
  return options.compress ? engine::Compress::yes : engine::Compress::no;
}

}  // namespace

SocketCore::SocketCore(Client& client, NamespaceCore& nsp, Handshake handshake)
    : session_(client.session()),
      client_(client),
      nsp_(nsp),
      handle_(make_ref(client, nsp, std::move(handshake), this)) {}

SocketCore::~SocketCore() { handle_.ref()->core = nullptr; }

// ---- admission
// -------------------------------------------------------------------------------------------------------

void SocketCore::await_verdict(std::size_t index) {
  admitting().awaited = index;
  nsp_.hub().timers().arm_after(admitting().timer, nsp_.hub().settings().admission_timeout);
}

bool SocketCore::take_verdict(std::size_t index) {
  if (state_ != State::deciding || admitting().awaited != index) return false;
  admitting().awaited.reset();
  admitting().timer.disarm();
  return true;
}

void SocketCore::on_admission_timeout(TimePoint) {
  admitting().awaited.reset();
  nsp_.withdrawn();
  client_.refused(*this, "Admission timed out", {});
}

void SocketCore::set_device_info(std::string json) { admitting().device_info = std::move(json); }

std::string SocketCore::become_connected() {
  state_ = State::connected;
  was_connected_ = true;
  note_observers();
  if (!extras_ || !extras_->admitting) return {};
  auto const admitting = std::move(extras_->admitting);
  if (extras_->empty()) extras_.reset();  // nearly always: a middleware seldom adds handlers
  return std::move(admitting->device_info);
}

// ---- downwards
// -------------------------------------------------------------------------------------------------------

chorus::Sent SocketCore::emit(std::string_view event, std::string_view args, std::span<std::string const> attachments,
                              EmitOptions options) {
  check_worker();
  if (!connected()) return chorus::Sent::dropped;
  bool const ready = session_.writable();
  if (options.is_volatile && !ready) return chorus::Sent::dropped;
  if (nsp_.timeline() != nullptr) {
    emit_to_one_in_order(nsp_.hub().board(), nsp_.name(), id(), event, args, attachments, options);
    return ready ? chorus::Sent::now : chorus::Sent::queued;
  }
  if (nsp_.debugs()) DebugLines::went(*this, {event, args.size(), attachments.size()});
  if (state_ == State::apart) [[unlikely]] {
    tell_outgoing(event, args, attachments);
    if (!connected()) return chorus::Sent::dropped;
  }
  std::string& text = scratch();
  append_event(text, nsp_.name(), event, args, static_cast<unsigned>(attachments.size()));
  client_.send(text, attachments, compression_of(options));
  return ready ? chorus::Sent::now : chorus::Sent::queued;
}

void SocketCore::emit_while_deciding(std::string_view event, std::string_view args) {
  check_worker();
  if (state_ != State::deciding) return;
  std::string& text = scratch();
  append_event(text, nsp_.name(), event, args, 0);
  client_.send(text, {});
}

void SocketCore::acknowledge(std::uint64_t id, std::string_view args, std::span<std::string const> attachments) {
  check_worker();
  if (!connected()) return;
  if (nsp_.debugs()) DebugLines::went(*this, {"", args.size(), attachments.size(), id});
  std::string& text = scratch();
  append_ack(text, nsp_.name(), id, args, static_cast<unsigned>(attachments.size()));
  client_.send(text, attachments);
}

void SocketCore::send(std::shared_ptr<engine::SharedMessage const> const& message, bool is_volatile) {
  if (state_ == State::connected) [[likely]] {
    if (!is_volatile || session_.writable()) session_.send(message);
  } else if (state_ == State::apart) {
    if (!is_volatile || session_.writable()) send_apart(message);
  }
}

void SocketCore::ask(std::string_view event, ArgsWriter const& args, Duration timeout, AnswerHandler on_answer,
                     EmitOptions options) {
  check_worker();
  if (!connected()) return on_answer({AskError::disconnected, {}});
  if (extras_ && extras_->questions.size() >= nsp_.hub().settings().asks_pending_max)
    return on_answer({AskError::too_many, {}});
  auto const id = nsp_.hub().next_id();
  if (options.is_volatile && !session_.writable()) return expect_answer(id, timeout, std::move(on_answer));
  if (state_ == State::apart) [[unlikely]] {
    tell_outgoing(event, args.text(), args.attachments());
    if (!connected()) return on_answer({AskError::disconnected, {}});
  }
  if (nsp_.debugs()) DebugLines::went(*this, {event, args.text().size(), args.attachments().size(), id});
  std::string& text = scratch();
  append_event(text, nsp_.name(), event, args.text(), static_cast<unsigned>(args.attachments().size()), id);
  client_.send(text, args.attachments(), compression_of(options));
  expect_answer(id, timeout, std::move(on_answer));
}

void SocketCore::expect_answer(std::uint64_t id, Duration timeout, AnswerHandler on_answer) {
  auto& questions = extras().questions;
  if (questions.size() >= nsp_.hub().settings().asks_pending_max) return on_answer({AskError::too_many, {}});
  auto question = std::make_unique<Question>(*this, id, std::move(on_answer));
  nsp_.hub().timers().arm_after(question->timer, timeout);
  questions.emplace(id, std::move(question));
}

void SocketCore::Question::on_timeout(TimePoint) { socket.settle(id, AskError::timeout, {}); }

void SocketCore::settle(std::uint64_t id, AskError error, Args args) {
  if (!extras_) return;
  auto const found = extras_->questions.find(id);
  if (found == extras_->questions.end()) return;  // unknown, or answered before: ignored, as the protocol has it
  auto const question = std::move(found->second);
  extras_->questions.erase(found);
  auto answer = [&] { question->on_answer({error, args}); };
  guarded_call(nsp_.hub(), "answer", nsp_.name(), answer, nsp_.label());
}

// ---- rooms
// -----------------------------------------------------------------------------------------------------------

void SocketCore::join(std::string_view key) {
  check_worker();
  if (state_ == State::ended || is_own_room(key)) return;
  auto const& limits = nsp_.hub().settings();
  if (key.size() > 1 + limits.room_name_bytes_max) {  // an `r` and the name
    log(LogLevel::warning, "room_name_bytes_max_reached", {{"socket", id()}, {"nsp", nsp_.name()}});
    return;
  }
  if (memberships().size() >= limits.rooms_max) {
    log(LogLevel::warning, "rooms_max_reached", {{"socket", id()}, {"nsp", nsp_.name()}});
    return;
  }
  nsp_.join(*this, key);
}

void SocketCore::leave(std::string_view key) {
  check_worker();
  if (!is_own_room(key)) nsp_.leave(*this, key);
}

std::vector<std::string> SocketCore::room_names() const {
  std::vector<std::string> names;
  if (state_ == State::ended) return names;
  if (was_connected_) names.emplace_back(id());
  for (auto const& membership : memberships())
    if (membership.room->key.front() == 'r' && !is_own_room(membership.room->key))
      names.emplace_back(membership.room->key.substr(1));
  std::ranges::sort(names);
  return names;
}

SocketCore::Belongings& SocketCore::belongings() {
  if (!belongings_) belongings_ = std::make_unique<Belongings>();
  return *belongings_;
}

void SocketCore::set_data(std::any data, void (*encoder)(std::any const&, ArgsWriter&)) {
  belongings().data = std::move(data);
  belongings().encode_data = encoder;
  if (auto* const spectator = nsp_.hub().spectator(); spectator != nullptr && connected())
    spectator->data_changed(*this);
}

std::string SocketCore::data_json() const {
  ArgsWriter writer;
  if (belongings_ && belongings_->encode_data != nullptr && belongings_->data.has_value())
    belongings_->encode_data(belongings_->data, writer);
  return writer.text().empty() ? "{}" : std::move(writer).text();
}

SocketInfo SocketCore::info() const {
  std::string data = data_json();
  if (auto* const spectator = nsp_.hub().spectator()) spectator->describe(*this, data);
  return {std::string(id()),
          nsp_.name(),
          user() != nullptr ? *user() : UserId{},
          room_names(),
          std::move(data),
          std::make_shared<Handshake const>(handle_.handshake()),
          handle_.worker(),
          nsp_.hub().shared_board()};
}

void SocketCore::disconnect(bool close_connection) {
  check_worker();
  if (state_ == State::ended) return;
  if (close_connection) return client_.disconnect_all();
  std::string& text = scratch();
  append_disconnect(text, nsp_.name());
  client_.send(text, {});
  client_.remove(*this, "server namespace disconnect");
}

// ---- upwards
// ---------------------------------------------------------------------------------------------------------

SocketCore::Extras& SocketCore::extras() {
  if (!extras_) extras_ = std::make_unique<Extras>();
  return *extras_;
}

SocketCore::Admitting& SocketCore::admitting() {
  auto& admitting = extras().admitting;
  if (!admitting) admitting = std::make_unique<Admitting>(*this);
  return *admitting;
}

void SocketCore::on_event(PacketView const& packet, std::span<std::string const> attachments) {
  ++nsp_.hub().counters().events_in;
  std::string name_scratch;
  Args const args(packet.arguments, attachments);
  Incoming const incoming{handle_, packet.event_name(name_scratch), args, packet.ack_id};
  if (nsp_.debugs())
    DebugLines::came(*this, {incoming.event, packet.arguments.size(), attachments.size(), packet.ack_id});
  if (state_ == State::apart || (extras_ && extras_->observers)) [[unlikely]]
    return observe(incoming);
  dispatch(incoming);
}

void SocketCore::dispatch(Incoming const& incoming) {
  if (run_handlers(incoming)) return;
  ++nsp_.hub().counters().events_unhandled;
  if (auto const& unhandled = nsp_.definition().unhandled)
    guarded_call(nsp_.hub(), "unhandled", incoming.event, [&] { unhandled(incoming); });
}

bool SocketCore::run_handlers(Incoming const& incoming) {
  bool handled = false;
  // A handler may publish a newer version of the namespace; this one lives as long as the turn.
  auto const& events = nsp_.definition().events;
  if (auto const found = events.find(incoming.event); found != events.end()) {
    handled = true;
    auto const& [label, list] = found->second;
    for (auto handler = list.begin(); handler != list.end() && connected(); ++handler)
      run_handler(handler->call, incoming, label.get());
  }
  if (extras_ && connected()) handled |= run_own_handlers(incoming);
  return handled;
}

void SocketCore::run_handler(EventHandler const& handler, Incoming const& incoming, std::string const* label) {
  Hub& hub = nsp_.hub();
  auto run = [&] {
    if (handler(incoming)) return;
    ++hub.counters().events_mistyped;
    if (nsp_.debugs()) DebugLines::mistyped(*this, {incoming.event, incoming.args.raw().size(), 0, incoming.ack_id});
  };
  guarded_call(hub, "event", incoming.event, run, label);
}

void SocketCore::on_ack(std::uint64_t id, Args args) {
  if (nsp_.debugs()) DebugLines::came(*this, {"", args.raw().size(), args.attachments().size(), id});
  settle(id, AskError::none, args);
}

void SocketCore::end(std::string_view reason, std::string_view detail) {
  check_worker();
  if (state_ == State::ended) return;
  Hub& hub = nsp_.hub();
  if (nsp_.debugs()) DebugLines::ended(*this, reason);
  if (state_ == State::deciding && extras_ && extras_->admitting && extras_->admitting->awaited) nsp_.withdrawn();
  auto tell = [&](char const* what, auto const& all, Listeners<DisconnectHandler> Extras::*own) {
    auto call = [&](DisconnectHandler const& handler) {
      auto run = [&] { handler(handle_, reason, detail); };
      guarded_call(hub, what, nsp_.name(), run, nsp_.label());
      return true;
    };
    for (auto const& handler : all) call(handler.call);
    if (extras_) ((*extras_).*own).for_each(call);
  };
  auto const definition = nsp_.shared_definition();
  if (was_connected_) tell("disconnecting", definition->disconnecting, &Extras::disconnecting);

  auto saved = save(reason);
  state_ = State::ended;
  if (!saved) nsp_.leave_all(*this);
  if (extras_) {
    extras_->admitting.reset();
    while (!extras_->questions.empty()) settle(extras_->questions.begin()->first, AskError::disconnected, {});
  }
  if (was_connected_) {
    if (UserId const* const whose = user()) hub.board().device_went(nsp_.name(), *whose, id());
    tell("disconnect", definition->disconnect, &Extras::disconnect);
  }
  if (saved) {
    keep(std::move(*saved));  // its data was its handlers' until now
    nsp_.leave_all(*this);    // whoever does not find it in its own room any more finds what is kept
  }
  if (auto* const spectator = hub.spectator()) spectator->socket_ended(*this, reason);
  handle_.ref()->core = nullptr;
  nsp_.remove(*this);
}

}  // namespace chorus::socket
