// What of a worker's work is measured as an answer; how long it took is the AnswerClock's. Over Unix sockets: what is
// sent there can be read at once, whoever else is busy on the machine.
#include "net/test_support.hpp"
#include "net/worker.hpp"

namespace chorus::net {
namespace {

using namespace std::chrono_literals;

class WorkerMeasuringTest : public WorkerTest {
 protected:
  WorkerOptions measuring() {
    WorkerOptions result = options();
    result.on_answer = [this](Duration time) { answers_.push_back(time); };
    return result;
  }
  static std::string text(MutableBytes bytes) { return {bytes.begin(), bytes.end()}; }

  std::vector<Duration> answers_;
};

TEST_P(WorkerMeasuringTest, measures_an_answer_and_nothing_that_needs_none) {
  Worker worker(measuring(), events_);
  SocketPair pair = unix_pair();
  Recorder owner;
  owner.when_data = [&](ConnectionId id, MutableBytes bytes) {
    if (text(bytes) == "question") worker.write(id, "answer");
  };
  ConnectionId const id = worker.adopt(std::move(pair.near), owner);
  settle(worker);
  send_all(pair.far, "statement");
  ASSERT_TRUE(turn_until(worker, [&] { return owner.data == "statement"; }));
  worker.write(id, "told unasked");
  TimePoint const before = SteadyClock::now();  // the look that it counts from comes after this
  settle(worker);
  EXPECT_TRUE(answers_.empty());

  send_all(pair.far, "question");
  ASSERT_TRUE(turn_until(worker, [&] { return !answers_.empty(); }));
  worker.write(id, "told unasked");
  settle(worker);
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_GT(answers_.front(), Duration::zero());
  EXPECT_LT(answers_.front(), SteadyClock::now() - before);
}

TEST_P(WorkerMeasuringTest, counts_the_time_that_a_worker_was_busy_elsewhere) {
  Worker worker(measuring(), events_);
  SocketPair busy = unix_pair();
  SocketPair pair = unix_pair();
  Recorder busy_owner;
  Recorder owner;
  owner.when_data = [&](ConnectionId id, MutableBytes) { worker.write(id, "answer"); };
  Duration busy_for{};
  busy_owner.when_data = [&](ConnectionId, MutableBytes) {
    TimePoint const begin = SteadyClock::now();
    send_all(pair.far, "question");
    while (SteadyClock::now() - begin < 20ms) {
    }
    busy_for = SteadyClock::now() - begin;
  };
  worker.adopt(std::move(busy.near), busy_owner);
  worker.adopt(std::move(pair.near), owner);
  settle(worker);
  send_all(busy.far, "work");
  ASSERT_TRUE(turn_until(worker, [&] { return !answers_.empty(); }));
  EXPECT_GE(answers_.front(), busy_for);
}

TEST_P(WorkerMeasuringTest, does_not_measure_a_fan_out_but_the_answers_between_its_chunks) {
  WorkerOptions small = measuring();
  small.turn_sends_max = 4;
  Worker worker(small, events_);
  Recorder owner;
  Crowd crowd(worker, owner, 40);
  settle(worker);
  SharedBytes const message = std::make_shared<std::string const>("message;");
  owner.when_data = [&](ConnectionId id, MutableBytes bytes) {
    if (text(bytes) == "?") worker.write(id, "answer;");
    if (text(bytes) != "all") return;
    for (ConnectionId const receiver : crowd.ids) worker.write_shared(receiver, message);
    send_all(crowd.pairs[20].far, "?");
    send_all(crowd.pairs[30].far, "pong");
  };
  send_all(crowd.pairs[39].far, "all");
  ASSERT_TRUE(turn_until(worker, [&] { return owner.data == "all?pong" || owner.data == "allpong?"; }));
  settle(worker);
  EXPECT_EQ(answers_.size(), 1u);
}

TEST_P(WorkerMeasuringTest, does_not_measure_what_a_speaker_hears_of_its_own_words_to_many) {
  Worker worker(measuring(), events_);
  Recorder owner;
  Crowd crowd(worker, owner, 2);
  settle(worker);
  owner.when_data = [&](ConnectionId, MutableBytes) {
    for (auto const& words : {"first;", "second;"}) {
      auto const message = std::make_shared<std::string const>(words);
      for (ConnectionId const receiver : crowd.ids) worker.write_shared(receiver, message);
    }
  };
  send_all(crowd.pairs[0].far, "all");
  ASSERT_TRUE(turn_until(worker, [&] { return owner.data == "all"; }));
  settle(worker);
  std::string got;
  read_available(crowd.pairs[0].far, got);
  EXPECT_EQ(got, "first;second;");
  EXPECT_TRUE(answers_.empty());
}

CHORUS_FOR_BOTH_WAYS_OF_IO(WorkerMeasuringTest);

}  // namespace
}  // namespace chorus::net
