// Recovery: connection state recovery of one process. Its timelines, and the sessions of clients that are away.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/budget.hpp"
#include "base/guarded.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "engine/shared_message.hpp"
#include "socket/rooms.hpp"
#include "socket/saved_session.hpp"
#include "socket/timeline.hpp"

namespace chorus::socket {

/// `ServerOptions::connection_state_recovery` says the same to users.
struct RecoverySettings {
  std::chrono::milliseconds max_disconnection{120'000};
  bool skip_middlewares = true;
  std::size_t sessions_max = 10'000;
  std::size_t packets_max = 100'000;
  std::size_t bytes_max = 64u << 20;
  std::size_t missed_bytes_max = 2u << 20;  ///< of one client: more would overfill its connection
};

/// Why a client that asked for its former session gets a new one.
enum class Unrecovered : std::uint8_t {
  unknown_session,  ///< expired, crowded out, taken before, or never of this process or namespace
  unknown_offset,   ///< not all behind it is kept any more, or it is none that this client can have
  too_much_missed,  ///< more than missed_bytes_max
};
CHORUS_ERROR_ENUM(Unrecovered)
Bytes to_text(Unrecovered why);

/// A session that goes on, and what its client missed up to one moment.
struct Restored {
  SavedSession session;
  std::vector<std::shared_ptr<engine::SharedMessage const>> missed;
  std::size_t missed_bytes = 0;
  std::uint64_t up_to = 0;  ///< the number of the newest packet that was looked at

  /// More of it. False: more than is allowed.
  bool add(PacketSlice const& slice, std::size_t bytes_max);
};

/// Thread: any. Lifetime: the switchboard's; closed, it holds nothing.
class Recovery {
 public:
  struct Counts {
    std::size_t sessions = 0, packets = 0, bytes = 0;  // kept now
    std::uint64_t recovered = 0, unknown_session = 0, unknown_offset = 0, too_much_missed = 0;
    std::uint64_t sessions_expired = 0, sessions_crowded_out = 0;
  };

  Recovery(RecoverySettings settings, unsigned workers);

  RecoverySettings const& settings() const { return settings_; }
  /// That of a namespace that a hub has or makes; made if it is new. `parent`: of a dynamic namespace's child.
  std::shared_ptr<Timeline> timeline(std::string_view nsp, std::string_view parent = {});
  /// nullptr: nobody in this process is in such a namespace, nor could come back to it.
  std::shared_ptr<Timeline> find(std::string_view nsp) const;
  /// Those of a dynamic namespace's children.
  std::vector<std::shared_ptr<Timeline>> children_of(std::string_view parent);

  void keep(SavedSession session);
  /// One try: whatever comes of it, the session is gone from here. `offset`: as the client says; nothing when it has
  /// heard no event with one.
  Result<Restored, Unrecovered> restore(RecoveryId const& id, Timeline const& timeline,
                                        std::optional<std::string_view> offset, TimePoint now);
  void count(Unrecovered why);
  void count_recovered();

  /// Letters are posted and read from here on: before, and after close(), timelines take nothing.
  void open();
  void close();

  /// How long after something was put here tick() has to be called.
  Duration tick_interval() const;
  /// What is too old goes. False: there is nothing left that could become so.
  bool tick(TimePoint now);

  Counts counts() const;

 private:
  struct State {
    explicit State(std::size_t sessions_max) : sessions(sessions_max) {}
    StringMap<std::shared_ptr<Timeline>> timelines;
    SessionStore sessions;
    TimePoint ticked{};
    bool open = false;
    Counts counts;  // but for what is kept now
  };

  RecoverySettings const settings_;
  unsigned const workers_;
  Budget packets_, bytes_;  // before the timelines, which give back to them
  Guarded<State> state_;
};

}  // namespace chorus::socket
