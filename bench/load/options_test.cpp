#include "load/options.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace load {
namespace {

Options parse(std::vector<char const*> words) {
  words.insert(words.begin(), "chorus-load");
  return parse_options(static_cast<int>(words.size()), words.data());
}

TEST(Options, keep_one_message_of_each_stream_in_flight_unless_told_otherwise) {
  EXPECT_EQ(parse({"echo"}).window, 1u);
  EXPECT_EQ(parse({"echo"}).rate, 0);
  EXPECT_EQ(parse({"echo", "--window", "16"}).window, 16u);
}

TEST(Options, leave_an_open_loop_room_for_a_server_that_falls_behind) {
  Options const options = parse({"echo", "--rate", "10000"});
  EXPECT_EQ(options.rate, 10'000);
  EXPECT_EQ(options.window, 256u);
  EXPECT_EQ(parse({"echo", "--rate", "0.5", "--window", "4"}).window, 4u);
}

TEST(Options, refuse_what_cannot_be_loaded) {
  for (std::vector<char const*> const& words : std::vector<std::vector<char const*>>{
           {},
           {"nope"},
           {"echo", "--rate", "0"},
           {"echo", "--rate", "-1"},
           {"echo", "--rate", "nan"},
           {"echo", "--rate", "inf"},
           {"echo", "--rate"},
           {"connect", "--rate", "100"},
           {"connect", "--answer-times"},
           {"echo", "--tls", "--answer-times"},
           {"echo", "--window", "0"},
           {"rooms", "--connections", "15"},
           {"users", "--transport", "polling"},
           {"echo", "--size", "8"},
       })
    EXPECT_THROW(parse(words), std::invalid_argument);
}

}  // namespace
}  // namespace load
