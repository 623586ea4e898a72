#include "app/supervisor/processes.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

namespace chorus::app {
namespace {

namespace fs = std::filesystem;

constexpr int exit_not_executed = 127;  // as a shell has it

std::string name_of(std::string const& variable) { return variable.substr(0, variable.find('=') + 1); }

/// The environment with `variables` in it.
std::vector<std::string> environment_with(std::vector<std::string> const& variables) {
  std::vector<std::string> all = variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    bool replaced = false;
    for (auto const& variable : variables) replaced |= std::string_view(*entry).starts_with(name_of(variable));
    if (!replaced) all.emplace_back(*entry);
  }
  return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

void set_signals(SpawnOptions::Kind kind) {
  for (int const signal : {SIGPIPE, SIGTERM, SIGCHLD}) ::signal(signal, SIG_DFL);
  auto const terminal_signals = kind == SpawnOptions::Kind::child ? SIG_IGN : SIG_DFL;
  ::signal(SIGINT, terminal_signals);
  ::signal(SIGHUP, terminal_signals);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void be_silent() {
  int const null = ::open("/dev/null", O_RDWR);
  for (int const standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null, standard);
  if (null > STDERR_FILENO) ::close(null);
}

/// In the new process, where only what is safe in a signal handler may be called.
[[noreturn]] void become(SpawnOptions const& options, char* const* arguments, char* const* environment, Pid parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(EXIT_FAILURE);  // it died before that could be set
  set_signals(options.kind);
  if (options.kind == SpawnOptions::Kind::daemon) {
    ::setpgid(0, 0);
    be_silent();
  }
  if (options.descriptor >= 0) ::fcntl(options.descriptor, F_SETFD, 0);
  ::execve(options.path.c_str(), arguments, environment);
  ::_exit(exit_not_executed);
}

}  // namespace

std::optional<Pid> spawn(SpawnOptions const& options) {
  auto texts = options.arguments;
  auto variables = environment_with(options.variables);
  auto const arguments = pointers_to(texts);
  auto const environment = pointers_to(variables);
  Pid const parent = ::getpid();
  Pid const pid = ::fork();
  if (pid == 0) become(options, arguments.data(), environment.data(), parent);
  if (pid < 0) return std::nullopt;
  return pid;
}

void ask_to_end(Pid pid) { ::kill(pid, SIGTERM); }
void kill_now(Pid pid) { ::kill(pid, SIGKILL); }

std::optional<Ended> reap() {
  int status = 0;
  Pid const pid = ::waitpid(-1, &status, WNOHANG);
  if (pid <= 0) return std::nullopt;
  if (WIFSIGNALED(status)) return Ended{pid, {Ending::Kind::signalled, WTERMSIG(status)}};
  return Ended{pid, {Ending::Kind::exited, WEXITSTATUS(status)}};
}

std::string signal_name(int signal) {
  char const* const name = ::sigabbrev_np(signal);
  return name == nullptr ? "signal " + std::to_string(signal) : std::string("SIG") + name;
}

std::string program_path(std::string const& called_as) {
  std::error_code error;
  auto const self = fs::read_symlink("/proc/self/exe", error);
  auto const named = fs::path(called_as.find('/') == std::string::npos ? find_in_path(called_as) : called_as);
  if (!named.empty() && fs::equivalent(named, self, error)) return fs::absolute(named).string();
  return self.string();
}

std::string find_in_path(std::string const& name) {
  char const* const path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    auto const candidate = (folder.empty() ? "." : folder) + "/" + name;
    std::error_code error;
    if (fs::is_regular_file(candidate, error) && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

}  // namespace chorus::app
