#include "net/output.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace chorus::net {
namespace {

constexpr std::size_t join_bytes_max = 4096;

SharedBytes shared(std::string text) { return std::make_shared<std::string const>(std::move(text)); }

// What one send of `c` would carry.
std::string sent_by(SendRequest const& request) {
  if (request.message == nullptr) return {request.data, request.size};
  std::string all;
  for (std::size_t i = 0; i < request.message->msg_iovlen; ++i) {
    iovec const& piece = request.message->msg_iov[i];
    all.append(static_cast<char const*>(piece.iov_base), piece.iov_len);
  }
  EXPECT_EQ(all.size(), request.size);
  return all;
}

TEST(Output, sends_shared_bytes_from_where_they_lie) {
  Output output(join_bytes_max);
  Connection c;
  SharedBytes const frame = shared("frame");
  output.append(c, frame);
  SendRequest const request = output.request(c);
  EXPECT_EQ(request.message, nullptr);
  EXPECT_EQ(request.data, frame->data());
  EXPECT_EQ(request.size, 5u);
}

TEST(Output, takes_one_reference_for_all_receivers) {
  Output output(join_bytes_max);
  std::vector<Connection> receivers(100);
  SharedBytes const frame = shared("frame");
  for (Connection& c : receivers) output.append(c, frame);
  EXPECT_EQ(frame.use_count(), 2);
  output.reset();
  EXPECT_EQ(frame.use_count(), 1);
}

TEST(Output, joins_the_small_pieces_of_a_connection_to_one_plain_send) {
  Output output(join_bytes_max);
  Connection a;
  Connection b;
  output.append(a, "head", "body");
  output.append(b, "other", {});
  output.append(a, "+", "tail");
  output.append(b, shared("-shared"));
  output.append(b, "!", {});
  EXPECT_EQ(output.request(a).message, nullptr);
  EXPECT_EQ(sent_by(output.request(a)), "headbody+tail");
  EXPECT_EQ(output.request(b).message, nullptr);
  EXPECT_EQ(sent_by(output.request(b)), "other-shared!");
}

TEST(Output, joins_the_same_frames_once_for_all_receivers) {
  Output output(join_bytes_max);
  std::vector<Connection> receivers(100);
  for (int message = 0; message < 50; ++message) {
    SharedBytes const frame = shared("message " + std::to_string(message) + ";");
    for (Connection& c : receivers) output.append(c, frame);
  }
  for (Connection& c : receivers) EXPECT_EQ(output.request(c).data, output.request(receivers[0]).data);
  EXPECT_LT(output.used(), 2000u);
  // What one of them gets for itself does not show up at the others.
  output.append(receivers[7], "mine", {});
  output.append(receivers[8], shared("both"));
  EXPECT_TRUE(sent_by(output.request(receivers[7])).ends_with("message 49;mine"));
  EXPECT_TRUE(sent_by(output.request(receivers[8])).ends_with("message 49;both"));
  EXPECT_TRUE(sent_by(output.request(receivers[9])).ends_with("message 49;"));
}

TEST(Output, gathers_large_pieces_by_reference) {
  Output output(join_bytes_max);
  Connection c;
  SharedBytes const large = shared(std::string(100'000, 'x'));
  output.append(c, "head", {});
  output.append(c, large);
  output.append(c, "tail", {});
  SendRequest const request = output.request(c);
  ASSERT_NE(request.message, nullptr);
  EXPECT_EQ(request.message->msg_iovlen, 3u);
  EXPECT_EQ(request.message->msg_iov[1].iov_base, large->data());
  EXPECT_EQ(sent_by(request), "head" + *large + "tail");
}

TEST(Output, keeps_a_reference_while_a_receiver_is_slow) {
  Output output(join_bytes_max);
  Connection c;
  SharedBytes const large = shared(std::string(100'000, 'x'));
  output.append(c, large);
  output.consume(c, 1000);
  output.spill(c);
  output.reset();
  EXPECT_EQ(large.use_count(), 2);
  EXPECT_EQ(output.unsent(c), 99'000u);
  EXPECT_EQ(static_cast<char const*>(output.request(c).message->msg_iov[0].iov_base), large->data() + 1000);
  output.consume(c, 99'000);
  EXPECT_EQ(large.use_count(), 1);
  EXPECT_EQ(c.backlog, nullptr);
}

TEST(Output, forgets_what_a_closed_connection_had_to_say) {
  Output output(join_bytes_max);
  Connection c;
  output.append(c, "a", {});
  output.append(c, shared(std::string(5000, 'x')));
  output.drop(c);
  EXPECT_EQ(output.unsent(c), 0u);
  output.append(c, "b", {});
  EXPECT_EQ(sent_by(output.request(c)), "b");
}

// Any mixture of writes, short sends, refusals and turns keeps every connection's bytes in order.
class RandomOutput {
 public:
  explicit RandomOutput(unsigned seed) : random_(seed) {
    for (std::size_t size : {1u, 30u, 900u, 3000u, 9000u, 60'000u}) frames_.push_back(shared(text(size)));
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      std::size_t const who = random_() % connections_.size();
      switch (random_() % 8) {
        case 0:
          broadcast(frames_[random_() % frames_.size()]);
          break;
        case 1:
          send_some(who);
          break;
        case 2:
          end_turn();
          break;
        default:
          write(who);
      }
      ASSERT_EQ(output_.unsent(connections_[who]), expected_[who].size());
    }
    end_turn();
  }

 private:
  std::string text(std::size_t size) {
    std::string result(size, ' ');
    for (char& c : result) c = static_cast<char>('a' + random_() % 26);
    return result;
  }

  void broadcast(SharedBytes const& frame) {
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      output_.append(connections_[i], frame);
      expected_[i] += *frame;
    }
  }

  void write(std::size_t who) {
    std::string const head = text(random_() % 3);
    std::string const body = text(1 + random_() % (random_() % 10 == 0 ? 6000 : 40));
    output_.append(connections_[who], head, body);
    expected_[who] += head + body;
  }

  // The kernel takes all, a part, or nothing.
  void send_some(std::size_t who) {
    Connection& c = connections_[who];
    if (output_.unsent(c) == 0) return;
    output_.reset_messages();
    SendRequest const request = output_.request(c);
    std::string const all = sent_by(request);
    ASSERT_EQ(all, expected_[who].substr(0, all.size()));
    std::size_t const taken = random_() % 2 == 0 ? all.size() : random_() % (all.size() + 1);
    output_.consume(c, taken);
    expected_[who].erase(0, taken);
    if (taken < all.size()) output_.spill(c);
  }

  void end_turn() {
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      while (output_.unsent(connections_[i]) > 0 && !connections_[i].backlog) send_some(i);
      if (random_() % 2 == 0) send_some(i);
    }
    output_.reset();
  }

  std::mt19937 random_;
  Output output_{join_bytes_max};
  std::array<Connection, 6> connections_;
  std::array<std::string, 6> expected_;
  std::vector<SharedBytes> frames_;
};

TEST(Output, keeps_every_stream_in_order_under_random_use) {
  for (unsigned seed = 0; seed < 5; ++seed) RandomOutput(seed).run(2000);
}

}  // namespace
}  // namespace chorus::net
