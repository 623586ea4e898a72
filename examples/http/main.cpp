// HTTP around Socket.IO: the browser's client, own routes, headers, a cookie, session ids, and a gate that takes its
// time. In a page: <script src="/socket.io/socket.io.js"></script>
#include <chorus/server.hpp>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

using namespace chorus;

namespace {

/// Stands for a question to another system: no worker waits for its answer.
template <class Answer>
void look_up(std::string token, Answer answer) {
  std::thread([token = std::move(token), answer] { answer(token == "sesame"); }).detach();
}

ServerOptions options() {
  ServerOptions options{.port = 3000};
  if (char const* const folder = std::getenv("CLIENT_FILES")) options.client_files = folder;
  options.cookie.name = "io";
  options.cors.origins = {"https://app.example"};
  options.cors.credentials = true;
  options.allow_request = [](Handshake const& handshake, Gate gate) {
    look_up(std::string(handshake.query("token").value_or("")), [gate](bool is_known) {
      if (is_known) return gate.allow();
      gate.refuse("no such token");  // 403 {"code":4,"message":"no such token"}
    });
  };
  return options;
}

}  // namespace

int main() {
  Server io(options());

  io.engine()
      .use([](HttpRequest const& request, HttpStep step) {
        if (request.header("user-agent") == "bad bot") return step.end({429, "text/plain", "slow down\n"});
        step.add_header("X-Frame-Options", "SAMEORIGIN").next();
      })
      .generate_id([](HttpRequest const& request) { return "guest-" + request.parameter("token"); })
      .on_initial_headers([](HttpHeaders& headers, HttpRequest const&, std::string_view) {
        headers.emplace_back("X-Served-By", "chorus");
      })
      .on_connection_error([](HttpRequest const& request, ConnectionError const& error) {
        std::fprintf(stderr, "%s: %d %s\n", std::string(request.url).c_str(), error.code,
                     std::string(error.message).c_str());
      });

  io.route("GET", "/hello/:name", [](HttpRequest const& request) {
    return HttpReply{200, "text/plain", "hello " + std::string(request.capture("name")) + "\n"};
  });
  io.route("GET", "/known/:token", [](HttpRequest const& request, HttpResponder respond) {
    look_up(std::string(request.capture("token")), [respond](bool is_known) {
      respond({is_known ? 204 : 404, "text/plain", ""});
    });
  });
  io.fallback([](HttpRequest const&) { return HttpReply{501, "text/plain", "not here\n"}; });

  io.on("echo", [](Socket const&, ArgView x, Ack ack) { ack(x); });
  return io.run();
}
