#include "server/runtime.hpp"

#include <algorithm>
#include <atomic>
#include <span>
#include <stdexcept>

#include "base/check.hpp"
#include "base/log.hpp"
#include "base/scheduling.hpp"
#include "net/file_descriptor.hpp"
#include "server/cors_settings.hpp"
#include "server/listening_sockets.hpp"
#include "server/settings.hpp"
#include "websocket/handshake.hpp"

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
  mount.checks_origin = shared_.options.cors.enforce;
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
    mount.checks_origin = base.checks_origin;
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
      options.http_compression.enabled ? StaticFiles::Compression::at_load : StaticFiles::Compression::none;
  if (!options.web_root.empty()) shared_.files.load(options.web_root, compression);
  if (!options.client_files.empty()) shared_.client_files.load_client(options.client_files, compression);
}

/// What OpenSSL looks up and lays out when it is first asked for a check and a digest: not while a client waits.
void Runtime::prepare_handshakes() const {
  auto const id = shared_.session_key.mint({});
  CHORUS_CHECK(shared_.session_key.owner_of(id), "an own session id is not known");
  CHORUS_CHECK(!websocket::accept_key(id).empty(), "no answer to a WebSocket's key");
}

void Runtime::start(FirstWorker first) {
  CHORUS_CHECK(!running(), "a server is started once");
  auto const& options = shared_.options;
  prepare_handshakes();
  load_files();
  if (options.tls.enabled()) shared_.tls = std::make_unique<TlsHost>(options.tls, options.identity.session_key);
  auto const limit = net::raise_descriptor_limit();
  log(LogLevel::info, "descriptors", {{"before", limit.before}, {"limit", limit.after}});
  if (!options.listening.empty())
    listener_ = adopt_listener(options.listening);
  else if (options.listen)
    listener_ = open_listener(options.host, options.port);

  for (unsigned i = 0; i < shared_.workers; ++i) sites_.push_back(std::make_unique<Site>(i, shared_));
  for (auto const& site : sites_) hub_counters_.push_back(&site->hub_counters());
  shared_.post = [this](unsigned worker, Letter letter) { sites_[worker]->mailbox().post(std::move(letter)); };
  shared_.outside->open(shared_.post);
  start_relay();
  if (shared_.redis) shared_.redis->start();
  shared_.bus->open(
      [this](unsigned worker, socket::Letter letter) { sites_[worker]->mailbox().put(std::move(letter)); },
      [this](unsigned worker) { sites_[worker]->mailbox().wake(); });
  embedded_ = first == FirstWorker::callers_loop;
  if (embedded_) listen(*sites_.front());
  for (auto& site : std::span(sites_).subspan(embedded_ ? 1 : 0)) start_thread(*site);
  start_watchdog();
  serving_ = true;
}

void Runtime::listen(Site& site) {
  if (!listener_) return;
  for (auto const& socket : listener_->sockets()) site.worker().listen(socket.get());
}

void Runtime::start_thread(Site& site) {
  threads_.emplace_back([this, &site] {
    schedule_as_batch();
    site.hub().begin_turn();
    listen(site);
    site.worker().run();
  });
}

int Runtime::descriptor() { return sites_.front()->worker().descriptor(); }

bool Runtime::turn() {
  if (!serving_ || !embedded_) return false;
  sites_.front()->hub().begin_turn();
  sites_.front()->worker().run_once(Duration::zero());
  return true;
}

Adopted Runtime::adopt(int descriptor, std::string_view unread) {
  return hand_in(descriptor, std::string(unread), AdoptLetter::Handshake::open);
}

Adopted Runtime::adopt_upgraded(int descriptor, std::string_view request, std::string_view unread) {
  auto const head = http::read_request(request, shared_.http_limits);
  if (!head || !websocket::wants_websocket(*head) || !websocket::check_upgrade(*head)) return Adopted::no_websocket;
  return hand_in(descriptor, std::string(request).append(unread), AdoptLetter::Handshake::answered);
}

Adopted Runtime::hand_in(int descriptor, std::string unread, AdoptLetter::Handshake handshake) {
  auto const& options = shared_.options;
  if (options.tls.enabled()) return Adopted::encrypted;
  if (unread.size() > options.head_bytes_max + options.message_bytes_max) return Adopted::too_much_unread;
  if (!net::make_ready_stream(descriptor)) return Adopted::no_stream;
  Letter letter = AdoptLetter{net::FileDescriptor(descriptor), std::move(unread), handshake};
  auto const worker = adopting_.fetch_add(1, std::memory_order_relaxed) % shared_.workers;
  if (shared_.outside->post(worker, std::move(letter))) return Adopted::taken;
  [[maybe_unused]] int const given_back = std::get<AdoptLetter>(letter).descriptor.release();
  return Adopted::not_running;
}

/// Until `condition` holds, which nobody tells of, or the deadline is over.
template <class Condition>
void Runtime::wait(Condition const& condition, TimePoint deadline) {
  constexpr auto pause = std::chrono::milliseconds(2);
  while (!condition() && SteadyClock::now() < deadline) {
    if (!embedded_) {
      std::this_thread::sleep_for(pause);
    } else {
      sites_.front()->hub().begin_turn();
      sites_.front()->worker().run_once(pause);
    }
  }
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
  if (!serving_) return;
  for (unsigned i = 0; i < shared_.workers; ++i) shared_.post(i, LeaveListeningLetter{});
}

void Runtime::reload_tls() {
  if (shared_.tls) shared_.tls->reload();
}

void Runtime::stop() {
  if (!serving_) return;
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
  serving_ = false;
  watchdog_.reset();
  shared_.helpers->stop();
  if (shared_.relay) shared_.relay->stop();
  if (shared_.redis) shared_.redis->stop();
  shared_.bus->close();
  shared_.outside->close();
  hub_counters_.clear();
  sites_.clear();
  listener_.reset();
}

void Runtime::begin_test(std::vector<socket::HubCounters const*> hub_counters) {
  CHORUS_CHECK(!running(), "a server is started, or given to a Harness, once");
  hub_counters_ = std::move(hub_counters);
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
    auto const& deflated = site->deflation().counters();
    stats.messages_deflated += deflated.messages.get();
    stats.deflate_bytes_saved += deflated.bytes_saved.get();
  }
  for (auto const* const counters : hub_counters_) {
    stats.packets_in += counters->events_in.get();
    stats.events_unhandled += counters->events_unhandled.get();
    stats.events_mistyped += counters->events_mistyped.get();
    stats.handler_errors += counters->handler_errors.get();
  }
  stats.slow_handlers = slow_handlers_.get();
  stats.users = shared_.bus->own_users();
  if (auto const* const recovery = shared_.bus->recovery()) stats.recovery = recovery_stats(recovery->counts());
  if (shared_.redis) stats.redis = shared_.redis->stats();
  return stats;
}

}  // namespace chorus::server
