#include "server/runtime.hpp"

#include <algorithm>
#include <atomic>
#include <stdexcept>

#include "base/check.hpp"
#include "base/log.hpp"
#include "base/scheduling.hpp"
#include "net/file_descriptor.hpp"
#include "server/cookie.hpp"
#include "server/cors_settings.hpp"
#include "server/listening_sockets.hpp"

namespace chorus::server {
namespace {

unsigned worker_count(ServerOptions const& options) {
  unsigned const cores = std::max(1u, std::thread::hardware_concurrency());
  unsigned const wanted = options.workers == 0 ? std::min(cores, socket::workers_max) : options.workers;
  if (wanted > socket::workers_max)
    throw std::runtime_error("workers: " + std::to_string(options.workers) +
                             " is too many; 1 to 64, or 0 for one per core");
  return wanted;
}

engine::Settings engine_settings(ServerOptions const& options) {
  engine::Settings settings;
  settings.ping_interval = options.ping_interval;
  settings.ping_timeout = options.ping_timeout;
  settings.upgrade_timeout = options.upgrade_timeout;
  // A session that is closing waits for its client's next poll; one whose pings are overdue will not come.
  settings.close_timeout = std::min(settings.close_timeout, options.ping_interval + options.ping_timeout);
  settings.payload_bytes_max = options.message_bytes_max;
  settings.buffer_bytes_max = options.backlog_bytes_max;
  settings.allow_upgrades = options.allow_upgrades;
  settings.websocket_enabled = options.websocket;
  settings.polling_enabled = options.polling;
  return settings;
}

/// Node's rule: one trailing slash or none is as good, and the option says which it is.
std::string mount_path(ServerOptions const& options) {
  std::string path = options.path;
  if (path.ends_with('/')) path.pop_back();
  if (!path.starts_with('/')) path.insert(0, 1, '/');
  if (options.add_trailing_slash && path.size() > 1) path += '/';
  return path;
}

std::vector<http::Network> networks(std::vector<std::string> const& texts) {
  std::vector<http::Network> all;
  for (auto const& text : texts) {
    auto const network = http::Network::parse(text);
    if (!network)
      throw std::runtime_error("trusted_proxies: \"" + text + "\" is no network, such as 10.0.0.0/8 or ::1");
    all.push_back(*network);
  }
  return all;
}

/// Until `condition` holds, which nobody tells of, or the deadline is over.
template <class Condition>
void wait(Condition const& condition, TimePoint deadline) {
  while (!condition() && SteadyClock::now() < deadline) std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

void check(NodeIdentity const& identity) {
  if (auto const size = identity.session_key.size(); size != 0 && size != engine::SessionIdKey::size)
    throw std::runtime_error("identity.session_key: has " + std::to_string(size) +
                             " bytes; 16, or none for a random one");
}

void check(char const* name, int value, int least, int greatest) {
  if (value < least || value > greatest)
    throw std::runtime_error(std::string(name) + ": " + std::to_string(value) + " is not allowed; " +
                             std::to_string(least) + " to " + std::to_string(greatest));
}

ServerOptions checked(ServerOptions options) {
  check(options.identity);
  auto const& deflate = options.per_message_deflate;
  check("per_message_deflate.level", deflate.level, deflate_level_min, deflate_level_max);
  check("per_message_deflate.server_max_window_bits", deflate.server_max_window_bits, deflate_window_bits_min,
        deflate_window_bits_max);
  check("per_message_deflate.client_max_window_bits", deflate.client_max_window_bits, deflate_window_bits_min,
        deflate_window_bits_max);
  check("http_compression.level", options.http_compression.level, deflate_level_min, deflate_level_max);
  if (auto const fault = cookie_fault(options.cookie)) throw std::runtime_error(*fault);
  return options;
}

websocket::DeflateSettings deflate_settings(PerMessageDeflate const& options) {
  websocket::DeflateSettings settings;
  settings.enabled = options.enabled;
  settings.threshold = options.threshold;
  settings.level = options.level;
  if (options.context_takeover) settings.context = websocket::Context::taken_over;
  settings.server_window_bits = options.server_max_window_bits;
  settings.client_window_bits = options.client_max_window_bits;
  return settings;
}

socket::RecoverySettings recovery_settings(ServerOptions const& options) {
  auto const& recovery = options.connection_state_recovery;
  socket::RecoverySettings settings;
  settings.max_disconnection = recovery.max_disconnection;
  settings.skip_middlewares = recovery.skip_middlewares;
  settings.sessions_max = recovery.sessions_max;
  settings.packets_max = recovery.packets_max;
  settings.bytes_max = recovery.bytes_max;
  settings.missed_bytes_max = options.backlog_bytes_max / 2;  // the rest is for what is said meanwhile
  return settings;
}

RecoveryStats recovery_stats(socket::Recovery::Counts const& counts) {
  RecoveryStats stats;
  stats.sessions_kept = counts.sessions;
  stats.packets_kept = counts.packets;
  stats.bytes_kept = counts.bytes;
  stats.recovered = counts.recovered;
  stats.unknown_session = counts.unknown_session;
  stats.unknown_offset = counts.unknown_offset;
  stats.too_much_missed = counts.too_much_missed;
  stats.sessions_expired = counts.sessions_expired;
  stats.sessions_crowded_out = counts.sessions_crowded_out;
  return stats;
}

}  // namespace

Runtime::Runtime(ServerOptions options) : shared_(checked(options), worker_count(options)) {
  if (shared_.options.connection_state_recovery.max_disconnection.count() > 0)
    shared_.bus->set_recovery(std::make_unique<socket::Recovery>(recovery_settings(shared_.options), shared_.workers));
  shared_.http_limits.head_bytes_max = shared_.options.head_bytes_max;
  shared_.http_limits.body_bytes_max = shared_.options.message_bytes_max;
  shared_.deflate = deflate_settings(shared_.options.per_message_deflate);
  shared_.trusted_proxies = networks(shared_.options.trusted_proxies);
  shared_.mounts.push_back(socket_io_mount());
  shared_.registry->ensure("/");
}

Runtime::~Runtime() {
  stop();
  shared_.registry->clear();
}

Mount Runtime::socket_io_mount() const {
  Mount mount;
  mount.path = mount_path(shared_.options);
  mount.all_below = !mount.path.ends_with('/');
  mount.engine = engine_settings(shared_.options);
  mount.websocket.message_bytes_max = shared_.options.message_bytes_max;
  mount.cors = cors_options(shared_.options.cors);
  mount.cookie = shared_.options.cookie;
  mount.allow_request = shared_.options.allow_request;
  mount.allow_request_delay = shared_.options.allow_request_delay;
  mount.allow_eio3 = shared_.options.allow_eio3;
  return mount;
}

void Runtime::add_mount(Mount mount) {
  CHORUS_CHECK(!running(), "paths are added before the server starts");
  if (mount.kind == Mount::Kind::raw_engine) {
    auto const& base = shared_.mounts.front();
    mount.engine = base.engine;
    mount.websocket = base.websocket;
    mount.cors = base.cors;
    mount.cookie = base.cookie;
    mount.allow_request = base.allow_request;
    mount.allow_request_delay = base.allow_request_delay;
    mount.allow_eio3 = base.allow_eio3;
  }
  shared_.mounts.push_back(std::move(mount));
}

void Runtime::add_route(std::string method, std::string path, HttpHandler handler) {
  CHORUS_CHECK(!running(), "routes are added before the server starts");
  shared_.routes.add(std::move(method), std::move(path), std::move(handler));
}

void Runtime::set_fallback(HttpHandler handler) {
  CHORUS_CHECK(!running(), "routes are added before the server starts");
  shared_.routes.set_fallback(std::move(handler));
}

EngineHooks& Runtime::hooks() {
  CHORUS_CHECK(!running(), "hooks are set before the server starts");
  return shared_.mounts.front().hooks;
}

void Runtime::load_files() {
  auto const& options = shared_.options;
  auto const compression =
      options.http_compression.enabled ? StaticFiles::Compression::gzip : StaticFiles::Compression::none;
  if (!options.web_root.empty()) shared_.files.load(options.web_root, compression);
  if (!options.client_files.empty()) shared_.client_files.load_client(options.client_files, compression);
}

void Runtime::start() {
  CHORUS_CHECK(!running(), "a server is started once");
  auto const& options = shared_.options;
  load_files();
  if (options.tls.enabled()) shared_.tls = std::make_unique<TlsHost>(options.tls, options.identity.session_key);
  auto const limit = net::raise_descriptor_limit();
  log(LogLevel::info, "descriptors", {{"before", limit.before}, {"limit", limit.after}});
  listener_ = options.listening.empty() ? open_listener(options.host, options.port) : adopt_listener(options.listening);

  for (unsigned i = 0; i < shared_.workers; ++i) sites_.push_back(std::make_unique<Site>(i, shared_));
  shared_.post = [this](unsigned worker, Letter letter) { sites_[worker]->mailbox().post(std::move(letter)); };
  shared_.outside->open(shared_.post);
  start_relay();
  if (shared_.redis) shared_.redis->start();
  shared_.bus->open(
      [this](unsigned worker, socket::Letter letter) { sites_[worker]->mailbox().put(std::move(letter)); },
      [this](unsigned worker) { sites_[worker]->mailbox().wake(); });
  for (auto& site : sites_) {
    threads_.emplace_back([this, &site = *site] {
      schedule_as_batch();
      site.hub().begin_turn();
      for (auto const& socket : listener_->sockets()) site.worker().listen(socket.get());
      site.worker().run();
    });
  }
  start_watchdog();
}

void Runtime::start_watchdog() {
  std::vector<Running const*> workers;
  for (auto const& site : sites_) workers.push_back(&site->running());
  watchdog_.emplace(std::move(workers), shared_.options.slow_handler, [this](net::SlowHandler const& slow) {
    if (!slow.ended) ++slow_handlers_;
    log(LogLevel::warning, "slow_handler",
        {{"handler", slow.what},
         {"name", slow.name},
         {"worker", slow.worker},
         {"ms", std::chrono::duration_cast<std::chrono::milliseconds>(slow.time).count()},
         {"state", slow.ended ? "ended" : "running"}});
  });
}

/// Without it this process serves all the same, but for requests of sessions that live in others.
void Runtime::start_relay() {
  auto const& identity = shared_.options.identity;
  if (identity.relay_folder.empty()) return;
  cluster::RelayOptions options;
  options.folder = identity.relay_folder;
  options.self = {identity.node, identity.incarnation};
  shared_.relay = std::make_unique<RelayDesk>(options, shared_.http_limits, shared_.workers, shared_.post);
  try {
    shared_.relay->start();
  } catch (std::runtime_error const& error) {
    log(LogLevel::warning, "no_relay", {{"reason", error.what()}});
    shared_.relay.reset();
  }
}

bool Runtime::all_quiet() const {
  return std::ranges::all_of(sites_, [](auto const& site) { return site->worker().connection_count() == 0; });
}

void Runtime::stop_accepting() {
  if (threads_.empty()) return;
  for (unsigned i = 0; i < shared_.workers; ++i) shared_.post(i, LeaveListeningLetter{});
}

void Runtime::reload_tls() {
  if (shared_.tls) shared_.tls->reload();
}

void Runtime::stop() {
  if (threads_.empty()) return;
  auto const deadline = SteadyClock::now() + shared_.options.drain_timeout;
  // In two steps: no session may close while another worker still serves what it has heard, and would tell it.
  auto const hearing = std::make_shared<std::atomic<unsigned>>(shared_.workers);
  for (unsigned i = 0; i < shared_.workers; ++i)
    shared_.post(i, StopHearingLetter{[hearing] { hearing->fetch_sub(1, std::memory_order_acq_rel); }});
  wait([&] { return hearing->load(std::memory_order_acquire) == 0; }, deadline);
  for (unsigned i = 0; i < shared_.workers; ++i) shared_.post(i, DrainLetter{});
  wait([&] { return all_quiet(); }, deadline);
  for (auto& site : sites_) site->worker().stop();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  watchdog_.reset();
  shared_.helpers->stop();
  if (shared_.relay) shared_.relay->stop();
  if (shared_.redis) shared_.redis->stop();
  shared_.bus->close();
  shared_.outside->close();
  sites_.clear();
  listener_.reset();
}

std::vector<std::string> Runtime::addresses() const {
  return listener_ ? listener_->addresses() : std::vector<std::string>{};
}

std::size_t Runtime::clients_count() const {
  std::size_t count = 0;
  for (unsigned i = 0; i < shared_.workers; ++i) count += shared_.placement.load(i);
  return count;
}

ServerStats Runtime::stats() const {
  ServerStats stats;
  for (unsigned i = 0; i < shared_.workers; ++i) {
    stats.sessions_per_worker.push_back(shared_.placement.load(i));
    stats.sessions += shared_.placement.load(i);
  }
  for (auto const& site : sites_) {
    stats.connections += site->worker().connection_count();
    stats.io_uring = site->worker().uses_io_uring();
    stats.tls_handshakes += site->worker().counters().tls_handshakes.get();
    stats.tls_resumptions += site->worker().counters().tls_resumptions.get();
    stats.tls_failures += site->worker().counters().tls_failures.get();
    auto const& counters = site->hub_counters();
    auto const& deflated = site->deflation().counters();
    stats.messages_deflated += deflated.messages.get();
    stats.deflate_bytes_saved += deflated.bytes_saved.get();
    stats.packets_in += counters.events_in.get();
    stats.events_unhandled += counters.events_unhandled.get();
    stats.events_mistyped += counters.events_mistyped.get();
    stats.handler_errors += counters.handler_errors.get();
  }
  stats.slow_handlers = slow_handlers_.get();
  stats.users = shared_.bus->own_users();
  if (auto const* const recovery = shared_.bus->recovery()) stats.recovery = recovery_stats(recovery->counts());
  if (shared_.redis) stats.redis = shared_.redis->stats();
  return stats;
}

}  // namespace chorus::server
