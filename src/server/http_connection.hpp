// A connection that speaks HTTP/1.1: requests in order, one at a time, until one of them upgrades it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "cluster/node_name.hpp"
#include "engine/types.hpp"
#include "http/content_coding.hpp"
#include "http/request_reader.hpp"
#include "http/response.hpp"
#include "server/site_connection.hpp"

namespace chorus::server {

class Site;

/// While a request waits for its answer (a parked poll, an answer from another worker), the connection reads nothing:
/// what is pipelined behind stays in the kernel, but for the rest of one receive slot, and a hang-up is still seen.
///
/// Thread: its worker's. Lifetime: the site's slot.
class HttpConnection final : public SiteConnection {
 public:
  HttpConnection(Site& site, std::string address);

  std::string const& address() const { return address_; }
  /// Names the request being handled.
  engine::Ticket ticket() const;
  /// The session whose answer is awaited, which must hear of a hang-up. A poll may be parked for long: there the end of
  /// the client's sending half is one already.
  enum class Wait { answer, poll };
  void wait_for_session(std::string sid, Wait wait) {
    waits_for_ = std::move(sid);
    polls_ = wait == Wait::poll;
    announced_ = false;  // it has the request now
  }
  /// Somebody else has answered its WebSocket's handshake: nothing of HTTP can be said to it any more.
  void set_answered() { answered_ = true; }
  bool answered() const { return answered_; }
  /// Headers (CORS, ...) that its answer will carry whoever gives it.
  http::ResponseHeaders& answer_headers() { return answer_headers_; }
  /// In which coding a poll's client likes its answer best.
  void set_coding(http::ContentCoding coding) { coding_ = coding; }
  http::ContentCoding coding() const { return coding_; }
  /// The answer, when it is a poll's, goes to this callback of a page (engine/jsonp.hpp).
  void answer_by_jsonp(std::uint32_t index) { jsonp_index_ = index; }
  std::optional<std::uint32_t> jsonp_index() const;
  /// The answer. False: the request with this sequence number is not waiting (any more).
  bool respond(std::uint32_t sequence, http::Response response);

  /// What was read behind the request; for one who takes the connection over.
  std::string take_unread() { return std::move(unread_); }
  /// An upgrade on its way to its worker.
  struct Departure {
    std::string sid = {};
    bool handshake = false;                      ///< `sid` is to become a session
    unsigned worker = 0;                         ///< where it goes
    std::optional<cluster::NodeName> node = {};  ///< of that worker; nothing: this process
  };
  /// A request that cannot go on yet, and what it waits for.
  struct Held {
    http::Request request;
    std::size_t mount = 0;
    enum class For : std::uint8_t { delay, middleware, gate, session_text, route, departure } waits_for = For::delay;
    std::size_t middleware = 0;  ///< whose turn it is
    Departure departure = {};
  };
  /// Holds it back and calls Site::on_held after `delay` (0: the next tick), unless it was taken or answered by then.
  void hold(Held held, Duration delay);
  /// The one with this sequence number, if it is still held.
  std::optional<Held> take_held(std::uint32_t sequence);
  /// Reads on what waited behind an answered request.
  void read_on();

  void on_data(net::ConnectionId id, MutableBytes bytes) override;
  void on_end(net::ConnectionId id) override;
  void on_drained(net::ConnectionId) override {}
  void on_closed(net::ConnectionId id, net::CloseReason reason) override;
  void drain() override;

 private:
  enum class State : std::uint8_t { reading, waiting, closing };
  static constexpr std::uint32_t no_jsonp = 0xffff'ffff;

  void feed(Bytes input);
  void announce();
  void retract();
  void refuse(http::ReadError error);
  void watch_the_clock();
  void on_timer(TimePoint now);
  void hang_up();

  Site& site_;
  std::string const address_;
  http::RequestReader reader_;
  http::ResponseHeaders answer_headers_;
  std::string unread_;       // behind the request that waits
  std::string held_unread_;  // the same, while it is being read
  std::string waits_for_;
  std::optional<Held> held_;
  Timer timer_;
  TimePoint request_began_{};
  std::uint32_t sequence_ = 0;
  std::uint32_t jsonp_index_ = no_jsonp;
  State state_ = State::reading;
  bool keep_alive_ = true;
  bool head_only_ = false;
  bool feeding_ = false;
  bool ended_ = false;
  bool polls_ = false;
  bool answered_ = false;
  bool numbered_ = false;   // the request that is being read has its sequence number
  bool announced_ = false;  // waits_for_ knows of it, and does not have it yet
  http::ContentCoding coding_ = http::ContentCoding::identity;
};

}  // namespace chorus::server
