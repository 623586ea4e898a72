// Crew: the processes under a supervisor, slot by slot. Decides what is started, drained and killed; does none of it.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "app/supervisor/back_off.hpp"
#include "base/time.hpp"

namespace chorus::app {

using Pid = int;

/// How a process ended.
struct Ending {
  enum class Kind { exited, signalled } kind = Kind::exited;
  int number = 0;  ///< the exit code, or the signal

  bool on_purpose() const { return kind == Kind::exited && number == 0; }
  friend bool operator==(Ending const&, Ending const&) = default;
};

/// How long a process that others relieve serves on what it has accepted, before it drains: requests that are on their
/// way to it find it open.
inline constexpr Duration linger_time = std::chrono::milliseconds(500);

/// A process that says "I cannot start" rather than crashing ends with this code.
inline constexpr int exit_cannot_start = 1;
/// What a supervisor ends with when it gave up, or was told not to wait.
inline constexpr int exit_not_clean = 1;

/// The states of a slot, as `chorus status` names them.
enum class ChildState { starting, ready, draining, waiting, ended };
std::string_view to_text(ChildState state);

// What is to be done, and what has happened, in this order.

/// Start a process for this slot; answer with Crew::child_started, or with start_failed.
struct StartChild {
  unsigned slot = 0;
  std::uint8_t incarnation = 0;
};
/// `others_accept`: another process accepts from the same sockets, so this one may take its time.
struct DrainChild {
  Pid pid = 0;
  bool others_accept = false;
};
struct KillChild {
  Pid pid = 0;
};
/// For the log. `again_after`: nothing when it is not started again.
struct ChildCrashed {
  unsigned slot = 0;
  Pid pid = 0;
  Ending ending;
  std::optional<Duration> again_after;
};
struct ChildEnded {
  unsigned slot = 0;
  Pid pid = 0;
};
struct ChildIsReady {
  unsigned slot = 0;
  Pid pid = 0;
};
/// It did not become ready, or did not end, in time; a KillChild goes with it.
struct ChildTooSlow {
  unsigned slot = 0;
  Pid pid = 0;
  ChildState state = ChildState::starting;
};
/// Every slot has its first ready process.
struct AllReady {};
struct RollBegun {};
struct RollDone {};
/// The old processes from `slot` on stay.
struct RollStopped {
  unsigned slot = 0;
};
using CrewAction = std::variant<StartChild, DrainChild, KillChild, ChildCrashed, ChildEnded, ChildIsReady, ChildTooSlow,
                                AllReady, RollBegun, RollDone, RollStopped>;

struct CrewOptions {
  unsigned slots = 1;
  /// Where each slot's count of starts goes on; missing ones begin at 0. More than `slots` are kept for a successor.
  std::vector<std::uint8_t> incarnations;
  Duration ready_limit = std::chrono::seconds(30);
  Duration drain_limit = std::chrono::seconds(10);  ///< a process's own; `drain_grace` later it is killed
  static constexpr Duration drain_grace = std::chrono::seconds(5);
  /// Any failure before all are ready ends the whole: somebody else still serves, and goes on.
  bool all_or_nothing = false;
};

/// One process as it stands.
struct ChildView {
  unsigned slot = 0;
  std::optional<Pid> pid;  ///< nothing: the slot waits for its restart, or has ended
  ChildState state = ChildState::starting;
  std::optional<TimePoint> started;
  unsigned restarts = 0;  ///< of the slot, after crashes
};

/// Pure: events and time in, actions out. Each event returns what is to be done, in order; time that passes is an event
/// too (`tick`, due at next_deadline()). Thread: one at a time.
class Crew {
 public:
  using Actions = std::vector<CrewAction>;

  explicit Crew(CrewOptions options);

  Actions begin(TimePoint now);
  void child_started(unsigned slot, Pid pid, TimePoint now);
  /// No process could be made for the slot; counts as a crash.
  Actions start_failed(unsigned slot, TimePoint now);
  Actions child_ready(Pid pid, TimePoint now);
  Actions child_exited(Pid pid, Ending ending, TimePoint now);
  Actions tick(TimePoint now);

  /// Replaces all, one after another; asked again meanwhile, once more after that.
  Actions roll(TimePoint now);
  /// Drains all and ends. A second time: kills all.
  Actions stop(TimePoint now);
  /// Drains all and ends, while a successor accepts from the same sockets.
  Actions retire(TimePoint now);
  /// While a successor gets ready nothing is started: it counts the starts already. false: it gave up.
  Actions hold(bool held, TimePoint now);

  bool finished() const;
  /// Once finished: 0 after a clean end.
  int exit_code() const { return exit_code_; }
  bool stopping() const { return stopping_; }
  bool all_were_ready() const { return all_ready_; }
  bool rolling() const { return rolling_at_.has_value(); }
  std::optional<TimePoint> next_deadline() const;

  std::vector<ChildView> view() const;
  /// What the next start of each slot will be called.
  std::vector<std::uint8_t> const& incarnations() const { return incarnations_; }

 private:
  struct Child {
    unsigned slot = 0;
    Pid pid = 0;
    ChildState state = ChildState::starting;
    TimePoint started;
    std::optional<TimePoint> deadline;  // to be ready, or to be gone; nothing: none, or killed already
  };
  /// A child that is gone, and what it was among those of its slot.
  struct Lost {
    Child child;
    bool was_successor = false;  // of one that still serves
    bool was_replaced = false;   // or told to drain: nobody misses it
  };
  struct Slot {
    BackOff back_off;
    std::optional<TimePoint> restart_at;
    unsigned restarts = 0;
    bool was_ready = false;
    bool ended = false;
  };

  Child* find(Pid pid);
  // Children of a slot in the order of their starts; what drains is on its way out and does not count.
  bool has_older(Child const& child) const;
  bool has_newer(Child const& child) const;

  void start(unsigned slot, Actions& out);
  void drain(Child& child, bool others_accept, TimePoint now, Actions& out);
  void drain_all(bool others_accept, TimePoint now, Actions& out);
  void on_ended(Lost const& lost, Actions& out);
  void on_crashed(Lost const& lost, Ending ending, TimePoint now, Actions& out);
  bool ends_everything(Child const& child, Ending ending) const;
  Duration restart_later(unsigned slot, Duration lived, TimePoint now);
  void check_all_ready(Actions& out);

  // The roll: for each slot a successor is started; when it is ready the old one drains; when that has ended comes the
  // next slot.
  void go_on_rolling(Actions& out);
  void roll_slot(unsigned slot, Actions& out);
  void stop_roll(Actions& out);

  CrewOptions const options_;
  std::vector<Slot> slots_;
  std::vector<std::uint8_t> incarnations_;
  std::deque<Child> children_;
  std::optional<unsigned> rolling_at_;
  bool roll_wanted_ = false;
  bool all_ready_ = false;
  bool held_ = false;
  bool stopping_ = false;
  bool told_to_stop_ = false;
  int exit_code_ = 0;
};

}  // namespace chorus::app
