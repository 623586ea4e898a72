// HarnessBody: the workers of a server on a test's thread, and the time they live in.
#pragma once
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "base/time.hpp"
#include "chorus/testing.hpp"
#include "server/runtime.hpp"
#include "server/testing/fake_client.hpp"
#include "server/testing/fake_worker.hpp"

namespace chorus::server {

/// Thread: the test's. Lifetime: the Harness's; `runtime` outlives it.
class HarnessBody {
 public:
  explicit HarnessBody(Runtime& runtime);
  ~HarnessBody();
  HarnessBody(HarnessBody const&) = delete;
  HarnessBody& operator=(HarnessBody const&) = delete;

  std::shared_ptr<FakeClientBody> connect(FakeClientOptions options);
  /// A new connection, whose session has begun.
  std::shared_ptr<FakeLink> open(FakeClientOptions const& options);
  /// Until there is nothing more to do now. From within a handler it does nothing: whoever runs that goes on behind it.
  void settle();
  void advance(Duration time);
  Duration elapsed() const { return now_ - began_; }

 private:
  /// More rounds without an end are no progress: something posts itself.
  static constexpr std::size_t rounds_max = 1'000'000;

  bool work();
  bool run_offloaded();
  /// What is due at that time. False: nothing.
  bool fire_until(TimePoint end);

  Runtime& runtime_;
  std::vector<std::unique_ptr<FakeWorker>> workers_;
  std::vector<std::shared_ptr<FakeClientBody>> clients_;
  std::deque<std::function<void()>> offloaded_;
  TimePoint began_, now_;
  bool settling_ = false;
};

}  // namespace chorus::server
