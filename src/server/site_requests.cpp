// The site's requests: whose they are, and how they get there.
#include <array>
#include <charconv>
#include <utility>

#include "base/check.hpp"
#include "engine/jsonp.hpp"
#include "http/cors.hpp"
#include "http/query.hpp"
#include "server/shared.hpp"
#include "server/site.hpp"
#include "websocket/handshake.hpp"

namespace chorus::server {
namespace {

std::optional<std::size_t> mount_of(std::vector<Mount> const& mounts, Bytes path) {
  for (std::size_t i = 0; i < mounts.size(); ++i)
    if (mounts[i].path == path) return i;
  return std::nullopt;
}

http::Response plain(int status, std::string body = {}) {
  http::Response response;
  response.status = status;
  response.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
  response.body = std::move(body);
  return response;
}

HttpReply call(HttpHandler const& handler, http::Request const& request, bool secure) {
  http::Query const query(request.query_string());
  return handler(HttpRequest{request.method(), request.path(), request.query_string(),
                             [&](std::string_view name) { return request.header(name).value_or(Bytes()); },
                             [&](std::string_view name) { return query.get(name).value_or(std::string()); },
                             request.body(), secure});
}

}  // namespace

Handshake::Request::Parts handshake_parts(http::Request const& request, std::string_view address,
                                          std::optional<net::TlsPeer> const& tls) {
  http::Query const query(request.query_string());
  bool const has_certificate = tls && !tls->subject.empty();
  return {
      .headers = lower_headers(request),
      .query = {query.begin(), query.end()},
      .url = request.target(),
      .address = address,
      .secure = tls.has_value(),
      .issued = std::chrono::system_clock::now(),
      .client_certificate =
          has_certificate ? std::optional(ClientCertificate{tls->subject, tls->verified}) : std::nullopt,
  };
}

http::Response upgrade_refusal(engine::RequestError error) {
  http::Response response;
  response.status = 400;  // Node answers a refused upgrade with 400, whatever the code
  response.headers = {{"Content-Type", "text/html"}};
  response.body = engine::message_of(error);
  response.close = true;
  return response;
}

void Site::prepare_answer(HttpConnection& connection, http::Request const& head) {
  auto const mount = mount_of(shared_.mounts, head.path());
  if (!mount || !shared_.mounts[*mount].cors) return;
  http::Response carrier;
  http::append_cors_headers(carrier, head, *shared_.mounts[*mount].cors);
  connection.answer_headers() = std::move(carrier.headers);
}

bool Site::handle(HttpConnection& connection, http::Request request) {
  hub_.check_worker();
  auto const mount = mount_of(shared_.mounts, request.path());
  if (!mount) {
    handle_route(connection, request);
    return true;
  }
  if (shared_.mounts[*mount].kind == Mount::Kind::websocket_echo)
    return handle_echo(connection, std::move(request), *mount);
  return handle_engine(connection, std::move(request), *mount);
}

void Site::handle_route(HttpConnection& connection, http::Request const& request) {
  auto const sequence = sequence_of(connection.ticket());
  if (websocket::wants_websocket(request)) {
    auto refusal = plain(404, "no WebSocket here\n");
    refusal.close = true;
    connection.respond(sequence, std::move(refusal));
    return;
  }
  std::string const method(request.method() == "HEAD" ? Bytes("GET") : request.method());
  if (auto const route = shared_.routes.find({method, std::string(request.path())}); route != shared_.routes.end()) {
    HttpReply reply{500, "text/plain; charset=utf-8", "internal error\n", {}};
    socket::guarded_call(hub_, "route", request.path(),
                         [&] { reply = call(route->second, request, shared_.tls != nullptr); });
    auto response = plain(reply.status, std::move(reply.body));
    response.headers = std::move(reply.headers);
    response.headers.emplace_back("Content-Type", std::move(reply.content_type));
    connection.respond(sequence, std::move(response));
    return;
  }
  auto file = shared_.files.find(request);
  connection.respond(sequence, file ? std::move(*file) : plain(404, "not found\n"));
}

bool Site::handle_echo(HttpConnection& connection, http::Request request, std::size_t mount) {
  return upgrade(connection, {std::move(request), mount, {}, index_});
}

bool Site::handle_engine(HttpConnection& connection, http::Request request, std::size_t mount_index) {
  Mount const& mount = shared_.mounts[mount_index];
  if (request.method() == "OPTIONS" && mount.cors) {
    connection.respond(sequence_of(connection.ticket()), http::preflight(request, *mount.cors));
    return true;
  }
  prepare_answer(connection, request);
  bool const is_upgrade = websocket::wants_websocket(request);
  http::Query const query(request.query_string());
  auto const verified = verify(mount, request, query, is_upgrade);
  if (verified.has_error()) {
    refuse(connection, verified.error(), is_upgrade);
    return true;
  }
  if (!is_upgrade && dialect_of(mount, query).revision == engine::Revision::v3)
    if (auto const index = engine::jsonp_index(query)) connection.answer_by_jsonp(*index);
  if (verified->sid.empty()) {
    if (draining_) {
      refuse_while_draining(connection);
      return true;
    }
    if (mount.allow_request && mount.allow_request_delay.count() > 0) {
      connection.hold({std::move(request), mount_index, {}, std::nullopt}, mount.allow_request_delay);
      return true;
    }
    return open_session(connection, std::move(request), mount_index);
  }
  auto const place = shared_.place_of(verified->sid);
  if (!place) {
    refuse(connection, engine::RequestError::unknown_session, is_upgrade);
    return true;
  }
  if (is_upgrade)
    return upgrade(connection, {std::move(request), mount_index, verified->sid, place->worker, place->node});
  forward(connection, std::move(request), mount_index, verified->sid, *place);
  return true;
}

void Site::on_held(HttpConnection& connection, HttpConnection::Held held) {
  if (draining_)
    refuse_while_draining(connection);
  else if (held.worker)
    upgrade(connection, std::move(held));
  else
    open_session(connection, std::move(held.request), held.mount);
}

bool Site::open_session(HttpConnection& connection, http::Request request, std::size_t mount_index) {
  Mount const& mount = shared_.mounts[mount_index];
  bool const is_upgrade = websocket::wants_websocket(request);
  if (mount.allow_request) {
    bool allowed = false;
    auto const tls = worker_.tls_peer(connection.id());
    Handshake const handshake(Handshake::Request(handshake_parts(request, connection.address(), tls)), {});
    socket::guarded_call(hub_, "allow_request", mount.path, [&] { allowed = mount.allow_request(handshake); });
    if (!allowed) {
      refuse(connection, engine::RequestError::forbidden, is_upgrade);
      return true;
    }
  }
  unsigned worker = index_;
  bool placed = false;
  if (options().test_placement) {
    http::Query const query(request.query_string());
    if (auto const* wish = query.find("worker")) {
      auto const [end, error] = std::from_chars(wish->data(), wish->data() + wish->size(), worker);
      placed = error == std::errc() && worker < shared_.workers;
    }
  }
  if (is_upgrade && upgrade_fault(request))
    return upgrade(connection, {std::move(request), mount_index, {}, index_});  // refused there
  if (placed)
    shared_.placement.take_at(worker);
  else
    worker = shared_.placement.take(index_);
  if (is_upgrade) return upgrade(connection, {std::move(request), mount_index, {}, worker});
  forward(connection, std::move(request), mount_index, {}, {worker, {}});
  return true;
}

void Site::refuse_while_draining(HttpConnection& connection) {
  connection.respond(sequence_of(connection.ticket()), plain(503, "shutting down\n"));
}

void Site::refuse(HttpConnection& connection, engine::RequestError error, bool is_upgrade) {
  auto const sequence = sequence_of(connection.ticket());
  if (is_upgrade) {
    connection.respond(sequence, upgrade_refusal(error));
    return;
  }
  AnswerLetter letter{connection.ticket(), engine::answer_of(error), {}};
  take(letter);
}

void Site::forward(HttpConnection& connection, http::Request request, std::size_t mount, std::string sid,
                   Shared::Place place) {
  bool const is_poll = request.method() == "GET";
  if (is_poll && options().http_compression.enabled) {
    static constexpr std::array offered{http::ContentCoding::gzip, http::ContentCoding::deflate};
    connection.set_coding(http::preferred_coding(request, offered));
  }
  if (!sid.empty())
    connection.wait_for_session(sid, is_poll ? HttpConnection::Wait::poll : HttpConnection::Wait::answer);
  RequestLetter letter{mount, std::move(sid), std::move(request), connection.ticket(), connection.address()};
  if (letter.sid.empty()) letter.tls = worker_.tls_peer(connection.id());
  if (place.node)
    shared_.relay->request(*place.node, place.worker, std::move(letter));
  else if (place.worker == index_)
    take(letter);
  else
    post(place.worker, std::move(letter));
}

void Site::request_gone(std::string sid, engine::Ticket ticket) {
  auto const place = shared_.place_of(sid);
  if (!place) return;
  GoneLetter letter{std::move(sid), ticket};
  if (place->node)
    shared_.relay->gone(*place->node, place->worker, std::move(letter));
  else if (place->worker == index_)
    take(letter);
  else
    post(place->worker, std::move(letter));
}

std::optional<websocket::UpgradeError> Site::upgrade_fault(http::Request const& request) const {
  if (auto const accept = websocket::check_upgrade(request); !accept) return accept.error();
  if (auto const agreement = websocket::negotiate_deflate(request, shared_.deflate); !agreement)
    return agreement.error();
  return std::nullopt;
}

bool Site::upgrade(HttpConnection& connection, HttpConnection::Held going) {
  if (auto const fault = upgrade_fault(going.request)) {
    connection.respond(sequence_of(connection.ticket()), websocket::upgrade_refusal(*fault));
    return true;
  }
  auto const id = connection.id();
  if (!going.node && *going.worker == index_) return upgrade_here(connection, std::move(going));
  if (going.node && shared_.tls) return upgrade_through_tunnel(connection, std::move(going));
  if (worker_.unsent(id) > 0) {  // an earlier answer on this connection is still on its way out
    connection.hold(std::move(going), Duration::zero());
    return true;
  }
  auto unread = connection.take_unread();
  auto released = worker_.release(id);
  unread += released.unread;
  ended_connections_.push_back(take_out(id));
  MoveLetter letter{going.mount,       std::move(going.sid),   std::move(going.request), std::move(released.descriptor),
                    std::move(unread), std::move(released.tls)};
  if (!letter.descriptor) {
    if (letter.sid.empty()) shared_.placement.give_back(*going.worker);
  } else if (going.node) {
    shared_.relay->move(*going.node, *going.worker, std::move(letter));
  } else {
    post(*going.worker, std::move(letter));
  }
  return false;
}

bool Site::upgrade_through_tunnel(HttpConnection& connection, HttpConnection::Held going) {
  auto unread = connection.take_unread();
  MoveLetter letter{going.mount, std::move(going.sid), std::move(going.request), dig_tunnel(connection),
                    std::move(unread)};
  if (letter.descriptor) shared_.relay->move(*going.node, *going.worker, std::move(letter));
  return false;
}

bool Site::upgrade_here(HttpConnection& connection, HttpConnection::Held going) {
  auto const id = connection.id();
  auto unread = connection.take_unread();
  std::unique_ptr<WebSocketConnection> next(&make_websocket(going.mount));
  WebSocketConnection& websocket = *next;
  ended_connections_.push_back(take_out(id));
  worker_.set_handler(id, websocket);
  put(id, std::move(next));
  worker_.resume_reading(id);
  start_websocket(websocket, going.request, going.mount, going.sid, std::move(unread));
  return false;
}

}  // namespace chorus::server
