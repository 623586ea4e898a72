#include "net/helper_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>

namespace chorus::net {
namespace {

TEST(HelperPool, runs_work_on_other_threads_as_many_at_once_as_it_may) {
  HelperPool pool({.threads_max = 2, .waiting_max = 10});
  std::promise<void> go;
  auto const gone = go.get_future().share();
  std::promise<std::thread::id> first, second;
  pool.run([&, gone] {
    first.set_value(std::this_thread::get_id());
    gone.wait();
  });
  pool.run([&, gone] {
    second.set_value(std::this_thread::get_id());
    gone.wait();
  });
  auto const one = first.get_future().get(), two = second.get_future().get();
  EXPECT_NE(one, two);
  EXPECT_NE(one, std::this_thread::get_id());
  go.set_value();
}

TEST(HelperPool, refuses_work_beyond_its_limit_and_after_its_end) {
  HelperPool pool({.threads_max = 1, .waiting_max = 1});
  std::promise<void> running, go;
  EXPECT_TRUE(pool.run([&] {
    running.set_value();
    go.get_future().wait();
  }));
  running.get_future().wait();
  EXPECT_TRUE(pool.run([] {}));
  EXPECT_FALSE(pool.run([] {}));
  go.set_value();
  pool.stop();
  EXPECT_FALSE(pool.run([] {}));
}

TEST(HelperPool, drops_what_waits_at_its_end_and_waits_for_what_runs) {
  HelperPool pool({.threads_max = 1, .waiting_max = 10});
  std::promise<void> running, go;
  std::atomic<int> ended{0};
  pool.run([&] {
    running.set_value();
    go.get_future().wait();
    ++ended;
  });
  running.get_future().wait();
  auto const held = std::make_shared<int>(1);
  pool.run([&, held] { ended += 10; });
  std::thread stopper([&] { pool.stop(); });
  while (held.use_count() > 1) std::this_thread::yield();  // dropped before the one that runs has ended
  EXPECT_EQ(ended, 0);
  go.set_value();
  stopper.join();
  EXPECT_EQ(ended, 1);
}

}  // namespace
}  // namespace chorus::net
