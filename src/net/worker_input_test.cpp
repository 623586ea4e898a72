// How connections pause and end.
#include <sys/resource.h>

#include <memory>

#include "net/test_support.hpp"
#include "net/worker.hpp"

namespace chorus::net {
namespace {

using namespace std::chrono_literals;

class WorkerInputTest : public WorkerTest {};

TEST_P(WorkerInputTest, tells_the_end_after_all_data_even_when_both_come_at_once) {
  Worker worker(options(), events_);
  SocketPair pair = tcp_pair();
  Recorder owner;
  ConnectionId const id = worker.adopt(std::move(pair.near), owner);
  send_all(pair.far, "last words");
  ::shutdown(pair.far.get(), SHUT_WR);
  EXPECT_TRUE(turn_until(worker, [&] { return owner.log == "de"; }));
  EXPECT_EQ(owner.data, "last words");
  // Half-closed: it can still be answered.
  EXPECT_EQ(worker.write(id, "heard"), Sent::now_or_queued);
  settle(worker);
  std::string answer;
  EXPECT_FALSE(read_available(pair.far, answer));
  EXPECT_EQ(answer, "heard");
  EXPECT_EQ(owner.log, "de");
  EXPECT_TRUE(worker.is_open(id));
}

TEST_P(WorkerInputTest, tells_of_a_reset) {
  Worker worker(options(), events_);
  SocketPair pair = tcp_pair();
  Recorder owner;
  ConnectionId const id = worker.adopt(std::move(pair.near), owner);
  settle(worker);
  reset_on_close(pair.far);
  pair.far.reset();
  EXPECT_TRUE(turn_until(worker, [&] { return owner.closed; }));
  EXPECT_EQ(owner.log, "c");
  EXPECT_EQ(owner.reason, CloseReason::peer_reset);
  EXPECT_FALSE(worker.is_open(id));
  EXPECT_EQ(worker.connection_count(), 0u);
}

TEST_P(WorkerInputTest, tells_when_the_peer_of_a_unix_socket_is_gone) {
  Worker worker(options(), events_);
  SocketPair pair = unix_pair();
  Recorder owner;
  worker.adopt(std::move(pair.near), owner);
  send_all(pair.far, "bye");
  pair.far.reset();
  EXPECT_TRUE(turn_until(worker, [&] { return owner.closed; }));
  EXPECT_EQ(owner.log, "dec");
  EXPECT_EQ(owner.reason, CloseReason::peer_closed);
}

TEST_P(WorkerInputTest, tells_of_a_reset_after_the_end) {
  Worker worker(options(), events_);
  SocketPair pair = tcp_pair();
  Recorder owner;
  ConnectionId const id = worker.adopt(std::move(pair.near), owner);
  pair.far.reset();
  EXPECT_TRUE(turn_until(worker, [&] { return owner.log == "e"; }));
  EXPECT_TRUE(turn_until(worker, [&] {
    worker.write(id, "anybody?");
    return owner.closed;
  }));
  EXPECT_EQ(owner.reason, CloseReason::peer_reset);
  EXPECT_EQ(owner.log, "ec");
}

TEST_P(WorkerInputTest, leaves_bytes_in_the_kernel_while_reading_is_paused) {
  WorkerOptions small = options();
  small.receive_slot_bytes = 10;
  Worker worker(small, events_);
  SocketPair pair = tcp_pair();
  Recorder owner;
  ConnectionId const id = worker.adopt(std::move(pair.near), owner);
  owner.when_data = [&](ConnectionId connection, MutableBytes) { worker.pause_reading(connection); };
  send_all(pair.far, std::string(25, 'x'));
  EXPECT_TRUE(turn_until(worker, [&] { return owner.data.size() == 10; }));
  settle(worker);
  send_all(pair.far, std::string(5, 'y'));  // an edge that cannot be followed
  settle(worker);
  EXPECT_EQ(owner.data.size(), 10u);
  std::string const all = std::string(25, 'x') + std::string(5, 'y');
  EXPECT_TRUE(turn_until(worker, [&] {
    worker.resume_reading(id);
    return owner.data.size() == all.size();
  }));
  EXPECT_EQ(owner.data, all);
  EXPECT_EQ(owner.log, "ddd");
}

TEST_P(WorkerInputTest, sees_an_edge_that_came_while_paused_before_anything_was_read) {
  Worker worker(options(), events_);
  SocketPair pair = tcp_pair();
  Recorder owner;
  ConnectionId const id = worker.adopt(std::move(pair.near), owner);
  worker.pause_reading(id);
  send_all(pair.far, "waiting");
  settle(worker);
  EXPECT_EQ(owner.log, "");
  worker.resume_reading(id);
  EXPECT_TRUE(turn_until(worker, [&] { return owner.data == "waiting"; }));
}

TEST_P(WorkerInputTest, tells_a_hang_up_behind_a_pause_and_delivers_the_rest_after_it) {
  Worker worker(options(), events_);
  SocketPair pair = tcp_pair();
  Recorder owner;
  ConnectionId const id = worker.adopt(std::move(pair.near), owner);
  worker.pause_reading(id);
  send_all(pair.far, "pipelined");
  ::shutdown(pair.far.get(), SHUT_WR);
  EXPECT_TRUE(turn_until(worker, [&] { return owner.log == "e"; }));
  settle(worker);
  worker.resume_reading(id);
  EXPECT_TRUE(turn_until(worker, [&] { return owner.log == "ed"; }));
  EXPECT_EQ(owner.data, "pipelined");
  settle(worker);
  EXPECT_EQ(owner.log, "ed") << "the end is told once";
}

TEST_P(WorkerInputTest, tells_a_hang_up_that_was_seen_just_before_the_pause) {
  WorkerOptions small = options();
  small.receive_slot_bytes = 4;
  Worker worker(small, events_);
  SocketPair pair = tcp_pair();
  Recorder owner;
  owner.when_data = [&](ConnectionId id, MutableBytes) { worker.pause_reading(id); };
  worker.adopt(std::move(pair.near), owner);
  settle(worker);
  send_all(pair.far, "12345678");
  ::shutdown(pair.far.get(), SHUT_WR);
  EXPECT_TRUE(turn_until(worker, [&] { return owner.log == "de"; }));
}

TEST_P(WorkerInputTest, tells_of_a_reset_behind_a_pause) {
  Worker worker(options(), events_);
  SocketPair pair = tcp_pair();
  Recorder owner;
  ConnectionId const id = worker.adopt(std::move(pair.near), owner);
  settle(worker);
  worker.pause_reading(id);
  reset_on_close(pair.far);
  pair.far.reset();
  EXPECT_TRUE(turn_until(worker, [&] { return owner.closed; }));
  EXPECT_EQ(owner.reason, CloseReason::peer_reset);
}

TEST_P(WorkerInputTest, keeps_bytes_for_a_connection_that_another_one_pauses_or_releases_in_the_same_batch) {
  Worker worker(options(), events_);
  SocketPair a = tcp_pair();
  SocketPair b = tcp_pair();
  SocketPair c = tcp_pair();
  Recorder first;
  Recorder second;
  Recorder third;
  ConnectionId const ida = worker.adopt(std::move(a.near), first);
  ConnectionId const idb = worker.adopt(std::move(b.near), second);
  ConnectionId const idc = worker.adopt(std::move(c.near), third);
  ReleasedConnection released;
  first.when_data = [&](ConnectionId, MutableBytes) {
    worker.pause_reading(idb);
    released = worker.release(idc);
  };
  settle(worker);
  send_all(a.far, "to a");
  send_all(b.far, "to b");
  send_all(c.far, "to c");
  EXPECT_TRUE(turn_until(worker, [&] { return !first.data.empty(); }));
  settle(worker);
  EXPECT_EQ(second.data, "");
  worker.resume_reading(idb);
  send_all(b.far, " and more");
  EXPECT_TRUE(turn_until(worker, [&] { return second.data == "to b and more"; }));
  EXPECT_EQ(third.log, "");
  std::string still_in_kernel;
  read_available(released.descriptor, still_in_kernel);
  EXPECT_EQ(released.unread + still_in_kernel, "to c");
  EXPECT_TRUE(worker.is_open(ida));
}

TEST_P(WorkerInputTest, flushes_everything_before_it_closes) {
  Worker worker(options(), events_);
  SocketPair pair = tcp_pair();
  Recorder owner;
  ConnectionId const id = worker.adopt(std::move(pair.near), owner);
  std::string const text(8'000'000, 'x');
  worker.write(id, text);
  worker.close(id, CloseMode::after_flush);
  EXPECT_EQ(worker.write(id, "too late"), Sent::dropped);
  std::string got;
  bool ended = false;
  EXPECT_TRUE(turn_until(worker, [&] {
    ended = ended || read_available(pair.far, got);
    return ended;
  }));
  EXPECT_EQ(got.size(), text.size());
  pair.far.reset();
  EXPECT_TRUE(turn_until(worker, [&] { return worker.connection_count() == 0; }));
  EXPECT_EQ(owner.log, "c");
  EXPECT_EQ(owner.reason, CloseReason::closed_here);
}

TEST_P(WorkerInputTest, does_not_reset_what_it_flushed_when_the_peer_still_talks) {
  Worker worker(options(), events_);
  SocketPair pair = tcp_pair();
  Recorder owner;
  owner.when_data = [&](ConnectionId id, MutableBytes) {
    worker.write(id, "413");
    worker.close(id, CloseMode::after_flush);
  };
  worker.adopt(std::move(pair.near), owner);
  send_all(pair.far, "a request");
  EXPECT_TRUE(turn_until(worker, [&] { return owner.closed; }));
  send_all(pair.far, std::string(100'000, 'x'));  // its body, which nobody wants
  settle(worker);
  std::string got;
  EXPECT_TRUE(read_available(pair.far, got));
  EXPECT_EQ(got, "413");
  EXPECT_EQ(owner.data, "a request");
  pair.far.reset();
  EXPECT_TRUE(turn_until(worker, [&] { return worker.connection_count() == 0; }));
  EXPECT_EQ(owner.log, "dc");
}

TEST_P(WorkerInputTest, waits_only_so_long_for_a_peer_to_take_the_rest_or_to_close) {
  WorkerOptions impatient = options();
  impatient.flush_time_max = 20ms;
  impatient.linger_time_max = 20ms;
  Worker worker(impatient, events_);
  SocketPair never_reads = tcp_pair();
  SocketPair never_closes = tcp_pair();
  Recorder first;
  Recorder second;
  ConnectionId const ida = worker.adopt(std::move(never_reads.near), first);
  ConnectionId const idb = worker.adopt(std::move(never_closes.near), second);
  worker.write(ida, std::string(20'000'000, 'x'));
  worker.close(ida, CloseMode::after_flush);
  worker.close(idb, CloseMode::after_flush);
  EXPECT_TRUE(turn_until(worker, [&] { return worker.connection_count() == 0 && first.closed && second.closed; }));
  EXPECT_EQ(first.reason, CloseReason::closed_here);
  EXPECT_EQ(second.reason, CloseReason::closed_here);
  EXPECT_EQ(first.log + second.log, "cc");
}

TEST_P(WorkerInputTest, may_be_closed_from_on_end_and_from_on_closed_of_others) {
  Worker worker(options(), events_);
  SocketPair a = tcp_pair();
  SocketPair b = tcp_pair();
  Recorder first;
  Recorder second;
  ConnectionId const ida = worker.adopt(std::move(a.near), first);
  ConnectionId const idb = worker.adopt(std::move(b.near), second);
  first.when_end = [&](ConnectionId id) { worker.close(id, CloseMode::now); };
  second.when_closed = [&](ConnectionId id) { worker.close(id, CloseMode::now); };
  settle(worker);
  a.far.reset();
  reset_on_close(b.far);
  b.far.reset();
  EXPECT_TRUE(turn_until(worker, [&] { return worker.connection_count() == 0; }));
  EXPECT_EQ(first.log, "e");
  EXPECT_EQ(second.log, "c");
  EXPECT_FALSE(worker.is_open(ida));
  EXPECT_FALSE(worker.is_open(idb));
}

TEST_P(WorkerInputTest, closes_all_connections_when_it_dies_without_a_call) {
  Recorder owner;
  SocketPair pair = tcp_pair();
  {
    Worker worker(options(), events_);
    worker.adopt(std::move(pair.near), owner);
    settle(worker);
  }
  std::string got;
  EXPECT_TRUE(read_available(pair.far, got));
  EXPECT_EQ(owner.log, "");
}

// -- without descriptors

class DescriptorLimitForTest {
 public:
  explicit DescriptorLimitForTest(rlim_t most) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit const limit{.rlim_cur = most, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  ~DescriptorLimitForTest() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST_P(WorkerInputTest, refuses_connections_when_descriptors_run_out_and_serves_the_others) {
  std::uint16_t port = 0;
  FileDescriptor const listening = listen_on_loopback(port);
  Worker worker(options(), events_);
  Recorder echo;
  echo.when_data = [&](ConnectionId id, MutableBytes bytes) { worker.write(id, as_bytes(bytes)); };
  events_.accepted = [&](FileDescriptor descriptor, PeerAddress const&) { worker.adopt(std::move(descriptor), echo); };
  worker.listen(listening.get());
  FileDescriptor const first = connect_to(port);
  EXPECT_TRUE(turn_until(worker, [&] { return worker.connection_count() == 1; }));
  // Served once before, too: the undefined-behaviour sanitizer needs descriptors to look at a type for the first time.
  std::string got;
  send_all(first, "served");
  EXPECT_TRUE(turn_until(worker, [&] {
    read_available(first, got);
    return got == "served";
  }));
  got.clear();
  std::array<FileDescriptor, 3> late;
  for (FileDescriptor& client : late) client = connect_to(port);
  {
    rlim_t const in_use = static_cast<rlim_t>(FileDescriptor(::dup(0)).get());  // the lowest free number
    DescriptorLimitForTest const limit(in_use);
    EXPECT_TRUE(turn_until(worker, [&] { return worker.counters().refused_for_descriptors.get() == 3; }));
    std::uint64_t const turns = worker.counters().turns.get();
    EXPECT_FALSE(worker.run_once(20ms)) << "it does not spin";
    EXPECT_EQ(worker.counters().turns.get(), turns + 1);
    send_all(first, "still served");
    EXPECT_TRUE(turn_until(worker, [&] {
      read_available(first, got);
      return got == "still served";
    }));
    for (FileDescriptor const& client : late) {
      std::string nothing;
      EXPECT_TRUE(read_available(client, nothing)) << "closed at once";
    }
  }
  FileDescriptor const later = connect_to(port);
  EXPECT_TRUE(turn_until(worker, [&] { return worker.connection_count() == 2; }));
}

TEST(DescriptorLimit, is_raised_to_the_hard_one) {
  DescriptorLimitForTest const low(200);
  DescriptorLimit const limit = raise_descriptor_limit();
  EXPECT_EQ(limit.before, 200u);
  EXPECT_GE(limit.after, limit.before);
}

CHORUS_FOR_BOTH_WAYS_OF_IO(WorkerInputTest);

}  // namespace
}  // namespace chorus::net
