// Bodies of the handle chorus::Cluster.
#include <utility>

#include "chorus/cluster.hpp"
#include "cluster/redis/redis_bus.hpp"

namespace chorus {

bool Cluster::up() const { return bus_ != nullptr && bus_->up(); }

std::string const& Cluster::node() const {
  static std::string const alone;
  return bus_ != nullptr ? bus_->node() : alone;
}

RedisStats Cluster::stats() const { return bus_ != nullptr ? bus_->stats() : RedisStats{}; }

void Cluster::publish(std::string channel, std::string payload) const {
  if (bus_ != nullptr) bus_->publish(std::move(channel), std::move(payload));
}

void Cluster::subscribe(std::string channel, std::function<void(std::string_view)> handler) const {
  if (bus_ != nullptr) bus_->subscribe(std::move(channel), std::move(handler));
}

void Cluster::on_up(std::function<void()> handler) const {
  if (bus_ != nullptr) bus_->when_up(std::move(handler));
}

void Cluster::command(std::vector<std::string> arguments, std::function<void(RedisReply const&)> on_reply) const {
  if (bus_ != nullptr) return bus_->command(std::move(arguments), std::move(on_reply));
  if (on_reply) on_reply({false, {"DOWN no Redis is configured"}});
}

void Cluster::node_died(std::string node) const {
  if (bus_ != nullptr) bus_->node_died(std::move(node));
}

}  // namespace chorus
