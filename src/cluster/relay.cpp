#include "cluster/relay.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <deque>
#include <map>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include "base/guarded.hpp"
#include "base/log.hpp"
#include "cluster/parcel_reader.hpp"

namespace chorus::cluster {
namespace {

constexpr std::size_t receive_bytes = 64 * 1024;
constexpr std::size_t descriptors_per_receive_max = 16;

std::string path_of(RelayOptions const& options, NodeName name) { return options.folder + '/' + to_text(name); }

bool set_path(sockaddr_un& address, std::string const& path) {
  address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return true;
}

net::FileDescriptor unix_socket() {
  return net::FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

[[noreturn]] void fail(std::string const& path, int code) {
  throw std::runtime_error("relay: " + path + ": " + std::generic_category().message(code));
}

/// The first parcel of a link says who made it.
std::string encode_hello(NodeName name) {
  return {static_cast<char>(name.node & 0xff), static_cast<char>(name.node >> 8), static_cast<char>(name.incarnation)};
}
std::optional<NodeName> decode_hello(Bytes bytes) {
  if (bytes.size() != 3) return std::nullopt;
  auto const at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  return NodeName{static_cast<std::uint16_t>(at(0) | at(1) << 8), at(2)};
}

struct Outgoing {
  std::string head;
  Parcel parcel;
  bool is_hello = false;
  std::size_t sent = 0;  // of head and bytes

  std::size_t size() const { return head.size() + parcel.bytes.size(); }
};

struct Link {
  Link(net::FileDescriptor s, std::size_t parcel_bytes_max) : socket(std::move(s)), reader(parcel_bytes_max) {}

  net::FileDescriptor socket;
  std::optional<NodeName> peer;  // nothing: its hello has not come yet
  ParcelReader reader;
  std::deque<net::FileDescriptor> descriptors;  // came with bytes whose parcels are not complete yet
  std::deque<Outgoing> out;
  std::size_t out_bytes = 0;
};

/// One sendmsg: the rest of `outgoing`, its descriptor with the first byte. Bytes sent, or -errno.
ssize_t send_some(int socket, Outgoing& outgoing) {
  std::array<iovec, 2> pieces{};
  std::size_t count = 0;
  auto const add = [&](std::string& text, std::size_t skip) {
    if (skip < text.size()) pieces[count++] = {text.data() + skip, text.size() - skip};
  };
  add(outgoing.head, outgoing.sent);
  add(outgoing.parcel.bytes, outgoing.sent - std::min(outgoing.sent, outgoing.head.size()));
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = count;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  if (outgoing.sent == 0 && outgoing.parcel.descriptor) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof(int));
    int const descriptor = outgoing.parcel.descriptor.get();
    std::memcpy(CMSG_DATA(part), &descriptor, sizeof descriptor);
  }
  ssize_t const n = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  return n < 0 ? -errno : n;
}

/// One recvmsg into `buffer`; descriptors go to `descriptors`. Bytes, 0 at the end, or -errno.
ssize_t receive_some(int socket, std::string& buffer, std::deque<net::FileDescriptor>& descriptors) {
  iovec piece{buffer.data(), buffer.size()};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * descriptors_per_receive_max)> control{};
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t const n = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (n < 0) return -errno;
  std::size_t const before = descriptors.size();
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    std::size_t const count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int descriptor = -1;
      std::memcpy(&descriptor, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
      descriptors.emplace_back(descriptor);
    }
  }
  // This process had no room for it (EMFILE). Its place is kept, or the next parcel's would be taken for this one's.
  if ((message.msg_flags & MSG_CTRUNC) != 0 && descriptors.size() == before) descriptors.emplace_back();
  return n;
}

}  // namespace

/// Everything but the outbox belongs to the relay's thread once it runs.
class Relay::Loop {
 public:
  Loop(RelayOptions options, RelayEvents& events)
      : options_(std::move(options)), events_(events), wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

  void start() {
    std::string const path = path_of(options_, options_.self);
    sockaddr_un address;
    if (!set_path(address, path)) fail(path, ENAMETOOLONG);
    listening_ = unix_socket();
    ::unlink(path.c_str());  // of a predecessor that died
    if (!listening_ || ::bind(listening_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listening_.get(), 128) != 0)
      fail(path, errno);
    thread_ = std::thread([this] { run(); });
  }

  void stop() {
    if (!thread_.joinable()) return;
    stopping_.store(true, std::memory_order_release);
    wake();
    thread_.join();
    ::unlink(path_of(options_, options_.self).c_str());
  }

  void send(NodeName to, Parcel parcel) {
    bool const first = outbox_.with([&](Outbox& outbox) {
      outbox.emplace_back(to, std::move(parcel));
      return outbox.size() == 1;
    });
    if (first) wake();
  }

 private:
  using Outbox = std::vector<std::pair<NodeName, Parcel>>;

  void wake() {
    std::uint64_t const one = 1;
    [[maybe_unused]] auto const n = ::write(wake_.get(), &one, sizeof one);
  }

  void run() {
    std::vector<pollfd> polled;
    while (!stopping_.load(std::memory_order_acquire)) {
      polled = {{wake_.get(), POLLIN, 0}, {listening_.get(), POLLIN, 0}};
      for (auto const& link : links_) {
        short const events = link->out.empty() ? POLLIN : POLLIN | POLLOUT;
        polled.push_back({link->socket.get(), events, 0});
      }
      if (::poll(polled.data(), polled.size(), -1) < 0) continue;  // EINTR
      std::size_t const known = links_.size();
      for (std::size_t i = 0; i < known; ++i) {
        short const ready = polled[i + 2].revents;
        if ((ready & POLLOUT) != 0) write(*links_[i]);
        if ((ready & (POLLIN | POLLHUP | POLLERR)) != 0 && links_[i]->socket) read(*links_[i]);
      }
      if (polled[0].revents != 0) take_outbox();
      if (polled[1].revents != 0) accept();
      std::erase_if(links_, [](auto const& link) { return !link->socket; });
    }
  }

  void take_outbox() {
    std::uint64_t count = 0;
    [[maybe_unused]] auto const n = ::read(wake_.get(), &count, sizeof count);
    for (auto& [to, parcel] : outbox_.with([](Outbox& outbox) { return std::exchange(outbox, {}); }))
      deliver(to, std::move(parcel));
  }

  void deliver(NodeName to, Parcel parcel) {
    Link* const link = link_to(to);
    if (link == nullptr) {
      events_.on_undelivered(to, std::move(parcel));
      return events_.on_lost(to);
    }
    if (link->out_bytes + parcel.bytes.size() > options_.link_bytes_max)
      return events_.on_undelivered(to, std::move(parcel));
    enqueue(*link, {parcel_head(parcel.bytes.size(), static_cast<bool>(parcel.descriptor)), std::move(parcel)});
    write(*link);
  }

  static void enqueue(Link& link, Outgoing outgoing) {
    link.out_bytes += outgoing.size();
    link.out.push_back(std::move(outgoing));
  }

  Link* link_to(NodeName name) {
    if (auto const found = by_name_.find(name); found != by_name_.end()) return found->second;
    auto socket = unix_socket();
    sockaddr_un address;
    if (!socket || !set_path(address, path_of(options_, name)) ||
        ::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      return nullptr;
    Link& link = *links_.emplace_back(std::make_unique<Link>(std::move(socket), options_.parcel_bytes_max));
    link.peer = name;
    by_name_.emplace(name, &link);
    auto hello = encode_hello(options_.self);
    enqueue(link, {.head = parcel_head(hello.size(), false), .parcel = {std::move(hello), {}}, .is_hello = true});
    return &link;
  }

  void accept() {
    while (true) {
      net::FileDescriptor socket(::accept4(listening_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!socket) return;
      ucred peer{};
      socklen_t size = sizeof peer;
      bool const is_ours = ::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
                           (peer.uid == ::geteuid() || peer.uid == 0);
      if (!is_ours || links_.size() >= options_.links_max) continue;  // closed with the descriptor
      links_.push_back(std::make_unique<Link>(std::move(socket), options_.parcel_bytes_max));
    }
  }

  void write(Link& link) {
    while (!link.out.empty()) {
      Outgoing& outgoing = link.out.front();
      ssize_t const n = send_some(link.socket.get(), outgoing);
      if (n == -EINTR) continue;
      if (n == -EAGAIN) return;
      if (n < 0) return end(link);
      outgoing.sent += static_cast<std::size_t>(n);
      outgoing.parcel.descriptor.reset();  // the kernel has one of its own on the way
      if (outgoing.sent < outgoing.size()) continue;
      link.out_bytes -= outgoing.size();
      link.out.pop_front();
    }
  }

  void read(Link& link) {
    buffer_.resize(receive_bytes);
    ssize_t const n = receive_some(link.socket.get(), buffer_, link.descriptors);
    if (n == -EAGAIN || n == -EINTR) return;
    if (n <= 0) return end(link);
    Bytes input(buffer_.data(), static_cast<std::size_t>(n));
    while (link.socket) {
      auto read = link.reader.feed(input);
      if (read.has_error()) {
        log(LogLevel::error, "relay_parcel_too_large", {{"from", link.peer ? to_text(*link.peer) : "?"}});
        return end(link);
      }
      if (!*read) return;
      on_parcel(link, std::move(**read));
    }
  }

  void on_parcel(Link& link, ParcelReader::Read read) {
    Parcel parcel{std::move(read.bytes), {}};
    if (read.with_descriptor) {
      if (link.descriptors.empty()) return end(link);  // it came with the first byte, if at all
      parcel.descriptor = std::move(link.descriptors.front());
      link.descriptors.pop_front();
    }
    if (link.peer) return events_.on_parcel(*link.peer, std::move(parcel));
    link.peer = decode_hello(parcel.bytes);
    if (!link.peer) return end(link);
    by_name_.emplace(*link.peer, &link);  // unless this side made one meanwhile: then that is used
  }

  void end(Link& link) {
    link.socket.reset();
    if (!link.peer) return;
    if (auto const found = by_name_.find(*link.peer); found != by_name_.end() && found->second == &link)
      by_name_.erase(found);
    for (auto& outgoing : std::exchange(link.out, {}))
      if (outgoing.sent == 0 && !outgoing.is_hello) events_.on_undelivered(*link.peer, std::move(outgoing.parcel));
    events_.on_lost(*link.peer);
  }

  RelayOptions const options_;
  RelayEvents& events_;
  net::FileDescriptor wake_;
  net::FileDescriptor listening_;
  std::vector<std::unique_ptr<Link>> links_;
  std::map<NodeName, Link*> by_name_;
  std::string buffer_;
  Guarded<Outbox> outbox_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

Relay::Relay(RelayOptions options, RelayEvents& events) : loop_(std::make_unique<Loop>(std::move(options), events)) {}
Relay::~Relay() { stop(); }
void Relay::start() { loop_->start(); }
void Relay::stop() { loop_->stop(); }
void Relay::send(NodeName to, Parcel parcel) { loop_->send(to, std::move(parcel)); }

}  // namespace chorus::cluster
