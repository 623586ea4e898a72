// Whose debug lines are asked for by name (set_debug_areas). Where nobody asks, a line costs a load and a branch.
#pragma once
#include <atomic>
#include <string_view>

#include "base/log.hpp"

namespace chorus {

/// The parts of the library that have such lines; values of one bit.
enum class LogArea : unsigned { engine = 1, cluster = 2, namespaces = 4 };

namespace detail {
/// Alone on its cache line: all workers read it all the time.
struct alignas(64) DebugState {
  /// The areas that are asked for, `namespaces` if any namespace is; above them, how often that was changed.
  std::atomic<unsigned> bits{0};
};
inline DebugState debug_state;
}  // namespace detail

/// Thread: any.
inline bool debugs(LogArea area) {
  return (detail::debug_state.bits.load(std::memory_order_relaxed) & static_cast<unsigned>(area)) != 0;
}

/// Whether one namespace's lines are asked for. Remembers it until that changes: a busy namespace takes no lock for
/// another one's lines. Thread: one.
class NamespaceDebug {
 public:
  /// `nsp`: the same in every call.
  bool on(std::string_view nsp) {
    if (!debugs(LogArea::namespaces)) [[likely]]
      return false;
    return look(nsp);
  }

 private:
  bool look(std::string_view nsp);

  unsigned seen_ = 0;
  bool on_ = false;
};

/// Whether set_debug_areas() would take them.
bool are_debug_areas(std::string_view areas);

/// Writes a debug line, whatever set_log_level() says: for whoever has asked debugs().
void log_debug(std::string_view event, LogFields fields);

/// All areas are asked for (or not), beside those that are named: what set_log_level() says of debug lines.
enum class DebugAll { no, yes };
void set_debug_all(DebugAll all);

}  // namespace chorus
