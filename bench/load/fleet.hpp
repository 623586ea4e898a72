// All clients of a load, served by one thread.
#pragma once
#include <sys/epoll.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "load/client.hpp"
#include "load/schedule.hpp"

namespace load {

/// Thread: one. Lifetime: the sink outlives it. Errors: std::runtime_error when a connection cannot be made or breaks.
class Fleet {
 public:
  /// `query(i)` is appended to the i-th client's request: empty, or `&name=value`.
  Fleet(Target target, std::vector<std::unique_ptr<Client>> clients, std::function<std::string(std::size_t)> query);
  ~Fleet();
  Fleet(Fleet const&) = delete;
  Fleet& operator=(Fleet const&) = delete;

  /// Until every client is in its namespace.
  void connect_all(Client::Sink& sink);
  /// Without a word, and for good.
  void disconnect_all() { clients_.clear(); }
  /// Waits for at most `timeout`, and serves what is ready.
  void run_once(std::chrono::nanoseconds timeout, Client::Sink& sink);

  /// Sent after the packet in hand was dealt with.
  void send(std::size_t client, std::string_view packet);
  void flush();

  std::size_t size() const { return clients_.size(); }
  /// When the bytes in hand were read.
  Clock::time_point now() const { return now_; }

 private:
  void watch(std::size_t client, std::uint32_t events, int operation);
  std::uint32_t next_mask();

  Target target_;
  std::function<std::string(std::size_t)> query_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<std::size_t> order_;  // in which they connect: by chance, so that a user's devices do not come in a row
  std::vector<std::size_t> dirty_;  // with output of theirs, perhaps twice
  std::vector<bool> blocked_;       // watched for writing
  std::vector<epoll_event> events_;
  int epoll_;
  std::uint32_t mask_ = 2463534242u;
  Clock::time_point now_ = Clock::now();
};

}  // namespace load
