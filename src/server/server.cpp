// Bodies of chorus::Server.
#include "chorus/server.hpp"

#include <csignal>
#include <regex>
#include <utility>

#include "server/runtime.hpp"

namespace chorus {

Server::Server(ServerOptions options)
    : runtime_(std::make_shared<server::Runtime>(std::move(options))), root_(runtime_->shared().registry, "/") {}
Server::~Server() { stop(); }

Namespace Server::of(std::string_view name) {
  std::string full(name.empty() ? "/" : name);
  if (full.front() != '/') full.insert(0, 1, '/');
  auto const& registry = runtime_->shared().registry;
  registry->ensure(full);
  return Namespace(registry, full);
}

Namespace Server::of_pattern(std::string_view expression) {
  std::string const name = "~" + std::string(expression);
  auto const& registry = runtime_->shared().registry;
  std::regex const pattern{std::string(expression)};
  registry->ensure_pattern(name, [pattern](std::string_view candidate) {
    return std::regex_search(candidate.begin(), candidate.end(), pattern);
  });
  return Namespace(registry, name);
}

Namespace Server::of_decider(NamespaceDecider decides) {
  auto const& registry = runtime_->shared().registry;
  return Namespace(registry, registry->add_decider(std::move(decides)));
}

ListenerId Server::on_new_namespace(std::function<void(Namespace const&)> handler) {
  return runtime_->shared().registry->on_new_namespace(std::move(handler));
}

void Server::add_route(std::string method, std::string path, HttpHandler handler) {
  runtime_->add_route(std::move(method), std::move(path), std::move(handler));
}

void Server::add_fallback(HttpHandler handler) { runtime_->set_fallback(std::move(handler)); }

EngineHooks& Server::engine() { return runtime_->hooks(); }

void Server::engine(std::string path, EngineHandlers handlers) {
  server::Mount mount;
  mount.kind = server::Mount::Kind::raw_engine;
  mount.path = std::move(path);
  mount.hooks = std::move(handlers.hooks);
  mount.raw = std::move(handlers);
  runtime_->add_mount(std::move(mount));
}

void Server::websocket_echo(std::string path, std::size_t message_bytes_max) {
  server::Mount mount;
  mount.kind = server::Mount::Kind::websocket_echo;
  mount.path = std::move(path);
  mount.websocket.message_bytes_max = message_bytes_max;
  runtime_->add_mount(std::move(mount));
}

void Server::start() { runtime_->start(server::Runtime::FirstWorker::own_thread); }

int Server::start_embedded() {
  runtime_->start(server::Runtime::FirstWorker::callers_loop);
  return runtime_->descriptor();
}

bool Server::turn() { return runtime_->turn(); }

Adopted Server::adopt(int descriptor, std::string_view unread) { return runtime_->adopt(descriptor, unread); }

Adopted Server::adopt_upgraded(int descriptor, std::string_view request, std::string_view unread) {
  return runtime_->adopt_upgraded(descriptor, request, unread);
}

int Server::run(std::function<void()> const& on_listening) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  // Blocked before the workers start, so that they inherit it and only this thread is interrupted.
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  start();
  if (on_listening) on_listening();
  int received = 0;
  sigwait(&signals, &received);
  stop();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  return 0;
}

void Server::stop_accepting() { runtime_->stop_accepting(); }
void Server::reload_tls() { runtime_->reload_tls(); }
void Server::stop() { runtime_->stop(); }
std::uint16_t Server::port() const { return runtime_->port(); }
unsigned Server::workers() const { return runtime_->shared().workers; }
Cluster Server::cluster() const { return Cluster(runtime_->shared().redis); }
std::size_t Server::clients_count() const { return runtime_->clients_count(); }
ServerStats Server::stats() const { return runtime_->stats(); }

}  // namespace chorus
