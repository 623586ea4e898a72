#include "app/supervisor/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "app/certificate_watch.hpp"
#include "app/network.hpp"
#include "app/serve.hpp"
#include "app/supervisor/channel.hpp"
#include "app/supervisor/child_orders.hpp"
#include "app/supervisor/control_messages.hpp"
#include "app/supervisor/crew.hpp"
#include "app/units.hpp"
#include "base/log.hpp"

namespace chorus::app {
namespace {

/// The supervisor sends the orders as it starts the process.
constexpr Duration orders_limit = std::chrono::seconds(10);

/// The one signal a child listens to; the others are its supervisor's.
server::FileDescriptor watch_sigterm() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return server::FileDescriptor(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

Channel channel_to_supervisor(std::string const& descriptor) {
  auto const number = parse_count(descriptor);
  ::unsetenv(child_variable);
  if (!number || *number > 1u << 20 || ::fcntl(static_cast<int>(*number), F_SETFD, FD_CLOEXEC) != 0)
    throw std::runtime_error(std::string(child_variable) + " is set by the supervisor only; unset it");
  return Channel(server::FileDescriptor(static_cast<int>(*number)));
}

/// For tests of the supervisor: a file whose one word says how starting goes wrong while it is there.
void fail_as_told() {
  char const* const path = std::getenv("CHORUS_TEST_START_FILE");
  if (path == nullptr) return;
  std::string word;
  std::ifstream(path) >> word;
  if (word == "crash") ::raise(SIGKILL);
  if (word == "fail") throw std::runtime_error("told by CHORUS_TEST_START_FILE to fail");
  while (word == "hang") ::pause();
}

unsigned own_cores() {
  cpu_set_t set;
  return ::sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<unsigned>(CPU_COUNT(&set)) : 1;
}

void follow_orders(Config& config, Channel& supervisor) {
  if (!supervisor.wait_for_message(orders_limit)) throw std::runtime_error("the supervisor gives no orders");
  auto received = supervisor.receive();
  auto const orders = decode_child_orders(received.text);
  if (!orders || received.descriptors.empty())
    throw std::runtime_error("the supervisor's orders are not understood; is it of another version?");
  config.server.identity = {orders->node, orders->incarnation, orders->session_key, {}};
  for (auto& socket : received.descriptors) config.server.listening.push_back(socket.release());
  if (config.server.workers == 0 && orders->processes > 1)
    config.server.workers = workers_per_process(own_cores(), orders->processes);
  config.server.identity.relay_folder = orders->relay_folder;
  config.redis = orders->redis_url;
}

/// From the first ready message to the end.
class ChildLoop {
 public:
  ChildLoop(Server& server, CertificateWatch& certificates, Channel& supervisor, int signals)
      : server_(server), certificates_(certificates), supervisor_(supervisor), signals_(signals) {}

  void run() {
    ReadyMessage ready{server_.workers(), server_.stats().io_uring, descriptor_limit(), {}};
    if (auto const cluster = server_.cluster(); cluster.configured()) ready.node = cluster.node();
    supervisor_.send(encode(ready));
    while (!done_) {
      wait();
      while (!done_ && hear()) {
      }
      if (certificates_.sees_change(SteadyClock::now())) reload_certificates(server_);
      if (end_at_ && SteadyClock::now() >= *end_at_) done_ = true;
    }
  }

 private:
  void wait() {
    using std::chrono::milliseconds;
    int timeout = -1;
    auto const look_at = certificates_.next_look();
    if (auto const deadline = end_at_ && look_at ? std::min(end_at_, look_at) : end_at_ ? end_at_ : look_at) {
      auto const left = std::chrono::ceil<milliseconds>(*deadline - SteadyClock::now()).count();
      timeout = static_cast<int>(std::max<milliseconds::rep>(left, 0));
    }
    pollfd waiting[] = {{signals_, POLLIN, 0}, {supervisor_.descriptor(), POLLIN, 0}};
    ::poll(waiting, std::size(waiting), timeout);
    signalfd_siginfo signal{};
    if (::read(signals_, &signal, sizeof signal) == sizeof signal) done_ = true;
  }

  /// False: nothing more was said.
  bool hear() {
    auto const received = supervisor_.receive();
    switch (received.kind) {
      case Channel::Received::Kind::nothing:
        return false;
      case Channel::Received::Kind::closed:
        log(LogLevel::error, "supervisor_gone", {{"then", "drain"}});
        done_ = true;
        return false;
      case Channel::Received::Kind::message:
      case Channel::Received::Kind::garbage:
        break;
    }
    if (auto const message = decode_supervisor_message(received.text))
      std::visit([this](auto const& said) { take(said); }, *message);
    else
      log(LogLevel::error, "supervisor_message_not_understood", {peer_field("text", received.text)});
    return true;
  }

  void take(ChildOrder order) {
    switch (order) {
      case ChildOrder::stats: {
        auto const stats = server_.stats();
        supervisor_.send(encode(StatsMessage{stats.connections, stats.sessions, stats.users}));
        break;
      }
      case ChildOrder::relieve:
        server_.stop_accepting();
        end_at_ = SteadyClock::now() + linger_time;
        break;
    }
  }

  void take(NodeDiedMessage const& died) { server_.cluster().node_died(died.node); }

  Server& server_;
  CertificateWatch& certificates_;
  Channel& supervisor_;
  int const signals_;
  std::optional<TimePoint> end_at_;
  bool done_ = false;
};

}  // namespace

unsigned workers_per_process(unsigned cores, unsigned processes) {
  constexpr unsigned workers_max = 64;
  return std::clamp(cores / std::max(processes, 1u), 1u, workers_max);
}

int serve_as_child(Config config, std::string const& descriptor) {
  auto const signals = watch_sigterm();
  auto supervisor = channel_to_supervisor(descriptor);
  follow_orders(config, supervisor);
  fail_as_told();
  ServedChat served(config);
  served.server.start();
  CertificateWatch certificates(config.server.tls, config.tls_watch_interval, SteadyClock::now());
  ChildLoop(served.server, certificates, supervisor, signals.get()).run();
  served.server.stop();
  return exit_ok;
}

}  // namespace chorus::app
