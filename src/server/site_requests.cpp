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

/// Browsers that warn of scripts in an answer that holds what was asked for (features, "Polling").
bool is_old_explorer(http::Request const& request) {
  auto const agent = request.header("User-Agent");
  return agent && (agent->find("Trident/") != Bytes::npos || agent->find(";MSIE") != Bytes::npos);
}

/// What an upgrade takes along wherever it goes, but for the connection itself.
MoveLetter letter_of(HttpConnection& connection, HttpConnection::Held& going) {
  return {.mount = going.mount,
          .sid = std::move(going.departure.sid),
          .request = std::move(going.request),
          .descriptor = {},
          .unread = connection.take_unread(),
          .headers = std::move(connection.answer_headers()),
          .handshake = going.departure.handshake,
          .answered = connection.answered()};
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

http::Response upgrade_refusal(engine::RequestError error, Bytes message) {
  http::Response response;
  response.status = 400;  // Node answers a refused upgrade with 400, whatever the code
  response.headers = {{"Content-Type", "text/html"}};
  response.body = message.empty() ? engine::message_of(error) : message;
  response.close = true;
  return response;
}

void Site::prepare_answer(HttpConnection& connection, http::Request const& head) {
  auto const mount = shared_.mount_of(head.path());
  if (!mount || !shared_.mounts[*mount].cors) return;
  http::Response carrier;
  http::append_cors_headers(carrier, head, *shared_.mounts[*mount].cors);
  connection.answer_headers() = std::move(carrier.headers);
}

bool Site::handle(HttpConnection& connection, http::Request request) {
  hub_.check_worker();
  auto const mount = shared_.mount_of(request.path());
  if (!mount) {
    handle_route(connection, request);
    return true;
  }
  if (shared_.mounts[*mount].kind == Mount::Kind::websocket_echo)
    return handle_echo(connection, std::move(request), *mount);
  return handle_engine(connection, std::move(request), *mount);
}

bool Site::handle_echo(HttpConnection& connection, http::Request request, std::size_t mount) {
  return upgrade(connection, {.request = std::move(request), .mount = mount, .departure = {.worker = index_}});
}

bool Site::handle_engine(HttpConnection& connection, http::Request request, std::size_t mount_index) {
  Mount const& mount = shared_.mounts[mount_index];
  bool const is_preflight = request.method() == "OPTIONS" && mount.cors;
  if (is_preflight && !mount.cors->preflight_continue) {
    connection.respond(sequence_of(connection.ticket()), http::preflight(request, *mount.cors));
    return true;
  }
  if (is_preflight)
    connection.answer_headers() = http::preflight(request, *mount.cors).headers;
  else
    prepare_answer(connection, request);
  if (!mount.hooks.middlewares.empty())
    return run_middlewares(connection, {.request = std::move(request), .mount = mount_index});
  return enter(connection, std::move(request), mount_index);
}

/// Engine.IO itself: what comes here has passed the program's middlewares.
bool Site::enter(HttpConnection& connection, http::Request request, std::size_t mount_index) {
  Mount const& mount = shared_.mounts[mount_index];
  bool const is_upgrade = websocket::wants_websocket(request);
  http::Query const query(request.query_string());
  auto const verified = verify(mount, request, query, is_upgrade);
  if (verified.has_error()) {
    refuse(connection, request, mount, verified.error());
    return true;
  }
  if (!is_upgrade && dialect_of(mount, query).revision == engine::Revision::v3)
    if (auto const index = engine::jsonp_index(query)) connection.answer_by_jsonp(*index);
  if (verified->sid.empty()) {
    if (draining_) {
      refuse_while_draining(connection);
      return true;
    }
    Held held{.request = std::move(request), .mount = mount_index};
    if (!mount.allow_request || mount.allow_request_delay.count() == 0) return ask_gate(connection, std::move(held));
    connection.hold(std::move(held), mount.allow_request_delay);
    return true;
  }
  auto const place = shared_.place_of(verified->sid);
  if (!place) {
    refuse(connection, request, mount, {engine::RequestError::unknown_session});
    return true;
  }
  if (mount.adds_headers()) add_headers(connection, request, mount, verified->sid, Answer::later);
  if (is_upgrade)
    return upgrade(connection, {.request = std::move(request),
                                .mount = mount_index,
                                .departure = {.sid = verified->sid, .worker = place->worker, .node = place->node}});
  auto address = client_address(request, connection.address());
  forward(connection, {mount_index, verified->sid, std::move(request), connection.ticket(), std::move(address)},
          *place);
  return true;
}

void Site::on_held(HttpConnection& connection, HttpConnection::Held held) {
  if (held.waits_for == Held::For::route) {
    connection.respond(sequence_of(connection.ticket()), response_of({504, {}, "the answer took too long\n"}));
  } else if (draining_) {
    refuse_while_draining(connection);
  } else if (held.waits_for == Held::For::departure) {
    upgrade(connection, std::move(held));
  } else if (held.waits_for == Held::For::delay) {
    ask_gate(connection, std::move(held));
  } else {
    go_on(connection, std::move(held), {});  // no verdict within the time
  }
}

bool Site::begin_session(HttpConnection& connection, http::Request request, std::size_t mount_index, Bytes text) {
  Mount const& mount = shared_.mounts[mount_index];
  unsigned const worker = place_session(request);
  auto const owner = shared_.owner(worker);
  auto sid = text.empty() ? shared_.session_key.mint(owner) : shared_.session_key.mint(owner, text);
  if (mount.adds_headers()) add_headers(connection, request, mount, sid, Answer::first);
  if (websocket::wants_websocket(request))
    return upgrade(connection, {.request = std::move(request),
                                .mount = mount_index,
                                .departure = {.sid = std::move(sid), .handshake = true, .worker = worker}});
  auto address = client_address(request, connection.address());
  forward(connection,
          {.mount = mount_index,
           .sid = std::move(sid),
           .request = std::move(request),
           .ticket = connection.ticket(),
           .address = std::move(address),
           .handshake = true},
          {worker, {}});
  return true;
}

/// The worker of a new session, which is counted there from now on.
unsigned Site::place_session(http::Request const& request) {
  if (options().test_placement) {
    http::Query const query(request.query_string());
    if (auto const* wish = query.find("worker")) {
      unsigned worker = 0;
      auto const [end, error] = std::from_chars(wish->data(), wish->data() + wish->size(), worker);
      if (error == std::errc() && worker < shared_.workers) {
        shared_.placement.take_at(worker);
        return worker;
      }
    }
  }
  return shared_.placement.take(index_);
}

void Site::refuse_while_draining(HttpConnection& connection) {
  connection.respond(sequence_of(connection.ticket()), response_of({503, {}, "shutting down\n"}));
}

void Site::refuse(HttpConnection& connection, http::Request const& request, Mount const& mount, Refusal refusal,
                  Bytes message) {
  report(request, client_address(request, connection.address()), mount, refusal, message);
  if (websocket::wants_websocket(request)) {
    connection.respond(sequence_of(connection.ticket()), upgrade_refusal(refusal.error, message));
    return;
  }
  AnswerLetter letter{connection.ticket(), engine::answer_of(refusal.error, message)};
  take(letter);
}

std::string Site::client_address(http::Request const& request, std::string peer) const {
  if (shared_.trusted_proxies.empty()) return peer;
  return http::client_address(peer, request.header("X-Forwarded-For").value_or(Bytes()), shared_.trusted_proxies);
}

/// To the worker that has the session, wherever that is.
template <class SessionLetter>
void Site::send(Shared::Place const& place, SessionLetter letter) {
  if (place.node)
    shared_.relay->send(*place.node, place.worker, std::move(letter));
  else if (place.worker == index_)
    take(letter);
  else
    post(place.worker, std::move(letter));
}

void Site::forward(HttpConnection& connection, RequestLetter letter, Shared::Place place) {
  auto const& request = letter.request;
  bool const is_poll = request.method() == "GET";
  if (is_poll && options().http_compression.enabled) {
    static constexpr std::array offered{http::ContentCoding::gzip, http::ContentCoding::deflate};
    connection.set_coding(http::preferred_coding(request, offered));
  }
  if (is_old_explorer(request)) connection.answer_headers().emplace_back("X-XSS-Protection", "0");
  if (!letter.handshake)
    connection.wait_for_session(letter.sid, is_poll ? HttpConnection::Wait::poll : HttpConnection::Wait::answer);
  else
    letter.tls = worker_.tls_peer(connection.id());
  send(place, std::move(letter));
}

void Site::request_gone(std::string sid, engine::Ticket ticket) {
  auto const place = shared_.place_of(sid);
  if (!place) return;
  GoneLetter letter{std::move(sid), ticket};
  send(*place, std::move(letter));
}

std::string Site::announce_post(http::Request const& head, engine::Ticket ticket) {
  auto const mount = shared_.mount_of(head.path());
  if (!mount || shared_.mounts[*mount].kind == Mount::Kind::websocket_echo || head.method() != "POST") return {};
  http::Query const query(head.query_string());
  std::string const* const sid = query.find("sid");
  if (sid == nullptr || !tell_of_post({*mount, *sid, ticket, PostLetter::News::begun})) return {};
  return *sid;
}

void Site::retract_post(std::string sid, engine::Ticket ticket) {
  tell_of_post({.sid = std::move(sid), .ticket = ticket, .news = PostLetter::News::refused});
}

/// False: the id is nobody's.
bool Site::tell_of_post(PostLetter letter) {
  auto const place = shared_.place_of(letter.sid);
  if (!place) return false;
  send(*place, std::move(letter));
  return true;
}

std::optional<websocket::UpgradeError> Site::upgrade_fault(http::Request const& request) const {
  if (auto const accept = websocket::check_upgrade(request); !accept) return accept.error();
  if (auto const agreement = websocket::negotiate_deflate(request, shared_.deflate); !agreement)
    return agreement.error();
  return std::nullopt;
}

bool Site::upgrade(HttpConnection& connection, Held going) {
  if (auto const fault = upgrade_fault(going.request)) {
    connection.respond(sequence_of(connection.ticket()), websocket::upgrade_refusal(*fault));
    return true;
  }
  auto const id = connection.id();
  auto const [worker, node] = std::pair(going.departure.worker, going.departure.node);
  if (!node && worker == index_) return upgrade_here(connection, std::move(going));
  if (node && shared_.tls) return upgrade_through_tunnel(connection, std::move(going));
  if (worker_.unsent(id) > 0) {  // an earlier answer on this connection is still on its way out
    going.waits_for = Held::For::departure;
    connection.hold(std::move(going), Duration::zero());
    return true;
  }
  auto letter = letter_of(connection, going);
  auto released = worker_.release(id);
  letter.unread += released.unread;
  letter.descriptor = std::move(released.descriptor);
  ended_connections_.push_back(take_out(id));
  letter.tls = std::move(released.tls);
  if (!letter.descriptor) {
    if (letter.handshake) shared_.placement.give_back(worker);
  } else if (node) {
    shared_.relay->move(*node, worker, std::move(letter));
  } else {
    post(worker, std::move(letter));
  }
  return false;
}

bool Site::upgrade_through_tunnel(HttpConnection& connection, Held going) {
  auto letter = letter_of(connection, going);
  letter.descriptor = dig_tunnel(connection);
  if (letter.descriptor) shared_.relay->move(*going.departure.node, going.departure.worker, std::move(letter));
  return false;
}

bool Site::upgrade_here(HttpConnection& connection, Held going) {
  auto const id = connection.id();
  auto arrived = letter_of(connection, going);
  std::unique_ptr<WebSocketConnection> next(&make_websocket(going.mount));
  WebSocketConnection& websocket = *next;
  ended_connections_.push_back(take_out(id));
  worker_.set_handler(id, websocket);
  put(id, std::move(next));
  worker_.resume_reading(id);
  start_websocket(websocket, std::move(arrived));
  return false;
}

}  // namespace chorus::server
