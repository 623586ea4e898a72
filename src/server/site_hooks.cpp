// The site's hooks: what a program says about Engine.IO requests, at once or later. A verdict that comes later finds
// its request held by its connection, if that still waits.
#include <utility>

#include "base/decision.hpp"
#include "engine/session_id.hpp"
#include "server/cookie.hpp"
#include "server/shared.hpp"
#include "server/site.hpp"
#include "websocket/handshake.hpp"

namespace chorus::server {
namespace {

using Verdict = HookVerdict::Kind;
using Decide = std::function<void(HookVerdict)>;

HttpStep step(Decide decide) {
  return HttpStep([decide = std::move(decide)](HttpStep::Verdict verdict) {
    constexpr Verdict kinds[] = {Verdict::go_on, Verdict::refuse, Verdict::end};
    decide({kinds[static_cast<int>(verdict.kind)], {}, std::move(verdict.headers), std::move(verdict.reply)});
  });
}

Gate gate(Decide decide) {
  return Gate([decide = std::move(decide)](Gate::Verdict verdict) {
    decide({verdict.allowed ? Verdict::go_on : Verdict::refuse, std::move(verdict.message)});
  });
}

SessionText session_text(Decide decide) {
  return SessionText([decide = std::move(decide)](std::optional<std::string> text) {
    decide({text ? Verdict::go_on : Verdict::refuse, std::move(text).value_or(std::string())});
  });
}

}  // namespace

/// Runs a call-back that decides. Nothing: it has not yet.
template <class Call>
std::optional<HookVerdict> Site::ask(HttpConnection& connection, char const* what, Mount const& mount, Call&& call) {
  auto const decision = std::make_shared<Decision<HookVerdict>>(
      [outside = shared_.outside, worker = index_, ticket = connection.ticket()](HookVerdict verdict) {
        outside->post(worker, VerdictLetter{ticket, std::move(verdict)});
      });
  socket::guarded_call(hub_, what, mount.path, [&] { call(decision->handle()); });
  return decision->leave();
}

bool Site::wait_for_verdict(HttpConnection& connection, Held held, Held::For what) {
  held.waits_for = what;
  connection.hold(std::move(held), options().admission_timeout);
  return true;
}

void Site::take(VerdictLetter& letter) {
  auto* const connection = connection_as<HttpConnection>(connection_of(letter.ticket), SiteConnection::Kind::http);
  if (connection == nullptr) return;  // it broke meanwhile
  auto held = connection->take_held(sequence_of(letter.ticket));
  if (!held) return;  // too late
  if (draining_) return refuse_while_draining(*connection);
  go_on(*connection, std::move(*held), std::move(letter.verdict));
}

bool Site::go_on(HttpConnection& connection, Held held, HookVerdict verdict) {
  if (held.waits_for == Held::For::gate) return after_gate(connection, std::move(held), verdict);
  if (held.waits_for == Held::For::session_text) return after_session_text(connection, std::move(held), verdict);
  if (!passes(connection, held, std::move(verdict))) return true;
  ++held.middleware;
  return run_middlewares(connection, std::move(held));
}

bool Site::run_middlewares(HttpConnection& connection, Held held) {
  Mount const& mount = shared_.mounts[held.mount];
  auto const address = client_address(held.request, connection.address());
  for (; held.middleware < mount.hooks.middlewares.size(); ++held.middleware) {
    auto const& middleware = mount.hooks.middlewares[held.middleware];
    auto verdict = ask(connection, "middleware", mount,
                       [&](Decide decide) { middleware(view_of(held.request, address), step(std::move(decide))); });
    if (!verdict) return wait_for_verdict(connection, std::move(held), Held::For::middleware);
    if (!passes(connection, held, std::move(*verdict))) return true;
  }
  return enter(connection, std::move(held.request), held.mount);
}

/// False: the request has its answer.
bool Site::passes(HttpConnection& connection, Held const& held, HookVerdict verdict) {
  auto& headers = connection.answer_headers();
  for (auto& header : verdict.headers) headers.push_back(std::move(header));
  if (verdict.kind == Verdict::go_on) return true;
  if (verdict.kind == Verdict::end) {
    auto response = response_of(std::move(verdict.reply));
    response.close = websocket::wants_websocket(held.request);
    connection.respond(sequence_of(connection.ticket()), std::move(response));
  } else {
    refuse(connection, held.request, shared_.mounts[held.mount],
           {engine::RequestError::bad_request, Refusal::Cause::middleware_failure});
  }
  return false;
}

bool Site::ask_gate(HttpConnection& connection, Held held) {
  Mount const& mount = shared_.mounts[held.mount];
  if (!mount.allow_request) return after_gate(connection, std::move(held), {Verdict::go_on});
  auto const address = client_address(held.request, connection.address());
  auto const tls = worker_.tls_peer(connection.id());
  Handshake const handshake(Handshake::Request(handshake_parts(held.request, address, tls)), {});
  auto const verdict = ask(connection, "allow_request", mount,
                           [&](Decide decide) { mount.allow_request(handshake, gate(std::move(decide))); });
  if (!verdict) return wait_for_verdict(connection, std::move(held), Held::For::gate);
  return after_gate(connection, std::move(held), *verdict);
}

bool Site::after_gate(HttpConnection& connection, Held held, HookVerdict const& verdict) {
  Mount const& mount = shared_.mounts[held.mount];
  if (verdict.kind != Verdict::go_on) {
    refuse(connection, held.request, mount, {engine::RequestError::forbidden}, verdict.text);
    return true;
  }
  if (websocket::wants_websocket(held.request) && upgrade_fault(held.request))
    return upgrade(connection, std::move(held));  // refused there
  if (!mount.hooks.session_text) return begin_session(connection, std::move(held.request), held.mount, {});
  auto const address = client_address(held.request, connection.address());
  auto const text = ask(connection, "generate_id", mount, [&](Decide decide) {
    mount.hooks.session_text(view_of(held.request, address), session_text(std::move(decide)));
  });
  if (!text) return wait_for_verdict(connection, std::move(held), Held::For::session_text);
  return after_session_text(connection, std::move(held), *text);
}

bool Site::after_session_text(HttpConnection& connection, Held held, HookVerdict const& verdict) {
  if (verdict.kind == Verdict::go_on && engine::is_session_text(verdict.text))
    return begin_session(connection, std::move(held.request), held.mount, verdict.text);
  refuse(connection, held.request, shared_.mounts[held.mount],
         {engine::RequestError::bad_request, Refusal::Cause::id_generation_error});
  return true;
}

void Site::add_headers(HttpConnection& connection, http::Request const& request, Mount const& mount, Bytes sid,
                       Answer which) {
  auto& headers = connection.answer_headers();
  // As on Node, where a session that begins with a WebSocket gets no cookie.
  if (which == Answer::first && !mount.cookie.name.empty() && !websocket::wants_websocket(request))
    headers.emplace_back("Set-Cookie", set_cookie(mount.cookie, sid));
  auto const address = client_address(request, connection.address());
  auto const run = [&](char const* what, std::vector<EngineHooks::HeadersHook> const& hooks) {
    for (auto const& hook : hooks)
      socket::guarded_call(hub_, what, mount.path, [&] { hook(headers, view_of(request, address), sid); });
  };
  if (which == Answer::first) run("initial_headers", mount.hooks.initial_headers);
  run("headers", mount.hooks.headers);
}

void Site::report(http::Request const& request, std::string_view address, Mount const& mount, Refusal refusal,
                  Bytes message) {
  if (mount.hooks.connection_error.empty()) return;
  ConnectionError const error{static_cast<int>(refusal.error), engine::message_of(refusal.error),
                              context_of(refusal, request, message)};
  for (auto const& hook : mount.hooks.connection_error)
    socket::guarded_call(hub_, "connection_error", mount.path, [&] { hook(view_of(request, address), error); });
}

}  // namespace chorus::server
