#include "app/serve.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include "app/certificate_watch.hpp"
#include "app/health.hpp"
#include "app/log_sink.hpp"
#include "app/network.hpp"
#include "app/start_notice.hpp"
#include "app/supervisor/child.hpp"
#include "app/supervisor/child_orders.hpp"
#include "app/supervisor/supervisor.hpp"
#include "chorus/admin.hpp"
#include "server/tls_host.hpp"

namespace chorus::app {
namespace {

/// The next of `signals`; 0: none came until `deadline`.
int wait_for_signal(sigset_t const& signals, std::optional<TimePoint> deadline) {
  using std::chrono::nanoseconds;
  using std::chrono::seconds;
  if (!deadline) {
    int received = 0;
    ::sigwait(&signals, &received);
    return received;
  }
  auto const left = std::max(nanoseconds(0), nanoseconds(*deadline - SteadyClock::now()));
  timespec const time{.tv_sec = std::chrono::floor<seconds>(left).count(),
                      .tv_nsec = (left - std::chrono::floor<seconds>(left)).count()};
  return std::max(0, ::sigtimedwait(&signals, nullptr, &time));
}

/// In the foreground, without a supervisor.
int serve_alone(Config const& config) {
  sigset_t signals;
  sigemptyset(&signals);
  for (int const signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  // Blocked before the workers start, so that they inherit it and only this thread is interrupted.
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ServedChat served(config);
  auto& server = served.server;
  server.start();
  print_start_notice(config, {.port = server.port(),
                              .workers = server.workers(),
                              .io_uring = server.stats().io_uring,
                              .descriptors = descriptor_limit()});
  CertificateWatch watch(config.server.tls, config.tls_watch_interval, SteadyClock::now());
  for (;;) {
    int const received = wait_for_signal(signals, watch.next_look());
    if (received == SIGINT || received == SIGTERM) break;
    if (received == SIGHUP && !config.server.tls.enabled())
      log(LogLevel::warning, "sighup_ignored", {{"reason", "there is no supervisor to replace this process"}});
    else if (received == SIGHUP || watch.sees_change(SteadyClock::now()))
      reload_certificates(server);
  }
  server.stop();
  return exit_ok;
}

}  // namespace

namespace {

ServerOptions server_options(Config const& config) {
  auto options = config.server;
  options.redis.url = config.redis;
  return options;
}

/// Who has signed in is known to all processes where there is a Redis that they share.
void offer_admin_ui(Server& server, Config const& config) {
  auto const& admin = config.admin;
  if (admin.user.empty()) return;
  AdminOptions options;
  options.auth = BasicAuth{admin.user, admin.password_hash};
  options.readonly = admin.readonly;
  if (admin.production) options.mode = AdminOptions::Mode::production;
  if (server.cluster().configured()) options.store.kind = AdminStore::Kind::redis;
  instrument(server, options);
}

}  // namespace

ServedChat::ServedChat(Config const& config)
    : server(server_options(config)),
      chat(server, {.authenticator = Authenticator(
                        {.verifier = config.verifier, .leeway = config.token_leeway, .language = config.language})}) {
  offer_admin_ui(server, config);
  add_health_route(server, {.recovery = config.server.connection_state_recovery.max_disconnection.count() > 0});
}

void print_start_notice(Config const& config, Serving const& serving) {
  StartFacts facts;
  facts.host = config.server.host;
  facts.port = serving.port;
  facts.encrypted = config.server.tls.enabled();
  facts.processes = serving.processes;
  facts.workers = serving.workers;
  facts.io_uring = serving.io_uring;
  facts.io_uring_wanted = config.server.io_uring != ServerOptions::IoUring::off;
  facts.descriptors = serving.descriptors;
  if (config.verifier) facts.token_check = config.verifier->description();
  facts.web_root = config.server.web_root;
  if (is_any_address(config.server.host)) facts.lan_addresses = lan_addresses();
  std::fputs(start_notice(facts).c_str(), stdout);
  std::fflush(stdout);
}

std::string find_web_root() {
  namespace fs = std::filesystem;
  std::error_code error;
  auto const program = fs::read_symlink("/proc/self/exe", error);
  for (auto const& folder : {fs::path("web"), program.parent_path() / "../share/chorus/web"})
    if (fs::is_regular_file(folder / "index.html", error)) return folder.lexically_normal().string();
  return {};
}

int serve(Config config, std::vector<std::string> const& arguments) {
  start_logging(config.log_level, config.log_format);
  set_debug_areas(config.log_debug);
  std::signal(SIGPIPE, SIG_IGN);  // whoever reads our output may go away
  if (config.server.web_root.empty()) config.server.web_root = find_web_root();
  try {
    if (char const* const descriptor = std::getenv(child_variable))
      return serve_as_child(std::move(config), descriptor);
    if (!config.supervised) return serve_alone(config);
    if (config.server.tls.enabled()) server::check_tls_files(config.server.tls);
    return supervise(config, arguments);
  } catch (std::runtime_error const& error) {
    std::fprintf(stderr, "chorus: %s\n", in_words_of_command_line(error.what()).c_str());
    return exit_failure;
  }
}

}  // namespace chorus::app
