#include "cluster/redis/redis_bus.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/debug_areas.hpp"
#include "base/random.hpp"
#include "cluster/dispatch_message.hpp"
#include "socket/ordered_emit.hpp"
#include "socket/packet_writer.hpp"
#include "socket/recovery.hpp"

namespace chorus::cluster {
namespace {

using redis::Request;
using redis::RequestType;
using socket::Target;
using socket::TargetPtr;

constexpr auto flush_time_max = std::chrono::seconds(1);

/// Of events that another server asks to be answered: no client of ours is waited for, so no question has this id, and
/// what comes for it is ignored. The client gets its call-back all the same.
constexpr std::uint64_t unawaited_ack_id = (std::uint64_t{1} << 53) - 1;

redis::RedisOptions link_options(RedisSettings const& settings) {
  auto url = redis::parse_redis_url(settings.url);
  if (url.has_error()) throw std::runtime_error("redis: " + url.error().sentence);
  redis::RedisOptions options;
  options.url = std::move(*url);
  options.tls.ca_file = settings.tls_ca_file;
  options.tls.verify_certificate = settings.tls_verify;
  return options;
}

RedisReply to_public(redis::Reply const& reply) {
  RedisReply out;
  out.ok = !reply.is_error();
  auto const text_of = [](redis::RespValue const& value) {
    return value.type() == redis::RespType::integer ? std::to_string(value.integer()) : std::string(value.text());
  };
  if (reply.type() == redis::RespType::array || reply.type() == redis::RespType::set ||
      reply.type() == redis::RespType::map) {
    for (auto const child : reply) out.values.push_back(text_of(child));
  } else if (!reply.is_null()) {
    out.values.push_back(text_of(reply));
  }
  return out;
}

redis::SocketDescription description_of(SocketInfo const& info) {
  redis::SocketDescription out;
  out.id = info.id;
  out.handshake_json = info.handshake->to_json();
  for (auto const& room : info.rooms) out.rooms.push_back(socket::room_key(room));
  out.data_json = info.data_json;
  return out;
}

}  // namespace

RedisBus::RedisBus(RedisSettings settings, std::weak_ptr<LocalBus> local)
    : local_(std::move(local)),
      channels_(settings.key),
      uid_(random_token(6)),
      node_(random_token(16)),
      directory_channel_(settings.key + "-chorus#"),
      directory_(node_, *this),
      link_(link_options(settings), *this) {
  // One pattern for all namespaces: those that are made while the server runs miss nothing.
  link_.psubscribe(channels_.all_broadcasts_pattern());
  link_.subscribe(directory_channel_);
}

void RedisBus::stop() {
  link_.post([this] { directory_.leave(); });
  link_.stop(flush_time_max);
}

// ---- what this process tells

void RedisBus::publish(std::string channel, std::string payload) {
  if (debugs(LogArea::cluster)) log_debug("bus_out", {peer_field("channel", channel), {"bytes", payload.size()}});
  link_.publish(std::move(channel), std::move(payload));
}

void RedisBus::broadcast(Target const& target, std::string_view event, ArgsWriter const& args) {
  std::string payload;
  auto const appended = redis::append_broadcast(payload, uid_, target, event, args.text(), args.attachments());
  if (appended.has_error()) return refused("broadcast_not_published", appended.error());
  publish(channels_.broadcast(target.nsp, target.rooms), std::move(payload));
}

void RedisBus::sockets_join(Target const& target, std::vector<std::string> const& rooms) {
  std::string payload;
  redis::append_join_request(payload, uid_, target, rooms);
  publish(channels_.request(target.nsp), std::move(payload));
}

void RedisBus::sockets_leave(Target const& target, std::vector<std::string> const& rooms) {
  std::string payload;
  redis::append_leave_request(payload, uid_, target, rooms);
  publish(channels_.request(target.nsp), std::move(payload));
}

void RedisBus::disconnect_sockets(Target const& target, bool close_connection) {
  std::string payload;
  redis::append_disconnect_request(payload, uid_, target, close_connection);
  publish(channels_.request(target.nsp), std::move(payload));
}

void RedisBus::dispatch(socket::Dispatch const& dispatch) {
  auto const number = dispatches_.fetch_add(1, std::memory_order_relaxed);
  publish(std::string(dispatch.channel), encode_dispatch(dispatch, node_, number));
}

void RedisBus::server_side_emit(std::string_view nsp, std::string_view event, ArgsWriter const& args) {
  if (!args.attachments().empty()) return refused("server_side_emit_not_published", redis::WireError::bad_shape);
  std::string payload;
  redis::append_server_side_request(payload, uid_, event, args.text());
  publish(channels_.request(nsp), std::move(payload));
}

void RedisBus::server_side_ask(std::string_view nsp, std::string_view event, ArgsWriter const& args,
                               AnswersHandler on_answers) {
  server_side_emit(nsp, event, args);
  on_answers({.complete = false, .answers = {}});
}

/// As Node's adapter counts: who subscribed to the namespace's request channel.
void RedisBus::server_count(std::string_view nsp, std::function<void(ServerCount const&)> on_count) {
  namespace_opened(nsp);
  auto errand = [this, channel = channels_.request(nsp), on_count] { count_servers(channel, on_count); };
  if (!link_.post(std::move(errand))) on_count({0, "DOWN the server has ended"});
}

/// Thread: the post office's. Redis is asked once it knows of this server, which it may have been told just now.
void RedisBus::count_servers(std::string const& channel, redis::OpenCounts::OnCount on_count) {
  if (!link_.up()) return on_count(redis::count_of(redis::reply_down()));
  auto const id = counts_.begin(std::move(on_count));
  if (!id) return;
  link_.subscribe(channel, [this, id = *id, channel](bool confirmed) {
    if (!confirmed) return counts_.finish(id, {0, "FULL Redis was not asked to subscribe"});
    link_.command({"PUBSUB", "NUMSUB", channel},
                  [this, id](redis::Reply const& reply) { counts_.finish(id, redis::count_of(reply)); });
  });
}

void RedisBus::namespace_opened(std::string_view nsp) {
  // By its very name: Node's servers count those who subscribed to it.
  listen(channels_.request(nsp), [&](Listeners& listeners) { listeners.requests_for = nsp; });
}

void RedisBus::route(socket::DispatchRoute route) {
  listen(route.channel, [&](Listeners& listeners) {
    if (std::ranges::find(listeners.routes, route) == listeners.routes.end()) listeners.routes.push_back(route);
  });
}

void RedisBus::listen(std::string channel, std::function<void(Listeners&)> const& change) {
  bool const is_new = tables_.with([&](Tables& tables) {
    auto& current = tables.channels[channel];
    auto next = current ? std::make_shared<Listeners>(*current) : std::make_shared<Listeners>();
    change(*next);
    return std::exchange(current, std::move(next)) == nullptr;
  });
  if (is_new) link_.subscribe(std::move(channel));
}

void RedisBus::device_came(std::string_view nsp, UserId const& user, Device const& device) {
  link_.post([this, nsp = std::string(nsp), user, device] { directory_.device_came(nsp, user, device); });
}

void RedisBus::device_went(std::string_view nsp, UserId const& user, std::string_view socket_id) {
  link_.post(
      [this, nsp = std::string(nsp), user, id = std::string(socket_id)] { directory_.device_went(nsp, user, id); });
}

void RedisBus::node_died(std::string node) {
  link_.post([this, node = std::move(node)] { directory_.node_died(node); });
}

// ---- the program's own use

RedisStats RedisBus::stats() const {
  auto const link = link_.stats();
  RedisStats out;
  out.configured = true;
  out.up = link.up;
  out.nodes = nodes_.load(std::memory_order_relaxed);
  out.published = link.ledger.published;
  out.confirmed = link.ledger.confirmed;
  out.spooled_sent = link.ledger.spooled_sent;
  out.dropped = link.ledger.dropped;
  out.unknown = link.ledger.unknown;
  out.waiting = link.ledger.waiting + link.ledger.in_flight;
  out.malformed = malformed_.load(std::memory_order_relaxed) + link.malformed;
  return out;
}

void RedisBus::subscribe(std::string channel, std::function<void(std::string_view)> handler) {
  listen(std::move(channel), [&](Listeners& listeners) { listeners.handlers.push_back(handler); });
}

void RedisBus::when_up(std::function<void()> handler) {
  tables_.with([&](Tables& tables) { tables.on_up.push_back(std::move(handler)); });
}

void RedisBus::command(std::vector<std::string> arguments, std::function<void(RedisReply const&)> on_reply) {
  link_.command(std::move(arguments), [on_reply = std::move(on_reply)](redis::Reply const& reply) {
    if (on_reply) on_reply(to_public(reply));
  });
}

// ---- redis::RedisEvents

void RedisBus::on_up() {
  directory_.on_up();
  for (auto const& handler : tables_.with([](Tables const& tables) { return tables.on_up; })) handler();
}

void RedisBus::on_down(std::string_view) {
  directory_.on_down();
  counts_.fail_all(redis::reply_lost().text());
}

void RedisBus::on_tick(TimePoint now) {
  directory_.on_tick(now);
  counts_.on_tick(now);
}

void RedisBus::on_message(Bytes pattern, Bytes channel, Bytes payload) {
  bool sound = true;
  inflow_.received(payload.size());
  if (debugs(LogArea::cluster)) log_debug("bus_in", {peer_field("channel", channel), {"bytes", payload.size()}});
  if (auto local = batch_ ? nullptr : local_.lock()) batch_.emplace(std::move(local));
  if (!pattern.empty()) {
    sound = take_broadcast(payload);
  } else if (channel == directory_channel_) {
    sound = directory_.on_message(payload);
  } else {
    auto const listeners = tables_.with([&](Tables const& tables) {
      auto const found = tables.channels.find(channel);
      return found == tables.channels.end() ? nullptr : found->second;
    });
    if (listeners) sound = take(*listeners, payload);
  }
  if (!sound) {
    malformed_.fetch_add(1, std::memory_order_relaxed);
    if (debugs(LogArea::cluster)) log_debug("redis_message_malformed", {peer_field("channel", channel)});
  }
}

void RedisBus::on_messages_read() {
  if (auto const bytes = inflow_.take_mark()) post_mark(*bytes);
  batch_.reset();
  link_.hold(inflow_.full());
}

/// A letter to every worker behind what was posted so far. The last of them to let go of it, read or not, tells.
void RedisBus::post_mark(std::size_t bytes) {
  auto const local = local_.lock();
  if (!local) return;
  std::shared_ptr<void> mark(this, [self = weak_from_this(), bytes](void*) {
    if (auto const bus = self.lock()) bus->link_.post([&bus = *bus, bytes] { bus.mark_was_read(bytes); });
  });
  for (unsigned worker = 0; worker < local->workers(); ++worker)
    local->post(worker, socket::Errand([mark](socket::Hub&) mutable { mark.reset(); }));
}

void RedisBus::mark_was_read(std::size_t bytes) {
  inflow_.read(bytes);
  link_.hold(inflow_.full());
}

bool RedisBus::take(Listeners const& listeners, Bytes payload) {
  bool sound = true;
  if (!listeners.requests_for.empty()) sound = take_request(listeners.requests_for, payload);
  if (!listeners.routes.empty()) sound = take_dispatch(listeners.routes, payload) && sound;
  for (auto const& handler : listeners.handlers) handler(payload);
  return sound;
}

// ---- DirectoryOutlet

void RedisBus::remote_came(std::string const& nsp, UserId const& user, Device device) {
  if (auto const local = local_.lock()) local->device_came(nsp, user, std::move(device));
}

void RedisBus::remote_went(std::string const& nsp, UserId const& user, std::string const& socket_id) {
  if (auto const local = local_.lock()) local->device_went(nsp, user, socket_id);
}

void RedisBus::node_found(std::string const& node) {
  nodes_.fetch_add(1, std::memory_order_relaxed);
  log(LogLevel::info, "node_found", {peer_field("node", node)});
}

void RedisBus::node_lost(std::string const& node) {
  nodes_.fetch_sub(1, std::memory_order_relaxed);
  log(LogLevel::info, "node_lost", {peer_field("node", node)});
}

void RedisBus::refused(char const* what, redis::WireError error) {
  log(LogLevel::warning, what, {{"reason", redis::to_text(error)}});
}

// ---- what others tell

bool RedisBus::take_broadcast(Bytes payload) {
  if (redis::sender_of(payload) == uid_) return true;
  auto broadcast = redis::decode_broadcast(payload);
  if (broadcast.has_error()) return false;
  auto const local = local_.lock();
  if (!local) return true;
  if (!concerns(*local, broadcast->target, local->interested(broadcast->target))) return true;  // not looked at further
  auto const event = redis::event_of(*broadcast);
  if (event.has_error()) return false;
  deliver(std::make_shared<Target>(std::move(broadcast->target)), *event, false);
  return true;
}

void RedisBus::deliver(TargetPtr const& target, OwnedArgs const& event, bool wants_answers) {
  auto const local = local_.lock();
  if (!local || socket::is_parent_name(target->nsp)) return;
  auto const workers = local->interested(*target);
  if (!concerns(*local, *target, workers)) return;
  auto const count = static_cast<unsigned>(event.attachments.size());
  auto const type = count == 0 ? socket::PacketType::event : socket::PacketType::binary_event;
  std::string text;
  socket::append_packet_head(text, type, target->nsp, count,
                             wants_answers ? std::optional(unawaited_ack_id) : std::nullopt);
  text.append("[").append(event.text).append("]");
  std::vector<Bytes> const attachments(event.attachments.begin(), event.attachments.end());
  if (local->recovery() != nullptr) {
    auto const offset = wants_answers         ? socket::Timeline::Offset::none
                        : target->is_volatile ? socket::Timeline::Offset::current
                                              : socket::Timeline::Offset::own;
    return socket::emit_in_order(*local, target, text, attachments, offset);
  }
  post(*local, workers, {target, engine::SharedMessage::make(text, attachments, target->compression())});
}

bool RedisBus::concerns(socket::Switchboard const& local, Target const& target, socket::WorkerSet interested) {
  return interested != 0 || (local.recovery() != nullptr && local.recovery()->find(target.nsp) != nullptr);
}

void RedisBus::post(socket::Switchboard& local, socket::WorkerSet workers, socket::BroadcastLetter const& letter) {
  for (unsigned worker = 0; worker < local.workers(); ++worker)
    if ((workers >> worker & 1) != 0) local.post(worker, letter);
}

bool RedisBus::take_dispatch(std::vector<socket::DispatchRoute> const& routes, Bytes payload) {
  if (is_from(payload, node_)) return true;
  auto const message = decode_dispatch(payload);
  if (!message) return false;
  if (message->node == node_) return true;
  auto const local = local_.lock();
  if (!local) return true;
  for (auto const& route : routes) {
    auto const target = socket::make_target();
    target->nsp = route.nsp;
    target->rooms.push_back(socket::user_key(UserId{message->user}));
    target->local = true;
    auto const workers = local->interested(*target);
    if (!concerns(*local, *target, workers)) continue;  // most are for others
    envelope_.clear();
    append_envelope(envelope_, *message);
    packet_.clear();
    socket::append_event(packet_, route.nsp, route.envelope, envelope_);
    if (local->recovery() != nullptr)
      socket::emit_in_order(*local, target, packet_, {}, socket::Timeline::Offset::own);
    else
      post(*local, workers, {target, engine::SharedMessage::make(packet_)});
  }
  return true;
}

bool RedisBus::take_request(std::string const& nsp, Bytes payload) {
  auto request = redis::decode_request(nsp, payload);
  if (request.has_error()) return false;
  if (request->uid == uid_) return true;  // done here when it was published
  if (request->one_socket)
    act_on_one(*request, nsp);
  else
    act(*request, nsp);
  return true;
}

void RedisBus::hear_server_side(Request const& request, std::string const& nsp) {
  auto const local = local_.lock();
  auto const list = request.event.view();
  auto const name = list[0].as<std::string>();
  if (!local || !name) return;
  OwnedArgs args{request.event.text.substr(list[0].raw().size()), request.event.attachments};
  if (args.text.starts_with(',')) args.text.erase(0, 1);
  std::function<void(ArgsWriter)> answer;
  if (!request.request_id.empty())
    answer = [self = weak_from_this(), nsp, id = request.request_id](ArgsWriter const& data) {
      auto const bus = self.lock();
      if (!bus) return;
      std::string response;
      redis::append_server_side_response(response, id, Args(data.text())[0].raw());
      bus->respond(nsp, std::move(response));
    };
  socket::hear_server_side(local, nsp, *name, std::move(args), std::move(answer));
}

/// Older servers address one socket, and only the server that has it answers.
void RedisBus::act_on_one(Request const& request, std::string const& nsp) {
  auto const local = local_.lock();
  if (!local) return;
  auto const target = std::make_shared<Target>(request.target);
  socket::describe_sockets(local, target,
                           [self = weak_from_this(), request, nsp](std::vector<SocketInfo> const& found) {
                             auto const bus = self.lock();
                             if (!bus || found.empty()) return;
                             bus->act(request, nsp);
                             std::string response;
                             redis::append_done_response(response, request.request_id);
                             bus->respond(nsp, std::move(response));
                           });
}

void RedisBus::act(Request const& request, std::string const& nsp) {
  auto const local = local_.lock();
  if (!local) return;
  auto const target = std::make_shared<Target>(request.target);
  // What is asked of all workers is answered on one of them, when this bus may be gone.
  auto const answer = [self = weak_from_this(), nsp](auto append) {
    if (auto const bus = self.lock()) {
      std::string response;
      append(response);
      bus->respond(nsp, std::move(response));
    }
  };
  switch (request.type) {
    case RequestType::join:
      return socket::join_sockets(local, target, request.rooms, {});
    case RequestType::leave:
      return socket::leave_sockets(local, target, request.rooms, {});
    case RequestType::disconnect:
      return socket::disconnect_sockets(local, target, request.close, {});
    case RequestType::sockets:
      return socket::describe_sockets(local, target, [answer, id = request.request_id](auto const& sockets) {
        std::vector<std::string> ids;
        for (auto const& info : sockets) ids.push_back(info.id);
        answer([&](std::string& out) { redis::append_sockets_response(out, id, ids); });
      });
    case RequestType::all_rooms:
      return socket::list_rooms(local, nsp, [answer, id = request.request_id](auto const& keys) {
        answer([&](std::string& out) { redis::append_rooms_response(out, id, keys); });
      });
    case RequestType::fetch:
      return socket::describe_sockets(local, target, [answer, id = request.request_id](auto const& sockets) {
        std::vector<redis::SocketDescription> list;
        for (auto const& info : sockets) list.push_back(description_of(info));
        answer([&](std::string& out) { redis::append_fetch_response(out, id, list); });
      });
    case RequestType::server_side_emit:
      return hear_server_side(request, nsp);
    case RequestType::broadcast:
      // Its server waits for as many answers as it is told of, and is told of none.
      answer([&](std::string& out) { redis::append_client_count_response(out, request.request_id, 0); });
      return deliver(target, request.event, true);
    case RequestType::client_count:
    case RequestType::acknowledgement:
      return;  // responses
  }
}

}  // namespace chorus::cluster
