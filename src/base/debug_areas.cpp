#include "base/debug_areas.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/guarded.hpp"

namespace chorus {
namespace {

constexpr std::size_t areas_max = 64;
constexpr std::size_t area_bytes_max = 256;
constexpr unsigned change = 8;  // the lowest bit above the areas

constexpr unsigned bit(LogArea area) { return static_cast<unsigned>(area); }
constexpr unsigned everything = bit(LogArea::engine) | bit(LogArea::cluster) | bit(LogArea::namespaces);

struct Asked {
  bool all = false;                     // by the level
  unsigned areas = 0;                   // by name
  std::vector<std::string> namespaces;  // names, and beginnings of names with a `*` behind them
};
Guarded<Asked> asked;

/// A new state, under the lock: whoever sees it finds what it stands for.
void publish(Asked const& now) {
  auto const before = detail::debug_state.bits.load(std::memory_order_relaxed);
  detail::debug_state.bits.store((before & ~everything) + change + (now.all ? everything : now.areas),
                                 std::memory_order_relaxed);
}

/// Nothing: there is no such area.
std::optional<unsigned> areas_of(std::string_view name) {
  if (name == "*") return everything;
  if (name == "engine") return bit(LogArea::engine);
  if (name == "cluster") return bit(LogArea::cluster);
  if (!name.empty() && name.front() == '/' && name.size() <= area_bytes_max) return bit(LogArea::namespaces);
  return std::nullopt;
}

bool covers(std::string_view pattern, std::string_view nsp) {
  return pattern.ends_with('*') ? nsp.starts_with(pattern.substr(0, pattern.size() - 1)) : nsp == pattern;
}

/// Nothing: one of the names is none.
std::optional<Asked> parse(std::string_view areas) {
  Asked named;
  for (std::size_t count = 0; !areas.empty(); ++count) {
    auto const name = areas.substr(0, areas.find(','));
    areas.remove_prefix(std::min(areas.size(), name.size() + 1));
    auto const known = areas_of(name);
    if (!known || count == areas_max) return std::nullopt;
    named.areas |= *known;
    if (*known & bit(LogArea::namespaces)) named.namespaces.emplace_back(name);
  }
  return named;
}

}  // namespace

bool are_debug_areas(std::string_view areas) { return parse(areas).has_value(); }

bool set_debug_areas(std::string_view areas) {
  auto named = parse(areas);
  if (!named) return false;
  asked.with([&](Asked& now) {
    named->all = now.all;
    now = std::move(*named);
    publish(now);
  });
  return true;
}

void set_debug_all(DebugAll all) {
  asked.with([all](Asked& now) {
    now.all = all == DebugAll::yes;
    publish(now);
  });
}

bool NamespaceDebug::look(std::string_view nsp) {
  if (seen_ == detail::debug_state.bits.load(std::memory_order_relaxed)) return on_;
  asked.with([&](Asked const& now) {
    seen_ = detail::debug_state.bits.load(std::memory_order_relaxed);
    on_ = now.all || std::ranges::any_of(now.namespaces, [nsp](auto const& pattern) { return covers(pattern, nsp); });
  });
  return on_;
}

}  // namespace chorus
