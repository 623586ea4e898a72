#include "net/port_holder.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <vector>

#include "base/bytes.hpp"

namespace chorus::net {

namespace {

namespace fs = std::filesystem;

struct ListeningSocket {
  std::string inode;
  unsigned user = 0;
};

// proc(5): "sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode"; a local address is HEX:PORT in
// hex.
std::optional<ListeningSocket> parse_line(std::string const& line, std::uint16_t port) {
  constexpr char const* listening = "0A";
  std::istringstream fields(line);
  std::string number, local, remote, state, queues, timer, retransmits, user, timeout, inode;
  fields >> number >> local >> remote >> state >> queues >> timer >> retransmits >> user >> timeout >> inode;
  if (!fields || state != listening) return std::nullopt;
  std::size_t const colon = local.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  unsigned local_port = 0;
  std::from_chars(local.data() + colon + 1, local.data() + local.size(), local_port, 16);
  if (local_port != port) return std::nullopt;
  ListeningSocket socket{.inode = inode};
  std::from_chars(user.data(), user.data() + user.size(), socket.user);
  return socket;
}

std::vector<ListeningSocket> listening_sockets(std::uint16_t port) {
  std::vector<ListeningSocket> found;
  for (char const* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream file(table);
    for (std::string line; std::getline(file, line);) {
      if (auto socket = parse_line(line, port)) found.push_back(std::move(*socket));
    }
  }
  return found;
}

bool has_socket(fs::path const& process, std::string const& inode) {
  std::error_code ignored;  // processes end while we look, and most are not ours to look into
  std::string const wanted = "socket:[" + inode + "]";
  fs::directory_iterator descriptors(process / "fd", ignored);
  for (; descriptors != fs::directory_iterator(); descriptors.increment(ignored)) {
    if (ignored) return false;
    if (fs::read_symlink(descriptors->path(), ignored) == wanted) return true;
  }
  return false;
}

// proc(5), stat: "pid (command) state ppid ..."; a command may have parentheses.
std::string parent_of(std::string const& id) {
  std::string line;
  std::getline(std::ifstream("/proc/" + id + "/stat"), line);
  std::istringstream fields(line.substr(std::min(line.size(), line.rfind(')') + 1)));
  std::string state, parent;
  fields >> state >> parent;
  return parent;
}

// A supervisor and its children share a socket: it is the one to name.
std::string eldest_with(std::string id, std::string const& inode) {
  for (std::string parent = parent_of(id); !parent.empty() && has_socket(fs::path("/proc") / parent, inode);
       parent = parent_of(id))
    id = parent;
  return id;
}

std::string process_with(std::string const& inode) {
  std::error_code ignored;
  fs::directory_iterator processes("/proc", ignored);
  for (; processes != fs::directory_iterator(); processes.increment(ignored)) {
    if (ignored) return {};
    std::string id = processes->path().filename();
    if (!std::all_of(id.begin(), id.end(), [](char c) { return c >= '0' && c <= '9'; })) continue;
    if (!has_socket(processes->path(), inode)) continue;
    id = eldest_with(std::move(id), inode);
    std::string command;
    std::getline(std::ifstream(fs::path("/proc") / id / "comm") >> std::ws, command);
    return "process " + id + " (" + printable(command) + ")";
  }
  return {};
}

std::string name_of_user(unsigned id) {
  std::vector<char> buffer(4096);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(id, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return entry.pw_name;
  return std::to_string(id);
}

}  // namespace

std::string holder_of_port(std::uint16_t port) {
  std::vector<ListeningSocket> const sockets = listening_sockets(port);
  for (ListeningSocket const& socket : sockets) {
    if (std::string process = process_with(socket.inode); !process.empty()) return process;
  }
  return sockets.empty() ? std::string() : "user " + name_of_user(sockets.front().user);
}

}  // namespace chorus::net
