// One thread's share of the floor: the turn of src/net, with nothing between receive and send but messages.cpp.
#pragma once
#include <sys/epoll.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "floor/ring.hpp"

namespace bench_floor {

class Loop;

/// Which loops have members of a group (a room, a user), so that no other is woken.
/// Thread: any.
class Interest {
 public:
  void add(std::string const& group, Loop* loop);
  void remove(std::string const& group, Loop* loop);
  std::vector<Loop*> of(std::string const& group) const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::vector<Loop*>> loops_;
};

/// Answers echo, ack, broadcast, and messages to rooms and users. Has no timers (run it for less than a ping interval)
/// and no limits.
///
/// Thread: run() is one thread's; post() is anybody's. Lifetime: that of the process.
class Loop {
 public:
  struct Letter {
    std::shared_ptr<std::string const> frames;
    std::string group;  // empty: for all
  };

  /// Listens on the port, which other loops may share. Throws std::system_error.
  explicit Loop(std::uint16_t port);

  /// Broadcasts go to these too, and messages to groups that have members there. Before run().
  void set_others(std::vector<Loop*> others, Interest& interest) {
    others_ = std::move(others);
    interest_ = &interest;
  }
  [[noreturn]] void run();
  /// For peers of this loop.
  void post(Letter letter);

 private:
  static constexpr std::size_t slot_bytes = 16384;
  static constexpr std::size_t slot_stride = slot_bytes + 192;  // off the multiple of 4 KiB
  static constexpr std::size_t slots_max = 64;  // at 512, which no cache holds, echo w16 costs 4 to 7 % more
  static constexpr std::size_t events_max = 512;
  static constexpr std::size_t arena_bytes = 64u << 20;  // of virtual memory: touched as far as a turn needs it

  struct Peer {
    int descriptor;
    std::size_t index;
    std::uint64_t session;
    bool upgraded = false;
    bool gone = false;
    bool readable = false;                // in readable_
    std::size_t output = 0;               // in sends_, plus one
    std::unique_ptr<std::string> rest;    // of an incomplete frame
    std::unique_ptr<std::string> unsent;  // what the kernel refused
    std::string user;
    std::vector<std::string> groups;
  };

  void collect(int count);
  void accept_all();
  void want_read(Peer& peer);
  void receive_all();
  void on_received(Peer& peer, char* data, ssize_t size);
  std::size_t handle(Peer& peer, char* data, std::size_t size);
  void queue(Peer& peer, char const* data, std::size_t size);
  void queue_for_all(std::string_view frames);
  void queue_for_group(std::string const& group, std::string_view frames);
  void tell_group(std::string const& group, std::string_view frames);
  void join(Peer& peer, std::string group);
  void leave_all(Peer& peer);
  void take_letters();
  void send_all();
  void on_sent(Peer& peer, Transfer const& transfer);
  void send_rest(Peer& peer);
  void end(Peer& peer);
  char* allocate(std::size_t size);

  Ring* ring_ = nullptr;
  int epoll_;
  int listener_;
  int bell_;
  std::vector<Loop*> others_;
  Interest* interest_ = nullptr;  // where there are others
  std::unordered_map<std::string, std::vector<Peer*>> groups_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::vector<std::unique_ptr<Peer>> ended_;
  std::vector<Peer*> readable_;
  std::vector<Transfer> receives_;
  std::vector<Peer*> receivers_;
  std::vector<Transfer> sends_;
  std::vector<epoll_event> events_;
  std::unique_ptr<char[]> slots_;
  std::unique_ptr<char[]> arena_;
  std::size_t arena_used_ = 0;
  std::string for_everybody_;  // frames of this turn
  std::uint64_t sessions_ = 0;
  std::mutex mutex_;
  std::vector<Letter> inbox_;
};

}  // namespace bench_floor
