#include "server/mount.hpp"

#include <algorithm>

namespace chorus::server {
namespace {

using engine::RequestError;
using engine::Transport;

std::optional<Transport> transport_named(Mount const& mount, std::string const* name) {
  if (name == nullptr) return std::nullopt;
  if (*name == "polling" && mount.engine.polling_enabled) return Transport::polling;
  if (*name == "websocket" && mount.engine.websocket_enabled) return Transport::websocket;
  return std::nullopt;
}

/// What Node's HTTP lets stand in a header: no control characters but the tab.
bool is_legal_origin(Bytes origin) {
  return std::ranges::all_of(origin, [](char c) {
    auto const u = static_cast<unsigned char>(c);
    return u == '\t' || (u >= 0x20 && u != 0x7f);
  });
}

}  // namespace

Result<EngineRequest, RequestError> verify(Mount const& mount, http::Request const& request, http::Query const& query,
                                           bool is_upgrade) {
  auto const transport = transport_named(mount, query.find("transport"));
  if (!transport) return RequestError::unknown_transport;
  if (auto const origin = request.header("origin"); origin && !is_legal_origin(*origin))
    return RequestError::bad_request;

  if (std::string const* sid = query.find("sid")) {
    if (sid->empty()) return RequestError::unknown_session;
    // A polling session asked for by "transport=websocket" without an upgrade: a proxy that cannot upgrade.
    if (*transport == Transport::websocket && !is_upgrade) return RequestError::bad_request;
    if (*transport == Transport::polling && is_upgrade) return RequestError::bad_request;
    return EngineRequest{*sid, *transport};
  }
  if (request.method() != "GET") return RequestError::bad_handshake_method;
  if (*transport == Transport::websocket && !is_upgrade) return RequestError::bad_request;
  if (*transport == Transport::polling && is_upgrade) return RequestError::bad_request;
  std::string const* version = query.find("EIO");
  if (version == nullptr || *version != "4") return RequestError::unsupported_version;
  return EngineRequest{{}, *transport};
}

}  // namespace chorus::server
