// Cluster: the Redis that joins processes and machines, as a program may use it for state of its own.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace chorus {

namespace cluster {
class RedisBus;
}

/// `ServerOptions::redis`: how this process finds the others. Everything that Socket.IO's standard Redis adapter does
/// (@socket.io/redis-adapter), beside its Node servers.
struct RedisSettings {
  /// `redis://[[user]:password@]host[:port][/db]`, `rediss://…` (TLS) or `unix:///path`; empty: a process alone.
  std::string url;
  /// Prefix of the adapter's channels; the same on all servers of a cluster [key].
  std::string key = "socket.io";
  /// With TLS: certificates to trust in place of the system's (PEM file), and whether to check at all.
  std::string tls_ca_file;
  bool tls_verify = true;  ///< false: any certificate will do
};

/// What became of the messages this process published: each is in exactly one of confirmed, spooled_sent, dropped,
/// unknown and waiting, at any time, and in the end in one of the first four.
struct RedisStats {
  bool configured = false;         ///< there is a RedisSettings::url
  bool up = false;                 ///< connected, and all subscriptions confirmed
  std::size_t nodes = 0;           ///< other nodes of Chorus that are heard of
  std::uint64_t published = 0;     ///< with those of the server itself: beats, devices, history
  std::uint64_t confirmed = 0;     ///< Redis has answered
  std::uint64_t spooled_sent = 0;  ///< waited for Redis to come back, then sent and confirmed
  std::uint64_t dropped = 0;       ///< no room to wait
  std::uint64_t unknown = 0;       ///< written, but the connection ended before an answer; never sent again
  std::uint64_t waiting = 0;       ///< now
  std::uint64_t malformed = 0;     ///< received messages that could not be read
};

/// What Redis answered to a command, as text: a list has one entry each, a nil is an empty one.
struct RedisReply {
  bool ok = false;                  ///< false: `values` holds the error, "DOWN …" when there is no connection
  std::vector<std::string> values;  ///< one for a simple answer
};

/// The other nodes, and the Redis between them: a copyable handle. Thread: any. Lifetime: outlives the server, then its
/// calls do nothing. Without Redis publish and subscribe do nothing, a command is answered at once, with an error.
class Cluster {
 public:
  explicit Cluster(std::shared_ptr<cluster::RedisBus> bus) : bus_(std::move(bus)) {}

  /// There is a Redis (RedisSettings::url).
  bool configured() const { return bus_ != nullptr; }
  /// Connected, and all subscriptions confirmed.
  bool up() const;
  /// This process, unique among all that ever were.
  std::string const& node() const;
  /// As of now.
  RedisStats stats() const;

  /// In order with what this thread emits. While Redis is away it waits (bounded).
  void publish(std::string channel, std::string payload) const;
  /// Before the server starts. The handler runs on the thread of the bus and must not block; its own process's messages
  /// come too.
  void subscribe(std::string channel, std::function<void(std::string_view payload)> handler) const;
  /// Before the server starts. Runs on the thread of the bus each time Redis is there (again), before anything that is
  /// received from then on.
  void on_up(std::function<void()> handler) const;
  /// `on_reply` runs once, on the thread of the bus. Never waits for Redis to come back.
  void command(std::vector<std::string> arguments, std::function<void(RedisReply const&)> on_reply) const;
  /// For who looks after processes and saw one die: `node`, as node() was there. Its users' devices are gone here at
  /// once; without such a word they are when its beats are missed, within 10 s. It must never live again.
  void node_died(std::string node) const;

 private:
  std::shared_ptr<cluster::RedisBus> bus_;
};

}  // namespace chorus
