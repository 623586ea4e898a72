// One Engine.IO conversation: polling, WebSocket, the way from one to the other, and the heartbeat.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "base/worker_bound.hpp"
#include "engine/dialect.hpp"
#include "engine/outlet.hpp"
#include "engine/types.hpp"

namespace chorus::engine {

class AnswerWriter;
struct PollingState;

enum class SessionState : std::uint8_t {
  opening,  // constructed; open_polling() or open_websocket() comes next
  open,
  closing,  // polling only: what is buffered waits for the peer's next poll; messages in both directions are dropped
  closed,   // on_close() was called; every input is answered or ignored safely, every output dropped
};

/// How a WebSocket ended when the session did not ask for it.
enum class WebSocketEnd : std::uint8_t {
  closed,  // close frame, end of stream or reset
  failed,  // its peer broke RFC 6455 or a limit (the server has sent the close frame that fits)
};

/// The machine of a session: inputs from the transports and from above, outputs to the Outlet and the SessionListener.
///
/// What the revisions of the protocol do differently, it asks of its Dialect. Names here are those of revision 4.
///
/// A WebSocket session buffers nothing and allocates nothing for a message in either direction. What only polling and
/// the upgrade need lives apart and goes with the upgrade.
///
/// Thread: its worker's. Lifetime: settings, timers, outlet and listener outlive it. The owner destroys it after
/// on_close() and never inside one of its calls (neither down nor up).
class Session : WorkerBound {
 public:
  Session(std::string sid, Settings const& settings, Timers& timers, Outlet& outlet, SessionListener& listener,
          Dialect dialect = {});
  ~Session();
  Session(Session const&) = delete;
  Session& operator=(Session const&) = delete;

  // Birth: exactly one of these two, first.

  /// Answers the handshake's GET with the open packet.
  void open_polling(Ticket handshake);
  /// Sends the open packet. The answer 101 has been written.
  void open_websocket(Ticket websocket);

  // The polling transport. Any request with the session's sid may come in any state; it gets its answer.

  /// A GET: answered now if something is buffered, else parked. While one is parked a second one ends the session.
  void on_poll(Ticket request);
  /// Optional: a POST's head has arrived and its body will follow; the ticket is not handed over yet. With it a second
  /// POST meanwhile ends the session, as clients never overlap theirs; and the session's end answers it, whatever of
  /// its body is still to come.
  void on_post_begun(Ticket request);
  /// The server answered a begun POST by itself (413). The session goes on.
  void on_post_refused(Ticket request);
  /// A POST with its whole body; one beyond payload_bytes_max is answered 413 and changes nothing.
  void on_post(Ticket request, Bytes body, PostType type = PostType::text);
  /// The connection of a parked poll, or of a begun POST, broke: the session ends. Unknown tickets are ignored.
  void on_request_gone(Ticket request);

  // WebSockets: the session's own, or the one that wants to become it. Unknown tickets are ignored.

  /// A WebSocket came with this sid and its 101 was written. True: it probes now. False: it was refused and
  /// Outlet::websocket_close() was called for it (not polling, already probing, upgrades not allowed, closed).
  bool on_upgrade_request(Ticket websocket, BinaryForm binary = BinaryForm::bytes);
  /// A whole message; text is valid UTF-8.
  void on_websocket_message(Ticket websocket, MessageKind kind, Bytes data);
  /// Nothing more is said to this WebSocket.
  void on_websocket_closed(Ticket websocket, WebSocketEnd end = WebSocketEnd::closed);

  // From above. Dropped unless open.

  /// `text` without the type '4', valid UTF-8. The attachments follow it unbroken.
  void send(Bytes text, std::span<Bytes const> attachments = {}, Compress compress = Compress::yes);
  void send(std::shared_ptr<SharedMessage const> const& message);
  /// A binary message on its own: raw Engine.IO.
  void send_binary(Bytes data, Compress compress = Compress::yes);

  /// What is sent from here to uncork() leaves together, in one answer to a poll; on a WebSocket it makes no
  /// difference. False: it was so already, and whoever began it ends it.
  bool cork();
  void uncork();

  /// Whether a message sent now would leave at once: what a volatile message asks.
  bool writable() const;

  /// Orderly: buffered messages first, if the peer fetches them within Settings::close_timeout; on_close() follows
  /// then. On a WebSocket, or when a poll is parked, on_close() is called before this returns.
  void close(CloseReason reason = CloseReason::forced_close);
  /// At once: what is buffered is dropped, transports are closed, on_close(server_shutting_down) is called.
  void shut_down();

  std::string const& sid() const { return sid_; }
  Revision revision() const { return dialect_.revision; }
  SessionState state() const { return state_; }
  Transport transport() const { return transport_; }
  bool upgraded() const { return upgraded_; }
  /// Of messages waiting for a poll. Still there inside on_close().
  std::size_t buffered_bytes() const;
  std::size_t buffered_messages() const;
  /// The occasion in words, for logs and a disconnect's details: "poll connection closed prematurely". A literal, may
  /// be empty; set before on_close().
  Bytes close_detail() const { return close_detail_; }

 private:
  std::string open_packet(Bytes upgrades) const;
  void await_heartbeat();
  void on_heartbeat_timer(TimePoint now);
  void send_ping(TimePoint due);
  bool client_is_overdue() const;

  /// False when it cannot be decoded; the session has ended then.
  bool on_packet(EncodedPacket encoded, std::string& scratch);
  void on_heartbeat(Packet const& packet);
  void send_pong(Bytes data);
  void websocket_send_binary(Bytes data, Compress compress);
  void websocket_send(std::shared_ptr<SharedMessage const> const& message);
  void finish(CloseReason reason, char const* detail = "");

  // session_polling.cpp: on the PollingState, while there is one.

  bool refuse_request(Ticket request);
  bool read_payload(Bytes body, PostType type);
  bool poll_takes_it() const;
  void buffer(std::shared_ptr<SharedMessage const> message);
  void answer_poll();
  void end_poll(AnswerWriter answer);
  void end_poll(Bytes packet);
  void on_probe_message(MessageKind kind, Bytes data);
  void complete_upgrade();
  void forget_probe();
  void begin_closing(CloseReason reason, Duration timeout, char const* detail = "");
  void on_polling_timer(TimePoint now);
  void arm_polling_timer();
  void release_polling(CloseReason reason, std::uint16_t code);

  // First and together: all that a message on a WebSocket looks at.
  Outlet& outlet_;
  SessionListener& listener_;
  Ticket websocket_;
  std::unique_ptr<PollingState> polling_;  // until the upgrade; never in a session that began as a WebSocket
  SessionState state_ = SessionState::opening;
  Transport transport_ = Transport::polling;
  Dialect dialect_;

  std::string sid_;
  Settings const& settings_;
  Timers& timers_;
  Timer heartbeat_;  // the next ping is due, or the client's sign of life
  char const* close_detail_ = "";
  CloseReason close_reason_ = CloseReason::forced_close;  // while closing
  bool upgraded_ = false;
  bool client_is_due_ = false;  // with its pong; in revision 3, with its ping
};

}  // namespace chorus::engine
