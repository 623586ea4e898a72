// The site's other paths: a program's own routes, static files, and the browser's client.
#include <utility>

#include "base/decision.hpp"
#include "http/cors.hpp"
#include "http/query.hpp"
#include "server/shared.hpp"
#include "server/site.hpp"
#include "websocket/handshake.hpp"

namespace chorus::server {

HttpRequest Site::view_of(http::Request const& request, std::string_view address, Routes::Captures captures) const {
  return {.method = request.method(),
          .path = request.path(),
          .query = request.query_string(),
          .header = [&request](std::string_view name) { return request.header(name).value_or(Bytes()); },
          .parameter =
              [&request](std::string_view name) {
                return http::Query(request.query_string()).get(name).value_or(std::string());
              },
          .body = request.body(),
          .url = request.target(),
          .address = address,
          .secure = shared_.tls != nullptr,
          .captures = std::move(captures)};
}

http::Response response_of(HttpReply reply) {
  http::Response response;
  response.status = reply.status;
  response.headers = std::move(reply.headers);
  response.headers.emplace_back("Content-Type", reply.content_type.empty() ? std::string("text/plain; charset=utf-8")
                                                                           : std::move(reply.content_type));
  response.body = std::move(reply.body);
  return response;
}

void Site::handle_route(HttpConnection& connection, http::Request const& request) {
  auto const sequence = sequence_of(connection.ticket());
  if (options().destroy_upgrade && websocket::wants_websocket(request)) {
    auto refusal = response_of({404, {}, "no WebSocket here\n"});
    refusal.close = true;
    connection.respond(sequence, std::move(refusal));
    return;
  }
  auto found = shared_.routes.find(request.method(), request.path());
  if (auto* const match = std::get_if<Routes::Match>(&found))
    return call_route(connection, request, *match->handler, std::move(match->captures));
  auto file = find_client_file(request);
  if (!file) file = shared_.files.find(request.path(), request);
  if (file) {
    connection.respond(sequence, std::move(*file));
  } else if (auto* const other = std::get_if<Routes::OtherMethods>(&found)) {
    connection.respond(sequence, response_of({405, {}, "method not allowed\n", {{"Allow", std::move(other->allow)}}}));
  } else if (auto const* fallback = shared_.routes.fallback()) {
    call_route(connection, request, *fallback, {});
  } else {
    connection.respond(sequence, response_of({404, {}, "not found\n"}));
  }
}

void Site::call_route(HttpConnection& connection, http::Request const& request, HttpHandler const& handler,
                      Routes::Captures captures) {
  auto const decision = std::make_shared<Decision<HttpReply>>(
      [outside = shared_.outside, worker = index_, ticket = connection.ticket()](HttpReply reply) {
        outside->post(worker, ReplyLetter{ticket, std::move(reply)});
      },
      HttpReply{500, {}, "internal error\n"});
  auto const address = client_address(request, connection.address());
  socket::guarded_call(hub_, "route", request.path(), [&] {
    handler(view_of(request, address, std::move(captures)), HttpResponder(decision->handle()));
  });
  if (auto reply = decision->leave())
    connection.respond(sequence_of(connection.ticket()), response_of(std::move(*reply)));
  else
    connection.hold({.request = {}, .waits_for = Held::For::route}, options().route_timeout);
}

void Site::take(ReplyLetter& letter) {
  auto* const connection = connection_as<HttpConnection>(connection_of(letter.ticket), SiteConnection::Kind::http);
  if (connection == nullptr) return;  // it broke meanwhile
  if (connection->take_held(sequence_of(letter.ticket)))
    connection->respond(sequence_of(letter.ticket), response_of(std::move(letter.reply)));
}

/// `/socket.io/socket.io.js`, with the CORS headers that the path has.
std::optional<http::Response> Site::find_client_file(http::Request const& request) const {
  Mount const& mount = shared_.mounts.front();
  Bytes base = mount.path;
  if (base.ends_with('/')) base.remove_suffix(1);
  if (!request.path().starts_with(base)) return std::nullopt;
  bool const is_preflight = request.method() == "OPTIONS" && mount.cors;
  auto file = shared_.client_files.find(request.path().substr(base.size()), request,
                                        is_preflight ? StaticFiles::Methods::any : StaticFiles::Methods::reading);
  if (!file || !mount.cors) return file;
  if (is_preflight) return http::preflight(request, *mount.cors);
  http::append_cors_headers(*file, request, *mount.cors);
  return file;
}

}  // namespace chorus::server
