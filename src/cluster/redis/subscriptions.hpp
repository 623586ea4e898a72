// What the subscriber's connection is to hear: wanted, asked for, confirmed; again after every reconnect.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace chorus::cluster::redis {

enum class SubscriptionKind : std::uint8_t { channel, pattern };

/// Called once: true when Redis has confirmed, false when it will not (taken back, over the limit, or the end).
using OnSubscribed = std::function<void(bool confirmed)>;

/// Thread: none of its own; the owner's (the post office's). OnSubscribed may call back into this.
class Subscriptions {
 public:
  explicit Subscriptions(std::size_t names_max) : names_max_(names_max) {}

  /// Wants `name` from now on; wanting it twice is wanting it once. Appends the command to `out` when one is needed
  /// and the connection stands.
  void want(SubscriptionKind kind, std::string name, OnSubscribed done, std::string& out);
  void unwant(SubscriptionKind kind, std::string_view name, std::string& out);

  /// A new connection: appends the commands for everything that is wanted. From here on want() and unwant() append.
  void begin(std::string& out);
  /// The connection is gone: nothing is confirmed.
  void lost();
  /// The end: who still waits is told so.
  void close();

  /// Redis has confirmed a (p)subscribe or (p)unsubscribe of `name`. False: nobody asked for it.
  bool on_confirmation(SubscriptionKind kind, Bytes name);
  /// Every wanted name is confirmed.
  bool all_confirmed() const { return open_ && unconfirmed_ == 0; }

  std::size_t wanted() const { return wanted_; }

 private:
  struct Entry {
    bool wanted = false;
    bool confirmed = false;
    std::uint32_t asked = 0;  // commands about it that Redis has not confirmed: the last one decides
    std::vector<OnSubscribed> waiting;
  };
  using Table = std::map<std::string, Entry, std::less<>>;

  Table& table(SubscriptionKind kind) { return tables_[static_cast<std::size_t>(kind)]; }
  static void tell(std::vector<OnSubscribed> waiting, bool confirmed);

  std::size_t const names_max_;
  Table tables_[2];
  std::size_t wanted_ = 0;
  std::size_t unconfirmed_ = 0;  // of the wanted
  bool open_ = false;
};

}  // namespace chorus::cluster::redis
