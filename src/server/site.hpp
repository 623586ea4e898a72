// Site: everything of the server on one worker. Its connections, its Engine.IO sessions, its hub.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/keyed_set.hpp"
#include "chorus/server.hpp"
#include "engine/outlet.hpp"
#include "engine/reframed.hpp"
#include "http/content_coding.hpp"
#include "http/request_reader.hpp"
#include "http/response.hpp"
#include "net/mailbox.hpp"
#include "net/worker.hpp"
#include "server/deflation.hpp"
#include "server/hosted_session.hpp"
#include "server/http_connection.hpp"
#include "server/letters.hpp"
#include "server/mount.hpp"
#include "server/shared.hpp"
#include "server/websocket_connection.hpp"
#include "socket/hub.hpp"
#include "socket/request_models.hpp"
#include "websocket/frame.hpp"

namespace chorus::server {

/// Its views are of the arguments.
Handshake::Request::Parts handshake_parts(http::Request const& request, std::string_view address,
                                          std::optional<net::TlsPeer> const& tls);
/// As Node refuses an upgrade: the bare message, and the connection ends. `message` takes the place of the fixed one.
http::Response upgrade_refusal(engine::RequestError error, Bytes message = {});
http::Response response_of(HttpReply reply);

/// Thread: its worker's turns, but for `mailbox()`, whose post() is anybody's. Lifetime: the Runtime's.
class Site final : public net::WorkerEvents, engine::Outlet, SessionOwner {
 public:
  /// `shared` outlives it. Made and destroyed by the Runtime, outside any turn.
  Site(unsigned index, Shared const& shared);
  ~Site() override;

  unsigned index() const { return index_; }
  net::Worker& worker() { return worker_; }
  net::Worker const& worker() const { return worker_; }
  socket::Hub& hub() { return hub_; }
  /// Thread: any.
  socket::HubCounters const& hub_counters() const { return hub_.counters(); }
  Running const& running() const { return hub_.running(); }
  net::Mailbox<Letter>& mailbox() { return mailbox_; }
  Timers& timers() { return worker_.timers(); }
  ServerOptions const& options() const;
  http::Limits const& http_limits() const;
  Deflation& deflation() { return deflation_; }
  Deflation const& deflation() const { return deflation_; }
  bool draining() const { return draining_; }

  // For its connections.

  /// A request was read. False: the connection went elsewhere (to a WebSocket, to another worker); its object is
  /// buried.
  bool handle(HttpConnection& connection, http::Request request);
  /// What every answer to this request carries, errors too.
  void prepare_answer(HttpConnection& connection, http::Request const& head);
  void on_held(HttpConnection& connection, HttpConnection::Held held);
  void read_on_later(HttpConnection& connection) { read_on_.push_back(connection.id()); }
  void request_gone(std::string sid, engine::Ticket ticket);
  /// A request's head has come, and its body will. Whose session was told of it; empty: nobody's.
  std::string announce_post(http::Request const& head, engine::Ticket ticket);
  /// That request was answered without its session.
  void retract_post(std::string sid, engine::Ticket ticket);

  void write(net::ConnectionId id, Bytes bytes) { worker_.write(id, bytes); }
  /// One frame whose payload is `prefix` and `payload`.
  void write_frame(net::ConnectionId id, websocket::Opcode opcode, Bytes prefix, Bytes payload);
  void send_message(engine::Ticket websocket, engine::MessageKind kind, Bytes payload) {
    websocket_send(websocket, kind, {}, payload, engine::Compress::yes);
  }
  void close_connection(SiteConnection& connection, net::CloseMode mode);
  /// The connection has ended: its object goes when the turn does.
  void forget(SiteConnection& connection);

 private:
  // net::WorkerEvents
  void on_accepted(net::FileDescriptor descriptor, net::PeerAddress const& peer) override;
  void on_letters() override;
  void on_turn_end() override;

  // engine::Outlet
  void respond(engine::Ticket request, engine::HttpAnswer answer) override;
  void websocket_send(engine::Ticket websocket, engine::MessageKind kind, Bytes prefix, Bytes payload,
                      engine::Compress compress) override;
  void websocket_send(engine::Ticket websocket, std::shared_ptr<engine::SharedMessage const> const& message) override;
  void websocket_send_reframed(engine::Ticket websocket, std::shared_ptr<engine::SharedMessage const> const& message,
                               engine::BinaryForm form) override;
  void websocket_close(engine::Ticket websocket, std::uint16_t code) override;
  std::size_t websocket_unsent(engine::Ticket websocket) const override;

  // SessionOwner
  void session_closed(std::string const& sid) override;

  // memory, after a crowd has left
  void trim_later();
  void trim();

  // requests (site_requests.cpp); false: the connection went elsewhere
  using Held = HttpConnection::Held;
  bool handle_engine(HttpConnection& connection, http::Request request, std::size_t mount);
  bool handle_echo(HttpConnection& connection, http::Request request, std::size_t mount);
  bool enter(HttpConnection& connection, http::Request request, std::size_t mount);
  bool begin_session(HttpConnection& connection, http::Request request, std::size_t mount, Bytes text);
  unsigned place_session(http::Request const& request);
  void refuse(HttpConnection& connection, http::Request const& request, Mount const& mount, Refusal refusal,
              Bytes message = {});
  void refuse_while_draining(HttpConnection& connection);
  std::string client_address(http::Request const& request, std::string peer) const;
  /// As call-backs see it; borrows all of them.
  HttpRequest view_of(http::Request const& request, std::string_view address, Routes::Captures captures = {}) const;
  void forward(HttpConnection& connection, RequestLetter letter, Shared::Place place);
  /// Why the request cannot become a WebSocket.
  std::optional<websocket::UpgradeError> upgrade_fault(http::Request const& request) const;
  bool upgrade(HttpConnection& connection, Held going);
  bool upgrade_here(HttpConnection& connection, Held going);
  bool upgrade_through_tunnel(HttpConnection& connection, Held going);
  net::FileDescriptor dig_tunnel(HttpConnection& connection);
  void post(unsigned worker, Letter letter);

  // what the program has to say about them (site_hooks.cpp); false: as above
  template <class Call>
  std::optional<HookVerdict> ask(HttpConnection& connection, char const* what, Mount const& mount, Call&& call);
  bool wait_for_verdict(HttpConnection& connection, Held held, Held::For what);
  bool go_on(HttpConnection& connection, Held held, HookVerdict verdict);
  bool run_middlewares(HttpConnection& connection, Held held);
  bool passes(HttpConnection& connection, Held const& held, HookVerdict verdict);
  bool ask_gate(HttpConnection& connection, Held held);
  bool after_gate(HttpConnection& connection, Held held, HookVerdict const& verdict);
  bool after_session_text(HttpConnection& connection, Held held, HookVerdict const& verdict);
  enum class Answer : std::uint8_t { first, later };
  void add_headers(HttpConnection& connection, http::Request const& request, Mount const& mount, Bytes sid,
                   Answer which);
  void report(http::Request const& request, std::string_view address, Mount const& mount, Refusal refusal,
              Bytes message = {});

  // the program's own paths (site_routes.cpp)
  void handle_route(HttpConnection& connection, http::Request const& request);
  void call_route(HttpConnection& connection, http::Request const& request, HttpHandler const& handler,
                  Routes::Captures captures);
  std::optional<http::Response> find_client_file(http::Request const& request) const;

  // letters
  void take(socket::Letter& letter) { hub_.deliver(letter); }
  void take(RequestLetter& letter);
  void take_post(HostedSession& hosted, RequestLetter const& letter);
  void take(AnswerLetter& letter);
  void take(GoneLetter& letter);
  void take(PostLetter& letter);
  bool tell_of_post(PostLetter letter);
  template <class SessionLetter>
  void send(Shared::Place const& place, SessionLetter letter);
  void take(MoveLetter& letter);
  void take(VerdictLetter& letter);
  void take(ReplyLetter& letter);
  void take(AdoptLetter& letter);
  void take(LeaveListeningLetter&) { worker_.leave_listening(); }
  void take(StopHearingLetter& letter);
  void take(DrainLetter& letter);

  // connections, sessions and WebSockets of this worker
  void take_in(net::FileDescriptor descriptor, net::PeerAddress const& peer, Bytes unread,
               std::unique_ptr<net::TlsStream> tls, bool answered = false);
  HostedSession* find_session(std::string_view sid) const;
  HostedSession& make_session(std::size_t mount, std::string sid, http::Request const& request,
                              std::string_view address, std::optional<net::TlsPeer> const& tls);
  void start_websocket(WebSocketConnection& connection, MoveLetter arrived);
  WebSocketConnection& make_websocket(std::size_t mount);
  void put(net::ConnectionId id, std::unique_ptr<SiteConnection> connection);
  std::unique_ptr<SiteConnection> take_out(net::ConnectionId id);
  // Apart, so that they cost nothing where nothing is deflated.
  [[gnu::noinline]] void send_deflated(net::ConnectionId id, websocket::DeflateParameters agreed,
                                       engine::SharedMessage const& message);
  [[gnu::noinline]] void send_deflated(net::ConnectionId id, websocket::DeflateParameters agreed,
                                       websocket::Opcode opcode, Bytes prefix, Bytes payload);
  void compress(http::Response& response, http::ContentCoding coding);
  template <class T>
  T* connection_as(net::ConnectionId id, SiteConnection::Kind kind) const;

  unsigned const index_;
  Shared const& shared_;
  net::Worker worker_;
  net::Mailbox<Letter> mailbox_;
  socket::Hub hub_;
  socket::RequestModels request_models_;

  struct SidOf {
    std::string_view operator()(std::unique_ptr<HostedSession> const& hosted) const { return hosted->session().sid(); }
  };
  std::vector<std::unique_ptr<SiteConnection>> connections_;  // by ConnectionId::index
  KeyedSet<std::unique_ptr<HostedSession>, SidOf> sessions_;
  std::vector<std::unique_ptr<SiteConnection>> ended_connections_;
  std::vector<std::unique_ptr<HostedSession>> ended_sessions_;
  std::size_t sessions_most_ = 0;     // since the last trim
  std::size_t sessions_at_look_ = 0;  // when the timer was armed
  Timer trim_timer_{[](void* self, TimePoint) { static_cast<Site*>(self)->trim(); }, this};
  std::vector<net::ConnectionId> read_on_;
  engine::Reframed reframed_;
  Deflation deflation_;
  std::string deflated_;  // a frame on its way out
  http::BodyEncoder body_encoder_;
  bool draining_ = false;  // nothing new is begun, and what clients say is not heard
};

template <class T>
T* Site::connection_as(net::ConnectionId id, SiteConnection::Kind kind) const {
  if (id.index >= connections_.size()) return nullptr;
  SiteConnection* const found = connections_[id.index].get();
  return found != nullptr && found->id() == id && found->kind() == kind ? static_cast<T*>(found) : nullptr;
}

}  // namespace chorus::server
