#include "app/supervisor/crew.hpp"

#include <gmock/gmock.h>
#include <signal.h>

#include <sstream>

namespace chorus::app {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

Ending exited(int code) { return {Ending::Kind::exited, code}; }
Ending killed_by(int signal) { return {Ending::Kind::signalled, signal}; }

std::int64_t ms(Duration duration) { return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count(); }

/// An action as a line of the dialogue.
struct Line {
  std::string operator()(StartChild const& a) {
    return "start " + std::to_string(a.slot) + "." + std::to_string(a.incarnation);
  }
  std::string operator()(DrainChild const& a) {
    return std::string(a.others_accept ? "relieve " : "drain ") + std::to_string(a.pid);
  }
  std::string operator()(KillChild const& a) { return "kill " + std::to_string(a.pid); }
  std::string operator()(ChildCrashed const& a) {
    auto const how = a.ending.kind == Ending::Kind::exited ? " code " : " signal ";
    return "crashed " + std::to_string(a.pid) + how + std::to_string(a.ending.number) +
           (a.again_after ? " again in " + std::to_string(ms(*a.again_after)) : std::string());
  }
  std::string operator()(ChildEnded const& a) { return "ended " + std::to_string(a.pid); }
  std::string operator()(ChildIsReady const& a) { return "ready " + std::to_string(a.pid); }
  std::string operator()(ChildTooSlow const& a) { return "too slow " + std::to_string(a.pid); }
  std::string operator()(AllReady) { return "all ready"; }
  std::string operator()(RollBegun) { return "roll"; }
  std::string operator()(RollDone) { return "rolled"; }
  std::string operator()(RollStopped const& a) { return "roll stopped at " + std::to_string(a.slot); }
};

using Lines = std::vector<std::string>;

/// A crew whose processes get the pids 100, 101, ... in the order of their starts, and time that moves when told to.
class CrewTest : public testing::Test {
 protected:
  void make(CrewOptions options) { crew_.emplace(std::move(options)); }
  Lines begin(unsigned slots = 2) {
    if (!crew_) make({.slots = slots});
    return perform(crew_->begin(now_));
  }
  /// All ready: pids 100 and 101.
  void run_two() {
    begin();
    ready(100);
    ready(101);
  }

  Lines ready(Pid pid) { return perform(crew_->child_ready(pid, now_)); }
  Lines exits(Pid pid, Ending ending) { return perform(crew_->child_exited(pid, ending, now_)); }
  Lines after(Duration time) {
    now_ += time;
    return perform(crew_->tick(now_));
  }
  Lines roll() { return perform(crew_->roll(now_)); }
  Lines stop() { return perform(crew_->stop(now_)); }

  Lines perform(Crew::Actions const& actions) {
    Lines lines;
    for (auto const& action : actions) {
      lines.push_back(std::visit(Line{}, action));
      if (auto const* start = std::get_if<StartChild>(&action)) crew_->child_started(start->slot, next_pid_++, now_);
    }
    return lines;
  }
  Lines states() const {
    Lines lines;
    for (auto const& v : crew_->view())
      lines.push_back(std::to_string(v.slot) + " " + (v.pid ? std::to_string(*v.pid) + " " : std::string()) +
                      std::string(to_text(v.state)));
    return lines;
  }

  std::optional<Crew> crew_;
  TimePoint now_{1h};
  Pid next_pid_ = 100;
};

TEST_F(CrewTest, starts_one_process_a_slot_and_says_once_when_all_are_ready) {
  EXPECT_THAT(begin(), ElementsAre("start 0.0", "start 1.0"));
  EXPECT_THAT(states(), ElementsAre("0 100 starting", "1 101 starting"));
  EXPECT_THAT(ready(101), ElementsAre("ready 101"));
  EXPECT_FALSE(crew_->all_were_ready());
  EXPECT_THAT(ready(100), ElementsAre("ready 100", "all ready"));
  EXPECT_TRUE(crew_->all_were_ready());
  EXPECT_THAT(ready(100), IsEmpty()) << "told twice";
  EXPECT_THAT(ready(7), IsEmpty()) << "a stranger";
  EXPECT_EQ(crew_->next_deadline(), std::nullopt);
  EXPECT_FALSE(crew_->finished());
}

TEST_F(CrewTest, replaces_what_crashed_at_once_when_it_had_lived_long) {
  run_two();
  after(11s);
  EXPECT_THAT(exits(100, killed_by(SIGKILL)), ElementsAre("crashed 100 signal 9 again in 0"));
  EXPECT_THAT(states(), ElementsAre("0 waiting to be restarted", "1 101 ready"));
  EXPECT_EQ(crew_->next_deadline(), now_);
  EXPECT_THAT(after(0s), ElementsAre("start 0.1"));
  EXPECT_THAT(ready(102), ElementsAre("ready 102"));
  EXPECT_EQ(crew_->view()[0].restarts, 1u);
}

TEST_F(CrewTest, waits_longer_and_longer_in_a_crash_loop) {
  run_two();
  EXPECT_THAT(exits(100, exited(3)), ElementsAre("crashed 100 code 3 again in 100"));
  EXPECT_EQ(crew_->next_deadline(), now_ + 100ms);
  EXPECT_THAT(after(99ms), IsEmpty());
  EXPECT_THAT(after(1ms), ElementsAre("start 0.1"));
  EXPECT_THAT(exits(102, killed_by(SIGSEGV)), ElementsAre("crashed 102 signal 11 again in 200"));
  after(200ms);
  EXPECT_THAT(exits(103, exited(1)), ElementsAre("crashed 103 code 1 again in 400"))
      << "it had been ready once: a later failure to start is no reason to end";
  for (int crash = 0; crash < 10; ++crash) {
    after(10s);
    exits(next_pid_ - 1, exited(3));
  }
  EXPECT_EQ(crew_->next_deadline(), now_ + 10s);
}

TEST_F(CrewTest, leaves_alone_what_ended_on_purpose_and_ends_when_all_have) {
  run_two();
  EXPECT_THAT(exits(100, exited(0)), ElementsAre("ended 100"));
  EXPECT_EQ(crew_->next_deadline(), std::nullopt);
  EXPECT_THAT(states(), ElementsAre("0 ended on purpose", "1 101 ready"));
  EXPECT_FALSE(crew_->finished());
  exits(101, exited(0));
  EXPECT_TRUE(crew_->finished());
  EXPECT_EQ(crew_->exit_code(), 0);
}

TEST_F(CrewTest, gives_up_when_a_process_cannot_start_at_the_beginning) {
  begin();
  ready(100);
  EXPECT_THAT(exits(101, exited(exit_cannot_start)), ElementsAre("crashed 101 code 1", "drain 100"));
  EXPECT_FALSE(crew_->finished());
  exits(100, exited(0));
  EXPECT_TRUE(crew_->finished());
  EXPECT_EQ(crew_->exit_code(), 1);
}

TEST_F(CrewTest, tries_again_what_crashes_at_the_beginning) {
  begin(1);
  EXPECT_THAT(exits(100, killed_by(SIGABRT)), ElementsAre("crashed 100 signal 6 again in 100"));
  EXPECT_THAT(after(100ms), ElementsAre("start 0.1"));
  EXPECT_THAT(ready(101), ElementsAre("ready 101", "all ready"));
}

TEST_F(CrewTest, gives_up_on_anything_at_the_beginning_when_somebody_else_still_serves) {
  make({.slots = 2, .incarnations = {4}, .ready_limit = 5s, .all_or_nothing = true});
  EXPECT_THAT(begin(), ElementsAre("start 0.4", "start 1.0"));
  ready(100);
  EXPECT_THAT(after(5s), ElementsAre("too slow 101", "kill 101"));
  EXPECT_THAT(exits(101, killed_by(SIGKILL)), ElementsAre("crashed 101 signal 9", "drain 100"));
  exits(100, exited(0));
  EXPECT_TRUE(crew_->finished());
  EXPECT_EQ(crew_->exit_code(), 1);
}

TEST_F(CrewTest, counts_the_starts_of_a_slot_in_a_byte_and_keeps_counts_it_has_no_slot_for) {
  make({.slots = 1, .incarnations = {255, 9}});
  EXPECT_THAT(begin(), ElementsAre("start 0.255"));
  ready(100);
  after(11s);
  exits(100, exited(3));
  EXPECT_THAT(after(0s), ElementsAre("start 0.0"));
  EXPECT_THAT(crew_->incarnations(), ElementsAre(1, 9));
}

TEST_F(CrewTest, treats_a_start_that_fails_as_a_crash) {
  run_two();
  exits(100, exited(3));
  auto const actions = crew_->tick(now_ += 100ms);
  ASSERT_EQ(actions.size(), 1u);
  EXPECT_THAT(perform(crew_->start_failed(0, now_)), ElementsAre("crashed 0 code 1 again in 200"));
}

TEST_F(CrewTest, kills_what_does_not_become_ready_and_starts_it_again) {
  begin(1);
  EXPECT_EQ(crew_->next_deadline(), now_ + 30s);
  EXPECT_THAT(after(30s), ElementsAre("too slow 100", "kill 100"));
  EXPECT_THAT(after(30s), IsEmpty()) << "once";
  EXPECT_THAT(exits(100, killed_by(SIGKILL)), ElementsAre("crashed 100 signal 9 again in 0"));
}

// ---- stop

TEST_F(CrewTest, drains_all_when_told_to_stop_and_ends_with_the_last) {
  run_two();
  EXPECT_THAT(stop(), ElementsAre("drain 100", "drain 101"));
  EXPECT_THAT(states(), ElementsAre("0 100 draining", "1 101 draining"));
  EXPECT_THAT(exits(100, exited(0)), ElementsAre("ended 100"));
  EXPECT_FALSE(crew_->finished());
  EXPECT_THAT(exits(101, exited(3)), ElementsAre("crashed 101 code 3")) << "said, and not started again";
  EXPECT_TRUE(crew_->finished());
  EXPECT_EQ(crew_->exit_code(), 0);
}

TEST_F(CrewTest, kills_what_drains_longer_than_its_limit_and_a_grace) {
  run_two();
  stop();
  exits(100, exited(0));
  EXPECT_EQ(crew_->next_deadline(), now_ + 15s);
  EXPECT_THAT(after(14999ms), IsEmpty());
  EXPECT_THAT(after(1ms), ElementsAre("too slow 101", "kill 101"));
  exits(101, killed_by(SIGKILL));
  EXPECT_TRUE(crew_->finished());
}

TEST_F(CrewTest, kills_all_when_told_to_stop_twice) {
  run_two();
  stop();
  EXPECT_THAT(stop(), ElementsAre("kill 100", "kill 101"));
  exits(100, killed_by(SIGKILL));
  exits(101, killed_by(SIGKILL));
  EXPECT_TRUE(crew_->finished());
  EXPECT_EQ(crew_->exit_code(), 1);
}

TEST_F(CrewTest, forgets_restarts_when_told_to_stop) {
  run_two();
  exits(100, exited(3));
  EXPECT_THAT(stop(), ElementsAre("drain 101"));
  EXPECT_THAT(after(200ms), IsEmpty());
  exits(101, exited(0));
  EXPECT_TRUE(crew_->finished());
}

TEST_F(CrewTest, stops_what_is_still_starting) {
  begin(1);
  EXPECT_THAT(stop(), ElementsAre("drain 100"));
  EXPECT_THAT(ready(100), IsEmpty()) << "too late";
  EXPECT_THAT(exits(100, killed_by(SIGTERM)), ElementsAre("crashed 100 signal 15"));
  EXPECT_TRUE(crew_->finished());
}

// ---- the roll

TEST_F(CrewTest, replaces_all_one_after_another) {
  run_two();
  EXPECT_THAT(roll(), ElementsAre("roll", "start 0.1"));
  EXPECT_THAT(states(), ElementsAre("0 100 ready", "0 102 starting", "1 101 ready"));
  EXPECT_THAT(ready(102), ElementsAre("ready 102", "relieve 100"));
  EXPECT_EQ(crew_->next_deadline(), now_ + linger_time + 15s);
  EXPECT_THAT(exits(100, exited(0)), ElementsAre("ended 100", "start 1.1"));
  EXPECT_THAT(ready(103), ElementsAre("ready 103", "relieve 101"));
  EXPECT_THAT(exits(101, exited(0)), ElementsAre("ended 101", "rolled"));
  EXPECT_THAT(states(), ElementsAre("0 102 ready", "1 103 ready"));
  EXPECT_FALSE(crew_->rolling());
  EXPECT_EQ(crew_->view()[0].restarts, 0u) << "nothing crashed";
}

TEST_F(CrewTest, keeps_the_old_ones_when_a_successor_does_not_become_ready) {
  run_two();
  roll();
  EXPECT_THAT(after(30s), ElementsAre("too slow 102", "kill 102"));
  EXPECT_THAT(exits(102, killed_by(SIGKILL)), ElementsAre("crashed 102 signal 9", "roll stopped at 0"));
  EXPECT_THAT(states(), ElementsAre("0 100 ready", "1 101 ready"));
  EXPECT_EQ(crew_->next_deadline(), std::nullopt);
  EXPECT_THAT(roll(), ElementsAre("roll", "start 0.2")) << "it may be tried again";
}

TEST_F(CrewTest, keeps_the_old_ones_when_a_successor_crashes_or_ends) {
  for (auto const ending : {exited(1), killed_by(SIGSEGV), exited(0)}) {
    crew_.reset();
    next_pid_ = 100;
    run_two();
    roll();
    auto const lines = exits(102, ending);
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[1], "roll stopped at 0");
    EXPECT_THAT(states(), ElementsAre("0 100 ready", "1 101 ready"));
  }
}

TEST_F(CrewTest, goes_on_with_the_successor_when_the_old_one_crashes_meanwhile) {
  run_two();
  roll();
  EXPECT_THAT(exits(100, killed_by(SIGKILL)), ElementsAre("crashed 100 signal 9"));
  EXPECT_THAT(ready(102), ElementsAre("ready 102", "start 1.1"));
}

TEST_F(CrewTest, restarts_the_slot_when_old_and_successor_both_crash) {
  run_two();
  roll();
  exits(100, killed_by(SIGKILL));
  EXPECT_THAT(exits(102, exited(3)), ElementsAre("crashed 102 code 3 again in 100", "roll stopped at 0"));
  EXPECT_THAT(after(100ms), ElementsAre("start 0.2"));
}

TEST_F(CrewTest, stops_the_roll_when_a_successor_crashes_after_it_was_ready) {
  run_two();
  roll();
  ready(102);
  EXPECT_THAT(exits(102, exited(3)), ElementsAre("crashed 102 code 3 again in 100", "roll stopped at 0"));
  EXPECT_THAT(exits(100, exited(0)), ElementsAre("ended 100"));
  EXPECT_THAT(after(100ms), ElementsAre("start 0.2"));
}

TEST_F(CrewTest, kills_an_old_one_that_does_not_end_and_goes_on) {
  run_two();
  roll();
  ready(102);
  EXPECT_THAT(after(15s + linger_time), ElementsAre("too slow 100", "kill 100"));
  EXPECT_THAT(exits(100, killed_by(SIGKILL)), ElementsAre("crashed 100 signal 9", "start 1.1"));
}

TEST_F(CrewTest, rolls_once_more_when_asked_again_meanwhile_and_waits_for_the_first_start) {
  begin(1);
  EXPECT_THAT(roll(), IsEmpty());
  EXPECT_THAT(ready(100), ElementsAre("ready 100", "all ready", "roll", "start 0.1"));
  EXPECT_THAT(roll(), IsEmpty());
  EXPECT_THAT(roll(), IsEmpty());
  ready(101);
  EXPECT_THAT(exits(100, exited(0)), ElementsAre("ended 100", "rolled", "roll", "start 0.2"));
}

TEST_F(CrewTest, passes_over_what_ended_on_purpose_and_starts_what_waits) {
  run_two();
  exits(100, exited(0));
  exits(101, exited(3));
  EXPECT_THAT(roll(), ElementsAre("roll", "start 1.1"));
  EXPECT_THAT(after(100ms), IsEmpty()) << "it is started already";
  EXPECT_THAT(ready(102), ElementsAre("ready 102", "rolled"));
}

TEST_F(CrewTest, drains_old_and_new_when_told_to_stop_in_a_roll) {
  run_two();
  roll();
  EXPECT_THAT(stop(), ElementsAre("drain 100", "drain 101", "drain 102"));
  for (Pid const pid : {100, 101, 102}) exits(pid, exited(0));
  EXPECT_TRUE(crew_->finished());
  EXPECT_EQ(crew_->exit_code(), 0);
}

// ---- handing over

TEST_F(CrewTest, starts_nothing_while_a_successor_gets_ready) {
  run_two();
  perform(crew_->hold(true, now_));
  exits(100, killed_by(SIGKILL));
  EXPECT_THAT(after(1s), IsEmpty());
  EXPECT_THAT(roll(), IsEmpty());
  EXPECT_EQ(crew_->next_deadline(), std::nullopt);
  EXPECT_THAT(perform(crew_->hold(false, now_)), ElementsAre("start 0.1", "roll", "start 0.2"));
}

TEST_F(CrewTest, retires_in_favour_of_a_successor) {
  run_two();
  perform(crew_->hold(true, now_));
  EXPECT_THAT(perform(crew_->retire(now_)), ElementsAre("relieve 100", "relieve 101"));
  EXPECT_THAT(stop(), ElementsAre("drain 100", "drain 101")) << "the first signal after that is no kill";
  exits(100, exited(0));
  exits(101, exited(0));
  EXPECT_TRUE(crew_->finished());
  EXPECT_EQ(crew_->exit_code(), 0);
}

}  // namespace
}  // namespace chorus::app
