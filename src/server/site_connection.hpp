// What the connections of a site have in common.
#pragma once
#include <cstdint>

#include "net/connection.hpp"

namespace chorus::server {

/// Thread: its worker's. Lifetime: owned by the site's slot of its ConnectionId.
class SiteConnection : public net::ConnectionHandler {
 public:
  enum class Kind : std::uint8_t { http, websocket, tunnel };

  explicit SiteConnection(Kind kind) : kind_(kind) {}
  Kind kind() const { return kind_; }
  net::ConnectionId id() const { return id_; }
  void set_id(net::ConnectionId id) { id_ = id; }
  /// The process stops: end as soon as politeness allows.
  virtual void drain() = 0;

 private:
  Kind kind_;
  net::ConnectionId id_;
};

}  // namespace chorus::server
