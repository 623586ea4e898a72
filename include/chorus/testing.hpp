// For unit tests of a program's handlers: its server without sockets, threads and waiting. Clients are objects, time is
// moved by hand, and when a call returns all that follows from it has happened.
//
//   chorus::Server io;
//   serve_my_chat(io);             // the same handlers as in production
//   chorus::Harness harness(io);   // in place of io.start()
//   auto ann = harness.connect({.auth = R"({"name":"ann"})"});
//   ann.emit("say", "hello");
//   EXPECT_THAT(ann.received("said"), ElementsAre(R"("ann","hello")"));
//   harness.advance(30s);          // pings, time-outs, sleep(), connection state recovery
//
// What runs is what runs in production from Engine.IO's sessions upwards: protocol, namespaces, middlewares, rooms,
// users, acknowledgements, recovery, coroutines, letters between workers. What is not there: HTTP (routes,
// allow_request, hooks of Engine.IO, static files, compression, TLS), polling, clients that read slowly (Sent is always
// `now`), Redis and other processes, Server::cluster(), Server::adopt, the watchdog. What is offloaded runs on the
// test's own thread. Device::since is the real time. For the rest start a server with port 0.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chorus/ack.hpp"
#include "chorus/args.hpp"
#include "chorus/http.hpp"

namespace chorus {

class Server;

namespace server {
class FakeClientBody;
class HarnessBody;
}  // namespace server

/// Whom a fake client pretends to be.
struct FakeClientOptions {
  std::string nsp = "/";                          ///< the one namespace that it joins
  std::string auth = {};                          ///< the payload of CONNECT: a JSON object; empty: none
  HttpHeaders headers = {};                       ///< of its handshake's request
  HttpHeaders query = {};                         ///< the same, beside `EIO` and `transport`
  std::string address = "127.0.0.1";              ///< Handshake::address
  std::optional<unsigned> worker = std::nullopt;  ///< which it lands on; nothing: the least loaded
};

/// One event as a client was told it. A value.
struct Heard {
  std::string event;  ///< its name
  OwnedArgs args;     ///< with connection state recovery the last one is the offset, as clients see it
  /// It asks for an acknowledgement (FakeClient::answer).
  std::optional<std::uint64_t> ack_id;

  /// The argument at `index` as a T; nothing when it is of another type.
  template <class T>
  std::optional<T> as(std::size_t index = 0) const {
    return args.view()[index].template as<T>();
  }
};

/// Why a client was not let in.
struct FakeConnectError {
  std::string message;    ///< what its `connect_error` would say
  std::string data_json;  ///< empty: none
};

/// What a client was answered. A copyable handle. Thread: the test's. Lifetime: its own.
class FakeAnswer {
 public:
  /// What the handles of one answer share.
  struct State {
    std::optional<OwnedArgs> args;  ///< once it has come
  };
  /// Made by FakeClient::emit_with_ack.
  explicit FakeAnswer(std::shared_ptr<State const> state) : state_(std::move(state)) {}

  /// It has come.
  explicit operator bool() const { return state_->args.has_value(); }
  /// `1,"x"`: the arguments as JSON; empty while there is none.
  std::string text() const { return state_->args ? state_->args->text : std::string(); }
  /// The argument at `index` as a T; nothing without an answer, and when it is of another type.
  template <class T>
  std::optional<T> as(std::size_t index = 0) const {
    if (!state_->args) return std::nullopt;
    return state_->args->view()[index].template as<T>();
  }

 private:
  std::shared_ptr<State const> state_;
};

/// A client over a WebSocket that is none, which behaves as the stock one: it answers pings, and when it comes back it
/// says where it left off. A copyable handle. Thread: the test's. Lifetime: when the harness has ended it tells what it
/// has heard, and its calls do nothing; it stays connected when the last handle goes. Limits: none.
class FakeClient {
 public:
  explicit FakeClient(std::shared_ptr<server::FakeClientBody> body) : body_(std::move(body)) {}

  // What became of it.

  /// It is in its namespace.
  bool connected() const;
  /// The socket's id (Socket::id); empty until it was let in.
  std::string id() const;
  /// Its connection came back and was taken up where it broke (Socket::recovered).
  bool recovered() const;
  /// It was refused: by a middleware, or because there is no such namespace. Nothing: it was not.
  std::optional<FakeConnectError> connect_error() const;
  /// How it ended, in a client's words: "io server disconnect", "io client disconnect", "transport close". Nothing: it
  /// has not, since it last connected.
  std::optional<std::string> disconnected() const;

  // What it heard.

  /// All events, in order.
  std::vector<Heard> heard() const;
  /// Those of this name, as JSON: `1,"x"` for `emit("event", 1, "x")`.
  std::vector<std::string> received(std::string_view event) const;
  /// An argument of the newest event of this name; nothing when none came, or it is of another type.
  template <class T>
  std::optional<T> last(std::string_view event, std::size_t index = 0) const {
    auto const newest = newest_of(event);
    return newest ? newest->as<T>(index) : std::nullopt;
  }
  /// Forgets what it heard so far.
  void forget() const;

  // What it says. Unless it is connected, it does nothing.

  /// An event, with arguments as Socket::emit takes them.
  template <class... A>
  void emit(std::string_view event, A const&... args) const {
    send(event, encode_args(args...), nullptr);
  }
  /// The same, and what the server's handler acknowledges it with.
  template <class... A>
  FakeAnswer emit_with_ack(std::string_view event, A const&... args) const {
    auto const state = std::make_shared<FakeAnswer::State>();
    send(event, encode_args(args...), state);
    return FakeAnswer(state);
  }
  /// Acknowledges the oldest event of this name that asks for it and was not acknowledged yet. False: there is none.
  template <class... A>
  bool answer(std::string_view event, A const&... args) const {
    return send_answer(event, encode_args(args...));
  }
  /// A message of Engine.IO as it is, for what no stock client says: `2["event"]`.
  void send_raw(std::string_view message) const;

  // How it ends, and begins anew.

  /// As `socket.disconnect()`: the server is told.
  void disconnect() const;
  /// Its network breaks, which the server sees at once ("transport close").
  void lose_connection() const;
  /// Its network breaks without a sign: nothing goes either way, and pings are not answered, until it reconnects. Then
  /// the server still has its former connection, until it has timed out.
  void go_silent() const;
  /// A new connection, with the same options and, with connection state recovery, what it knows of its former one.
  /// What it heard before stays.
  void reconnect() const;

 private:
  std::optional<Heard> newest_of(std::string_view event) const;
  void send(std::string_view event, ArgsWriter args, std::shared_ptr<FakeAnswer::State> answer) const;
  bool send_answer(std::string_view event, ArgsWriter args) const;

  std::shared_ptr<server::FakeClientBody> body_;
};

/// Runs a server's workers for a test: all on the test's thread, in an order that is always the same. Their number is
/// that of the options; `workers = 1` keeps a test from depending on the machine's.
///
/// Time stands still but for advance(). Other threads may use handles as ever; what they post happens in the harness's
/// next call, or a client's.
/// Thread: the one that makes it. Not from within the program's handlers. Lifetime: the server outlives it, is neither
/// started nor given to another one, and is of no more use behind it. Its end closes nothing politely: handlers are not
/// told.
/// Errors: std::runtime_error when an option names what is not there (`redis`).
class Harness {
 public:
  /// In place of Server::start.
  explicit Harness(Server& server);
  ~Harness();
  Harness(Harness const&) = delete;
  Harness& operator=(Harness const&) = delete;

  /// A client that has asked to be let in; whether it was, it tells.
  FakeClient connect(FakeClientOptions options = {});
  /// Lets time pass: what falls due meanwhile happens in its order, each with all that follows from it.
  void advance(std::chrono::milliseconds time);
  /// How much has passed.
  std::chrono::milliseconds elapsed() const;
  /// Does what there is to do: what was emitted outside of handlers, and what other threads have posted. Every call of
  /// the harness and its clients does it too.
  void settle();

 private:
  std::shared_ptr<server::HarnessBody> body_;
};

}  // namespace chorus
