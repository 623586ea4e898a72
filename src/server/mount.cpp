#include "server/mount.hpp"

#include <algorithm>

#include "engine/jsonp.hpp"

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

bool asks_for_revision_4(http::Query const& query) {
  std::string const* const version = query.find("EIO");
  return version != nullptr && *version == "4";
}

/// What Node's HTTP lets stand in a header: no control characters but the tab.
bool is_legal_origin(Bytes origin) {
  return std::ranges::all_of(origin, [](char c) {
    auto const u = static_cast<unsigned char>(c);
    return u == '\t' || (u >= 0x20 && u != 0x7f);
  });
}

}  // namespace

engine::Dialect dialect_of(Mount const& mount, http::Query const& query) {
  if (!mount.allow_eio3 || asks_for_revision_4(query)) return {};
  std::string const* const b64 = query.find("b64");
  bool const wants_text = (b64 != nullptr && !b64->empty()) || engine::jsonp_index(query);
  return {engine::Revision::v3, wants_text ? engine::BinaryForm::base64 : engine::BinaryForm::bytes};
}

engine::Dialect dialect_of(Mount const& mount, http::Request const& request) {
  return mount.allow_eio3 ? dialect_of(mount, http::Query(request.query_string())) : engine::Dialect();
}

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
  if (!asks_for_revision_4(query) && !mount.allow_eio3) return RequestError::unsupported_version;
  return EngineRequest{{}, *transport};
}

}  // namespace chorus::server
