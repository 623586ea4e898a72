// FakeLink: the WebSocket between a fake client and its worker, as two queues.
#pragma once
#include <cstdint>
#include <deque>
#include <string>

#include "engine/types.hpp"

namespace chorus::server {

/// Thread: the test's. Lifetime: shared by both ends.
struct FakeLink {
  struct Message {
    engine::MessageKind kind = engine::MessageKind::text;
    std::string data;
  };

  std::deque<Message> to_server, to_client;
  bool client_closed = false;  ///< behind what is in `to_server`
  bool server_closed = false;  ///< behind what is in `to_client`
  bool silent = false;         ///< nothing arrives any more, on either side
};

}  // namespace chorus::server
