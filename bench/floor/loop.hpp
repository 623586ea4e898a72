// One thread's share of the floor: the turn of src/net, with nothing between receive and send but messages.cpp.
#pragma once
#include <sys/epoll.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "floor/groups.hpp"
#include "floor/mailbox.hpp"
#include "floor/messages.hpp"
#include "floor/ring.hpp"

namespace bench_floor {

/// One client: a connection that a loop has accepted.
struct Peer {
  int descriptor;
  std::size_t index;
  std::uint64_t session;
  bool upgraded = false;
  bool gone = false;
  bool readable = false;   // in readable_
  std::size_t output = 0;  // in sends_, plus one
  Group* user = nullptr;
  std::unique_ptr<std::vector<Group*>> rooms;
  std::unique_ptr<std::string> rest;    // of an incomplete frame
  std::unique_ptr<std::string> unsent;  // what the kernel refused
};

/// Answers the benchmark's events. Has no timers (run it for less than a ping interval) and no limits.
///
/// Thread: run() is one thread's; mailbox() is anybody's. Lifetime: that of the process.
class Loop {
 public:
  /// The thread-th of the loops that share these groups. Listens on the port, which other loops may share. Throws
  /// std::system_error.
  Loop(std::uint16_t port, std::size_t thread, Groups& groups);

  /// All loops by thread, this one too: what goes to groups with members there goes to them. Before run().
  void set_loops(std::vector<Loop*> loops);
  [[noreturn]] void run();
  Mailbox& mailbox() { return mailbox_; }

 private:
  static constexpr std::size_t slot_bytes = 16384;
  static constexpr std::size_t slot_stride = slot_bytes + 192;  // off the multiple of 4 KiB
  static constexpr std::size_t slots_max = 64;  // at 512, which no cache holds, echo w16 costs 4 to 7 % more
  static constexpr std::size_t events_max = 512;
  static constexpr std::size_t arena_bytes = 64u << 20;  // of virtual memory: touched as far as a turn needs it

  void collect(int count);
  void accept_all();
  void want_read(Peer& peer);
  void receive_all();
  void on_received(Peer& peer, char* data, ssize_t size);
  std::size_t handle(Peer& peer, char* data, std::size_t size);
  void upgrade(Peer& peer, std::string_view request);
  void take_for_group(Peer& peer, Reply const& reply, char const* frame);
  void post_to_others();
  void take_from_others();
  void add(Group& group, std::string_view frames);
  void deliver(Group& group);
  void queue(Peer& peer, char const* data, std::size_t size);
  void send_all();
  void on_sent(Peer& peer, Transfer const& transfer);
  void send_rest(Peer& peer);
  void end(Peer& peer);
  char* allocate(std::size_t size);

  Ring* ring_ = nullptr;
  std::size_t const thread_;
  Groups& groups_;
  KnownGroups known_groups_;
  Mailbox mailbox_;
  int epoll_;
  int listener_;
  std::vector<Loop*> loops_;
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
  std::uint64_t sessions_ = 0;
  std::vector<Group*> spoken_to_;  // groups that have frames of this turn
  std::vector<Bundle> outgoing_;   // for the other threads, by thread
  Bundle incoming_;                // from them
};

}  // namespace bench_floor
