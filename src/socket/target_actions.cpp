#include "socket/target_actions.hpp"

#include <set>
#include <utility>

#include "base/decision.hpp"
#include "socket/gather.hpp"
#include "socket/hub.hpp"
#include "socket/socket_core.hpp"

namespace chorus::socket {
namespace {

/// Runs `act(core)` for every matching socket, on its worker.
template <class F>
void for_all(BoardPtr const& board, TargetPtr const& target, F act, std::function<void()> done, Order order) {
  struct Nothing {};
  bool const in_order = order == Order::of_the_namespace && !is_parent_name(target->nsp);
  gather<Nothing>(
      board, board->interested(*target),
      [target, act](Hub& hub, std::function<void(Nothing)> reply) {
        hub.for_each_reached(target->nsp, [&](NamespaceCore& nsp) {
          for (SocketCore* core : nsp.select(*target))
            if (core->connected()) act(*core);
        });
        reply({});
      },
      [](Nothing) {},
      [done = std::move(done)] {
        if (done) done();
      },
      in_order ? std::string_view(target->nsp) : std::string_view());
}

}  // namespace

void join_sockets(BoardPtr const& board, TargetPtr const& target, std::vector<std::string> rooms,
                  std::function<void()> done) {
  board->joins_began();
  for_all(
      board, target,
      [rooms = std::move(rooms)](SocketCore& core) {
        for (auto const& key : rooms) core.join(key);
      },
      [board, done = std::move(done)] {
        board->joins_ended();
        if (done) done();
      },
      Order::of_the_namespace);
}

void leave_sockets(BoardPtr const& board, TargetPtr const& target, std::vector<std::string> rooms,
                   std::function<void()> done) {
  for_all(
      board, target,
      [rooms = std::move(rooms)](SocketCore& core) {
        for (auto const& key : rooms) core.leave(key);
      },
      std::move(done), Order::of_the_namespace);
}

void disconnect_sockets(BoardPtr const& board, TargetPtr const& target, bool close_connection,
                        std::function<void()> done) {
  for_all(
      board, target, [close_connection](SocketCore& core) { core.disconnect(close_connection); }, std::move(done),
      Order::of_letters);
}

void describe_sockets(BoardPtr const& board, TargetPtr const& target,
                      std::function<void(std::vector<SocketInfo>)> on_sockets) {
  using List = std::vector<SocketInfo>;
  auto const all = std::make_shared<List>();
  gather<List>(
      board, board->interested(*target),
      [target](Hub& hub, std::function<void(List)> reply) {
        List list;
        hub.for_each_reached(target->nsp, [&](NamespaceCore& nsp) {
          for (SocketCore const* core : nsp.select(*target)) list.push_back(core->info());
        });
        reply(std::move(list));
      },
      [all](List part) {
        for (auto& info : part) all->push_back(std::move(info));
      },
      [all, on_sockets = std::move(on_sockets)] { on_sockets(std::move(*all)); });
}

void count_sockets(BoardPtr const& board, TargetPtr const& target, std::function<void(std::size_t)> on_count) {
  auto const all = std::make_shared<std::size_t>(0);
  gather<std::size_t>(
      board, board->interested(*target),
      [target](Hub& hub, std::function<void(std::size_t)> reply) {
        std::size_t count = 0;
        hub.for_each_reached(target->nsp, [&](NamespaceCore& nsp) { count += nsp.select(*target).size(); });
        reply(count);
      },
      [all](std::size_t part) { *all += part; }, [all, on_count = std::move(on_count)] { on_count(*all); });
}

void list_rooms(BoardPtr const& board, std::string nsp, std::function<void(std::vector<std::string>)> on_keys) {
  using Keys = std::set<std::string>;
  auto const all = std::make_shared<Keys>();
  Target everybody;
  everybody.nsp = nsp;
  gather<Keys>(
      board, board->interested(everybody),
      [nsp](Hub& hub, std::function<void(Keys)> reply) {
        Keys keys;
        if (NamespaceCore const* const core = hub.find(nsp)) core->collect_rooms(keys);
        reply(std::move(keys));
      },
      [all](Keys part) { all->merge(part); },
      [all, on_keys = std::move(on_keys)] {
        on_keys({all->begin(), all->end()});
      });
}

void hear_server_side(BoardPtr const& board, std::string nsp, std::string event, OwnedArgs args,
                      std::function<void(ArgsWriter)> answer) {
  auto const home = home_worker(nsp, board->workers());
  ServerAck ack;
  if (answer) {  // given without data when nobody can give it any more: the server that asked must not wait in vain
    auto const decision = std::make_shared<Decision<ArgsWriter>>(std::move(answer));
    decision->leave();
    ack = ServerAck(decision->handle());
  }
  board->post(home, Errand([nsp = std::move(nsp), event = std::move(event), args = std::move(args),
                            waiting = std::move(ack)](Hub& hub) mutable {
                auto const ack = std::move(waiting);  // a letter that was read may lie for a while
                NamespaceCore const* const core = hub.find(nsp);
                if (core == nullptr) return;
                auto const definition = core->shared_definition();
                auto const found = definition->server_side.find(event);
                if (found == definition->server_side.end()) return;
                auto const view = args.view();
                for (auto const& handler : found->second)
                  guarded_call(hub, "server side event", event, [&] {
                    if (!handler.call({event, view, ack})) ++hub.counters().events_mistyped;
                  });
              }));
}

}  // namespace chorus::socket
