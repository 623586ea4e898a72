// RedisBus: ring 3 over Redis. Socket.IO's standard adapter, the origin's channel, and the directory of nodes.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.hpp"
#include "chorus/cluster.hpp"
#include "cluster/directory.hpp"
#include "cluster/local_bus.hpp"
#include "cluster/redis/adapter_channels.hpp"
#include "cluster/redis/adapter_messages.hpp"
#include "cluster/redis/inflow.hpp"
#include "cluster/redis/open_counts.hpp"
#include "cluster/redis/redis_link.hpp"
#include "socket/target_actions.hpp"
#include "socket/uplink.hpp"

namespace chorus::cluster {

/// One pair of connections for all workers. What a worker tells is encoded there and queued; the post office's thread
/// sends it, and posts what it receives to the workers that have receivers. What this process published itself comes
/// back from Redis and is known by its sender's name: its own sockets were served at once.
///
/// Channels, beside those of the adapter (adapter_channels.hpp): `<key>-chorus#` for the directory (directory.hpp), and
/// those of routes and of Cluster::subscribe.
///
/// Thread: the Uplink and the Cluster's calls any; start() and stop() the Runtime's; the rest the post office's.
/// Lifetime: as long as any handle of the server, by the LocalBus; after stop() what is told is dropped.
/// Failure: the constructor throws std::runtime_error for a URL that is none. What cannot be read is counted.
/// Limits: what the workers have not read yet (InflowLimits); beyond it messages wait in Redis.
class RedisBus final : public socket::Uplink,
                       public std::enable_shared_from_this<RedisBus>,
                       redis::RedisEvents,
                       DirectoryOutlet {
 public:
  RedisBus(RedisSettings settings, std::weak_ptr<LocalBus> local);

  void start() { link_.start(); }
  /// Says good-bye and gives up to a second for what waits.
  void stop();

  // socket::Uplink
  void broadcast(socket::Target const& target, std::string_view event, ArgsWriter const& args) override;
  void sockets_join(socket::Target const& target, std::vector<std::string> const& rooms) override;
  void sockets_leave(socket::Target const& target, std::vector<std::string> const& rooms) override;
  void disconnect_sockets(socket::Target const& target, bool close_connection) override;
  void dispatch(socket::Dispatch const& dispatch) override;
  void server_side_emit(std::string_view nsp, std::string_view event, ArgsWriter const& args) override;
  /// Tells the event, and waits for nobody yet: the answers are incomplete and none.
  void server_side_ask(std::string_view nsp, std::string_view event, ArgsWriter const& args,
                       AnswersHandler on_answers) override;
  void server_count(std::string_view nsp, std::function<void(ServerCount const&)> on_count) override;
  void namespace_opened(std::string_view nsp) override;
  void route(socket::DispatchRoute route) override;
  void device_came(std::string_view nsp, UserId const& user, Device const& device) override;
  void device_went(std::string_view nsp, UserId const& user, std::string_view socket_id) override;

  /// Thread: a worker's, at the end of each of its turns: what it told in it leaves now, together.
  void end_of_turn() { link_.wake(); }

  // For chorus::Cluster.
  bool up() const { return link_.up(); }
  std::string const& node() const { return node_; }
  RedisStats stats() const;
  void publish(std::string channel, std::string payload);
  void subscribe(std::string channel, std::function<void(std::string_view)> handler);
  void when_up(std::function<void()> handler);
  void node_died(std::string node);
  void command(std::vector<std::string> arguments, std::function<void(RedisReply const&)> on_reply);

 private:
  // redis::RedisEvents
  void on_message(Bytes pattern, Bytes channel, Bytes payload) override;
  void on_messages_read() override;
  void on_up() override;
  void on_down(std::string_view reason) override;
  void on_tick(TimePoint now) override;

  // DirectoryOutlet
  void announce(std::string message) override { publish(directory_channel_, std::move(message)); }
  void remote_came(std::string const& nsp, UserId const& user, Device device) override;
  void remote_went(std::string const& nsp, UserId const& user, std::string const& socket_id) override;
  void node_found(std::string const& node) override;
  void node_lost(std::string const& node) override;

  /// Who a channel's messages are for. A version: a change makes a new one, a message holds on to the one it found.
  struct Listeners {
    std::string requests_for;  // the namespace whose request channel it is; empty: none's
    std::vector<socket::DispatchRoute> routes;
    std::vector<std::function<void(std::string_view)>> handlers;
  };
  void listen(std::string channel, std::function<void(Listeners&)> const& change);

  // What comes in; false: it cannot be read.
  bool take(Listeners const& listeners, Bytes payload);
  bool take_broadcast(Bytes payload);
  bool take_request(std::string const& nsp, Bytes payload);
  bool take_dispatch(std::vector<socket::DispatchRoute> const& routes, Bytes payload);
  void post_mark(std::size_t bytes);
  void mark_was_read(std::size_t bytes);

  void act(redis::Request const& request, std::string const& nsp);
  void hear_server_side(redis::Request const& request, std::string const& nsp);
  void act_on_one(redis::Request const& request, std::string const& nsp);
  void deliver(socket::TargetPtr const& target, OwnedArgs const& event, bool wants_answers);
  /// Whether the target may have somebody here, or somebody who could come back.
  static bool concerns(socket::Switchboard const& local, socket::Target const& target, socket::WorkerSet interested);
  static void post(socket::Switchboard& local, socket::WorkerSet workers, socket::BroadcastLetter const& letter);
  /// To the servers of the namespace. Thread: any.
  void respond(std::string const& nsp, std::string response) { publish(channels_.response(nsp), std::move(response)); }
  void refused(char const* what, redis::WireError error);
  void count_servers(std::string const& channel, redis::OpenCounts::OnCount on_count);

  struct Tables {
    std::map<std::string, std::shared_ptr<Listeners const>, std::less<>> channels;
    std::vector<std::function<void()>> on_up;
  };

  std::weak_ptr<LocalBus> const local_;
  redis::AdapterChannels const channels_;
  std::string const uid_;   // of the adapter
  std::string const node_;  // of the directory and the dispatches
  std::string const directory_channel_;
  Guarded<Tables> tables_;
  Directory directory_;
  redis::Inflow inflow_;
  std::optional<LocalBus::Batch> batch_;  // of the messages that are being read
  std::string envelope_, packet_;         // while they are written
  redis::OpenCounts counts_;
  std::atomic<std::size_t> nodes_{0};
  std::atomic<std::uint64_t> malformed_{0};
  std::atomic<std::uint64_t> dispatches_{0};
  redis::RedisLink link_;  // last: its thread ends first
};

}  // namespace chorus::cluster
