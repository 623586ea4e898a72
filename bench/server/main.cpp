// The bench server: a few events, written with the public face only, so that any load generator can be pointed at it;
// and the program's chat.
//
// Settings come from the environment: PORT, HOST, WORKERS (0: one per core), IO_URING (auto, 0), REDIS_URL,
// TLS_CERT and TLS_KEY (PEM files; without them plain HTTP), ANSWER_TIMES (0, 1: it measures its answers, and POST
// /answer-times tells them). Prints `READY <port>` when it listens and has its link to Redis, and logs nothing per
// connection or message. A setting it cannot honour is refused: figures under a wrong name are worse than none.
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <future>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "app/chat.hpp"
#include "chorus/server.hpp"
#include "server/answer_times.hpp"

namespace {

std::string setting(char const* name, std::string fallback) {
  char const* const value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : std::move(fallback);
}

template <class T>
T number(char const* name, T fallback) {
  std::string const text = setting(name, std::to_string(fallback));
  T value{};
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw std::runtime_error(std::string(name) + ": \"" + text + "\" is no number that fits");
  return value;
}

/// One of two words.
bool is_on(char const* name, char const* on, char const* off, char const* fallback) {
  std::string const text = setting(name, fallback);
  if (text != on && text != off)
    throw std::runtime_error(std::string(name) + ": \"" + text + "\" is not " + on + " or " + off);
  return text == on;
}

chorus::ServerOptions options() {
  chorus::ServerOptions options;
  options.host = setting("HOST", "127.0.0.1");
  options.port = number<std::uint16_t>("PORT", 3000);
  options.workers = number<unsigned>("WORKERS", 0);
  if (!is_on("IO_URING", "auto", "0", "auto")) options.io_uring = chorus::ServerOptions::IoUring::off;
  options.cors.origins = {"*"};
  options.redis.url = setting("REDIS_URL", "");
  options.tls.certificate.chain_file = setting("TLS_CERT", "");
  options.tls.certificate.key_file = setting("TLS_KEY", "");
  if (options.tls.certificate.chain_file.empty() != options.tls.certificate.key_file.empty())
    throw std::runtime_error("TLS_CERT and TLS_KEY: one without the other");
  return options;
}

/// The events of the namespace `/`. Arguments go through as they came: nothing here needs to know what they hold.
void add_events(chorus::Server& io) {
  io.use([](chorus::Handshake const& handshake) -> chorus::Admission {
    auto const id = handshake.query("id");
    return id ? chorus::admit(chorus::UserId{std::string(*id)}) : chorus::admit();
  });
  io.on("echo", [](chorus::Socket const& socket, chorus::ArgView x) { socket.emit("echo", x); });
  io.on("ack", [](chorus::ArgView x, chorus::Ack const& ack) { ack(x); });
  io.on("broadcast", [everyone = io.of("/")](chorus::ArgView x) { everyone.emit("broadcast", x); });
  io.on("join", [](chorus::Socket const& socket, std::string const& room) { socket.join(room); });
  io.on("room", [nsp = io.of("/")](std::string const& room, chorus::ArgView x) { nsp.to(room).emit("room", x); });
  io.on("message", [nsp = io.of("/")](chorus::Socket const& socket, chorus::ArgView x) {
    nsp.user(socket.user()).emit("message", x);
  });
}

/// Before the server starts; `times` outlives it.
void tell_answer_times(chorus::Server& io, bench_server::AnswerTimes& times) {
  io.route("POST", "/answer-times", [&times](chorus::HttpRequest const&) -> chorus::HttpReply {
    return {.content_type = "application/json", .body = times.take(), .headers = {}};
  });
}

/// Ready means linked: what others publish before is not heard here.
class RedisLink {
 public:
  void watch(chorus::Cluster const& cluster) {
    configured_ = cluster.configured();
    cluster.on_up([this] {
      if (!std::exchange(was_up_, true)) up_.set_value();
    });
  }
  void wait() {
    if (configured_ && up_.get_future().wait_for(patience) != std::future_status::ready)
      throw std::runtime_error("REDIS_URL: no Redis answers there");
  }

 private:
  static constexpr std::chrono::seconds patience{5};
  bool configured_ = false;
  bool was_up_ = false;  // of the bus's thread
  std::promise<void> up_;
};

}  // namespace

int main() {
  try {
    RedisLink redis;  // the server's handlers need it and the answer times: they end last
    bench_server::AnswerTimes times;
    bool const measures = is_on("ANSWER_TIMES", "1", "0", "0");
    auto settings = options();
    if (measures) settings.on_answer = [&times](std::chrono::nanoseconds time) { times.add(time); };
    chorus::Server io(std::move(settings));
    if (measures) tell_answer_times(io, times);
    redis.watch(io.cluster());
    add_events(io);
    chorus::app::Chat const chat(io);  // `/socket`, in the development mode: any token will do
    return io.run([&] {
      redis.wait();
      std::printf("READY %u\n", static_cast<unsigned>(io.port()));
      std::fflush(stdout);
    });
  } catch (std::exception const& error) {
    std::fprintf(stderr, "chorus_bench_server: %s\n", error.what());
    return 2;
  }
}
