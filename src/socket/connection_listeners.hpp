// What a program wants to be told of one client's connection.
#pragma once
#include <functional>
#include <string_view>

#include "socket/listeners.hpp"

namespace chorus::socket {

/// Thread: the client's worker. Lifetime: the client's.
struct ConnectionListeners {
  Listeners<std::function<void(std::string_view)>> upgrade;
  Listeners<std::function<void(std::string_view, bool)>> packet;
  Listeners<std::function<void(std::string_view, std::string_view)>> close;
};

}  // namespace chorus::socket
