// Credentials: the token and the id a client brought, wherever it put them.
#pragma once
#include <string>

#include "chorus/handshake.hpp"
#include "chorus/server.hpp"

namespace chorus::app {

/// Each is looked for in the CONNECT packet's auth payload, else in the query, else in the request's headers (`token`
/// and `id`; a token in `Authorization: Bearer` too). Empty: not there.
struct Credentials {
  std::string token;
  std::string id;
};

Credentials credentials_of(Handshake const& handshake);
/// A plain request has no auth payload; here the headers come first, for a query is seen in logs.
Credentials credentials_of(HttpRequest const& request);

/// "phone" if the auth payload's `kind` says so, else "desktop".
std::string device_kind(Handshake const& handshake);

}  // namespace chorus::app
