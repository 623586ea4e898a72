// What a worker stands on: its mailbox, its clockwork, its connections, a turn's output.
#include <memory>
#include <string>
#include <vector>

#include "micro/measure.hpp"
#include "net/connection_table.hpp"
#include "net/mailbox.hpp"
#include "net/output.hpp"
#include "net/timer_wheel.hpp"
#include "net/worker.hpp"
#include "socket/switchboard.hpp"

namespace chorus::bench {
namespace {

class Nobody final : public net::WorkerEvents, public net::ConnectionHandler {
 public:
  void on_accepted(net::FileDescriptor, net::PeerAddress const&) override {}
  void on_letters() override {}
  void on_turn_end() override {}
  void on_data(net::ConnectionId, MutableBytes) override {}
  void on_end(net::ConnectionId) override {}
  void on_drained(net::ConnectionId) override {}
  void on_closed(net::ConnectionId, net::CloseReason) override {}
};

constexpr std::size_t many = 1'000;  // what is done in a row, as in a busy turn

/// A worker that is awake already: what a letter costs when others have posted before.
void add_mailbox(std::string const& name, std::size_t letters) {
  measure(
      "worker: " + name,
      [letters] {
        struct Post {
          Nobody nobody;
          net::Worker worker{{.io_uring = net::IoUring::off}, nobody};
          net::Mailbox<socket::BroadcastLetter> mailbox{worker};
        };
        return [letters, post = std::make_shared<Post>(), target = std::make_shared<socket::Target const>(),
                message = engine::SharedMessage::make("2[\"x\"]")] {
          for (std::size_t i = 0; i < letters; ++i) post->mailbox.post({target, message});
          keep(post->mailbox.collect());
        };
      },
      letters);
}

struct Wheel {
  explicit Wheel(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) timers.push_back(std::make_unique<Timer>([](void*, TimePoint) {}, nullptr));
  }

  net::TimerWheel wheel{TimePoint{}};
  std::vector<std::unique_ptr<Timer>> timers;  // end before their wheel
};

void add_timers() {
  measure("worker: arm a timer again", [] {
    return [wheel = std::make_shared<Wheel>(1)] {
      wheel->wheel.arm_after(*wheel->timers.front(), std::chrono::seconds(25));
    };
  });
  measure(
      "worker: arm a timer and fire it, of 1,000",
      [] {
        return [wheel = std::make_shared<Wheel>(many), now = TimePoint{}]() mutable {
          for (auto const& timer : wheel->timers) wheel->wheel.arm_after(*timer, std::chrono::milliseconds(20));
          now += std::chrono::milliseconds(40);
          keep(wheel->wheel.advance(now));
        };
      },
      many);
}

struct Slab {
  explicit Slab(int connections) {
    for (int i = 0; i < connections; ++i) ids.push_back(table.add(3, nobody));
  }
  Nobody nobody;
  net::ConnectionTable table;
  std::vector<net::ConnectionId> ids;
};

void add_connections() {
  measure("worker: enter a connection and remove it", [] {
    return [slab = std::make_shared<Slab>(1)] {
      auto const id = slab->table.add(3, slab->nobody);
      keep(slab->table.find(id));
      slab->table.remove(id);
    };
  });
  measure("worker: find one of 9,000 connections by its id", [] {
    return [slab = std::make_shared<Slab>(9'000), next = std::size_t{0}]() mutable {
      keep(slab->table.find(slab->ids[next]));
      next = (next + 4'999) % slab->ids.size();  // another cache line each time
    };
  });
}

/// A turn's output to many, all that is sent being one message of 32 B.
template <class Append>
void add_output(std::string const& name, Append append) {
  measure(
      "worker: " + name,
      [append] {
        struct Turn {
          std::vector<net::Connection> connections = std::vector<net::Connection>(many);
          net::Output output{4096};
        };
        return [append, turn = std::make_shared<Turn>()] {
          for (auto& connection : turn->connections) append(turn->output, connection);
          for (auto& connection : turn->connections) {
            keep(turn->output.request(connection));
            turn->output.consume(connection, turn->output.unsent(connection));
          }
          turn->output.reset_messages();
          turn->output.reset();
        };
      },
      many);
}

}  // namespace

void add_worker_parts() {
  add_mailbox("post a letter and take it", 1);
  add_mailbox("post a letter and take it, of 64", 64);
  add_timers();
  add_connections();
  std::string const head = "\x81\x20", body(32, 'x');
  add_output("queue 32 B for a connection, copied",
             [head, body](net::Output& output, net::Connection& connection) { output.append(connection, head, body); });
  auto const shared = std::make_shared<std::string const>(head + body);
  add_output("queue 32 B for a connection, shared",
             [shared](net::Output& output, net::Connection& connection) { output.append(connection, shared); });
}

}  // namespace chorus::bench
