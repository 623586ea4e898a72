// Everything around one Engine.IO session, as a script plays it: clients, connections, the layer above, and time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "base/manual_timers.hpp"
#include "engine/outlet.hpp"
#include "engine/reframed.hpp"
#include "engine/session.hpp"

namespace chorus::testing {

/// An answer's line without its number.
inline constexpr auto bad_request = R"(400 {"code":3,"message":"Bad request"})";

/// Records what a session does as lines: "#1 200 4hello", "ws9 4hello", "ws9 binary abc", "ws9 close", "message hello",
/// "upgraded", "closed transport error". Bytes that do not print well are the test's choice to avoid.
/// Holds the session to its contract: answers each request at most once, says nothing to a WebSocket that has ended,
/// calls on_close() once and last.
class EngineWorld final : public engine::Outlet, public engine::SessionListener {
 public:
  explicit EngineWorld(engine::Settings with = {}, engine::Dialect dialect = {})
      : settings(with),
        session(std::make_unique<engine::Session>("the-sid", settings, timers, *this, *this, dialect)) {}

  static engine::Ticket ticket(std::uint64_t number) { return {number, ~number}; }

  // The client.

  /// Request #0. Returns the line of its answer and forgets it.
  std::string open_polling() {
    begin(0);
    session->open_polling(ticket(0));
    return take_line();
  }
  std::string open_websocket(std::uint64_t number = 9) {
    sockets_[number] = true;
    session->open_websocket(ticket(number));
    return take_line();
  }
  void get(std::uint64_t number) {
    begin(number);
    session->on_poll(ticket(number));
  }
  /// The head of a POST; post() may follow.
  void begin_post(std::uint64_t number) {
    begin(number, Request::begun);
    session->on_post_begun(ticket(number));
  }
  void post(std::uint64_t number, Bytes body, engine::PostType type = engine::PostType::text) {
    auto const begun = requests_.find(number);
    if (begun != requests_.end()) {
      if (begun->second == Request::answered_early || begun->second == Request::gone) return;
      if (begun->second == Request::begun) requests_.erase(begun);
    }
    begin(number);
    session->on_post(ticket(number), body, type);
  }
  void abort(std::uint64_t number) {
    auto const found = requests_.find(number);
    if (found == requests_.end() || (found->second != Request::waiting && found->second != Request::begun)) return;
    found->second = Request::gone;
    session->on_request_gone(ticket(number));
  }
  bool upgrade(std::uint64_t number = 9, engine::BinaryForm binary = engine::BinaryForm::bytes) {
    sockets_[number] = true;
    return session->on_upgrade_request(ticket(number), binary);
  }
  void text(std::uint64_t number, Bytes data) {
    if (sockets_[number]) session->on_websocket_message(ticket(number), engine::MessageKind::text, data);
  }
  void binary(std::uint64_t number, Bytes data) {
    if (sockets_[number]) session->on_websocket_message(ticket(number), engine::MessageKind::binary, data);
  }
  void hang_up(std::uint64_t number, engine::WebSocketEnd end = engine::WebSocketEnd::closed) {
    if (!std::exchange(sockets_[number], false)) return;
    session->on_websocket_closed(ticket(number), end);
  }
  void pass(Duration duration) { timers.advance(duration); }

  /// All connections break, oldest first.
  void cut_everything() {
    for (auto const& [number, state] : std::map(requests_)) abort(number);
    for (auto const& [number, open] : std::map(sockets_)) hang_up(number);
  }

  // The record.

  std::vector<std::string> take_lines() { return std::exchange(lines, {}); }
  std::string take_line() {
    CHORUS_CHECK(lines.size() == 1, "exactly one line was expected");
    return take_lines().front();
  }
  int closes() const { return closes_; }
  /// Requests that were handed over, live on and got no answer.
  std::size_t unanswered() const {
    std::size_t count = 0;
    for (auto const& [number, state] : requests_) count += state == Request::waiting;
    return count;
  }
  std::size_t open_websockets() const {
    std::size_t count = 0;
    for (auto const& [number, open] : sockets_) count += open;
    return count;
  }

  ManualTimers timers;
  engine::Settings settings;
  std::vector<std::string> lines;
  std::vector<engine::Compress> compressions;                        // of what was sent, in order
  std::vector<std::shared_ptr<engine::SharedMessage const>> shared;  // of what was sent, those that many may share
  std::size_t unsent = 0;                                            // of every WebSocket
  std::function<void(engine::MessageKind, Bytes)> handler;
  std::function<void(engine::CloseReason)> close_handler;
  std::unique_ptr<engine::Session> session;

 private:
  enum class Request { begun, waiting, answered_early, answered, gone };

  /// Frames of fewer than 126 bytes, as a server writes them.
  static std::vector<std::pair<engine::MessageKind, Bytes>> short_frames(Bytes frames) {
    constexpr char text_frame = '\x81';
    std::vector<std::pair<engine::MessageKind, Bytes>> list;
    while (!frames.empty()) {
      auto const size = static_cast<unsigned char>(frames[1]);
      CHORUS_CHECK(size < 126, "a test's frames are short");
      auto const kind = frames[0] == text_frame ? engine::MessageKind::text : engine::MessageKind::binary;
      list.emplace_back(kind, frames.substr(2, size));
      frames.remove_prefix(2 + std::size_t{size});
    }
    return list;
  }

  static std::string name(engine::Ticket ticket) { return std::to_string(ticket.high); }

  void begin(std::uint64_t number, Request state = Request::waiting) {
    CHORUS_CHECK(!requests_.contains(number), "a test uses each request's number once");
    requests_[number] = state;
  }

  void expect_open(engine::Ticket socket) const {
    auto const found = sockets_.find(socket.high);
    CHORUS_CHECK(found != sockets_.end() && found->second, "the session speaks to a WebSocket that has ended");
  }

  void respond(engine::Ticket request, engine::HttpAnswer answer) override {
    auto const found = requests_.find(request.high);
    CHORUS_CHECK(found != requests_.end(), "the session answers a request that nobody made");
    bool const early = found->second == Request::begun;
    CHORUS_CHECK(early || found->second == Request::waiting, "the session answers a request that wants none any more");
    found->second = early ? Request::answered_early : Request::answered;
    Bytes const mark = answer.content_type == engine::HttpAnswer::ContentType::octet_stream ? "octets " : "";
    lines.push_back("#" + name(request) + " " + std::to_string(answer.status) + " " + std::string(mark) + answer.body);
    compressions.push_back(answer.compress);
  }
  void websocket_send(engine::Ticket socket, engine::MessageKind kind, Bytes prefix, Bytes payload,
                      engine::Compress compress) override {
    expect_open(socket);
    Bytes const mark = kind == engine::MessageKind::binary ? " binary " : " ";
    lines.push_back("ws" + name(socket) + std::string(mark) + std::string(prefix) + std::string(payload));
    compressions.push_back(compress);
  }
  void websocket_send(engine::Ticket socket, std::shared_ptr<engine::SharedMessage const> const& message) override {
    shared.push_back(message);
    auto const send = [&](engine::MessageKind kind, Bytes data) {
      websocket_send(socket, kind, {}, data, message->compress());
    };
    if (message->has_text()) send(engine::MessageKind::text, message->text());
    for (std::size_t i = 0; i < message->attachment_count(); ++i)
      send(engine::MessageKind::binary, message->attachment(i));
  }
  void websocket_send_reframed(engine::Ticket socket, std::shared_ptr<engine::SharedMessage const> const& message,
                               engine::BinaryForm form) override {
    engine::Reframed reframed;
    for (auto const& [kind, payload] : short_frames(*reframed.frames(message, form)))
      websocket_send(socket, kind, {}, payload, message->compress());
  }
  void websocket_close(engine::Ticket socket, std::uint16_t code) override {
    expect_open(socket);
    sockets_[socket.high] = false;
    lines.push_back("ws" + name(socket) + " close" + (code == 0 ? "" : " " + std::to_string(code)));
  }
  std::size_t websocket_unsent(engine::Ticket socket) const override {
    expect_open(socket);
    return unsent;
  }

  void on_message(engine::MessageKind kind, Bytes data) override {
    CHORUS_CHECK(closes_ == 0, "a message after the end");
    Bytes const mark = kind == engine::MessageKind::binary ? "binary " : "";
    lines.push_back("message " + std::string(mark) + std::string(data));
    if (handler) handler(kind, data);
  }
  void on_upgraded() override {
    CHORUS_CHECK(closes_ == 0, "an upgrade after the end");
    lines.emplace_back("upgraded");
  }
  void on_close(engine::CloseReason reason) override {
    CHORUS_CHECK(++closes_ == 1, "a session ends once");
    lines.push_back("closed " + std::string(to_string(reason)));
    if (close_handler) close_handler(reason);
  }

  std::map<std::uint64_t, Request> requests_;
  std::map<std::uint64_t, bool> sockets_;  // true while open
  int closes_ = 0;
};

}  // namespace chorus::testing
