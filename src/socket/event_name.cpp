#include "socket/event_name.hpp"

#include <algorithm>
#include <iterator>

#include "base/check.hpp"
#include "chorus/audience.hpp"

namespace chorus {

bool is_reserved_event(std::string_view name) {
  static constexpr std::string_view reserved[] = {"connect",       "connect_error", "disconnect",
                                                  "disconnecting", "newListener",   "removeListener"};
  return std::ranges::find(reserved, name) != std::end(reserved);
}

void socket::check_event_name(std::string_view event) {
  CHORUS_CHECK(!is_reserved_event(event), "an emit uses an event name that Socket.IO reserves");
}

}  // namespace chorus
