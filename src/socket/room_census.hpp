// RoomCensus: which rooms of a namespace have members in this process, where somebody wants to be told.
#pragma once
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/guarded.hpp"
#include "socket/rooms.hpp"

namespace chorus::socket {

class NamespaceCore;

/// Told by every worker of each join and leave, and counts under one lock; within it, it posts what happened to the
/// room's home worker, so that this tells it in the order in which it happened.
/// Thread: any. Lifetime: shared by all versions of a definition.
class RoomCensus {
 public:
  void joined(NamespaceCore& nsp, std::string_view room, std::string_view socket_id);
  void left(NamespaceCore& nsp, std::string_view room, std::string_view socket_id);

 private:
  Guarded<StringMap<std::size_t>> members_;  // by namespace and room: children share their parent's
};

}  // namespace chorus::socket
