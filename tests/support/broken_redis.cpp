#include "support/broken_redis.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string_view>

namespace chorus::testing {
namespace {

constexpr int look_interval_ms = 20;  // how soon the destructor is noticed

std::string bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

/// The words of a whole command at the front of `input`, which loses it; none when it is incomplete.
std::vector<std::string> take_command(std::string& input) {
  std::vector<std::string> words;
  std::size_t position = 0;
  auto const number = [&](char type) -> long {
    auto const end = input.find("\r\n", position);
    if (end == std::string::npos || input[position] != type) return -1;
    long const value = std::strtol(input.c_str() + position + 1, nullptr, 10);
    position = end + 2;
    return value;
  };
  long const count = number('*');
  for (long i = 0; i < count; ++i) {
    long const size = number('$');
    if (size < 0 || input.size() < position + static_cast<std::size_t>(size) + 2) return {};
    words.push_back(input.substr(position, static_cast<std::size_t>(size)));
    position += static_cast<std::size_t>(size) + 2;
  }
  if (count > 0) input.erase(0, position);
  return words;
}

}  // namespace

struct BrokenRedis::Peer {
  explicit Peer(int d) : descriptor(d) {}
  ~Peer() { ::close(descriptor); }

  void send(std::string const& bytes) const { ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  std::string answer_to(std::vector<std::string> const& command);

  int descriptor;
  std::string input;
  bool subscribed = false;
  bool doomed = false;  // only waits for the peer to end
  bool closed = false;
};

std::string BrokenRedis::Peer::answer_to(std::vector<std::string> const& command) {
  auto const& word = command[0];
  if (word == "PING") return subscribed ? "*2\r\n$4\r\npong\r\n$0\r\n\r\n" : "+PONG\r\n";
  if (word == "PUBLISH") return ":0\r\n";
  if (word == "AUTH" || word == "SELECT") return "+OK\r\n";
  if (word.find("SUBSCRIBE") == std::string::npos) return "-ERR unknown command\r\n";
  subscribed = true;
  std::string kind = word;
  for (char& c : kind) c = static_cast<char>(c - 'A' + 'a');
  std::string answer;
  for (std::size_t i = 1; i < command.size(); ++i) {
    answer += "*3\r\n" + bulk(kind) + bulk(command[i]) + ":" + std::to_string(i) + "\r\n";
  }
  return answer;
}

BrokenRedis::BrokenRedis(Script script) : script_(std::move(script)) {
  auto pattern = (std::filesystem::temp_directory_path() / "chorus-redis-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder can be made");
  folder_ = pattern;
  listening_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket_path().c_str(), sizeof address.sun_path - 1);
  if (::bind(listening_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listening_, 16) != 0) {
    throw std::runtime_error("no socket can be bound in " + folder_);
  }
  thread_ = std::thread([this] { run(); });
}

BrokenRedis::~BrokenRedis() {
  stopping_ = true;
  thread_.join();
  ::close(listening_);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void BrokenRedis::run() {
  while (!stopping_) {
    std::vector<pollfd> waits{{.fd = listening_, .events = POLLIN, .revents = 0}};
    for (auto const& peer : peers_) waits.push_back({.fd = peer->descriptor, .events = POLLIN, .revents = 0});
    ::poll(waits.data(), waits.size(), look_interval_ms);
    for (std::size_t i = 1; i < waits.size(); ++i) {
      if (waits[i].revents != 0 && !peers_[i - 1]->closed) serve(*peers_[i - 1]);
    }
    std::erase_if(peers_, [](auto const& peer) { return peer->closed; });
    if (waits[0].revents != 0) accept_one();
  }
}

/// A try of the link is a pair of connections: only when both are there, the steps begin. So every step is one of a
/// try that is alive.
void BrokenRedis::accept_one() {
  int const descriptor = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (descriptor < 0) return;
  if (!first_of_pair_) {
    first_of_pair_ = std::make_unique<Peer>(descriptor);
    return;
  }
  Peer& first = *peers_.emplace_back(std::move(first_of_pair_));
  Peer& second = *peers_.emplace_back(std::make_unique<Peer>(descriptor));
  if (step(first, "", "")) step(second, "", "");
}

void BrokenRedis::serve(Peer& peer) {
  char bytes[4096];
  auto const size = ::recv(peer.descriptor, bytes, sizeof bytes, 0);
  if (size <= 0) {
    peer.closed = true;
    return;
  }
  if (peer.doomed) return;
  peer.input.append(bytes, static_cast<std::size_t>(size));
  while (true) {
    auto const command = take_command(peer.input);
    if (command.empty() || !step(peer, command[0], peer.answer_to(command))) return;
  }
}

bool BrokenRedis::step(Peer& peer, std::string const& word, std::string const& answer) {
  Mischief const* const mischief = script_(step_++, word);
  if (mischief == nullptr || mischief->before) peer.send(answer);
  if (mischief == nullptr) return true;
  peer.send(mischief->bytes);
  for (auto const& open : peers_) (mischief->hang_up ? open->closed : open->doomed) = true;
  step_ = 0;
  return false;
}

}  // namespace chorus::testing
