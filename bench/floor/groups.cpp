#include "floor/groups.hpp"

namespace bench_floor {

void Group::enter(std::size_t thread, Peer& peer) {
  shares[thread].members.push_back(&peer);
  present.fetch_or(std::uint64_t{1} << thread);
}

void Group::leave(std::size_t thread, Peer& peer) {
  auto& members = shares[thread].members;
  std::erase(members, &peer);
  if (members.empty()) present.fetch_and(~(std::uint64_t{1} << thread));
}

Group& Groups::find(std::string const& name) {
  std::lock_guard const lock(mutex_);
  auto& group = by_name_[name];
  if (!group) group = std::make_unique<Group>(threads_);
  return *group;
}

Group& KnownGroups::find(std::string_view name) {
  if (auto const known = known_.find(name); known != known_.end()) return *known->second;
  std::string const own(name);
  Group& group = all_.find(own);
  known_.emplace(own, &group);
  return group;
}

}  // namespace bench_floor
