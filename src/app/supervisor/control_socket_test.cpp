#include "app/supervisor/control_socket.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace chorus::app {
namespace {

namespace fs = std::filesystem;

class ControlSocketTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "chorus_control_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = folder_ + "/7999.sock";
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string folder_, path_;
};

TEST_F(ControlSocketTest, is_found_while_it_lives) {
  EXPECT_FALSE(connect_to_control(path_));
  {
    auto socket = ControlSocket::put_at(path_);
    EXPECT_FALSE(socket.accept());
    auto asker = connect_to_control(path_);
    ASSERT_TRUE(asker);
    auto asked = socket.accept();
    ASSERT_TRUE(asked);
    EXPECT_TRUE(asker->send("hello"));
    EXPECT_EQ(asked->receive().text, "hello");
  }
  EXPECT_FALSE(connect_to_control(path_));
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(ControlSocketTest, takes_the_place_of_a_dead_one) {
  std::ofstream(path_) << "left behind";
  auto socket = ControlSocket::put_at(path_);
  EXPECT_TRUE(connect_to_control(path_));
}

TEST_F(ControlSocketTest, leaves_its_successors_file_alone) {
  std::optional<ControlSocket> old(ControlSocket::put_at(path_));
  auto next = ControlSocket::put_at(path_);
  old.reset();
  EXPECT_TRUE(connect_to_control(path_));
  EXPECT_TRUE(next.accept());
}

TEST_F(ControlSocketTest, says_why_it_cannot_be_made) {
  EXPECT_THROW(ControlSocket::put_at(folder_ + "/nowhere/7999.sock"), std::runtime_error);
  EXPECT_THROW(ControlSocket::put_at(folder_ + "/" + std::string(200, 'x')), std::runtime_error);
  EXPECT_FALSE(connect_to_control(folder_ + "/" + std::string(200, 'x')));
}

}  // namespace
}  // namespace chorus::app
