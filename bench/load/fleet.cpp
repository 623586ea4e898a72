#include "load/fleet.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <stdexcept>
#include <utility>

namespace load {
namespace {

constexpr std::size_t connecting_max = 64;  // below any backlog
constexpr std::size_t events_max = 512;

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

Fleet::Fleet(Target target, std::vector<std::unique_ptr<Client>> clients, std::function<std::string(std::size_t)> query)
    : target_(std::move(target)),
      query_(std::move(query)),
      clients_(std::move(clients)),
      order_(clients_.size()),
      blocked_(clients_.size()),
      events_(events_max),
      epoll_(::epoll_create1(0)) {
  raise_descriptor_limit();
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::shuffle(order_.begin(), order_.end(), std::minstd_rand(1));
}

Fleet::~Fleet() { ::close(epoll_); }

void Fleet::connect_all(Client::Sink& sink) {
  std::size_t begun = 0;
  for (;;) {
    auto const ready = static_cast<std::size_t>(
        std::ranges::count_if(clients_, [](auto const& c) { return c->state() == Client::State::ready; }));
    if (ready == clients_.size()) return;
    for (; begun < clients_.size() && begun - ready < connecting_max; ++begun) {
      std::size_t const index = order_[begun];
      clients_[index]->connect(target_, query_(index));
      watch(index, EPOLLIN | EPOLLOUT, EPOLL_CTL_ADD);
      blocked_[index] = true;
    }
    run_once(std::chrono::seconds(1), sink);
  }
}

void Fleet::run_once(std::chrono::nanoseconds timeout, Client::Sink& sink) {
  auto const whole = std::chrono::floor<std::chrono::seconds>(timeout);
  timespec const time{.tv_sec = whole.count(), .tv_nsec = (timeout - whole).count()};
  int const count = ::epoll_pwait2(epoll_, events_.data(), events_max, &time, nullptr);
  for (int i = 0; i < count; ++i) {
    auto const& event = events_[static_cast<std::size_t>(i)];
    std::size_t const index = event.data.u64;
    Client& client = *clients_[index];
    if ((event.events & EPOLLOUT) != 0) client.on_writable();
    if ((event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) {
      now_ = Clock::now();
      client.on_readable(index, sink);
    }
    dirty_.push_back(index);
    flush();
  }
  now_ = Clock::now();
}

void Fleet::send(std::size_t client, std::string_view packet) {
  clients_[client]->send_packet(packet, next_mask());
  dirty_.push_back(client);
}

void Fleet::flush() {
  for (std::size_t const index : dirty_) {
    Client& client = *clients_[index];
    if (client.state() == Client::State::connecting) continue;
    client.flush();
    if (client.has_output() == blocked_[index]) continue;
    blocked_[index] = client.has_output();
    watch(index, blocked_[index] ? EPOLLIN | EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
  }
  dirty_.clear();
}

void Fleet::watch(std::size_t client, std::uint32_t events, int operation) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = client;
  if (::epoll_ctl(epoll_, operation, clients_[client]->descriptor(), &event) != 0)
    throw std::runtime_error("epoll_ctl failed");
}

// Xorshift: a mask must differ from frame to frame, no more.
std::uint32_t Fleet::next_mask() {
  mask_ ^= mask_ << 13;
  mask_ ^= mask_ >> 17;
  mask_ ^= mask_ << 5;
  return mask_;
}

}  // namespace load
