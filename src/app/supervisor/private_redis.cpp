#include "app/supervisor/private_redis.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <string_view>

#include "base/log.hpp"

namespace chorus::app {
namespace {

constexpr std::string_view ping = "PING\r\n";
constexpr std::string_view pong = "+PONG";

std::string installed_redis() {
  auto path = find_in_path("redis-server");
  if (path.empty())
    throw std::runtime_error(
        "--processes: several processes need Redis, and no redis-server is installed. Install Debian's package "
        "redis-server, or name one that runs with --redis URL.");
  return path;
}

/// With a PING on its way; nothing while nobody listens.
server::FileDescriptor connect_and_ping(std::string const& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return {};
  std::memcpy(address.sun_path, path.data(), path.size());
  server::FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket || ::connect(socket.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0) return {};
  if (::send(socket.get(), ping.data(), ping.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(ping.size())) return {};
  return socket;
}

bool has_answered(int socket) {
  char answer[pong.size()];
  auto const size = ::recv(socket, answer, sizeof answer, MSG_DONTWAIT);
  return size == static_cast<ssize_t>(sizeof answer) && std::string_view(answer, sizeof answer) == pong;
}

}  // namespace

PrivateRedis::PrivateRedis(std::string const& folder)
    : program_(installed_redis()),
      folder_(folder),
      // In a takeover two instances share the folder.
      socket_path_(folder + "/redis-" + std::to_string(::getpid()) + ".sock") {}

PrivateRedis::~PrivateRedis() { ::unlink(socket_path_.c_str()); }

void PrivateRedis::start(TimePoint now) {
  auto const memory = std::to_string(memory_max_mb) + "mb";
  started_ = now;
  state_ = State::starting;
  deadline_ = now + probe_interval;
  probe_.reset();
  pid_ = spawn({.path = program_,
                .arguments = {"redis-server",
                              "--port",
                              "0",
                              "--unixsocket",
                              socket_path_,
                              "--unixsocketperm",
                              "700",
                              "--dir",
                              folder_,
                              "--save",
                              "",
                              "--appendonly",
                              "no",
                              "--maxmemory",
                              memory,
                              "--maxmemory-policy",
                              "noeviction",
                              "--daemonize",
                              "no",
                              "--logfile",
                              ""},
                .kind = SpawnOptions::Kind::daemon});
  if (pid_) return log(LogLevel::info, "redis_started", {{"pid", *pid_}});
  state_ = State::waiting;
  deadline_ = now + back_off_.next(Duration::zero());
}

void PrivateRedis::tick(TimePoint now) {
  if (!deadline_ || now < *deadline_) return;
  switch (state_) {
    case State::waiting:
      return start(now);
    case State::starting:
      return probe(now);
    case State::stopping:
      log(LogLevel::warning, "redis_too_slow", {{"pid", *pid_}, {"state", "draining"}});
      kill_now(*pid_);
      break;
    case State::ready:
      break;
  }
  deadline_.reset();
}

void PrivateRedis::probe(TimePoint now) {
  if (!probe_)
    probe_ = connect_and_ping(socket_path_);
  else if (has_answered(probe_.get())) {
    probe_.reset();
    deadline_.reset();
    state_ = State::ready;
    was_ready_ = true;
    return log(LogLevel::info, "redis_ready", {{"pid", *pid_}});
  }
  deadline_ = now + probe_interval;
  if (now - started_ < answer_limit) return;
  log(LogLevel::error, "redis_too_slow", {{"pid", *pid_}, {"state", "starting"}});
  kill_now(*pid_);
  deadline_.reset();
}

bool PrivateRedis::on_ended(Ended const& ended, TimePoint now) {
  if (pid_ != ended.pid) return false;
  pid_.reset();
  deadline_.reset();
  if (state_ == State::stopping) return true;
  cannot_start_ = !was_ready_;
  auto const delay = back_off_.next(now - started_);
  log(LogLevel::warning, "redis_crashed",
      {{"pid", ended.pid},
       {ended.ending.kind == Ending::Kind::exited ? "code" : "signal", ended.ending.number},
       {"again_in_ms", std::chrono::duration_cast<std::chrono::milliseconds>(delay).count()}});
  state_ = State::waiting;
  deadline_ = now + delay;
  return true;
}

void PrivateRedis::stop(TimePoint now) {
  if (state_ == State::stopping) return;
  state_ = State::stopping;
  deadline_.reset();
  if (!pid_) return;
  ask_to_end(*pid_);
  deadline_ = now + end_limit;
}

}  // namespace chorus::app
