#include "admin/watch.hpp"

#include <unistd.h>

#include <algorithm>
#include <map>

#include "admin/descriptions.hpp"
#include "base/log.hpp"
#include "socket/client.hpp"
#include "socket/gather.hpp"
#include "socket/hub.hpp"
#include "socket/namespace_core.hpp"
#include "socket/socket_core.hpp"

namespace chorus::admin {
namespace {

using socket::Client;
using socket::Hub;
using socket::SocketCore;

std::string hostname() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "localhost";
}

Date now() { return {std::chrono::system_clock::now()}; }

Duration wall_ahead(Hub const& hub) {
  return std::chrono::system_clock::now().time_since_epoch() - hub.timers().now().time_since_epoch();
}

/// `{}` and `{"a":1}` with one more member, whose value is JSON.
void add_member(std::string& object, std::string_view name, std::string_view value) {
  if (!object.starts_with('{') || !object.ends_with('}')) return;
  object.pop_back();
  if (object.size() > 1) object += ',';
  object.append("\"").append(name).append("\":").append(value) += '}';
}

}  // namespace

Watch::Watch(AdminOptions options, unsigned workers)
    : options_(std::move(options)),
      hostname_(hostname()),
      server_id_(options_.server_id.empty() ? hostname_ + '#' + std::to_string(::getpid()) : options_.server_id),
      desks_(workers) {}

Watch::Desk& Watch::desk_of(Hub const& hub) { return desks_[hub.index()]; }

// ---- workers and connections

void Watch::hub_began(Hub& hub) {
  desk_of(hub).wall_ahead = wall_ahead(hub);
  if (hub.index() != 0) return;
  collector_ = &hub;
  began_ = hub.timers().now();
  if (hub.board().uplink() != nullptr) hub.timers().arm_after(stats_timer_, options_.stats_interval);
}

void Watch::hub_ended(Hub& hub) {
  if (hub.index() != 0) return;
  stats_timer_.disarm();
  collector_ = nullptr;
}

void Watch::begin_second(Hub const& hub, Desk& desk) {
  auto const now = hub.timers().now();
  auto const wall = now.time_since_epoch() + desk.wall_ahead;
  desk.second = std::chrono::floor<std::chrono::seconds>(wall);
  desk.second_ends = now + (desk.second + std::chrono::seconds(1) - wall);
  desk.events_in_second = 0;
}

void Watch::count_messages(Hub& hub, Happening messages, std::size_t count, Happening with_bytes, std::size_t bytes) {
  auto& desk = desk_of(hub);
  auto const second = second_of(hub, desk);
  desk.counts.add(second, messages, count);
  desk.counts.add(second, with_bytes, bytes);
}

void Watch::messages_in(Hub& hub, std::size_t count, std::size_t bytes) {
  count_messages(hub, Happening::packets_in, count, Happening::bytes_in, bytes);
}

void Watch::messages_out(Hub& hub, std::size_t count, std::size_t bytes) {
  count_messages(hub, Happening::packets_out, count, Happening::bytes_out, bytes);
}

void Watch::connection_opened(Client& client) {
  auto& desk = desk_of(client.hub());
  ++desk.connections;
  if (client.session().transport() == engine::Transport::polling) ++desk.polling;
  desk.counts.add(second_of(client.hub(), desk), Happening::raw_connection);
}

void Watch::connection_upgraded(Client& client) {
  auto& hub = client.hub();
  --desk_of(hub).polling;
  if (!is_development()) return;
  for (SocketCore* each = client.newest_socket(); each != nullptr; each = each->older.get()) {
    if (!each->connected() || !is_heard(hub)) continue;
    ArgsWriter args;
    ObjectWriter(args)
        .member("id", each->id())
        .member("nsp", each->nsp().name())
        .member("transport", client.transport_name());
    tell(hub, "socket_updated", std::move(args));
  }
}

void Watch::connection_closed(Client& client, std::string_view reason) {
  auto& desk = desk_of(client.hub());
  --desk.connections;
  if (client.session().transport() == engine::Transport::polling) --desk.polling;
  desk.counts.add(second_of(client.hub(), desk), Happening::raw_disconnection, 1, reason);
}

// ---- sockets

bool Watch::is_own(SocketCore const& socket) const { return socket.nsp().name() == options_.namespace_name; }

bool Watch::is_heard(Hub& hub) {
  return is_development() && (desk_of(hub).watchers != 0 || hub.board().uplink() != nullptr);
}

void Watch::socket_connected(SocketCore& socket) {
  auto& hub = socket.nsp().hub();
  bool const is_watcher = is_own(socket);
  if (is_watcher) ++desk_of(hub).watchers;
  if (is_heard(hub)) {
    tell(hub, "room_joined", encode_args(socket.nsp().name(), socket.id(), socket.id(), now()));
    tell(hub, "socket_connected", encode_args(SocketDescription{socket}, now()));
  }
  if (is_watcher) watcher_came(socket);
}

/// Its rooms come behind it, its own one the last: it was left with it.
void Watch::socket_ended(SocketCore& socket, std::string_view reason) {
  auto& hub = socket.nsp().hub();
  auto const left = std::exchange(desk_of(hub).left, {});
  if (is_heard(hub)) {
    auto const& nsp = socket.nsp().name();
    if (socket.was_connected()) tell(hub, "socket_disconnected", encode_args(nsp, socket.id(), reason, now()));
    for (auto const& room : left) tell(hub, "room_left", encode_args(nsp, room, socket.id(), now()));
    if (socket.was_connected()) tell(hub, "room_left", encode_args(nsp, socket.id(), socket.id(), now()));
  }
  if (is_own(socket) && socket.was_connected()) watcher_went(socket);
}

void Watch::data_changed(SocketCore& socket) {
  auto& hub = socket.nsp().hub();
  if (!is_heard(hub)) return;
  ArgsWriter args;
  ObjectWriter(args)
      .member("id", socket.id())
      .member("nsp", socket.nsp().name())
      .member("data", RawJson{socket.data_json()});
  tell(hub, "socket_updated", std::move(args));
}

void Watch::room_joined(SocketCore& socket, std::string_view room) {
  auto& hub = socket.nsp().hub();
  if (is_heard(hub)) tell(hub, "room_joined", encode_args(socket.nsp().name(), room, socket.id(), now()));
}

void Watch::room_left(SocketCore& socket, std::string_view room) {
  auto& hub = socket.nsp().hub();
  if (!is_heard(hub)) return;
  if (socket.state() == SocketCore::State::ended) return desk_of(hub).left.emplace_back(room), void();
  tell(hub, "room_left", encode_args(socket.nsp().name(), room, socket.id(), now()));
}

bool Watch::hears_events(SocketCore const& socket) { return is_heard(socket.nsp().hub()) && !is_own(socket); }

void Watch::event_received(SocketCore& socket, std::string_view event, Args const& args) {
  tell_event(socket, "event_received", event, args);
}

void Watch::event_sent(SocketCore& socket, std::string_view event, Args const& args) {
  tell_event(socket, "event_sent", event, args);
}

void Watch::tell_event(SocketCore& socket, char const* what, std::string_view event, Args const& args) {
  auto& hub = socket.nsp().hub();
  auto& desk = desk_of(hub);
  second_of(hub, desk);  // which may have just begun
  if (++desk.events_in_second > options_.events_per_second_max) return;
  std::size_t bytes = args.raw().size();
  for (auto const& attachment : args.attachments()) bytes += attachment.size();
  auto const& nsp = socket.nsp().name();
  if (bytes <= options_.event_bytes_max) {
    tell(hub, what, encode_args(nsp, socket.id(), EventDescription{event, args}, now()), Keep::no);
  } else {
    auto const instead = encode_args("(" + std::to_string(bytes) + " bytes)");
    tell(hub, what, encode_args(nsp, socket.id(), EventDescription{event, Args(instead.text())}, now()), Keep::no);
  }
}

void Watch::describe(SocketCore const& socket, std::string& data_json) {
  if (!is_development()) return;
  ArgsWriter own;
  ObjectWriter(own)
      .member("clientId", client_id(socket.client()))
      .member("transport", socket.client().transport_name());
  add_member(data_json, "_admin", own.text());
}

void Watch::tell(Hub& hub, char const* event, ArgsWriter args, Keep keep) {
  auto& desk = desk_of(hub);
  Audience audience(hub.shared_board(), options_.namespace_name);
  for (auto const& newcomer : desk.newcomers) audience = audience.except_socket(newcomer.socket.id());
  if (keep == Keep::for_newcomers && !desk.newcomers.empty() && desk.kept.size() < options_.events_waiting_max)
    desk.kept.emplace_back(event, args);
  audience.emit_encoded(event, std::move(args));
}

// ---- who looks

void Watch::note_watchers(Hub& hub, bool one_more) {
  auto& watchers = desk_of(hub).watchers;
  one_more ? ++watchers : --watchers;
  if (hub.index() == 0 && one_more && !stats_timer_.armed()) hub.timers().arm_after(stats_timer_, Duration::zero());
}

void Watch::watcher_came(SocketCore& socket) {
  std::vector<std::string_view> features;
  if (!options_.readonly) features = {"EMIT", "JOIN", "LEAVE", "DISCONNECT", "MJOIN", "MLEAVE", "MDISCONNECT"};
  features.emplace_back("AGGREGATED_EVENTS");
  if (is_development()) features.emplace_back("ALL_EVENTS");
  ArgsWriter config;
  ObjectWriter(config).member("supportedFeatures", features);
  auto const handle = socket.handle();
  auto& hub = socket.nsp().hub();
  handle.emit_encoded("config", std::move(config));
  --desk_of(hub).watchers;  // which it counted itself in before it was told of itself
  send_sockets(handle, hub);
}

void Watch::watcher_went(SocketCore& socket) {
  auto& hub = socket.nsp().hub();
  auto& board = hub.board();
  for (unsigned w = 0; w < board.workers(); ++w) {
    if (w == hub.index())
      note_watchers(hub, false);
    else
      board.post(w, socket::Errand([this](Hub& other) { note_watchers(other, false); }));
  }
}

/// From each worker what it has now, then what came to pass while the others looked.
void Watch::send_sockets(Socket const& watcher, Hub& here) {
  auto const sum = std::make_shared<List>();
  auto const board = here.shared_board();
  socket::gather<List>(
      board, socket::all_workers(board->workers()),
      [this, watcher](Hub& hub, std::function<void(List)> reply) {
        note_watchers(hub, true);
        if (!is_development()) return reply({});
        auto& desk = desk_of(hub);
        auto list = list_sockets(hub);
        desk.newcomers.push_back({watcher, desk.kept.size()});
        reply(std::move(list));
      },
      [sum](List part) {
        if (!sum->sockets.empty() && !part.sockets.empty()) sum->sockets += ',';
        sum->sockets += part.sockets;
        sum->left_out += part.left_out;
      },
      [this, sum, watcher, board] {
        if (!is_development()) return;
        if (sum->left_out != 0) log(LogLevel::warning, "admin_sockets_left_out", {{"sockets", sum->left_out}});
        watcher.emit("all_sockets", RawJson{'[' + sum->sockets + ']'});
        Hub* const here = Hub::current();
        for (unsigned w = 0; w < board->workers(); ++w) {
          if (here != nullptr && here->index() == w)
            let_in(watcher, *here);
          else
            board->post(w, socket::Errand([this, watcher](Hub& hub) { let_in(watcher, hub); }));
        }
      });
}

/// It has the sockets as they were: now what came to pass since.
void Watch::let_in(Socket const& watcher, Hub& hub) {
  auto& desk = desk_of(hub);
  auto const found = std::ranges::find(desk.newcomers, watcher, &Newcomer::socket);
  if (found == desk.newcomers.end()) return;
  auto const since = found->since;
  desk.newcomers.erase(found);
  for (std::size_t i = since; i < desk.kept.size(); ++i) watcher.emit_encoded(desk.kept[i].first, desk.kept[i].second);
  if (desk.newcomers.empty()) desk.kept = {};
}

Watch::List Watch::list_sockets(Hub& hub) {
  List list;
  auto const bytes_max = options_.sockets_bytes_max / hub.board().workers();
  ArgsWriter out;
  hub.for_each_namespace([&](socket::NamespaceCore& nsp) {
    for (SocketCore* const each : nsp.sockets()) {
      if (out.text().size() >= bytes_max)
        ++list.left_out;
      else
        out.add(SocketDescription{*each});
    }
    return true;
  });
  list.sockets = std::move(out).text();
  return list;
}

// ---- counts

void Watch::on_stats_timer(TimePoint) {
  Hub& hub = *collector_;
  auto const sum = std::make_shared<Share>();
  socket::gather<Share>(
      hub.shared_board(), socket::all_workers(hub.board().workers()),
      [this](Hub& each, std::function<void(Share)> reply) { reply(take_share(each)); },
      [sum](Share part) {
        merge(sum->counts, part.counts);
        sum->connections += part.connections;
        sum->polling += part.polling;
        sum->namespaces.insert(sum->namespaces.end(), part.namespaces.begin(), part.namespaces.end());
      },
      [this, sum] { tell_stats(*Hub::current(), *sum); });
  if (desk_of(hub).watchers != 0 || hub.board().uplink() != nullptr)
    hub.timers().arm_after(stats_timer_, options_.stats_interval);
}

Watch::Share Watch::take_share(Hub& hub) {
  auto& desk = desk_of(hub);
  Share share{desk.counts.take(), desk.connections, desk.polling, {}};
  desk.wall_ahead = wall_ahead(hub);
  hub.for_each_namespace([&](socket::NamespaceCore& nsp) {
    share.namespaces.emplace_back(nsp.name(), nsp.size());
    return share.namespaces.size() < options_.namespaces_max;
  });
  return share;
}

void Watch::tell_stats(Hub& hub, Share const& sum) {
  std::map<std::string_view, std::size_t> namespaces;
  for (auto const& [name, sockets] : sum.namespaces) namespaces[name] += sockets;
  std::chrono::duration<double> const uptime = hub.timers().now() - began_;

  ArgsWriter args;
  {
    ObjectWriter object(args);
    object.member("serverId", server_id_).member("hostname", hostname_).member("pid", ::getpid());
    object.member("uptime", uptime.count());
    object.member("clientsCount", sum.connections).member("pollingClientsCount", sum.polling);
    {
      ArrayWriter events(object.next("aggregatedEvents"));
      for (auto const& each : sum.counts) {
        ObjectWriter event(events.next());
        event.member("timestamp", std::chrono::milliseconds(each.second).count()).member("type", type_name(each.what));
        if (!each.sub_type.empty()) event.member("subType", each.sub_type);
        event.member("count", each.count);
      }
    }
    ArrayWriter list(object.next("namespaces"));
    for (auto const& [name, sockets] : namespaces)
      ObjectWriter(list.next()).member("name", name).member("socketsCount", sockets);
  }
  Audience(hub.shared_board(), options_.namespace_name).emit_encoded("server_stats", std::move(args));
}

}  // namespace chorus::admin
