#include "cluster/relay.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace chorus::cluster {
namespace {

using ::testing::ElementsAre;
constexpr auto patience = std::chrono::seconds(20);

class TemporaryFolder {
 public:
  TemporaryFolder() { EXPECT_NE(::mkdtemp(path_.data()), nullptr); }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  std::string const& path() const { return path_; }

 private:
  std::string path_ = testing::TempDir() + "chorus_relay_XXXXXX";
};

/// Remembers what it was told; wait() ends when enough was.
class Inbox final : public RelayEvents {
 public:
  struct Got {
    NodeName from;
    std::string bytes;
    net::FileDescriptor descriptor;
  };

  void on_parcel(NodeName from, Parcel parcel) override {
    add([&] { parcels_.push_back({from, std::move(parcel.bytes), std::move(parcel.descriptor)}); });
  }
  void on_lost(NodeName node) override {
    add([&] { lost_.push_back(to_text(node)); });
  }
  void on_undelivered(NodeName to, Parcel parcel) override {
    add([&] { undelivered_.push_back(to_text(to) + ":" + parcel.bytes.substr(0, 20)); });
  }

  std::vector<Got> take(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, patience, [&] { return parcels_.size() >= count; }));
    return std::move(parcels_);
  }
  std::vector<std::string> take_lost(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, patience, [&] { return lost_.size() >= count; }));
    return std::move(lost_);
  }
  std::vector<std::string> undelivered() {
    std::unique_lock lock(mutex_);
    return undelivered_;
  }

 private:
  template <class F>
  void add(F change) {
    std::lock_guard lock(mutex_);
    change();
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Got> parcels_;
  std::vector<std::string> lost_, undelivered_;
};

constexpr NodeName first{0, 1};
constexpr NodeName second{1, 7};

class RelayTest : public testing::Test {
 protected:
  RelayOptions options(NodeName self) const {
    RelayOptions options;
    options.folder = folder_.path();
    options.self = self;
    return options;
  }

  TemporaryFolder folder_;
  Inbox at_first_, at_second_;
};

TEST_F(RelayTest, carries_parcels_in_order_and_answers_over_the_same_link) {
  Relay one(options(first), at_first_), two(options(second), at_second_);
  one.start();
  two.start();
  std::string const large(3'000'000, 'x');
  one.send(second, {"a", {}});
  one.send(second, {large, {}});
  one.send(second, {"", {}});
  auto const got = at_second_.take(3);
  EXPECT_THAT((std::array{got[0].bytes.size(), got[1].bytes.size(), got[2].bytes.size()}),
              ElementsAre(1, large.size(), 0));
  EXPECT_EQ(got[0].from, first);
  two.send(first, {"answer", {}});
  auto const answer = at_first_.take(1);
  EXPECT_EQ(answer[0].bytes, "answer");
  EXPECT_EQ(answer[0].from, second);
}

TEST_F(RelayTest, a_descriptor_arrives_with_its_own_parcel) {
  Relay one(options(first), at_first_), two(options(second), at_second_);
  one.start();
  two.start();
  constexpr std::size_t count = 40;
  std::vector<net::FileDescriptor> far_ends;
  for (std::size_t i = 0; i < count; ++i) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    far_ends.emplace_back(ends[1]);
    one.send(second, {"plain " + std::to_string(i), {}});
    one.send(second, {std::to_string(i), net::FileDescriptor(ends[0])});
  }
  auto const got = at_second_.take(2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    EXPECT_FALSE(got[2 * i].descriptor);
    ASSERT_TRUE(got[2 * i + 1].descriptor);
    ASSERT_EQ(::write(got[2 * i + 1].descriptor.get(), got[2 * i + 1].bytes.data(), got[2 * i + 1].bytes.size()),
              static_cast<ssize_t>(got[2 * i + 1].bytes.size()));
    std::array<char, 16> read{};
    auto const n = ::read(far_ends[i].get(), read.data(), read.size());
    EXPECT_EQ(std::string(read.data(), static_cast<std::size_t>(n)), std::to_string(i));
  }
}

TEST_F(RelayTest, four_threads_keep_their_order_and_both_sides_may_begin) {
  Relay one(options(first), at_first_), two(options(second), at_second_);
  one.start();
  two.start();
  constexpr int each = 2'000;
  auto const send_all = [&](Relay& relay, NodeName to) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t)
      threads.emplace_back([&relay, to, t] {
        for (int i = 0; i < each; ++i) relay.send(to, {std::to_string(t) + " " + std::to_string(i), {}});
      });
    return threads;
  };
  auto forth = send_all(one, second);
  auto back = send_all(two, first);
  for (auto* threads : {&forth, &back})
    for (auto& thread : *threads) thread.join();
  for (Inbox* inbox : {&at_first_, &at_second_}) {
    std::array<int, 2> next{};
    std::size_t total = 0;
    while (total < 2 * each) {
      for (auto const& got : inbox->take(1)) {
        auto const thread = static_cast<std::size_t>(got.bytes[0] - '0');
        EXPECT_EQ(got.bytes.substr(2), std::to_string(next[thread]++));
        ++total;
      }
    }
  }
}

TEST_F(RelayTest, tells_at_once_who_is_not_there_and_finds_a_process_that_came_later) {
  Relay one(options(first), at_first_);
  one.start();
  one.send(second, {"early", {}});
  EXPECT_THAT(at_first_.take_lost(1), ElementsAre("1.7"));
  EXPECT_THAT(at_first_.undelivered(), ElementsAre("1.7:early"));
  Relay two(options(second), at_second_);
  two.start();
  one.send(second, {"later", {}});
  EXPECT_EQ(at_second_.take(1)[0].bytes, "later");
}

TEST_F(RelayTest, tells_both_sides_when_a_process_ends) {
  Relay one(options(first), at_first_);
  one.start();
  {
    Relay two(options(second), at_second_);
    two.start();
    one.send(second, {"hello", {}});
    at_second_.take(1);
  }
  EXPECT_THAT(at_first_.take_lost(1), ElementsAre("1.7"));
  one.send(second, {"anybody there?", {}});
  EXPECT_THAT(at_first_.take_lost(1), ElementsAre("1.7"));
}

TEST_F(RelayTest, a_full_link_refuses_what_comes_on_top_and_nothing_else) {
  auto narrow = options(first);
  narrow.link_bytes_max = 3'000'000;
  Relay one(narrow, at_first_);
  one.start();
  // A process that accepts and does not read.
  net::FileDescriptor const deaf(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  auto const path = folder_.path() + "/" + to_text(second);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  ASSERT_EQ(::bind(deaf.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(deaf.get(), 1), 0);
  for (int i = 0; i < 10; ++i) one.send(second, {std::string(1'000'000, static_cast<char>('0' + i)), {}});
  constexpr NodeName nobody{9, 9};
  one.send(nobody, {"x", {}});  // behind the others: when this is lost, they were judged
  EXPECT_THAT(at_first_.take_lost(1), ElementsAre("9.9"));
  auto const refused =
      std::ranges::count_if(at_first_.undelivered(), [](auto const& u) { return u.starts_with("1.7"); });
  EXPECT_GE(refused, 6);
  EXPECT_LE(refused, 8);
}

TEST_F(RelayTest, says_why_it_cannot_start) {
  auto nowhere = options(first);
  nowhere.folder += "/missing";
  Relay one(nowhere, at_first_);
  try {
    one.start();
    FAIL() << "it started";
  } catch (std::runtime_error const& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("missing/0.1"));
  }
}

}  // namespace
}  // namespace chorus::cluster
