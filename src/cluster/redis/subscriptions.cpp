#include "cluster/redis/subscriptions.hpp"

#include <iterator>
#include <utility>

#include "cluster/redis/resp_writer.hpp"

namespace chorus::cluster::redis {
namespace {

Bytes subscribe_word(SubscriptionKind kind) { return kind == SubscriptionKind::channel ? "SUBSCRIBE" : "PSUBSCRIBE"; }
Bytes unsubscribe_word(SubscriptionKind kind) {
  return kind == SubscriptionKind::channel ? "UNSUBSCRIBE" : "PUNSUBSCRIBE";
}

}  // namespace

void Subscriptions::tell(std::vector<OnSubscribed> waiting, bool confirmed) {
  for (OnSubscribed const& done : waiting) {
    if (done) done(confirmed);
  }
}

void Subscriptions::want(SubscriptionKind kind, std::string name, OnSubscribed done, std::string& out) {
  auto found = table(kind).find(name);
  bool const known = found != table(kind).end() && found->second.wanted;
  if (!known && wanted_ >= names_max_) {
    if (done) done(false);
    return;
  }
  if (found == table(kind).end()) found = table(kind).emplace(std::move(name), Entry{}).first;
  Entry& entry = found->second;
  if (!known) {
    entry.wanted = true;
    ++wanted_;
    ++unconfirmed_;
    if (open_) {
      append_command(out, {subscribe_word(kind), found->first});
      ++entry.asked;
    }
  }
  if (!done) return;
  if (entry.confirmed) return done(true);
  entry.waiting.push_back(std::move(done));
}

void Subscriptions::unwant(SubscriptionKind kind, std::string_view name, std::string& out) {
  auto const found = table(kind).find(name);
  if (found == table(kind).end() || !found->second.wanted) return;
  Entry& entry = found->second;
  entry.wanted = false;
  --wanted_;
  if (!entry.confirmed) --unconfirmed_;
  entry.confirmed = false;
  auto waiting = std::exchange(entry.waiting, {});
  if (open_) {
    append_command(out, {unsubscribe_word(kind), name});
    ++entry.asked;
  } else {
    table(kind).erase(found);
  }
  tell(std::move(waiting), false);
}

void Subscriptions::begin(std::string& out) {
  lost();
  open_ = true;
  for (auto const kind : {SubscriptionKind::channel, SubscriptionKind::pattern}) {
    if (table(kind).empty()) continue;
    append_command_head(out, 1 + table(kind).size());
    append_argument(out, subscribe_word(kind));
    for (auto& [name, entry] : table(kind)) {
      append_argument(out, name);
      entry.asked = 1;
    }
  }
}

void Subscriptions::lost() {
  open_ = false;
  unconfirmed_ = wanted_;
  for (auto& names : tables_) {
    for (auto entry = names.begin(); entry != names.end();) {
      entry->second.confirmed = false;
      entry->second.asked = 0;
      entry = entry->second.wanted ? std::next(entry) : names.erase(entry);
    }
  }
}

void Subscriptions::close() {
  auto const all = std::exchange(tables_[0], {});
  auto const patterns = std::exchange(tables_[1], {});
  open_ = false;
  wanted_ = unconfirmed_ = 0;
  for (auto const* names : {&all, &patterns}) {
    for (auto const& [name, entry] : *names) tell(entry.waiting, false);
  }
}

bool Subscriptions::on_confirmation(SubscriptionKind kind, Bytes name) {
  auto const found = table(kind).find(name);
  if (found == table(kind).end() || found->second.asked == 0) return false;
  Entry& entry = found->second;
  if (--entry.asked > 0) return true;
  if (!entry.wanted) {
    table(kind).erase(found);
    return true;
  }
  entry.confirmed = true;
  --unconfirmed_;
  tell(std::exchange(entry.waiting, {}), true);
  return true;
}

}  // namespace chorus::cluster::redis
