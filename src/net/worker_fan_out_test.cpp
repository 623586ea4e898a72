// A big fan-out: chunk by chunk, with reads and their answers between.
#include "net/test_support.hpp"
#include "net/worker.hpp"

namespace chorus::net {
namespace {

class WorkerFanOutTest : public WorkerTest {
 protected:
  WorkerOptions in_chunks_of(std::size_t sends) const {
    WorkerOptions result = options();
    result.turn_sends_max = sends;
    return result;
  }
};

TEST_P(WorkerFanOutTest, serves_reads_between_the_chunks_of_a_big_fan_out) {
  Worker worker(in_chunks_of(4), events_);
  Recorder owner;
  Crowd crowd(worker, owner, 40, tcp_pair);
  settle(worker);
  SharedBytes const first = std::make_shared<std::string const>("first;");
  SharedBytes const second = std::make_shared<std::string const>("second;");
  std::vector<std::string> got(crowd.pairs.size());
  int turn_ends = 0;
  std::size_t served_after = 0;  // how many had got the first message when the question was answered
  owner.when_data = [&](ConnectionId id, MutableBytes) {
    for (std::size_t i = 0; i < crowd.pairs.size(); ++i) {
      read_available(crowd.pairs[i].far, got[i]);
      if (!got[i].empty()) ++served_after;
    }
    worker.write(id, "answer;");
    for (ConnectionId const receiver : crowd.ids) worker.write_shared(receiver, second);
  };
  events_.turn_end = [&] {
    if (++turn_ends > 1) return;
    for (ConnectionId const id : crowd.ids) worker.write_shared(id, first);
    send_all(crowd.pairs.back().far, "?");  // asks while the fan-out waits
  };
  worker.run_once(Duration::zero());
  EXPECT_GE(served_after, 4u);
  EXPECT_LT(served_after, 40u);
  EXPECT_EQ(turn_ends, 2);
  settle(worker);
  for (std::size_t i = 0; i < crowd.pairs.size(); ++i) {
    read_available(crowd.pairs[i].far, got[i]);
    EXPECT_EQ(got[i], i + 1 < crowd.pairs.size() ? "first;second;" : "first;answer;second;");
  }
}

TEST_P(WorkerFanOutTest, answers_between_the_chunks_of_a_fan_out_before_the_rest_of_it_is_sent) {
  Worker worker(in_chunks_of(4), events_);
  Recorder owner;
  Crowd crowd(worker, owner, 40);
  SocketPair stranger = unix_pair();
  crowd.ids.push_back(worker.adopt(std::move(stranger.near), owner));
  settle(worker);
  FileDescriptor const& last = crowd.pairs.back().far;  // it is told last, and asks too
  std::string stranger_got, last_got;
  int questions = 0;
  owner.when_data = [&](ConnectionId id, MutableBytes) {
    worker.write(id, "answer;");
    if (++questions == 2) return send_all(crowd.pairs[0].far, "?");
    if (questions < 3) return;
    // In the next pause: what was asked in the one before has its answer, though most have not been told yet.
    read_available(stranger.far, stranger_got);
    read_available(last, last_got);
  };
  bool begun = false;
  SharedBytes const message = std::make_shared<std::string const>("message;");
  events_.turn_end = [&] {
    if (std::exchange(begun, true)) return;
    for (std::size_t i = 0; i < crowd.pairs.size(); ++i) worker.write_shared(crowd.ids[i], message);
    send_all(stranger.far, "?");
    send_all(last, "?");
  };
  worker.run_once(Duration::zero());
  EXPECT_EQ(questions, 3);
  EXPECT_EQ(stranger_got, "answer;");
  EXPECT_EQ(last_got, "message;answer;");
  for (std::size_t i = 1; i < 39; ++i) {
    std::string got;
    read_available(crowd.pairs[i].far, got);
    EXPECT_EQ(got, "message;") << i;
  }
}

TEST_P(WorkerFanOutTest, answers_who_asked_together_with_the_speaker_before_the_fan_out) {
  Worker worker(in_chunks_of(4), events_);
  Recorder owner, speaker_owner, stranger_owner;
  Crowd crowd(worker, owner, 40);
  SocketPair speaker = unix_pair();
  SocketPair stranger = unix_pair();
  worker.adopt(std::move(speaker.near), speaker_owner);
  worker.adopt(std::move(stranger.near), stranger_owner);
  settle(worker);
  SharedBytes const message = std::make_shared<std::string const>("message");
  speaker_owner.when_data = [&](ConnectionId, MutableBytes) {
    for (ConnectionId const id : crowd.ids) worker.write_shared(id, message);
    send_all(crowd.pairs[0].far, "?");
  };
  stranger_owner.when_data = [&](ConnectionId id, MutableBytes) { worker.write(id, "answer"); };
  std::string stranger_got, last_got;
  owner.when_data = [&](ConnectionId, MutableBytes) {  // in the first pause
    read_available(stranger.far, stranger_got);
    read_available(crowd.pairs.back().far, last_got);
  };
  send_all(speaker.far, "to all");
  send_all(stranger.far, "?");
  worker.run_once(Duration::zero());
  EXPECT_EQ(owner.data, "?");
  EXPECT_EQ(stranger_got, "answer");
  EXPECT_EQ(last_got, "");
}

TEST_P(WorkerFanOutTest, serves_reads_in_a_fan_out_for_as_long_as_it_takes) {
  Worker worker(in_chunks_of(1), events_);
  Recorder owner;
  Crowd crowd(worker, owner, 40);
  settle(worker);
  int questions = 0;
  owner.when_data = [&](ConnectionId id, MutableBytes) {
    worker.write(id, "answer");
    if (++questions < 39) send_all(crowd.pairs[0].far, "?");
  };
  bool begun = false;
  events_.turn_end = [&] {
    if (std::exchange(begun, true)) return;
    for (ConnectionId const id : crowd.ids) worker.write(id, "message");
    send_all(crowd.pairs[0].far, "?");
  };
  worker.run_once(Duration::zero());
  EXPECT_EQ(questions, 39);  // one for each pause
}

TEST_P(WorkerFanOutTest, pauses_by_the_time_that_sends_have_taken_of_late) {
  struct Case {
    Duration pause_every;
    int pauses;  // in a fan-out to 300
  };
  for (auto const [pause_every, pauses] : {Case{Duration(1), 2}, Case{std::chrono::hours(1), 0}}) {
    WorkerOptions timed = options();
    timed.fan_out_pause = pause_every;
    Worker worker(timed, events_);
    Recorder owner;
    Crowd crowd(worker, owner, 300);
    settle(worker);
    int questions = 0;
    owner.when_data = [&](ConnectionId id, MutableBytes) {
      ++questions;
      worker.write(id, "answer");
      send_all(crowd.pairs[0].far, "?");
    };
    bool begun = false;
    events_.turn_end = [&] {
      if (std::exchange(begun, true)) return;
      questions = 0;
      for (ConnectionId const id : crowd.ids) worker.write(id, "message");
    };
    send_all(crowd.pairs[0].far, "?");
    worker.run_once(Duration::zero());
    EXPECT_EQ(questions, 1);  // nothing is known yet of what a send costs
    begun = false;
    worker.run_once(Duration::zero());
    EXPECT_EQ(questions, pauses);
    events_.turn_end = nullptr;
  }
}

TEST_P(WorkerFanOutTest, ends_a_turn_in_which_each_fan_out_causes_another) {
  Worker worker(in_chunks_of(1), events_);
  Recorder owner;
  Crowd crowd(worker, owner, 4);
  settle(worker);
  int fan_outs = 0;
  auto const fan_out = [&] {
    ++fan_outs;
    for (ConnectionId const id : crowd.ids) worker.write(id, "message");
    send_all(crowd.pairs[0].far, "?");
  };
  owner.when_data = [&](ConnectionId, MutableBytes) { fan_out(); };
  bool begun = false;
  events_.turn_end = [&] {
    if (!std::exchange(begun, true)) fan_out();
  };
  worker.run_once(Duration::zero());
  EXPECT_GT(fan_outs, 2);
  EXPECT_LT(fan_outs, 40);
}

TEST_P(WorkerFanOutTest, lets_handlers_close_receivers_of_a_fan_out_that_is_on_its_way) {
  Worker worker(in_chunks_of(2), events_);
  Recorder owner;
  Crowd crowd(worker, owner, 20, tcp_pair);
  settle(worker);
  owner.when_data = [&](ConnectionId, MutableBytes) {
    for (std::size_t i = 10; i < 20; ++i)
      worker.close(crowd.ids[i], i % 2 == 0 ? CloseMode::now : CloseMode::after_flush);
    crowd.pairs.push_back(tcp_pair());  // takes a free place and a free descriptor in the middle of it
    crowd.ids.push_back(worker.adopt(std::move(crowd.pairs.back().near), owner));
  };
  bool sent = false;
  events_.turn_end = [&] {
    if (std::exchange(sent, true)) return;
    for (ConnectionId const id : crowd.ids) worker.write(id, "message");
    send_all(crowd.pairs[0].far, "?");
  };
  settle(worker);
  for (std::size_t i = 0; i < crowd.pairs.size(); ++i) {
    std::string got;
    bool const ended = read_available(crowd.pairs[i].far, got);
    EXPECT_EQ(ended, i >= 10 && i < 20) << i;
    bool const message_expected = i < 10 || (i < 20 && i % 2 == 1);
    if (message_expected) {
      EXPECT_EQ(got, "message") << i;
    }
    if (i == 20) {
      EXPECT_EQ(got, "");
    }
  }
}

CHORUS_FOR_BOTH_WAYS_OF_IO(WorkerFanOutTest);

}  // namespace
}  // namespace chorus::net
