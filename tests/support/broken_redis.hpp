// A Redis that breaks the rules where a test says so: a plain Unix socket that answers commands one by one.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace chorus::testing {

/// What the peer does in place of the right thing.
struct Mischief {
  std::string bytes;     ///< sent instead of the answer
  bool hang_up = false;  ///< ends all connections behind them; else they stay open and silent until the peer ends them
  bool before = false;   ///< sends the right answer first
};

/// Knows AUTH, SELECT, PING, (P)(UN)SUBSCRIBE and PUBLISH (answers 0 and delivers to nobody). Connections are
/// served in pairs; one step is a connection that is accepted, or a command that is answered.
/// Thread: the test's; it has one of its own.
class BrokenRedis {
 public:
  /// Asked at each step, on its own thread: the step's number, counted from the last mischief on, and the command's
  /// first word (empty: a connection was accepted). Null: all goes well.
  using Script = std::function<Mischief const*(int step, std::string const& word)>;

  explicit BrokenRedis(Script script);
  ~BrokenRedis();

  std::string socket_path() const { return folder_ + "/redis.sock"; }

 private:
  struct Peer;

  void run();
  void accept_one();
  void serve(Peer& peer);
  /// False: the script made mischief, all that was open is doomed.
  bool step(Peer& peer, std::string const& word, std::string const& answer);

  Script const script_;
  std::string folder_;
  int listening_ = -1;
  int step_ = 0;
  std::unique_ptr<Peer> first_of_pair_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace chorus::testing
