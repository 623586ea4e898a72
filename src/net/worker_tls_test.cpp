// A worker's encrypted connections, against a client's end in memory on a real socket.
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>

#include "net/test_support.hpp"
#include "net/tls_test_support.hpp"

namespace chorus::net {
namespace {

using tls_test::TlsClientOptions;

class TlsWorkers : public WorkerTest {
 protected:
  /// A client on the far end of a connection, which the test moves on.
  struct Client : tls_test::TlsClient {
    Client(FileDescriptor socket, TlsClientOptions const& options = {})
        : TlsClient(options), descriptor(std::move(socket)) {}

    /// What it has to say goes out, what came is taken.
    void step(std::size_t read_max = 1 << 30) {
      go_on();
      send();
      std::string came;
      closed = read_available(descriptor, came, read_max) || closed;
      if (!came.empty()) take(came);
      send();
    }
    void send() {
      unsent += take_output();
      if (unsent.empty()) return;
      ssize_t const n = ::send(descriptor.get(), unsent.data(), unsent.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n > 0) unsent.erase(0, static_cast<std::size_t>(n));
    }

    FileDescriptor descriptor;
    std::string unsent;
    bool closed = false;  // the end of the stream, or a reset
  };

  struct Connected {
    std::unique_ptr<Client> client;
    ConnectionId id;
  };

  Connected connect(Worker& worker, Recorder& recorder, TlsClientOptions const& options = {}) {
    auto pair = tcp_pair();
    auto const id = worker.adopt(std::move(pair.near), recorder, {}, std::make_unique<TlsStream>(context_));
    return {std::make_unique<Client>(std::move(pair.far), options), id};
  }
  Connected shake_hands(Worker& worker, Recorder& recorder, TlsClientOptions const& options = {}) {
    auto connected = connect(worker, recorder, options);
    auto const handshakes = worker.counters().tls_handshakes.get();
    EXPECT_TRUE(
        turn_until(worker, *connected.client, [&] { return worker.counters().tls_handshakes.get() > handshakes; }));
    return connected;
  }

  template <class Condition>
  static bool turn_until(Worker& worker, Client& client, Condition condition) {
    return WorkerTest::turn_until(worker, [&] {
      client.step();
      return condition();
    });
  }

  TlsFiles const files_;
  std::shared_ptr<TlsContext const> const context_ = files_.load();
};
CHORUS_FOR_BOTH_WAYS_OF_IO(TlsWorkers);

TEST_P(TlsWorkers, carry_plaintext_to_the_handler_and_back) {
  Worker worker(options(), events_);
  Recorder echo;
  echo.when_data = [&](ConnectionId id, MutableBytes bytes) { worker.write(id, "you said: ", as_bytes(bytes)); };
  auto [client, id] = shake_hands(worker, echo);
  client->say("hello");
  EXPECT_TRUE(turn_until(worker, *client, [&] { return client->received == "you said: hello"; }));
  EXPECT_EQ(echo.log, "d");
  EXPECT_TRUE(worker.tls_peer(id));
  auto pair = unix_pair();
  EXPECT_FALSE(worker.tls_peer(worker.adopt(std::move(pair.near), echo)));
}

TEST_P(TlsWorkers, write_all_that_a_turn_says_as_one_record) {
  Worker worker(options(), events_);
  Recorder recorder;
  auto [client, id] = shake_hands(worker, recorder);
  settle(worker);
  auto const before = worker.counters().sent_bytes.get();
  auto const shared = std::make_shared<std::string const>(100, 's');
  for (int i = 0; i < 10; ++i) {
    worker.write(id, "0123456789");
    worker.write_shared(id, shared);
  }
  EXPECT_TRUE(turn_until(worker, *client, [&] { return client->received.size() == 1'100; }));
  EXPECT_EQ(worker.counters().sent_bytes.get() - before, 1'100u + 22u) << "one record's head and tag";
}

TEST_P(TlsWorkers, send_many_receivers_one_frame_in_one_submission) {
  Worker worker(options(), events_);
  Recorder recorder;
  std::vector<Connected> all;
  for (int i = 0; i < 12; ++i) all.push_back(shake_hands(worker, recorder));
  settle(worker);
  auto const frame = std::make_shared<std::string const>(3'000, 'f');
  auto const enters = worker.counters().enters.get();
  for (auto const& each : all) {
    worker.write_shared(each.id, frame);
    worker.write_shared(each.id, frame);
  }
  worker.run_once(Duration::zero());
  EXPECT_EQ(worker.counters().enters.get() - enters, worker.uses_io_uring() ? 1u : 0u);
  for (auto const& each : all) {
    EXPECT_TRUE(turn_until(worker, *each.client, [&] { return each.client->received.size() == 6'000; }));
    EXPECT_EQ(each.client->received, *frame + *frame);
  }
}

TEST_P(TlsWorkers, a_peer_that_does_not_read_gets_everything_later_and_in_order) {
  Worker worker(options(), events_);
  Recorder recorder;
  auto [client, id] = shake_hands(worker, recorder);
  std::string expected;
  auto const shared = std::make_shared<std::string const>(50'000, 's');
  while (!worker.backlogged(id)) {
    std::string const part(100'000, static_cast<char>('a' + expected.size() % 7));
    worker.write(id, part);
    worker.write_shared(id, shared);
    expected += part + *shared;
    worker.run_once(Duration::zero());
  }
  for (int i = 0; i < 20; ++i) {  // behind the backlog
    EXPECT_EQ(worker.write(id, "head ", "body "), Sent::backlogged);
    EXPECT_EQ(worker.write_shared(id, shared), Sent::backlogged);
    expected += "head body " + *shared;
  }
  EXPECT_TRUE(turn_until(worker, *client, [&] { return client->received.size() >= expected.size(); }));
  EXPECT_TRUE(client->received == expected);
  EXPECT_TRUE(turn_until(worker, *client, [&] { return recorder.log == "D"; })) << recorder.log;
}

TEST_P(TlsWorkers, close_a_peer_that_never_reads_at_the_limit) {
  auto limited = options();
  limited.backlog_bytes_max = 1 << 20;
  Worker worker(limited, events_);
  Recorder recorder;
  auto [client, id] = shake_hands(worker, recorder);
  std::string const part(100'000, 'x');
  for (int i = 0; i < 1'000 && worker.write(id, part) != Sent::dropped; ++i) worker.run_once(Duration::zero());
  EXPECT_TRUE(WorkerTest::turn_until(worker, [&] { return recorder.closed; }));
  EXPECT_EQ(recorder.reason, CloseReason::backlog_full);
}

#ifndef __SANITIZE_THREAD__  // it has one thread, and takes twenty seconds there
TEST_P(TlsWorkers, a_message_larger_than_the_limit_goes_to_an_idle_peer_whole) {
  auto limited = options();
  limited.backlog_bytes_max = 1 << 20;
  Worker worker(limited, events_);
  Recorder recorder;
  auto [client, id] = shake_hands(worker, recorder);
  auto const large = std::make_shared<std::string const>(34 << 20, 'l');  // more pieces than one message has
  worker.write_shared(id, large);
  auto const is_whole = [&] { return client->received.size() == large->size(); };
  EXPECT_TRUE(turn_until(worker, *client, [&] {
    for (int rounds = 100; rounds > 0 && !is_whole(); --rounds) {  // without waiting in each
      client->step();
      worker.run_once(Duration::zero());
    }
    return is_whole();
  }));
}
#endif

TEST_P(TlsWorkers, end_with_a_goodbye_when_all_is_said) {
  Worker worker(options(), events_);
  Recorder recorder;
  auto [client, id] = shake_hands(worker, recorder);
  worker.write(id, "last words");
  worker.close(id, CloseMode::after_flush);
  EXPECT_EQ(worker.write(id, "too late"), Sent::dropped);
  EXPECT_TRUE(turn_until(worker, *client, [&] { return client->closed; }));
  EXPECT_EQ(client->received, "last words");
  EXPECT_TRUE(client->ended);
  client->descriptor.reset();
  EXPECT_TRUE(WorkerTest::turn_until(worker, [&] { return worker.connection_count() == 0; }));
  EXPECT_EQ(recorder.log, "c");
}

TEST_P(TlsWorkers, end_with_a_goodbye_behind_a_backlog) {
  Worker worker(options(), events_);
  Recorder recorder;
  auto [client, id] = shake_hands(worker, recorder);
  std::size_t size = 0;
  for (std::string const part(100'000, 'x'); !worker.backlogged(id); size += part.size()) {
    worker.write(id, part);
    worker.run_once(Duration::zero());
  }
  worker.close(id, CloseMode::after_flush);
  EXPECT_TRUE(turn_until(worker, *client, [&] { return client->ended; }));
  EXPECT_EQ(client->received.size(), size);
}

TEST_P(TlsWorkers, hear_of_a_peers_goodbye_as_the_end_of_its_stream) {
  Worker worker(options(), events_);
  Recorder recorder;
  recorder.when_end = [&](ConnectionId id) {
    worker.write(id, "answer");
    worker.close(id, CloseMode::after_flush);
  };
  auto [client, id] = shake_hands(worker, recorder);
  client->say("question");
  SSL_shutdown(client->ssl());
  EXPECT_TRUE(turn_until(worker, *client, [&] { return client->ended; }));
  EXPECT_EQ(recorder.data, "question");
  EXPECT_EQ(client->received, "answer");
  EXPECT_TRUE(WorkerTest::turn_until(worker, [&] { return recorder.closed; }));
  EXPECT_EQ(recorder.log, "dec");
}

TEST_P(TlsWorkers, take_a_cut_for_the_end_of_the_stream) {
  Worker worker(options(), events_);
  Recorder recorder;
  auto [client, id] = shake_hands(worker, recorder);
  client->say("half of a reco");
  auto const record = client->take_output();
  send_all(client->descriptor, Bytes(record).substr(0, record.size() - 3));
  ::shutdown(client->descriptor.get(), SHUT_WR);
  EXPECT_TRUE(WorkerTest::turn_until(worker, [&] { return recorder.log == "e"; })) << recorder.log;
}

TEST_P(TlsWorkers, close_what_speaks_no_tls_and_count_it) {
  Worker worker(options(), events_);
  Recorder recorder, other;
  auto [neighbour, neighbour_id] = shake_hands(worker, other);
  auto [client, id] = connect(worker, recorder);
  send_all(client->descriptor, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  std::string said;
  EXPECT_TRUE(WorkerTest::turn_until(worker, [&] { return read_available(client->descriptor, said); }));
  EXPECT_EQ(said.find("HTTP/1.1"), std::string::npos);
  client->descriptor.reset();
  EXPECT_TRUE(WorkerTest::turn_until(worker, [&] { return recorder.closed; }));
  EXPECT_EQ(recorder.log, "c");
  EXPECT_EQ(worker.counters().tls_failures.get(), 1u);
  neighbour->say("still here");
  EXPECT_TRUE(turn_until(worker, *neighbour, [&] { return other.data == "still here"; }));
}

TEST_P(TlsWorkers, tell_a_peer_by_an_alert_what_is_wrong_with_its_record) {
  Worker worker(options(), events_);
  Recorder recorder;
  auto [client, id] = shake_hands(worker, recorder);
  client->say("good");
  client->say("bad");
  auto bytes = client->take_output();
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  send_all(client->descriptor, bytes);
  EXPECT_TRUE(turn_until(worker, *client, [&] { return client->failed; }));
  EXPECT_EQ(recorder.data, "good");
  EXPECT_TRUE(turn_until(worker, *client, [&] { return recorder.closed; }));
  EXPECT_EQ(recorder.log, "dc");
}

TEST_P(TlsWorkers, wait_for_a_handshake_no_longer_than_the_limit) {
  auto limited = options();
  limited.tls_handshake_time_max = std::chrono::seconds(1);
  Worker worker(limited, events_);
  Recorder quick, silent;
  auto const [client, id] = shake_hands(worker, quick);
  auto const [other, other_id] = connect(worker, silent);
  EXPECT_TRUE(WorkerTest::turn_until(worker, [&] { return silent.closed; }));
  EXPECT_EQ(worker.counters().tls_failures.get(), 1u);
  EXPECT_FALSE(quick.closed);
}

TEST_P(TlsWorkers, shake_few_hands_in_a_turn_and_let_the_others_speak_first) {
  auto limited = options();
  limited.turn_handshakes_max = 2;
  Worker worker(limited, events_);
  Recorder neighbours;
  auto [neighbour, neighbour_id] = shake_hands(worker, neighbours);
  settle(worker);
  std::vector<Recorder> recorders(5);
  std::vector<Connected> crowd;
  for (auto& recorder : recorders) crowd.push_back(connect(worker, recorder));
  settle(worker);
  // How many have been answered, which is the server's costly step.
  auto const answered = [&] {
    return std::ranges::count_if(crowd, [](Connected const& each) {
      pollfd poll{.fd = each.client->descriptor.get(), .events = POLLIN, .revents = 0};
      return ::poll(&poll, 1, 0) == 1;
    });
  };
  neighbour->say("in between");
  for (auto& each : crowd) {
    each.client->go_on();
    each.client->send();
  }
  neighbour->send();

  EXPECT_TRUE(worker.run_once(Duration::zero()));
  EXPECT_EQ(neighbours.data, "in between");
  EXPECT_EQ(answered(), 2);
  EXPECT_TRUE(worker.run_once(Duration::zero()));
  EXPECT_EQ(answered(), 4);
  EXPECT_TRUE(worker.run_once(Duration::zero()));
  EXPECT_EQ(answered(), 5);
  auto const handshakes = worker.counters().tls_handshakes.get();
  EXPECT_TRUE(WorkerTest::turn_until(worker, [&] {
    for (auto& each : crowd) each.client->step();
    return worker.counters().tls_handshakes.get() == handshakes + crowd.size();
  }));
}

TEST_P(TlsWorkers, forget_who_hangs_up_while_it_waits_to_shake_hands) {
  auto limited = options();
  limited.turn_handshakes_max = 1;
  Worker worker(limited, events_);
  std::vector<Recorder> recorders(4);
  std::vector<Connected> crowd;
  for (auto& recorder : recorders) crowd.push_back(connect(worker, recorder));
  settle(worker);
  for (auto& each : crowd) {
    each.client->go_on();
    each.client->send();
  }
  worker.run_once(Duration::zero());
  worker.close(crowd[1].id, CloseMode::now);  // by its owner
  reset_on_close(crowd[2].client->descriptor);
  crowd[2].client->descriptor.reset();  // by its peer
  EXPECT_TRUE(WorkerTest::turn_until(worker, [&] { return recorders[2].closed; }));
  EXPECT_TRUE(WorkerTest::turn_until(worker, [&] {
    crowd[0].client->step();
    crowd[3].client->step();
    return worker.counters().tls_handshakes.get() == 2;
  }));
  EXPECT_EQ(worker.connection_count(), 2u);
}

TEST_P(TlsWorkers, keep_what_comes_while_reading_is_paused) {
  Worker worker(options(), events_);
  Recorder recorder;
  auto [client, id] = shake_hands(worker, recorder);
  recorder.when_data = [&](ConnectionId each, MutableBytes) { worker.pause_reading(each); };
  client->say("first");
  EXPECT_TRUE(turn_until(worker, *client, [&] { return recorder.data == "first"; }));
  client->say("second");
  client->step();
  settle(worker);
  EXPECT_EQ(recorder.data, "first");
  worker.resume_reading(id);
  EXPECT_TRUE(turn_until(worker, *client, [&] { return recorder.data == "firstsecond"; }));
}

TEST_P(TlsWorkers, move_in_the_middle_of_a_record_to_another_worker) {
  Worker first(options(), events_);
  Worker second(options(), events_);
  Recorder here, there;
  auto [client, id] = shake_hands(first, here, {.version = TLS1_3_VERSION});
  client->say("before ");
  client->say("cut in two");
  auto const bytes = client->take_output();
  send_all(client->descriptor, Bytes(bytes).substr(0, bytes.size() - 5));
  EXPECT_TRUE(WorkerTest::turn_until(first, [&] { return here.data == "before "; }));
  auto released = first.release(id);
  ASSERT_TRUE(released.tls);
  EXPECT_EQ(first.connection_count(), 0u);
  auto const moved = second.adopt(std::move(released.descriptor), there, released.unread, std::move(released.tls));
  send_all(client->descriptor, Bytes(bytes).substr(bytes.size() - 5));
  EXPECT_TRUE(WorkerTest::turn_until(second, [&] { return there.data == "cut in two"; }));
  second.write(moved, "welcome");
  EXPECT_TRUE(turn_until(second, *client, [&] { return client->received == "welcome"; }));
  EXPECT_TRUE(second.tls_peer(moved));
}

TEST_P(TlsWorkers, move_with_what_was_received_and_what_tls_has_to_say) {
  // The handshake's end and the first words come at once, so the tickets are still to be sent when it moves.
  Worker first(options(), events_);
  Worker second(options(), events_);
  Recorder here, there;
  ReleasedConnection released;
  here.when_data = [&](ConnectionId id, MutableBytes) {
    first.pause_reading(id);
    released = first.release(id);
  };
  auto [client, id] = connect(first, here);
  bool said = false;
  EXPECT_TRUE(WorkerTest::turn_until(first, [&, &client = *client] {
    client.go_on();
    if (client.established() && !std::exchange(said, true)) client.say("upgrade");
    client.send();
    std::string came;
    read_available(client.descriptor, came);
    client.take(came);
    return released.tls != nullptr;
  }));
  EXPECT_TRUE(released.tls->has_pending());
  auto const moved = second.adopt(std::move(released.descriptor), there, "unread", std::move(released.tls));
  second.write(moved, "101");
  EXPECT_TRUE(turn_until(second, *client, [&] { return client->received == "101"; }));
  EXPECT_EQ(there.data, "unread");
  client->say("frame");
  EXPECT_TRUE(turn_until(second, *client, [&] { return there.data == "unreadframe"; }));
}

TEST_P(TlsWorkers, tell_of_a_goodbye_that_came_before_a_move_after_it) {
  Worker first(options(), events_);
  Worker second(options(), events_);
  Recorder mover, here, there;
  auto [one, one_id] = shake_hands(first, mover);
  auto [two, two_id] = shake_hands(first, here);
  settle(first);
  ReleasedConnection released;
  mover.when_data = [&, two_id = two_id](ConnectionId, MutableBytes) { released = first.release(two_id); };
  one->say("go");
  one->send();
  two->say("bye");
  SSL_shutdown(two->ssl());
  two->send();
  EXPECT_TRUE(WorkerTest::turn_until(first, [&] { return released.descriptor && released.tls; }));
  EXPECT_EQ(released.unread, "bye") << "both were received in one submission";
  second.adopt(std::move(released.descriptor), there, released.unread, std::move(released.tls));
  EXPECT_TRUE(WorkerTest::turn_until(second, [&] { return there.log == "de"; })) << there.log;
}

TEST_P(TlsWorkers, bear_handlers_that_close_them_at_any_moment) {
  for (auto const mode : {CloseMode::now, CloseMode::after_flush}) {
    Worker worker(options(), events_);
    Recorder recorder;
    auto [client, id] = shake_hands(worker, recorder);
    recorder.when_data = [&](ConnectionId each, MutableBytes) {
      worker.write(each, "bye");
      worker.close(each, mode);
    };
    client->say("one");
    client->say("two");
    EXPECT_TRUE(turn_until(worker, *client, [&] { return client->closed; }));
    EXPECT_EQ(client->ended, mode == CloseMode::after_flush);
  }
}

}  // namespace
}  // namespace chorus::net
