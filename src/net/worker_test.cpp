#include "net/worker.hpp"

#include "net/test_support.hpp"

namespace chorus::net {
namespace {

using namespace std::chrono_literals;

Recorder echo_of(Worker& worker) {
  Recorder recorder;
  recorder.when_data = [&worker](ConnectionId id, MutableBytes bytes) { worker.write(id, as_bytes(bytes)); };
  return recorder;
}

TEST_P(WorkerTest, echoes) {
  Worker worker(options(), events_);
  Recorder echo = echo_of(worker);
  SocketPair pair = tcp_pair();
  worker.adopt(std::move(pair.near), echo);
  send_all(pair.far, "hello");
  std::string answer;
  EXPECT_TRUE(turn_until(worker, [&] {
    read_available(pair.far, answer);
    return answer.size() == 5;
  }));
  EXPECT_EQ(answer, "hello");
}

CHORUS_FOR_BOTH_WAYS_OF_IO(WorkerTest);

}  // namespace
}  // namespace chorus::net
