// RelayDesk: what a process's workers send to the other processes of the machine, and what comes from them.
#pragma once
#include <functional>
#include <map>
#include <string>

#include "base/guarded.hpp"
#include "cluster/relay.hpp"
#include "http/request_reader.hpp"
#include "server/letters.hpp"
#include "server/relay_letters.hpp"

namespace chorus::server {

/// Letters whose receiver is a worker of another process. A request's answer comes back as an AnswerLetter to the
/// worker that read it, also when its owner is dead: then it says that the session is unknown, at once.
///
/// Thread: any, all of it but start() and stop(), which are the Runtime's; what comes in is posted on the relay's
/// thread. Lifetime: longer than the workers' turns. Memory: an entry for each request that waits for its answer.
class RelayDesk final : cluster::RelayEvents {
 public:
  using Post = std::function<void(unsigned worker, Letter)>;

  RelayDesk(cluster::RelayOptions options, http::Limits limits, unsigned workers, Post post);

  /// Throws std::runtime_error with a sentence.
  void start() { relay_.start(); }
  void stop() { relay_.stop(); }

  void send(cluster::NodeName owner, unsigned worker, RequestLetter letter);
  void send(cluster::NodeName owner, unsigned worker, GoneLetter letter);
  void send(cluster::NodeName owner, unsigned worker, PostLetter letter);
  /// Where its receiver is dead the connection comes back to `from`, which will find no session for it.
  void move(cluster::NodeName owner, unsigned worker, MoveLetter letter);
  /// To the process that asked: the ticket names it.
  void answer(AnswerLetter letter);

 private:
  // cluster::RelayEvents
  void on_parcel(cluster::NodeName from, cluster::Parcel parcel) override;
  void on_lost(cluster::NodeName node) override;
  void on_undelivered(cluster::NodeName to, cluster::Parcel parcel) override;

  void take(cluster::NodeName from, Addressed<RequestLetter> letter);
  void take(Addressed<GoneLetter> letter);
  void take(Addressed<PostLetter> letter);
  void take(Addressed<MoveLetter> letter, net::FileDescriptor descriptor);
  void take(AnswerLetter letter);
  void unanswered(engine::Ticket ticket, engine::HttpAnswer answer);

  /// Whose session a request of another process is for.
  struct Guest {
    unsigned worker = 0;
    std::string sid;
  };
  struct Open {
    std::map<engine::Ticket, cluster::NodeName> abroad;  // ours, waiting for the answer of that process
    std::map<engine::Ticket, Guest> guests;              // theirs, waiting for ours
  };

  cluster::NodeName const self_;
  http::Limits const limits_;
  unsigned const workers_;
  Post const post_;
  Guarded<Open> open_;
  cluster::Relay relay_;
};

}  // namespace chorus::server
