#include "socket/event_name.hpp"

#include <algorithm>
#include <iterator>

#include "base/check.hpp"

namespace chorus::socket {

void check_event_name(std::string_view event) {
  static constexpr std::string_view reserved[] = {"connect",       "connect_error", "disconnect",
                                                  "disconnecting", "newListener",   "removeListener"};
  CHORUS_CHECK(std::ranges::find(reserved, event) == std::end(reserved),
               "an emit uses an event name that Socket.IO reserves");
}

}  // namespace chorus::socket
