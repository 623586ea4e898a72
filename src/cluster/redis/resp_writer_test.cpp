#include "cluster/redis/resp_writer.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace chorus::cluster::redis {
namespace {

using namespace std::string_literals;

TEST(RespWriter, appends_a_command_behind_what_is_there) {
  std::string out = "before";
  append_command(out, {"PUBLISH", "news", "hello"});
  EXPECT_EQ(out, "before*3\r\n$7\r\nPUBLISH\r\n$4\r\nnews\r\n$5\r\nhello\r\n");
}

TEST(RespWriter, leaves_any_bytes_as_they_are) {
  std::string out;
  std::vector<std::string> const arguments{"SET", "a\r\nb", "\0$"s, ""};
  append_command(out, arguments);
  EXPECT_EQ(out, "*4\r\n$3\r\nSET\r\n$4\r\na\r\nb\r\n$2\r\n\0$\r\n$0\r\n\r\n"s);
}

TEST(RespWriter, writes_the_length_of_a_long_argument) {
  std::string out;
  append_command(out, {std::string(1'234'567, 'x')});
  EXPECT_EQ(out.substr(0, 15), "*1\r\n$1234567\r\nx");
  EXPECT_EQ(out.size(), 14 + 1'234'567u + 2);
}

}  // namespace
}  // namespace chorus::cluster::redis
