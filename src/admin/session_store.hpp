// SessionStore: who has signed in, by the secret that they were given for it.
#pragma once
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/guarded.hpp"
#include "base/time.hpp"
#include "chorus/admin.hpp"
#include "chorus/cluster.hpp"

namespace chorus::admin {

/// A longer id is nobody's; Node's have 16.
inline constexpr std::size_t session_id_bytes_max = 64;
/// A new one: 32 hexadecimal digits, which cannot be guessed.
std::string make_session_id();

/// Sessions of one process. A value. An id is found in a time that does not tell which one it is like.
class SessionList {
 public:
  /// Beyond `sessions_max` the oldest goes; each ends after `duration`.
  SessionList(std::size_t sessions_max, Duration duration) : sessions_max_(sessions_max), duration_(duration) {}

  void add(std::string id, TimePoint now);
  bool contains(Bytes id, TimePoint now) const;
  std::size_t size() const { return sessions_.size(); }

 private:
  struct Session {
    std::string id;
    TimePoint end;
  };
  std::size_t sessions_max_;
  Duration duration_;
  std::deque<Session> sessions_;  // the oldest first
};

/// Thread: any. Lifetime: until its last answer; the answers may come behind its end.
class SessionStore {
 public:
  virtual ~SessionStore() = default;
  /// `then(found)` runs once, now or later, on any thread.
  virtual void find(std::string id, TimePoint now, std::function<void(bool found)> then) = 0;
  virtual void save(std::string id, TimePoint now) = 0;
};

class MemoryStore final : public SessionStore {
 public:
  explicit MemoryStore(AdminStore const& options) : sessions_(options.sessions_max, options.session_duration) {}
  void find(std::string id, TimePoint now, std::function<void(bool found)> then) override;
  void save(std::string id, TimePoint now) override;

 private:
  Guarded<SessionList> sessions_;
};

/// Keys and values as the reference's: `prefix#id` is "1", for a time. While Redis is away nobody is found, and nothing
/// is saved: who signs in meanwhile will be asked again.
class RedisStore final : public SessionStore {
 public:
  RedisStore(AdminStore options, Cluster cluster) : options_(std::move(options)), cluster_(std::move(cluster)) {}
  void find(std::string id, TimePoint now, std::function<void(bool found)> then) override;
  void save(std::string id, TimePoint now) override;

 private:
  std::string key_of(Bytes id) const { return (options_.prefix + '#').append(id); }

  AdminStore const options_;
  Cluster const cluster_;
};

}  // namespace chorus::admin
