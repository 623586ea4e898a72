// Several processes of one program on one port: this one listens, and looks after those that serve.
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <chorus/server.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

using namespace chorus;

struct Options {
  std::uint16_t port;
};

/// What each of them does: an ordinary server.
int serve(ServerOptions options) {
  Server io(std::move(options));
  io.on_connection([](Socket const& socket) { socket.emit("served by", ::getpid()); });
  io.on("say", [&io](Socket const&, std::string text) { io.emit("said", ::getpid(), text); });
  return io.run();
}

int listen_on(std::uint16_t port) {
  int const listener = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);  // IPv4 as well
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  int const yes = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(listener, reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0 ||
      ::listen(listener, 511) != 0)
    return -1;
  return listener;
}

/// A process of its own. It ends with this one, and drains first.
pid_t start(ServerOptions const& options) {
  pid_t const parent = ::getpid(), pid = ::fork();
  if (pid != 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  std::exit(::getppid() == parent ? serve(options) : 1);
}

int main() {
  Options const place{.port = 3000};
  int const listener = listen_on(place.port);
  if (listener < 0) return std::perror("cannot listen"), 1;

  ServerOptions shared;
  shared.listening = {listener};  // all accept from it
  shared.workers = 1;
  if (char const* const url = std::getenv("REDIS_URL")) shared.redis.url = url;
  // The same secret and a folder in which they meet: a request may come to any of them, and is carried to its session.
  auto& identity = shared.identity;
  identity.session_key.resize(16);
  if (::getrandom(identity.session_key.data(), 16, 0) != 16) return 1;
  char folder[] = "/tmp/my-server-XXXXXX";
  if (::mkdtemp(folder) == nullptr) return 1;
  identity.relay_folder = folder;

  sigset_t signals;
  sigemptyset(&signals);
  for (int const signal : {SIGINT, SIGTERM, SIGCHLD}) sigaddset(&signals, signal);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);

  std::map<pid_t, NodeIdentity> running;
  for (identity.node = 0; identity.node < 2; ++identity.node) running[start(shared)] = identity;

  int signal = 0;
  while (::sigwait(&signals, &signal) == 0 && signal == SIGCHLD)
    for (pid_t pid; (pid = ::waitpid(-1, nullptr, WNOHANG)) > 0;) {
      ::sleep(1);  // whatever made it end may do so again
      identity = running.extract(pid).mapped();
      ++identity.incarnation;  // its successor does not take its sessions for its own
      running[start(shared)] = identity;
    }
  for (auto const& [pid, unused] : running) ::kill(pid, SIGTERM);
  for (auto const& [pid, unused] : running) ::waitpid(pid, nullptr, 0);
  std::filesystem::remove_all(folder);
}
