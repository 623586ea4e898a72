#include "app/supervisor/runtime_folder.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace chorus::app {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// A base folder as XDG_RUNTIME_DIR, for as long as it lives.
class RuntimeFolder : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "chorus_runtime_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    base_ = name;
    ::setenv("XDG_RUNTIME_DIR", base_.c_str(), 1);
  }
  void TearDown() override {
    ::unsetenv("XDG_RUNTIME_DIR");
    fs::remove_all(base_);
  }
  static mode_t mode_of(std::string const& path) {
    struct stat found {};
    return ::lstat(path.c_str(), &found) == 0 ? found.st_mode & 07777 : 0;
  }
  std::string error() {
    try {
      make_runtime_folder();
    } catch (std::runtime_error const& why) {
      return why.what();
    }
    return {};
  }

  std::string base_;
};

TEST_F(RuntimeFolder, is_made_for_its_user_alone) {
  auto const folder = make_runtime_folder();
  EXPECT_EQ(folder, base_ + "/chorus");
  EXPECT_EQ(mode_of(folder), 0700u);
  EXPECT_EQ(make_runtime_folder(), folder) << "again";
  EXPECT_TRUE(is_trusted_folder(folder));
  EXPECT_EQ(control_socket_path(folder, 7999), folder + "/7999.sock");
  EXPECT_EQ(make_instance_folder(folder, 7999), folder + "/7999");
  EXPECT_EQ(mode_of(folder + "/7999/relay"), 0700u);
  remove_instance_folder(folder + "/7999");
  EXPECT_TRUE(fs::is_empty(folder));
}

TEST_F(RuntimeFolder, is_closed_when_it_was_open) {
  fs::create_directory(base_ + "/chorus");
  ::chmod((base_ + "/chorus").c_str(), 0777);
  EXPECT_FALSE(is_trusted_folder(base_ + "/chorus"));
  EXPECT_EQ(mode_of(make_runtime_folder()), 0700u);
}

TEST_F(RuntimeFolder, is_refused_when_it_is_a_link_or_a_file) {
  fs::create_directory(base_ + "/elsewhere");
  fs::create_directory_symlink(base_ + "/elsewhere", base_ + "/chorus");
  EXPECT_THAT(error(), HasSubstr("is not a folder"));
  EXPECT_FALSE(is_trusted_folder(base_ + "/chorus"));
}

TEST_F(RuntimeFolder, is_refused_when_it_is_somebody_elses) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make a folder of somebody else";
  fs::create_directory(base_ + "/chorus");
  ASSERT_EQ(::chown((base_ + "/chorus").c_str(), 65534, 65534), 0);
  EXPECT_THAT(error(), HasSubstr("belongs to somebody else (user 65534)"));
}

TEST_F(RuntimeFolder, is_in_tmp_when_the_variable_names_nothing_usable) {
  auto const in_tmp = "/tmp/chorus-" + std::to_string(::geteuid());
  for (auto const* base : {"/nowhere", "relative", ""}) {
    ::setenv("XDG_RUNTIME_DIR", base, 1);
    EXPECT_EQ(runtime_folder_path(), in_tmp);
  }
  ::unsetenv("XDG_RUNTIME_DIR");
  EXPECT_EQ(runtime_folder_path(), in_tmp);
  EXPECT_FALSE(is_trusted_folder("/tmp")) << "anybody may write there";
}

}  // namespace
}  // namespace chorus::app
