#include "admin/event_counts.hpp"

#include <algorithm>
#include <utility>

namespace chorus::admin {

Bytes type_name(Happening what) {
  constexpr std::array<Bytes, happenings> names{"rawConnection", "rawDisconnection", "packetsIn",
                                                "packetsOut",    "bytesIn",          "bytesOut"};
  return names[static_cast<std::size_t>(what)];
}

void EventCounts::add(std::chrono::seconds second, Happening what, std::uint64_t count, Bytes sub_type) {
  auto& newest = newest_[static_cast<std::size_t>(what)];
  if (newest < list_.size()) {
    auto& last = list_[newest];
    if (last.what == what && last.second == second && last.sub_type == sub_type) {
      last.count += count;
      return;
    }
  }
  entry(second, what, sub_type).count += count;
}

EventCount& EventCounts::entry(std::chrono::seconds second, Happening what, Bytes sub_type) {
  auto& newest = newest_[static_cast<std::size_t>(what)];
  for (std::size_t i = list_.size(); i-- > 0 && list_[i].second >= second;)
    if (list_[i].what == what && list_[i].sub_type == sub_type) {
      newest = i;
      return list_[i];
    }
  if (!list_.empty() && list_.front().second <= second - seconds_max) {
    std::erase_if(list_, [&](EventCount const& each) { return each.second <= second - seconds_max; });
    newest_.fill(list_.size());
  }
  newest = list_.size();
  return list_.emplace_back(EventCount{second, what, std::string(sub_type), 0});
}

std::vector<EventCount> EventCounts::take() { return std::exchange(list_, {}); }

void merge(std::vector<EventCount>& into, std::vector<EventCount> const& from) {
  for (auto const& each : from) {
    auto const same = std::ranges::find_if(into, [&](EventCount const& own) {
      return own.second == each.second && own.what == each.what && own.sub_type == each.sub_type;
    });
    if (same != into.end())
      same->count += each.count;
    else
      into.push_back(each);
  }
}

}  // namespace chorus::admin
