// HTTP beside Socket.IO: what a program's own routes, middlewares and hooks are shown, and how they answer.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace chorus {

/// Lines in order; a name may come several times (`Set-Cookie`). What a name or a value must not have is taken out on
/// the way to the wire, so that none can end its line.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// A request as a call-back sees it. Borrowed for the call: who answers later copies what it needs.
struct HttpRequest {
  std::string_view method;                                        ///< as it came: `GET`
  std::string_view path;                                          ///< of the URL, as it came
  std::string_view query;                                         ///< behind the `?`, as it came
  std::function<std::string_view(std::string_view name)> header;  ///< in any case of letters; empty when absent
  std::function<std::string(std::string_view name)> parameter;    ///< of the query, decoded; empty when absent
  std::string_view body;                                          ///< whole; empty when there is none
  std::string_view url;                                           ///< path and query, as they came
  std::string_view address;                                       ///< the client's, without a port
  bool secure = false;                                            ///< the connection is encrypted
  std::vector<std::pair<std::string, std::string>> captures;      ///< of the route's path, decoded: `:name`, and `*`
  /// What the path has at `:name`; empty when the route has no such part.
  std::string_view capture(std::string_view name) const {
    for (auto const& [each, value] : captures)
      if (each == name) return value;
    return {};
  }
};

/// An answer.
struct HttpReply {
  int status = 200;                                        ///< the status code
  std::string content_type = "text/plain; charset=utf-8";  ///< Content-Type
  std::string body;                                        ///< bytes as they go out
  HttpHeaders headers = {};                                ///< further ones
};

/// Answers a request: once (what comes after is ignored), from any thread, also when the server is gone. When the last
/// copy goes without an answer, the client gets 500.
class HttpResponder {
 public:
  /// For Chorus itself.
  explicit HttpResponder(std::function<void(HttpReply)> answer) : answer_(std::move(answer)) {}
  /// The answer.
  void operator()(HttpReply reply) const { answer_(std::move(reply)); }

 private:
  std::function<void(HttpReply)> answer_;
};

/// A program's own route. It runs on the worker of the connection and must not block.
using HttpHandler = std::function<void(HttpRequest const&, HttpResponder)>;

/// From either form: `HttpReply f(HttpRequest const&)`, or `void f(HttpRequest const&, HttpResponder)` for later.
template <class F>
HttpHandler make_http_handler(F handler) {
  if constexpr (std::is_invocable_v<F&, HttpRequest const&, HttpResponder>)
    return HttpHandler(std::move(handler));
  else
    return [f = std::move(handler)](HttpRequest const& request, HttpResponder const& respond) { respond(f(request)); };
}

/// A middleware's turn in a request, as `res` and `next` are in Node: one of next(), fail() and end(), once (what comes
/// after is ignored), from any thread. When the last copy goes without one of them, that is fail().
class HttpStep {
 public:
  /// For Chorus itself.
  struct Verdict {
    enum class Kind : unsigned char { next, fail, end } kind = Kind::fail;
    HttpHeaders headers = {};
    HttpReply reply = {};
  };
  /// For Chorus itself.
  explicit HttpStep(std::function<void(Verdict)> decide)
      : parts_(std::make_shared<Parts>(Parts{std::move(decide), {}})) {}

  /// One line more for the answer, whoever gives it: also for the 101 of a WebSocket. Not from two threads at once.
  HttpStep const& add_header(std::string name, std::string value) const {
    parts_->headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  /// Goes on: to the next middleware, then to Engine.IO.
  void next() const { decide({Verdict::Kind::next}); }
  /// Refuses with 400, code 3, as Node's `next(error)`.
  void fail() const { decide({Verdict::Kind::fail}); }
  /// Answers the request itself. There will be no session; a WebSocket's connection ends.
  void end(HttpReply reply) const { decide({Verdict::Kind::end, {}, std::move(reply)}); }

 private:
  struct Parts {
    std::function<void(Verdict)> decide;
    HttpHeaders headers;
  };
  void decide(Verdict verdict) const {
    verdict.headers = std::exchange(parts_->headers, {});
    parts_->decide(std::move(verdict));
  }

  std::shared_ptr<Parts> parts_;
};

/// What EngineHooks::use takes.
using HttpMiddleware = std::function<void(HttpRequest const&, HttpStep)>;

}  // namespace chorus
