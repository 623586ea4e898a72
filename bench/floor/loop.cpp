#include "floor/loop.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <system_error>
#include <utility>

namespace bench_floor {
namespace {

int checked(int result, char const* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

int listen_on(std::uint16_t port) {
  int const listener = checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
  int const on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  ::setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // accepted sockets inherit it
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  checked(::bind(listener, reinterpret_cast<sockaddr const*>(&address), sizeof address), "bind");
  checked(::listen(listener, 4096), "listen");
  return listener;
}

void watch(int epoll, int descriptor, std::uint32_t events, void* tag) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = tag;
  checked(::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event), "epoll_ctl");
}

}  // namespace

Loop::Loop(std::uint16_t port, std::size_t thread, Groups& groups)
    : thread_(thread),
      groups_(groups),
      known_groups_(groups),
      epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      listener_(listen_on(port)),
      events_(events_max),
      slots_(new char[slots_max * slot_stride]),
      arena_(new char[arena_bytes]),
      outgoing_(groups.threads()) {
  watch(epoll_, listener_, EPOLLIN, &listener_);
  watch(epoll_, mailbox_.bell(), EPOLLIN | EPOLLET, &mailbox_);
}

void Loop::set_loops(std::vector<Loop*> loops) { loops_ = std::move(loops); }

void Loop::run() {
  sched_param const none{};
  ::sched_setscheduler(0, SCHED_BATCH, &none);  // as the product's threads are
  Ring ring;                                    // belongs to this thread
  ring_ = &ring;
  for (;;) {
    int const count =
        ::epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), readable_.empty() ? -1 : 0);
    collect(count);
    receive_all();
    post_to_others();  // first: they can send while this thread does
    take_from_others();
    for (Group* const group : spoken_to_) deliver(*group);
    send_all();
    arena_used_ = 0;
    for (Group* const group : spoken_to_) group->shares[thread_].frames.clear();
    spoken_to_.clear();
    if (!ended_.empty()) {
      std::erase_if(readable_, [](Peer const* peer) { return peer->gone; });
      for (auto const& peer : ended_) ::close(peer->descriptor);
      ended_.clear();
    }
  }
}

void Loop::collect(int count) {
  for (int i = 0; i < count; ++i) {
    epoll_event const& event = events_[static_cast<std::size_t>(i)];
    if (event.data.ptr == &listener_) {
      accept_all();
    } else if (event.data.ptr != &mailbox_) {  // what is in there is taken in every turn
      Peer& peer = *static_cast<Peer*>(event.data.ptr);
      if (peer.gone) continue;
      if (peer.unsent && (event.events & EPOLLOUT) != 0) send_rest(peer);
      if ((event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) want_read(peer);
    }
  }
}

void Loop::accept_all() {
  for (int accepted = 0; accepted < 64; ++accepted) {
    int const descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return;
    peers_.push_back(std::make_unique<Peer>(Peer{descriptor, peers_.size(), ++sessions_}));
    watch(epoll_, descriptor, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, peers_.back().get());
  }
}

void Loop::want_read(Peer& peer) {
  if (!std::exchange(peer.readable, true)) readable_.push_back(&peer);
}

void Loop::receive_all() {
  std::vector<Peer*> const readable = std::exchange(readable_, {});
  for (std::size_t done = 0; done < readable.size(); done += slots_max) {
    auto const batch = std::span(readable).subspan(done, std::min(slots_max, readable.size() - done));
    receives_.clear();
    for (std::size_t i = 0; i < batch.size(); ++i) {
      batch[i]->readable = false;
      receives_.push_back({batch[i]->descriptor, slots_.get() + i * slot_stride, slot_bytes});
    }
    ring_->receive(receives_);
    for (std::size_t i = 0; i < batch.size(); ++i) on_received(*batch[i], receives_[i].data, receives_[i].result);
  }
}

void Loop::on_received(Peer& peer, char* data, ssize_t size) {
  if (size == -EAGAIN || peer.gone) return;
  if (size <= 0) return end(peer);
  auto left = static_cast<std::size_t>(size);
  if (left == slot_bytes) want_read(peer);  // perhaps there is more: no edge will tell
  if (!peer.rest) {
    std::size_t const used = handle(peer, data, left);
    if (used < left) peer.rest = std::make_unique<std::string>(data + used, left - used);
    return;
  }
  peer.rest->append(data, left);
  peer.rest->erase(0, handle(peer, peer.rest->data(), peer.rest->size()));
  if (peer.rest->empty()) peer.rest.reset();
}

// Everything that is whole; how much that was.
std::size_t Loop::handle(Peer& peer, char* data, std::size_t size) {
  std::size_t used = 0;
  if (!peer.upgraded) {
    std::string_view const request(data, size);
    auto const head_end = request.find("\r\n\r\n");
    if (head_end == std::string_view::npos) return 0;
    upgrade(peer, request.substr(0, head_end + 2));
    used = head_end + 4;
  }
  char* const answers = arena_.get() + arena_used_;
  while (auto const frame = take_frame(data + used, size - used)) {
    used += frame->size;
    if (frame->opcode == 8) end(peer);
    if (frame->opcode != 1) continue;
    char* const place = allocate(answer_size_max(frame->payload.size()));
    auto const reply = answer(frame->payload, place, peer.session);
    bool const to_sender = reply.to == Reply::To::sender;
    if (!to_sender) take_for_group(peer, reply, place);
    arena_used_ = static_cast<std::size_t>(place - arena_.get()) + (to_sender ? reply.size : 0);
  }
  if (auto const written = static_cast<std::size_t>(arena_.get() + arena_used_ - answers); written > 0)
    queue(peer, answers, written);
  return used;
}

void Loop::upgrade(Peer& peer, std::string_view request) {
  std::string const text = upgrade_answer(request, peer.session);
  queue(peer, static_cast<char const*>(std::memcpy(allocate(text.size()), text.data(), text.size())), text.size());
  peer.upgraded = true;
  groups_.everybody().present.fetch_or(std::uint64_t{1} << thread_);
  if (auto const user = user_of(request); !user.empty()) {
    peer.user = &known_groups_.find(user);
    peer.user->enter(thread_, peer);
  }
}

void Loop::take_for_group(Peer& peer, Reply const& reply, char const* frame) {
  Group* const group = reply.to == Reply::To::everybody ? &groups_.everybody()
                       : reply.to == Reply::To::user    ? peer.user
                                                        : &known_groups_.find(reply.room);
  if (group == nullptr) return;
  if (reply.to == Reply::To::nobody) {
    if (!peer.rooms) peer.rooms = std::make_unique<std::vector<Group*>>();
    peer.rooms->push_back(group);
    return group->enter(thread_, peer);
  }
  add(*group, {frame, reply.size});
}

void Loop::add(Group& group, std::string_view frames) {
  std::string& all = group.shares[thread_].frames;
  if (all.empty()) spoken_to_.push_back(&group);
  all += frames;
}

// A thread without members hears nothing, and all messages of a turn reach another thread at once.
void Loop::post_to_others() {
  if (loops_.size() == 1) return;
  for (Group* const group : spoken_to_) {
    std::uint64_t const present = group->present.load();
    for (std::size_t i = 0; i < loops_.size(); ++i)
      if (i != thread_ && (present >> i & 1) != 0) outgoing_[i].add(*group, group->shares[thread_].frames);
  }
  for (std::size_t i = 0; i < loops_.size(); ++i)
    if (!outgoing_[i].letters.empty()) loops_[i]->mailbox().post(outgoing_[i]);
}

void Loop::take_from_others() {
  mailbox_.take(incoming_);
  std::string_view text = incoming_.text;
  for (auto const& letter : incoming_.letters) {
    add(*letter.group, text.substr(0, letter.size));
    text.remove_prefix(letter.size);
  }
  incoming_.clear();
}

void Loop::deliver(Group& group) {
  auto const& [members, frames] = group.shares[thread_];
  if (&group != &groups_.everybody()) {
    for (Peer* const peer : members) queue(*peer, frames.data(), frames.size());
    return;
  }
  for (auto const& peer : peers_)
    if (peer->upgraded) queue(*peer, frames.data(), frames.size());
}

char* Loop::allocate(std::size_t size) {
  if (arena_used_ + size > arena_bytes) throw std::bad_alloc();
  return arena_.get() + std::exchange(arena_used_, arena_used_ + size);
}

// One send for each peer and turn: two could overtake each other after a short write.
void Loop::queue(Peer& peer, char const* data, std::size_t size) {
  if (peer.gone) return;
  if (peer.unsent) {
    peer.unsent->append(data, size);
    return;
  }
  if (peer.output == 0) {
    receivers_.push_back(&peer);
    sends_.push_back({peer.descriptor, const_cast<char*>(data), size});
    peer.output = sends_.size();
    return;
  }
  Transfer& before = sends_[peer.output - 1];
  char* const joined = allocate(before.size + size);
  std::memcpy(joined, before.data, before.size);
  std::memcpy(joined + before.size, data, size);
  before.data = joined;
  before.size += size;
}

void Loop::send_all() {
  ring_->send(sends_);
  for (std::size_t i = 0; i < sends_.size(); ++i) on_sent(*receivers_[i], sends_[i]);
  sends_.clear();
  receivers_.clear();
}

void Loop::on_sent(Peer& peer, Transfer const& transfer) {
  peer.output = 0;
  if (transfer.result == static_cast<ssize_t>(transfer.size) || peer.gone) return;
  if (transfer.result < 0 && transfer.result != -EAGAIN) return end(peer);
  auto const sent = static_cast<std::size_t>(std::max<ssize_t>(transfer.result, 0));
  peer.unsent = std::make_unique<std::string>(transfer.data + sent, transfer.size - sent);
}

void Loop::send_rest(Peer& peer) {
  ssize_t const sent = ::send(peer.descriptor, peer.unsent->data(), peer.unsent->size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) return errno == EAGAIN ? void() : end(peer);
  peer.unsent->erase(0, static_cast<std::size_t>(sent));
  if (peer.unsent->empty()) peer.unsent.reset();
}

// Memory and descriptor stay until the turn has ended: the peer may stand in its lists.
void Loop::end(Peer& peer) {
  if (std::exchange(peer.gone, true)) return;
  if (peer.user != nullptr) peer.user->leave(thread_, peer);
  if (peer.rooms)
    for (Group* const room : *peer.rooms) room->leave(thread_, peer);
  std::size_t const place = peer.index;
  ended_.push_back(std::move(peers_[place]));
  if (place + 1 != peers_.size()) {
    peers_[place] = std::move(peers_.back());
    peers_[place]->index = place;
  }
  peers_.pop_back();
}

}  // namespace bench_floor
