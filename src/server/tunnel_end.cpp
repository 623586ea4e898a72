#include "server/tunnel_end.hpp"

#include <sys/socket.h>

#include <array>
#include <memory>
#include <utility>

#include "server/site.hpp"

namespace chorus::server {

void TunnelEnd::on_data(net::ConnectionId id, MutableBytes bytes) {
  if (site_.worker().write(other_, as_bytes(bytes)) == net::Sent::backlogged) site_.worker().pause_reading(id);
}

void TunnelEnd::on_drained(net::ConnectionId) { site_.worker().resume_reading(other_); }

void TunnelEnd::on_end(net::ConnectionId) { drain(); }

void TunnelEnd::on_closed(net::ConnectionId, net::CloseReason) {
  site_.worker().close(other_, net::CloseMode::after_flush);
  site_.forget(*this);
}

void TunnelEnd::drain() {
  for (auto const end : {other_, id()}) site_.worker().close(end, net::CloseMode::after_flush);
}

/// The far end of a tunnel that `connection` becomes the near end of, to be read as the client's connection; what was
/// read behind the request is not in it. Empty: there is no descriptor left, and the connection is closed.
net::FileDescriptor Site::dig_tunnel(HttpConnection& connection) {
  auto const outer_id = connection.id();
  auto outer = std::make_unique<TunnelEnd>(*this);
  auto inner = std::make_unique<TunnelEnd>(*this);
  std::array<int, 2> ends{-1, -1};
  net::ConnectionId inner_id;
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) == 0)
    inner_id = worker_.adopt(net::FileDescriptor(ends[0]), *inner);
  net::FileDescriptor far(ends[1]);
  if (!inner_id) {
    close_connection(connection, net::CloseMode::now);
    return {};
  }
  outer->join(inner_id);
  inner->join(outer_id);
  ended_connections_.push_back(take_out(outer_id));
  worker_.set_handler(outer_id, *outer);
  put(outer_id, std::move(outer));
  put(inner_id, std::move(inner));
  worker_.resume_reading(outer_id);
  return far;
}

}  // namespace chorus::server
