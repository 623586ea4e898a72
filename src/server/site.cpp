#include "server/site.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/free_pages.hpp"
#include "base/log.hpp"
#include "engine/jsonp.hpp"
#include "http/query.hpp"
#include "server/settings.hpp"
#include "server/shared.hpp"
#include "websocket/handshake.hpp"

namespace chorus::server {
namespace {

constexpr int turn_end_rounds_max = 8;                       // pipelined requests answered in one turn, per connection
constexpr auto trim_delay = std::chrono::milliseconds(500);  // who leaves in a crowd, leaves about then

}  // namespace

Site::Site(unsigned index, Shared const& shared)
    : index_(index),
      shared_(shared),
      worker_(worker_options(index, shared.options), *this),
      mailbox_(worker_),
      hub_(make_hub(index, shared, worker_.timers(), worker_.mark())),
      deflation_(shared.deflate),
      body_encoder_(shared.options.http_compression.level) {}

Site::~Site() {
  WorkerTurn turn(worker_.mark());
  hub_.end_tasks();
  // Sessions tell nobody any more: the server has ended.
  sessions_.clear();
  ended_sessions_.clear();
}

ServerOptions const& Site::options() const { return shared_.options; }
http::Limits const& Site::http_limits() const { return shared_.http_limits; }

// ---- net::WorkerEvents
// -----------------------------------------------------------------------------------------------

void Site::on_accepted(net::FileDescriptor descriptor, net::PeerAddress const& peer) {
  take_in(std::move(descriptor), peer, {}, shared_.tls ? shared_.tls->accept() : nullptr);
}

void Site::take_in(net::FileDescriptor descriptor, net::PeerAddress const& peer, Bytes unread,
                   std::unique_ptr<net::TlsStream> tls, bool answered) {
  if (options().connections_max != 0 && worker_.connection_count() * shared_.workers >= options().connections_max)
    return;  // closed with the descriptor
  auto connection = std::make_unique<HttpConnection>(*this, peer.host());
  if (answered) connection->set_answered();
  if (auto const id = worker_.adopt(std::move(descriptor), *connection, unread, std::move(tls)))
    put(id, std::move(connection));
}

void Site::on_letters() {
  for (Letter& letter : mailbox_.collect()) std::visit([this](auto& each) { take(each); }, letter);
}

void Site::on_turn_end() {
  for (int round = 0; round < turn_end_rounds_max && !read_on_.empty(); ++round)
    for (auto const id : std::exchange(read_on_, {}))
      if (auto* const connection = connection_as<HttpConnection>(id, SiteConnection::Kind::http)) connection->read_on();
  if (!read_on_.empty()) worker_.wake();
  hub_.end_of_turn();
  if (shared_.redis) shared_.redis->end_of_turn();
  reframed_.clear();
  ended_sessions_.clear();
  if (deflation_.has_own_streams())
    for (auto const& ended : ended_connections_)
      if (ended->kind() == SiteConnection::Kind::websocket) deflation_.forget(ended->id());
  ended_connections_.clear();
}

// ---- connections
// -----------------------------------------------------------------------------------------------------

void Site::put(net::ConnectionId id, std::unique_ptr<SiteConnection> connection) {
  connection->set_id(id);
  if (id.index >= connections_.size())
    connections_.resize(std::max<std::size_t>(id.index + 1, connections_.size() * 2));
  connections_[id.index] = std::move(connection);
}

std::unique_ptr<SiteConnection> Site::take_out(net::ConnectionId id) {
  if (id.index >= connections_.size() || !connections_[id.index] || connections_[id.index]->id() != id) return nullptr;
  return std::move(connections_[id.index]);
}

void Site::write_frame(net::ConnectionId id, websocket::Opcode opcode, Bytes prefix, Bytes payload) {
  constexpr std::size_t short_prefix_max = 8;  // "4", "3probe"
  char head[websocket::frame_header_max + short_prefix_max];
  std::size_t size = websocket::write_frame_header(head, opcode, prefix.size() + payload.size());
  if (prefix.size() > short_prefix_max) {
    worker_.write(id, Bytes(head, size), prefix);
    worker_.write(id, payload);
    return;
  }
  size += prefix.copy(head + size, prefix.size());
  worker_.write(id, Bytes(head, size), payload);
}

void Site::close_connection(SiteConnection& connection, net::CloseMode mode) {
  worker_.close(connection.id(), mode);
  if (mode == net::CloseMode::now) forget(connection);
}

void Site::forget(SiteConnection& connection) {
  if (auto owned = take_out(connection.id())) ended_connections_.push_back(std::move(owned));
}

// ---- engine::Outlet
// --------------------------------------------------------------------------------------------------

void Site::respond(engine::Ticket request, engine::HttpAnswer answer) {
  AnswerLetter letter{request, std::move(answer)};
  if (node_of(request))
    shared_.relay->answer(std::move(letter));
  else if (worker_of(request) == index_)
    take(letter);
  else
    post(worker_of(request), std::move(letter));
}

void Site::websocket_send(engine::Ticket websocket, engine::MessageKind kind, Bytes prefix, Bytes payload,
                          engine::Compress compress) {
  auto const opcode = kind == engine::MessageKind::text ? websocket::Opcode::text : websocket::Opcode::binary;
  auto const id = connection_of(websocket);
  auto const agreed = agreed_in(websocket);
  if (agreed && compress == engine::Compress::yes) [[unlikely]]
    return send_deflated(id, agreed, opcode, prefix, payload);
  write_frame(id, opcode, prefix, payload);
}

void Site::websocket_send(engine::Ticket websocket, std::shared_ptr<engine::SharedMessage const> const& message) {
  auto const id = connection_of(websocket);
  if (auto const agreed = agreed_in(websocket)) [[unlikely]]
    return send_deflated(id, agreed, *message);
  worker_.write_shared(id, message->frames());
}

void Site::send_deflated(net::ConnectionId id, websocket::DeflateParameters agreed, websocket::Opcode opcode,
                         Bytes prefix, Bytes payload) {
  if (prefix.size() + payload.size() < deflation_.threshold()) return write_frame(id, opcode, prefix, payload);
  deflated_.clear();
  deflation_.deflater(id, agreed).append_frame(deflated_, opcode, prefix, payload);
  worker_.write(id, deflated_);
}

void Site::send_deflated(net::ConnectionId id, websocket::DeflateParameters agreed,
                         engine::SharedMessage const& message) {
  if (message.compress() == engine::Compress::no) {
    worker_.write_shared(id, message.frames());
  } else if (deflation_.shares_frames(agreed)) {
    worker_.write_shared(id, message.deflated_frames(deflation_.deflater(id, agreed)));
  } else {
    deflated_.clear();
    message.append_deflated_frames(deflated_, deflation_.deflater(id, agreed));
    worker_.write(id, deflated_);
  }
}

void Site::websocket_send_reframed(engine::Ticket websocket,
                                   std::shared_ptr<engine::SharedMessage const> const& message,
                                   engine::BinaryForm form) {
  auto const id = connection_of(websocket);
  auto const agreed = agreed_in(websocket);
  if (!agreed || message->compress() == engine::Compress::no) {
    worker_.write_shared(id, reframed_.frames(message, form));
  } else if (deflation_.shares_frames(agreed)) {
    worker_.write_shared(id, reframed_.deflated_frames(message, form, deflation_.deflater(id, agreed)));
  } else {
    deflated_.clear();
    engine::append_deflated_frames(deflated_, *message, form, deflation_.deflater(id, agreed));
    worker_.write(id, deflated_);
  }
}

void Site::websocket_close(engine::Ticket websocket, std::uint16_t code) {
  auto const id = connection_of(websocket);
  if (auto* const connection = connection_as<WebSocketConnection>(id, SiteConnection::Kind::websocket))
    connection->close(code);
}

std::size_t Site::websocket_unsent(engine::Ticket websocket) const { return worker_.unsent(connection_of(websocket)); }

// ---- sessions
// --------------------------------------------------------------------------------------------------------

HostedSession* Site::find_session(std::string_view sid) const { return sessions_.find(sid); }

void Site::session_closed(std::string const& sid) {
  auto ended = sessions_.take(sid);
  if (!ended) return;
  ended_sessions_.push_back(std::move(ended));
  shared_.placement.give_back(index_);
  auto const gone = sessions_most_ - sessions_.size();
  auto const enough = std::max(options().trim_sessions_min, sessions_.size());
  if (options().trim_sessions_min != 0 && gone >= enough && !trim_timer_.armed()) trim_later();
}

void Site::trim_later() {
  sessions_at_look_ = sessions_.size();
  timers().arm_after(trim_timer_, trim_delay);
}

void Site::trim() {
  if (sessions_.size() < sessions_at_look_) return trim_later();  // they are leaving still
  sessions_most_ = sessions_.size();
  while (!connections_.empty() && !connections_.back()) connections_.pop_back();
  connections_.shrink_to_fit();
  ended_connections_.shrink_to_fit();
  ended_sessions_.shrink_to_fit();
  worker_.give_back_memory();
  hub_.give_back_memory();
  give_back_free_pages();
}

HostedSession& Site::make_session(std::size_t mount_index, std::string sid, http::Request const& request,
                                  std::string_view address, std::optional<net::TlsPeer> const& tls) {
  Mount const& mount = shared_.mounts[mount_index];
  SessionParts parts{std::move(sid), mount, worker_.timers(), *this, *this, dialect_of(mount, request)};
  auto introduction = request_models_.make(handshake_parts(request, address, tls));
  std::unique_ptr<HostedSession> session;
  if (mount.kind == Mount::Kind::raw_engine)
    session = std::make_unique<RawSession>(std::move(parts), hub_, std::move(introduction));
  else
    session = std::make_unique<SocketIoSession>(std::move(parts), hub_, std::move(introduction));
  auto& made = *session;
  sessions_.insert(std::move(session));
  sessions_most_ = std::max(sessions_most_, sessions_.size());
  return made;
}

WebSocketConnection& Site::make_websocket(std::size_t mount) {
  auto const& m = shared_.mounts[mount];
  auto const use =
      m.kind == Mount::Kind::websocket_echo ? WebSocketConnection::Use::echo : WebSocketConnection::Use::session;
  return *new WebSocketConnection(*this, m.websocket, use);
}

void Site::start_websocket(WebSocketConnection& connection, MoveLetter arrived) {
  http::Request const& request = arrived.request;
  Mount const& mount = shared_.mounts[arrived.mount];
  HostedSession* session = nullptr;
  if (mount.kind != Mount::Kind::websocket_echo) {
    auto const id = connection.id();
    auto const address = client_address(request, worker_.peer_address(id).host());
    session = arrived.handshake ? &make_session(arrived.mount, arrived.sid, request, address, worker_.tls_peer(id))
                                : find_session(arrived.sid);
    if (session == nullptr || &session->mount() != &mount) {
      report(request, address, mount, {engine::RequestError::unknown_session});
      auto refusal = upgrade_refusal(engine::RequestError::unknown_session);
      std::ranges::move(arrived.headers, std::back_inserter(refusal.headers));
      if (!arrived.answered) write(connection.id(), http::serialize(refusal, false));
      return connection.close_without_frame();
    }
  }
  if (!arrived.answered) {
    auto const accept = websocket::check_upgrade(request);  // checked before the move: it has a value
    auto const agreement = websocket::negotiate_deflate(request, shared_.deflate);
    if (agreement && agreement->parameters) {
      connection.agree(agreement->parameters);
      arrived.headers.emplace_back("Sec-WebSocket-Extensions", agreement->header);
    }
    write(connection.id(), websocket::upgrade_response(*accept, arrived.headers));
  }
  if (session != nullptr) {
    connection.attach(session->session());
    if (arrived.handshake) {
      session->session().open_websocket(connection.ticket());
      session->opened();
    } else {
      session->session().on_upgrade_request(connection.ticket(), dialect_of(mount, request).binary);
    }
  }
  if (!arrived.unread.empty()) connection.on_data(connection.id(), MutableBytes(arrived.unread));
}

// ---- letters
// ---------------------------------------------------------------------------------------------------------

void Site::post(unsigned worker, Letter letter) { shared_.post(worker, std::move(letter)); }

void Site::take(AnswerLetter& letter) {
  auto* const connection = connection_as<HttpConnection>(connection_of(letter.ticket), SiteConnection::Kind::http);
  if (connection == nullptr) return;  // it broke meanwhile; the session was told
  http::Response response;
  response.status = letter.answer.status;
  if (auto const type = engine::to_string(letter.answer.content_type); !type.empty())
    response.headers.emplace_back("Content-Type", type);
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body = std::move(letter.answer.body);
  bool const is_polls = letter.answer.content_type == engine::HttpAnswer::ContentType::text_plain_utf8;
  if (auto const index = connection->jsonp_index(); index && is_polls)
    response.body = engine::jsonp_answer(*index, response.body);
  if (letter.answer.compress == engine::Compress::yes) compress(response, connection->coding());
  connection->respond(sequence_of(letter.ticket), std::move(response));
}

void Site::compress(http::Response& response, http::ContentCoding coding) {
  if (coding == http::ContentCoding::identity || response.body.size() < options().http_compression.threshold) return;
  auto encoded = body_encoder_.encode(response.body, coding);
  if (!encoded) return;
  response.body = std::move(*encoded);
  response.headers.emplace_back("Content-Encoding", http::to_string(coding));
}

void Site::take(GoneLetter& letter) {
  if (HostedSession* const session = find_session(letter.sid)) session->session().on_request_gone(letter.ticket);
}

void Site::take(PostLetter& letter) {
  HostedSession* const hosted = find_session(letter.sid);
  if (hosted == nullptr) return;
  if (letter.news == PostLetter::News::refused) return hosted->session().on_post_refused(letter.ticket);
  if (&hosted->mount() == &shared_.mounts[letter.mount]) hosted->session().on_post_begun(letter.ticket);
}

void Site::take(MoveLetter& letter) {
  std::unique_ptr<WebSocketConnection> connection(&make_websocket(letter.mount));
  auto const id = draining_ ? net::ConnectionId()
                            : worker_.adopt(std::move(letter.descriptor), *connection, {}, std::move(letter.tls));
  if (!id) {  // no descriptor left, or the process is stopping: the connection ends with the letter
    if (letter.handshake) shared_.placement.give_back(index_);
    return;
  }
  WebSocketConnection& placed = *connection;
  put(id, std::move(connection));
  start_websocket(placed, std::move(letter));
}

void Site::take(RequestLetter& letter) {
  if (draining_ && (letter.handshake || letter.request.method() == "POST")) {
    // A message that is not heard must not be confirmed either: its client knows that it has to say it again.
    if (letter.handshake) shared_.placement.give_back(index_);
    return respond(letter.ticket, {503, engine::HttpAnswer::ContentType::none, {}});
  }
  if (letter.handshake) {
    HostedSession& session =
        make_session(letter.mount, std::move(letter.sid), letter.request, letter.address, letter.tls);
    session.session().open_polling(letter.ticket);
    session.opened();
    return;
  }
  HostedSession* const hosted = find_session(letter.sid);
  Mount const& mount = shared_.mounts[letter.mount];
  if (hosted == nullptr || &hosted->mount() != &mount) {
    report(letter.request, letter.address, mount, {engine::RequestError::unknown_session});
    return respond(letter.ticket, engine::answer_of(engine::RequestError::unknown_session));
  }
  engine::Session& session = hosted->session();
  if (session.transport() == engine::Transport::websocket)  // it will refuse
    report(letter.request, letter.address, mount,
           {engine::RequestError::bad_request, Refusal::Cause::transport_mismatch});
  if (letter.request.method() == "GET") return session.on_poll(letter.ticket);
  if (letter.request.method() != "POST")
    return respond(letter.ticket, {500, engine::HttpAnswer::ContentType::none, {}});
  take_post(*hosted, letter);
}

void Site::take_post(HostedSession& hosted, RequestLetter const& letter) {
  Bytes body = letter.request.body();
  std::string unwrapped;
  if (hosted.session().revision() == engine::Revision::v3 &&
      engine::jsonp_index(http::Query(letter.request.query_string())))
    body = unwrapped = engine::jsonp_payload(body);
  auto const type = letter.request.header("content-type") == "application/octet-stream" ? engine::PostType::octet_stream
                                                                                        : engine::PostType::text;
  hosted.carry_headers(&letter.request);
  hosted.session().on_post(letter.ticket, body, type);
  hosted.carry_headers(nullptr);
}

void Site::take(AdoptLetter& letter) {
  if (draining_) return;
  auto const peer = net::PeerAddress::of(letter.descriptor.get());
  bool const answered = letter.first == AdoptLetter::Handshake::answered;
  take_in(std::move(letter.descriptor), peer, letter.unread, nullptr, answered);
}

void Site::take(StopHearingLetter& letter) {
  draining_ = true;
  worker_.stop_listening();
  for (auto const& connection : connections_)
    if (connection) worker_.pause_reading(connection->id());
  letter.done();
}

void Site::take(DrainLetter&) {
  std::vector<HostedSession*> open;
  sessions_.for_each([&open](HostedSession& session) { open.push_back(&session); });
  for (HostedSession* const session : open) session->session().shut_down();
  for (auto const& connection : connections_)
    if (connection) connection->drain();
}

}  // namespace chorus::server
