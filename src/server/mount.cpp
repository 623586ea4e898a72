#include "server/mount.hpp"

#include <algorithm>

#include "engine/jsonp.hpp"

namespace chorus::server {
namespace {

using engine::RequestError;
using engine::Transport;
using Cause = Refusal::Cause;

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

Bytes to_string(Cause cause) {
  switch (cause) {
    case Cause::none:
      return {};
    case Cause::invalid_origin:
      return "INVALID_ORIGIN";
    case Cause::transport_mismatch:
      return "TRANSPORT_MISMATCH";
    case Cause::transport_handshake_error:
      return "TRANSPORT_HANDSHAKE_ERROR";
    case Cause::id_generation_error:
      return "ID_GENERATION_ERROR";
    case Cause::middleware_failure:
      return "MIDDLEWARE_FAILURE";
  }
  return {};
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

Result<EngineRequest, Refusal> verify(Mount const& mount, http::Request const& request, http::Query const& query,
                                      bool is_upgrade) {
  auto const transport = transport_named(mount, query.find("transport"));
  if (!transport) return Refusal{RequestError::unknown_transport};
  if (auto const origin = request.header("origin"); origin && !is_legal_origin(*origin))
    return Refusal{RequestError::bad_request, Cause::invalid_origin};

  bool const fits = (*transport == Transport::websocket) == is_upgrade;
  if (std::string const* sid = query.find("sid"); sid != nullptr && !sid->empty()) {
    // A polling session asked for by "transport=websocket" without an upgrade: a proxy that cannot upgrade.
    if (!fits) return Refusal{RequestError::bad_request, Cause::transport_mismatch};
    return EngineRequest{*sid, *transport};
  }
  if (request.method() != "GET") return Refusal{RequestError::bad_handshake_method};
  if (!fits) return Refusal{RequestError::bad_request, Cause::transport_handshake_error};
  if (!asks_for_revision_4(query) && !mount.allow_eio3) return Refusal{RequestError::unsupported_version};
  if (mount.checks_origin && !http::is_origin_allowed(request, mount.cors ? &*mount.cors : nullptr))
    return Refusal{RequestError::forbidden, Cause::invalid_origin};
  return EngineRequest{{}, *transport};
}

HttpHeaders context_of(Refusal refusal, http::Request const& request, Bytes message) {
  http::Query const query(request.query_string());
  auto const parameter = [&query](Bytes name) { return query.get(name).value_or(std::string()); };
  HttpHeaders context;
  if (auto const name = to_string(refusal.cause); !name.empty()) context.emplace_back("name", name);
  if (refusal.cause == Cause::invalid_origin) context.emplace_back("origin", *request.header("origin"));
  switch (refusal.error) {
    case RequestError::unknown_transport:
      context.emplace_back("transport", parameter("transport"));
      break;
    case RequestError::unknown_session:
      context.emplace_back("sid", parameter("sid"));
      break;
    case RequestError::bad_handshake_method:
      context.emplace_back("method", request.method());
      break;
    case RequestError::bad_request:
      if (refusal.cause == Cause::transport_mismatch) context.emplace_back("transport", parameter("transport"));
      break;
    case RequestError::forbidden:
      if (!message.empty()) context.emplace_back("message", message);
      break;
    case RequestError::unsupported_version:
      context.emplace_back("protocol", parameter("EIO"));
      break;
  }
  return context;
}

}  // namespace chorus::server
