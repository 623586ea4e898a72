// TunnelEnd: one of the two ends of a tunnel, which carries an encrypted WebSocket to another process of the machine.
#pragma once
#include "server/site_connection.hpp"

namespace chorus::server {

class Site;

/// The state of TLS cannot leave its process, so the connection stays and what it says is carried on, as plaintext,
/// through a Unix socket whose far end is the session's: two connections of the worker, joined with each other. Neither
/// reads more than the other one gets rid of. When one ends, both do; what is still in the kernel of an end that waited
/// for the other is lost then.
///
/// Thread: its worker's. Lifetime: the site's slot. Limits: each end is a connection of its own, with its backlog.
class TunnelEnd final : public SiteConnection {
 public:
  explicit TunnelEnd(Site& site) : SiteConnection(Kind::tunnel), site_(site) {}
  void join(net::ConnectionId other) { other_ = other; }

  void on_data(net::ConnectionId id, MutableBytes bytes) override;
  void on_end(net::ConnectionId id) override;
  void on_drained(net::ConnectionId id) override;
  void on_closed(net::ConnectionId id, net::CloseReason reason) override;
  void drain() override;

 private:
  Site& site_;
  net::ConnectionId other_;
};

}  // namespace chorus::server
