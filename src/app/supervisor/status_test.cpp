#include "app/supervisor/status.hpp"

#include <gtest/gtest.h>

namespace chorus::app {
namespace {

TEST(Status, is_a_line_and_a_table) {
  StatusReport const report{.pid = 4700,
                            .version = "1.2.3",
                            .host = "localhost",
                            .port = 7999,
                            .redis = "private",
                            .processes = {{.slot = 0,
                                           .pid = 4711,
                                           .state = "ready",
                                           .age_ms = 62'000,
                                           .restarts = 12,
                                           .connections = 1000,
                                           .sessions = 999,
                                           .users = 500},
                                          {.slot = 1, .state = "waiting to be restarted", .restarts = 3}}};
  EXPECT_EQ(status_table(report),
            "Supervisor: pid 4700, chorus 1.2.3, port 7999 on localhost, Redis: private\n"
            "SLOT  PID   STATE                    AGE    RESTARTS  CONNECTIONS  SESSIONS  USERS\n"
            "0     4711  ready                    1m 2s  12        1000         999       500\n"
            "1     -     waiting to be restarted  -      3         -            -         -\n");
}

TEST(Status, tells_ages_in_two_units) {
  EXPECT_EQ(format_age(999), "999ms");
  EXPECT_EQ(format_age(1'000), "1s");
  EXPECT_EQ(format_age(59'999), "59s");
  EXPECT_EQ(format_age(185'000), "3m 5s");
  EXPECT_EQ(format_age((2 * 60 + 7) * 60'000), "2h 7m");
  EXPECT_EQ(format_age((4 * 24 + 1) * 3'600'000), "4d 1h");
}

}  // namespace
}  // namespace chorus::app
