#include "app/supervisor/crew_log.hpp"

#include "app/supervisor/processes.hpp"
#include "base/log.hpp"

namespace chorus::app {
namespace {

std::int64_t in_ms(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

/// `code=3`, or `signal=9`; with the signal's name behind it.
LogField how(Ending const& ending) { return {ending.kind == Ending::Kind::exited ? "code" : "signal", ending.number}; }
std::string name_of(Ending const& ending) {
  return ending.kind == Ending::Kind::exited ? "exit" : signal_name(ending.number);
}

struct Writer {
  void operator()(StartChild const&) const {}
  void operator()(DrainChild const&) const {}
  void operator()(KillChild const&) const {}
  void operator()(ChildCrashed const& a) const {
    if (a.again_after)
      log(LogLevel::warning, "process_crashed",
          {{"slot", a.slot},
           {"pid", a.pid},
           how(a.ending),
           {"name", name_of(a.ending)},
           {"again_in_ms", in_ms(*a.again_after)}});
    else
      log(LogLevel::warning, "process_crashed",
          {{"slot", a.slot}, {"pid", a.pid}, how(a.ending), {"name", name_of(a.ending)}});
  }
  void operator()(ChildEnded const& a) const {
    log(LogLevel::info, "process_ended", {{"slot", a.slot}, {"pid", a.pid}, {"code", 0}});
  }
  void operator()(ChildIsReady const& a) const {
    log(LogLevel::info, "process_ready", {{"slot", a.slot}, {"pid", a.pid}});
  }
  void operator()(ChildTooSlow const& a) const {
    log(LogLevel::error, "process_too_slow",
        {{"slot", a.slot}, {"pid", a.pid}, {"state", to_text(a.state)}, {"then", "kill"}});
  }
  void operator()(AllReady) const { log(LogLevel::info, "all_ready"); }
  void operator()(RollBegun) const { log(LogLevel::info, "roll_begun"); }
  void operator()(RollDone) const { log(LogLevel::info, "roll_done"); }
  void operator()(RollStopped const& a) const {
    log(LogLevel::error, "roll_stopped", {{"slot", a.slot}, {"then", "the old processes stay"}});
  }
};

}  // namespace

void log_crew(CrewAction const& action) { std::visit(Writer{}, action); }

}  // namespace chorus::app
