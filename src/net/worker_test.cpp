#include "net/worker.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <thread>

#include "net/mailbox.hpp"
#include "net/test_support.hpp"

namespace chorus::net {
namespace {

using namespace std::chrono_literals;

void make_echo(Recorder& recorder, Worker& worker) {
  recorder.when_data = [&worker](ConnectionId id, MutableBytes bytes) { worker.write(id, as_bytes(bytes)); };
}

TEST_P(WorkerTest, echoes_over_an_accepted_connection) {
  std::uint16_t port = 0;
  FileDescriptor const listening = listen_on_loopback(port);
  Worker worker(options(), events_);
  Recorder echo;
  make_echo(echo, worker);
  ConnectionId connection;
  PeerAddress seen;
  events_.accepted = [&](FileDescriptor descriptor, PeerAddress const& peer) {
    seen = peer;
    connection = worker.adopt(std::move(descriptor), echo);
  };
  worker.listen(listening.get());
  FileDescriptor const client = connect_to(port);
  send_all(client, "hello");
  std::string answer;
  EXPECT_TRUE(turn_until(worker, [&] {
    read_available(client, answer);
    return answer.size() == 5;
  }));
  EXPECT_EQ(answer, "hello");
  EXPECT_EQ(seen.host(), "127.0.0.1");
  EXPECT_EQ(worker.peer_address(connection), seen);
  EXPECT_EQ(worker.connection_count(), 1u);
  EXPECT_EQ(worker.counters().accepted.get(), 1u);
}

TEST_P(WorkerTest, accepts_no_more_once_it_stopped_listening) {
  std::uint16_t port = 0;
  FileDescriptor const listening = listen_on_loopback(port);
  Worker worker(options(), events_);
  int accepted = 0;
  events_.accepted = [&](FileDescriptor, PeerAddress const&) {
    ++accepted;
    worker.stop_listening();
  };
  worker.listen(listening.get());
  FileDescriptor const first = connect_to(port);
  FileDescriptor const second = connect_to(port);
  EXPECT_TRUE(turn_until(worker, [&] { return accepted > 0; }));
  settle(worker);
  EXPECT_EQ(accepted, 1);
}

TEST_P(WorkerTest, takes_along_what_waits_when_it_leaves_a_socket_to_others) {
  std::uint16_t port = 0;
  FileDescriptor const listening = listen_on_loopback(port);
  Worker worker(options(), events_);
  int accepted = 0;
  events_.accepted = [&](FileDescriptor, PeerAddress const&) { ++accepted; };
  worker.listen(listening.get());
  FileDescriptor const first = connect_to(port);
  FileDescriptor const second = connect_to(port);
  worker.leave_listening();
  EXPECT_EQ(accepted, 2);
  FileDescriptor const third = connect_to(port);
  settle(worker);
  EXPECT_EQ(accepted, 2) << "that one is for the others";
}

TEST_P(WorkerTest, uses_io_uring_only_when_asked_to_and_batches_with_it) {
  Worker worker(options(), events_);
  EXPECT_FALSE(GetParam() == IoUring::off && worker.uses_io_uring());
  std::vector<SocketPair> pairs;
  Recorder echo;
  make_echo(echo, worker);
  for (int i = 0; i < 10; ++i) {
    pairs.push_back(tcp_pair());
    worker.adopt(std::move(pairs.back().near), echo);
    send_all(pairs.back().far, "x");
  }
  EXPECT_TRUE(turn_until(worker, [&] { return echo.data.size() == 10; }));
  EXPECT_EQ(worker.counters().enters.get() > 0, worker.uses_io_uring());
  EXPECT_LT(worker.counters().enters.get(), 10u);
  EXPECT_GE(worker.counters().sends.get(), 10u);
}

TEST_P(WorkerTest, serves_more_ready_connections_than_a_batch_and_a_turn_hold) {
  WorkerOptions small = options();
  small.receive_slots = 3;
  small.turn_receives_max = 7;
  Worker worker(small, events_);
  std::vector<SocketPair> pairs;
  Recorder echo;
  make_echo(echo, worker);
  for (int i = 0; i < 50; ++i) {
    pairs.push_back(tcp_pair());
    worker.adopt(std::move(pairs.back().near), echo);
    send_all(pairs.back().far, "message " + std::to_string(i));
  }
  std::vector<std::string> answers(50);
  EXPECT_TRUE(turn_until(worker, [&] {
    bool all = true;
    for (std::size_t i = 0; i < 50; ++i) {
      read_available(pairs[i].far, answers[i]);
      all = all && answers[i] == "message " + std::to_string(i);
    }
    return all;
  }));
}

TEST_P(WorkerTest, echoes_streams_longer_than_a_slot_without_starving_anybody) {
  WorkerOptions small = options();
  small.receive_slot_bytes = 100;
  small.receive_slots = 4;
  Worker worker(small, events_);
  SocketPair busy = tcp_pair();
  SocketPair quiet = tcp_pair();
  Recorder busy_echo;
  Recorder quiet_echo;
  make_echo(busy_echo, worker);
  make_echo(quiet_echo, worker);
  worker.adopt(std::move(busy.near), busy_echo);
  std::string long_text(100'000, ' ');
  for (std::size_t i = 0; i < long_text.size(); ++i) long_text[i] = static_cast<char>('a' + i % 26);
  send_all(busy.far, long_text);
  EXPECT_TRUE(turn_until(worker, [&] { return !busy_echo.data.empty(); }));
  worker.adopt(std::move(quiet.near), quiet_echo);
  send_all(quiet.far, "?");
  worker.run_once(Duration::zero());
  worker.run_once(Duration::zero());
  EXPECT_EQ(quiet_echo.data, "?");
  EXPECT_LE(busy_echo.data.size(), 400u) << "one slot a turn";
  std::string answer;
  EXPECT_TRUE(turn_until(worker, [&] {
    read_available(busy.far, answer);
    return answer.size() == long_text.size();
  }));
  EXPECT_TRUE(answer == long_text);
}

TEST_P(WorkerTest, refuses_the_names_of_gone_connections_when_their_place_is_taken) {
  Worker worker(options(), events_);
  SocketPair first = tcp_pair();
  Recorder old_owner;
  ConnectionId const old_name = worker.adopt(std::move(first.near), old_owner);
  worker.close(old_name, CloseMode::now);
  SocketPair second = tcp_pair();
  Recorder new_owner;
  ConnectionId const new_name = worker.adopt(std::move(second.near), new_owner);
  EXPECT_EQ(new_name.index, old_name.index);
  EXPECT_NE(new_name, old_name);
  EXPECT_EQ(worker.write(old_name, "x"), Sent::dropped);
  EXPECT_FALSE(worker.is_open(old_name));
  EXPECT_FALSE(worker.release(old_name).descriptor);
  EXPECT_EQ(worker.unsent(old_name), 0u);
  worker.close(old_name, CloseMode::now);
  worker.pause_reading(old_name);
  worker.set_handler(old_name, old_owner);
  EXPECT_TRUE(worker.is_open(new_name));
  send_all(second.far, "for the new one");
  EXPECT_TRUE(turn_until(worker, [&] { return !new_owner.data.empty(); }));
  EXPECT_EQ(old_owner.log, "");
}

TEST_P(WorkerTest, ignores_events_of_a_connection_that_was_closed_in_the_same_batch) {
  Worker worker(options(), events_);
  SocketPair a = tcp_pair();
  SocketPair b = tcp_pair();
  auto first = std::make_unique<Recorder>();
  auto second = std::make_unique<Recorder>();
  ConnectionId const ida = worker.adopt(std::move(a.near), *first);
  ConnectionId const idb = worker.adopt(std::move(b.near), *second);
  int calls = 0;
  auto const close_both = [&](ConnectionId, MutableBytes) {
    ++calls;
    worker.close(ida, CloseMode::now);
    worker.close(idb, CloseMode::now);
    worker.write(ida, "too late");
  };
  first->when_data = close_both;
  second->when_data = close_both;
  settle(worker);
  send_all(a.far, "x");
  send_all(b.far, "x");
  EXPECT_TRUE(turn_until(worker, [&] { return calls > 0; }));
  first.reset();  // the worker must not touch them any more
  second.reset();
  settle(worker);
  EXPECT_EQ(calls, 1);
  std::string rest;
  EXPECT_TRUE(read_available(a.far, rest));
  EXPECT_TRUE(read_available(b.far, rest));
  EXPECT_EQ(rest, "");
}

TEST_P(WorkerTest, lets_an_owner_delete_itself_after_closing) {
  Worker worker(options(), events_);
  SocketPair pair = tcp_pair();
  auto* const owner = new Recorder;
  bool gone = false;
  owner->when_data = [&worker, &gone, owner](ConnectionId id, MutableBytes) {
    worker.close(id, CloseMode::now);
    gone = true;
    auto const keep = std::move(owner->when_data);
    delete owner;
  };
  worker.adopt(std::move(pair.near), *owner);
  send_all(pair.far, "x");
  EXPECT_TRUE(turn_until(worker, [&] { return gone; }));
  settle(worker);
  EXPECT_EQ(worker.connection_count(), 0u);
}

TEST_P(WorkerTest, changes_the_handler_of_a_connection) {
  Worker worker(options(), events_);
  SocketPair pair = tcp_pair();
  Recorder first;
  Recorder second;
  first.when_data = [&](ConnectionId id, MutableBytes) { worker.set_handler(id, second); };
  worker.adopt(std::move(pair.near), first);
  send_all(pair.far, "one");
  EXPECT_TRUE(turn_until(worker, [&] { return first.data == "one"; }));
  send_all(pair.far, "two");
  EXPECT_TRUE(turn_until(worker, [&] { return second.data == "two"; }));
  EXPECT_EQ(first.data, "one");
}

TEST_P(WorkerTest, delivers_unread_bytes_before_those_of_the_socket) {
  Worker worker(options(), events_);
  SocketPair pair = tcp_pair();
  send_all(pair.far, "second");
  Recorder owner;
  worker.adopt(std::move(pair.near), owner, "first ");
  EXPECT_TRUE(turn_until(worker, [&] { return owner.data.size() == 12; }));
  EXPECT_EQ(owner.data, "first second");
}

TEST_P(WorkerTest, fires_timers_while_it_waits) {
  Worker worker(options(), events_);
  struct Alarm {
    void ring(TimePoint now) { at = now; }
    TimePoint at{};
    Timer timer{timer_callback<&Alarm::ring>, this};
  } alarm;
  TimePoint const armed_at = worker.now();
  worker.timers().arm_after(alarm.timer, 30ms);
  while (alarm.at == TimePoint{}) worker.run_once(test_patience);
  EXPECT_GE(alarm.at - armed_at, 30ms);
  EXPECT_LE(worker.counters().turns.get(), 3u) << "it sleeps until the deadline; only a signal may wake it before";
}

TEST_P(WorkerTest, marks_its_turns) {
  Worker worker(options(), events_);
  WorkerMark const* seen = nullptr;
  events_.turn_end = [&] { seen = current_turn; };
  worker.run_once(Duration::zero());
  EXPECT_EQ(seen, &worker.mark());
  EXPECT_EQ(current_turn, nullptr);
}

// -- from other threads

TEST_P(WorkerTest, is_stopped_from_another_thread_and_can_run_again) {
  Worker worker(options(), events_);
  for (int i = 0; i < 3; ++i) {
    std::thread stopper([&] { worker.stop(); });
    worker.run();
    stopper.join();
  }
}

TEST_P(WorkerTest, is_woken_once_for_many_wakes) {
  Worker worker(options(), events_);
  int woken = 0;
  events_.letters = [&] { ++woken; };
  for (int i = 0; i < 10; ++i) worker.wake();
  EXPECT_TRUE(worker.run_once(test_patience));
  EXPECT_EQ(woken, 1);
  EXPECT_FALSE(worker.run_once(Duration::zero()));
  worker.wake();
  EXPECT_TRUE(worker.run_once(test_patience));
  EXPECT_EQ(woken, 2);
}

// A peer speaks because of what another worker did: that worker's letter is older than the peer's words.
TEST_P(WorkerTest, reads_its_letters_before_what_peers_said_meanwhile) {
  WorkerOptions small = options();
  small.receive_slots = 1;  // several batches in a turn
  Worker worker(small, events_);
  std::string log;
  events_.letters = [&] { log += 'L'; };
  std::vector<SocketPair> pairs;
  Recorder owner;
  for (int i = 0; i < 3; ++i) {
    pairs.push_back(tcp_pair());
    worker.adopt(std::move(pairs.back().near), owner);
  }
  settle(worker);
  owner.when_data = [&](ConnectionId, MutableBytes) {
    log += 'd';
    if (log == "Ld") worker.wake();  // another worker's doing, between two batches
  };
  worker.wake();
  for (auto const& pair : pairs) send_all(pair.far, "x");
  EXPECT_TRUE(turn_until(worker, [&] { return owner.data.size() == 3; }));
  EXPECT_EQ(log, "LdLdd");
}

TEST_P(WorkerTest, gets_all_letters_of_four_writers_in_each_ones_order) {
  struct Letter {
    int writer;
    int number;
  };
  constexpr int writers = 4;
  constexpr int each = 25'000;
  Worker worker(options(), events_);
  Mailbox<Letter> mailbox(worker);
  std::array<int, writers> next{};
  int total = 0;
  events_.letters = [&] {
    for (Letter const& letter : mailbox.collect()) {
      EXPECT_EQ(letter.number, next[static_cast<std::size_t>(letter.writer)]++);
      ++total;
    }
    if (total == writers * each) worker.stop();
  };
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&mailbox, writer] {
      for (int number = 0; number < each; ++number) mailbox.post({writer, number});
    });
  }
  worker.run();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(total, writers * each);
  EXPECT_EQ(mailbox.waiting(), 0u);
}

TEST_P(WorkerTest, hands_a_connection_with_unread_bytes_to_another_workers_thread) {
  struct Letter {
    FileDescriptor descriptor;
    std::string unread;
  };
  Worker first(options(), events_);
  Events second_events;
  Worker second(options(), second_events);
  Mailbox<Letter> mailbox(second);
  Recorder second_owner;
  make_echo(second_owner, second);
  second_events.letters = [&] {
    for (Letter& letter : mailbox.collect()) second.adopt(std::move(letter.descriptor), second_owner, letter.unread);
  };
  std::thread thread([&] { second.run(); });

  SocketPair pair = tcp_pair();
  Recorder first_owner;
  first_owner.when_data = [&](ConnectionId id, MutableBytes bytes) {
    ReleasedConnection released = first.release(id);
    mailbox.post({std::move(released.descriptor), std::string(as_bytes(bytes)) + released.unread});
  };
  first.adopt(std::move(pair.near), first_owner);
  send_all(pair.far, "before ");
  EXPECT_TRUE(turn_until(first, [&] { return !first_owner.data.empty(); }));
  send_all(pair.far, "after");
  std::string answer;
  EXPECT_TRUE(turn_until(first, [&] {
    read_available(pair.far, answer);
    return answer == "before after";
  }));
  second.stop();
  thread.join();
  EXPECT_EQ(first.connection_count(), 0u);
  EXPECT_EQ(second.connection_count(), 1u);
  EXPECT_EQ(first_owner.log, "d");
}

TEST_P(WorkerTest, takes_turns_on_changing_threads) {
  Worker worker(options(), events_);
  std::vector<SocketPair> pairs;
  Recorder echo;
  make_echo(echo, worker);
  for (int i = 0; i < 4; ++i) {
    pairs.push_back(tcp_pair());
    worker.adopt(std::move(pairs.back().near), echo);
  }
  for (int round = 0; round < 8; ++round) {
    for (SocketPair& pair : pairs) send_all(pair.far, "x");
    std::thread([&] {
      EXPECT_TRUE(turn_until(worker, [&] { return echo.data.size() == 4 * (static_cast<std::size_t>(round) + 1); }));
    }).join();
    for (SocketPair& pair : pairs) {
      std::string answer;
      read_available(pair.far, answer);
      EXPECT_EQ(answer, "x");
    }
  }
}

// -- inside a foreign loop

class ForeignLoop {
 public:
  explicit ForeignLoop(Worker& worker) : worker_(worker), descriptor_(worker.descriptor()) {
    worker_.run_once(Duration::zero());
  }
  template <class Condition>
  bool run_until(Condition condition) {
    TimePoint const deadline = SteadyClock::now() + test_patience;
    while (!condition()) {
      pollfd wait{.fd = descriptor_, .events = POLLIN, .revents = 0};
      if (SteadyClock::now() > deadline || ::poll(&wait, 1, 5000) <= 0) return false;
      worker_.run_once(Duration::zero());
    }
    return true;
  }

 private:
  Worker& worker_;
  int descriptor_;
};

TEST_P(WorkerTest, runs_inside_a_foreign_loop_by_its_descriptor_alone) {
  WorkerOptions small = options();
  small.receive_slot_bytes = 10;  // most turns leave something behind that no event tells of
  Worker worker(small, events_);
  SocketPair pair = tcp_pair();
  Recorder echo;
  make_echo(echo, worker);
  worker.adopt(std::move(pair.near), echo);
  ForeignLoop loop(worker);
  std::string const text(1000, 'x');
  send_all(pair.far, text);
  std::string answer;
  EXPECT_TRUE(loop.run_until([&] {
    read_available(pair.far, answer);
    return answer.size() == text.size();
  }));
  pair.far.reset();
  EXPECT_TRUE(loop.run_until([&] { return echo.log.ends_with("e"); }));
}

TEST_P(WorkerTest, fires_timers_inside_a_foreign_loop) {
  Worker worker(options(), events_);
  ForeignLoop loop(worker);
  struct Alarm {
    void ring(TimePoint) { ++rung; }
    int rung = 0;
    Timer timer{timer_callback<&Alarm::ring>, this};
  } alarm;
  for (int i = 1; i <= 3; ++i) {
    events_.letters = [&] { worker.timers().arm_after(alarm.timer, 20ms); };
    worker.wake();
    EXPECT_TRUE(loop.run_until([&] { return alarm.rung == i; }));
  }
  EXPECT_LT(worker.counters().turns.get(), 20u) << "it does not spin";
}

CHORUS_FOR_BOTH_WAYS_OF_IO(WorkerTest);

}  // namespace
}  // namespace chorus::net
