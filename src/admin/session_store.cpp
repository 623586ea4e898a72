#include "admin/session_store.hpp"

#include <array>
#include <utility>

#include "admin/bcrypt.hpp"
#include "base/log.hpp"
#include "base/random.hpp"

namespace chorus::admin {

std::string make_session_id() {
  constexpr Bytes digits = "0123456789abcdef";
  std::array<char, 16> random;
  fill_random(random.data(), random.size());
  std::string id;
  for (char const each : random) {
    auto const byte = static_cast<unsigned char>(each);
    id += digits[byte >> 4];
    id += digits[byte & 15];
  }
  return id;
}

void SessionList::add(std::string id, TimePoint now) {
  while (!sessions_.empty() && (sessions_.front().end <= now || sessions_.size() >= sessions_max_))
    sessions_.pop_front();
  if (sessions_max_ != 0) sessions_.push_back({std::move(id), now + duration_});
}

bool SessionList::contains(Bytes id, TimePoint now) const {
  bool found = false;
  for (auto const& session : sessions_) found |= equal_in_constant_time(id, session.id) && now < session.end;
  return found;
}

void MemoryStore::find(std::string id, TimePoint now, std::function<void(bool)> then) {
  then(sessions_.with([&](SessionList const& list) { return list.contains(id, now); }));
}

void MemoryStore::save(std::string id, TimePoint now) {
  sessions_.with([&](SessionList& list) { list.add(std::move(id), now); });
}

void RedisStore::find(std::string id, TimePoint, std::function<void(bool)> then) {
  cluster_.command({"EXISTS", key_of(id)}, [then = std::move(then)](RedisReply const& reply) {
    then(reply.ok && reply.values.size() == 1 && reply.values.front() == "1");
  });
}

void RedisStore::save(std::string id, TimePoint) {
  cluster_.command({"SET", key_of(id), "1", "EX", std::to_string(options_.session_duration.count())},
                   [](RedisReply const& reply) {
                     if (reply.ok) return;
                     auto const why = reply.values.empty() ? std::string() : reply.values.front();
                     log(LogLevel::warning, "admin_session_not_saved", {{"reason", why}});
                   });
}

}  // namespace chorus::admin
