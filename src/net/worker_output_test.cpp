// Writing: order under short writes, back-pressure and its limit.
#include "net/test_support.hpp"
#include "net/worker.hpp"

namespace chorus::net {
namespace {

class WorkerOutputTest : public WorkerTest {
 protected:
  static SocketPair narrow(SocketPair pair) {
    int const small = 4096;
    ::setsockopt(pair.near.get(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    return pair;
  }
  // A Unix socket has no clock in it: nothing waits for an acknowledgement or a window.
  static SocketPair narrow_pair() { return narrow(unix_pair()); }

  static std::string numbers(std::size_t size) {
    std::string text;
    for (int i = 0; text.size() < size; ++i) text += std::to_string(i) + ",";
    return text.substr(0, size);
  }
};

TEST_P(WorkerOutputTest, keeps_the_order_of_bytes_through_short_writes) {
  Worker worker(options(), events_);
  SocketPair pair = narrow_pair();
  Recorder owner;
  ConnectionId const id = worker.adopt(std::move(pair.near), owner);
  std::string expected;
  SharedBytes const large = std::make_shared<std::string const>(numbers(50'000));
  for (int i = 0; i < 20; ++i) {
    std::string const text = "[" + std::to_string(i) + "]";
    EXPECT_NE(worker.write(id, text, "body"), Sent::dropped);
    EXPECT_NE(worker.write_shared(id, large), Sent::dropped);
    expected += text + "body" + *large;
    if (i % 5 == 4) worker.run_once(Duration::zero());
  }
  EXPECT_TRUE(worker.backlogged(id));
  EXPECT_EQ(worker.write(id, "end"), Sent::backlogged);
  expected += "end";
  std::string got;
  EXPECT_TRUE(turn_until(worker, [&] {
    read_available(pair.far, got, 10'000);
    return got.size() == expected.size();
  }));
  EXPECT_TRUE(got == expected);
  EXPECT_TRUE(turn_until(worker, [&] { return owner.log == "D"; }));
  EXPECT_FALSE(worker.backlogged(id));
  EXPECT_EQ(worker.unsent(id), 0u);
  EXPECT_GT(worker.counters().partial_sends.get(), 0u);
}

TEST_P(WorkerOutputTest, goes_on_when_a_slow_tcp_peer_reads) {
  Worker worker(options(), events_);
  SocketPair pair = tcp_pair();
  Recorder owner;
  ConnectionId const id = worker.adopt(std::move(pair.near), owner);
  std::string const text = numbers(12'000'000);
  worker.write(id, text);
  worker.run_once(Duration::zero());
  EXPECT_TRUE(worker.backlogged(id));
  std::string got;
  EXPECT_TRUE(turn_until(worker, [&] {
    read_available(pair.far, got, 1'000'000);
    return got.size() == text.size();
  }));
  EXPECT_TRUE(got == text);
  EXPECT_TRUE(turn_until(worker, [&] { return owner.log == "D"; }));
}

TEST_P(WorkerOutputTest, sends_many_large_pieces_of_a_turn) {
  Worker worker(options(), events_);
  SocketPair pair = tcp_pair();
  Recorder owner;
  ConnectionId const id = worker.adopt(std::move(pair.near), owner);
  std::string expected;
  for (int i = 0; i < 100; ++i) {  // more than one message carries
    auto const piece = std::make_shared<std::string const>(numbers(5000 + static_cast<std::size_t>(i)));
    EXPECT_EQ(worker.write_shared(id, piece), Sent::now_or_queued);
    expected += *piece;
  }
  std::string got;
  EXPECT_TRUE(turn_until(worker, [&] {
    read_available(pair.far, got);
    return got.size() == expected.size();
  }));
  EXPECT_TRUE(got == expected);
}

TEST_P(WorkerOutputTest, knows_what_is_unsent_within_the_turn) {
  Worker worker(options(), events_);
  SocketPair pair = tcp_pair();
  Recorder owner;
  ConnectionId const id = worker.adopt(std::move(pair.near), owner);
  EXPECT_EQ(worker.write(id, "12345"), Sent::now_or_queued);
  EXPECT_EQ(worker.write(id, ""), Sent::now_or_queued);
  EXPECT_EQ(worker.unsent(id), 5u);
  EXPECT_FALSE(worker.backlogged(id));
  settle(worker);
  EXPECT_EQ(worker.unsent(id), 0u);
  EXPECT_EQ(owner.log, "");
}

TEST_P(WorkerOutputTest, closes_a_connection_whose_backlog_is_full_and_nobody_else) {
  WorkerOptions small = options();
  small.backlog_bytes_max = 200'000;
  Worker worker(small, events_);
  SocketPair slow = narrow_pair();
  SocketPair fast = tcp_pair();
  Recorder slow_owner;
  Recorder fast_owner;
  ConnectionId const slow_id = worker.adopt(std::move(slow.near), slow_owner);
  ConnectionId const fast_id = worker.adopt(std::move(fast.near), fast_owner);
  SharedBytes const piece = std::make_shared<std::string const>(numbers(50'000));
  std::string fast_got;
  std::size_t fast_sent = 0;
  Sent last = Sent::now_or_queued;
  for (int i = 0; i < 100 && last != Sent::dropped; ++i) {
    last = worker.write_shared(slow_id, piece);
    EXPECT_LE(worker.unsent(slow_id), small.backlog_bytes_max);
    EXPECT_EQ(slow_owner.log, "") << "never from inside a method of the worker";
    worker.write_shared(fast_id, piece);
    fast_sent += piece->size();
    EXPECT_TRUE(turn_until(worker, [&] {
      read_available(fast.far, fast_got);
      return fast_got.size() == fast_sent;
    }));
  }
  EXPECT_EQ(last, Sent::dropped);
  EXPECT_EQ(worker.write(slow_id, "x"), Sent::dropped);
  settle(worker);
  EXPECT_EQ(slow_owner.log, "c");
  EXPECT_EQ(slow_owner.reason, CloseReason::backlog_full);
  EXPECT_EQ(worker.counters().closed_for_backlog.get(), 1u);
  EXPECT_EQ(worker.connection_count(), 1u);
  EXPECT_EQ(piece.use_count(), 1);
}

TEST_P(WorkerOutputTest, asks_the_kernel_before_it_calls_a_burst_within_one_turn_a_backlog) {
  WorkerOptions small = options();
  small.backlog_bytes_max = 60'000;
  Worker worker(small, events_);
  SocketPair pair = tcp_pair();
  Recorder owner;
  ConnectionId const id = worker.adopt(std::move(pair.near), owner);
  SharedBytes const shared = std::make_shared<std::string const>(numbers(25'000));
  std::string const own = numbers(2'000);
  std::string sent;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(worker.write_shared(id, shared), Sent::now_or_queued);
    EXPECT_EQ(worker.write(id, own), Sent::now_or_queued);
    EXPECT_LE(worker.unsent(id), small.backlog_bytes_max);
    sent += *shared + own;
  }
  std::string got;
  EXPECT_TRUE(turn_until(worker, [&] {
    read_available(pair.far, got);
    return got.size() == sent.size();
  }));
  EXPECT_TRUE(got == sent);
  EXPECT_EQ(owner.log, "");
}

TEST_P(WorkerOutputTest, learns_of_a_broken_peer_in_the_middle_of_a_burst) {
  WorkerOptions small = options();
  small.backlog_bytes_max = 60'000;
  Worker worker(small, events_);
  SocketPair pair = tcp_pair();
  Recorder owner;
  ConnectionId const id = worker.adopt(std::move(pair.near), owner);
  reset_on_close(pair.far);
  pair.far.reset();
  EXPECT_EQ(worker.write(id, numbers(50'000)), Sent::now_or_queued);
  EXPECT_EQ(worker.write(id, numbers(50'000)), Sent::dropped);
  settle(worker);
  EXPECT_EQ(owner.log, "c");
  EXPECT_EQ(owner.reason, CloseReason::peer_reset);
}

TEST_P(WorkerOutputTest, takes_one_write_of_any_size_when_nothing_is_unsent) {
  WorkerOptions small = options();
  small.backlog_bytes_max = 1000;
  Worker worker(small, events_);
  SocketPair pair = narrow_pair();
  Recorder owner;
  ConnectionId const id = worker.adopt(std::move(pair.near), owner);
  std::string const text = numbers(500'000);
  EXPECT_EQ(worker.write(id, text), Sent::now_or_queued);
  std::string got;
  EXPECT_TRUE(turn_until(worker, [&] {
    read_available(pair.far, got);
    return got.size() == text.size();
  }));
  EXPECT_TRUE(got == text);
}

TEST_P(WorkerOutputTest, can_be_closed_under_back_pressure) {
  Worker worker(options(), events_);
  SocketPair pair = narrow_pair();
  Recorder owner;
  ConnectionId const id = worker.adopt(std::move(pair.near), owner);
  SharedBytes const piece = std::make_shared<std::string const>(numbers(300'000));
  worker.write_shared(id, piece);
  worker.run_once(Duration::zero());
  worker.write(id, "more");
  EXPECT_TRUE(worker.backlogged(id));
  worker.close(id, CloseMode::now);
  EXPECT_EQ(piece.use_count(), 1);
  settle(worker);
  EXPECT_EQ(owner.log, "");
  EXPECT_EQ(worker.connection_count(), 0u);
}

TEST_P(WorkerOutputTest, tells_of_a_peer_that_went_away_under_back_pressure) {
  Worker worker(options(), events_);
  SocketPair pair = narrow(tcp_pair());
  Recorder owner;
  ConnectionId const id = worker.adopt(std::move(pair.near), owner);
  worker.write(id, numbers(3'000'000));
  worker.run_once(Duration::zero());
  EXPECT_TRUE(worker.backlogged(id));
  reset_on_close(pair.far);
  pair.far.reset();
  EXPECT_TRUE(turn_until(worker, [&] { return owner.closed; }));
  EXPECT_EQ(owner.reason, CloseReason::peer_reset);
  EXPECT_EQ(worker.connection_count(), 0u);
}

TEST_P(WorkerOutputTest, writes_of_a_drained_handler_go_out) {
  Worker worker(options(), events_);
  SocketPair pair = narrow_pair();
  Recorder owner;
  ConnectionId const id = worker.adopt(std::move(pair.near), owner);
  int drained = 0;
  std::string const text = numbers(300'000);
  owner.when_drained = [&](ConnectionId connection) {
    if (++drained < 3) worker.write(connection, text);
  };
  worker.write(id, text);
  std::string got;
  EXPECT_TRUE(turn_until(worker, [&] {
    read_available(pair.far, got);
    return got.size() == 3 * text.size();
  }));
  EXPECT_TRUE(got == text + text + text);
  EXPECT_TRUE(turn_until(worker, [&] { return drained == 3; }));
}

CHORUS_FOR_BOTH_WAYS_OF_IO(WorkerOutputTest);

}  // namespace
}  // namespace chorus::net
