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
  if (second != second_) begin(second);
  for (auto each = list_.rbegin(); each != list_.rend() && each->second == second; ++each) {
    if (each->what != what || each->sub_type != sub_type) continue;
    each->count += count;
    return;
  }
  list_.push_back({second, what, std::string(sub_type), count});
}

void EventCounts::begin(std::chrono::seconds second) {
  list_running();
  second_ = second;
  std::erase_if(list_, [&](EventCount const& each) { return each.second <= second - seconds_max; });
}

void EventCounts::list_running() {
  for (std::size_t i = 0; i < happenings; ++i)
    if (auto const count = std::exchange(running_[i], 0))
      list_.push_back({second_, static_cast<Happening>(i), {}, count});
}

std::vector<EventCount> EventCounts::take() {
  list_running();
  return std::exchange(list_, {});
}

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
