#include "cluster/redis/open_counts.hpp"

#include <string>
#include <utility>

namespace chorus::cluster::redis {

std::optional<std::uint64_t> OpenCounts::begin(OnCount on_count) {
  if (open_.size() >= limits_.open_max) {
    on_count({0, "FULL too many questions for the number of servers are open"});
    return std::nullopt;
  }
  open_.emplace(++last_, Open{std::move(on_count), now_ + limits_.time_max});
  return last_;
}

void OpenCounts::finish(std::uint64_t id, ServerCount const& count) {
  auto const found = open_.find(id);
  if (found == open_.end()) return;
  auto const on_count = std::move(found->second.on_count);
  open_.erase(found);
  on_count(count);
}

void OpenCounts::on_tick(TimePoint now) {
  now_ = now;
  while (!open_.empty() && open_.begin()->second.deadline < now)
    finish(open_.begin()->first, {0, "LATE Redis has not answered in time"});
}

void OpenCounts::fail_all(std::string_view error) {
  for (auto& [id, open] : std::exchange(open_, {})) open.on_count({0, std::string(error)});
}

ServerCount count_of(RespValue const& reply) {
  if (reply.is_error()) return {0, std::string(reply.text())};
  if (reply.type() == RespType::array && reply.size() == 2 && reply[1].type() == RespType::integer)
    return {static_cast<std::size_t>(reply[1].integer()), {}};
  return {0, "WRONG the answer of Redis is no number of subscribers"};
}

}  // namespace chorus::cluster::redis
