#include "app/supervisor/runtime_folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <system_error>

namespace chorus::app {
namespace {

constexpr mode_t ours_alone = 0700;

/// Without following a link: somebody else may have put it into /tmp.
std::optional<struct stat> look_at(std::string const& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return std::nullopt;
  return found;
}

bool is_usable(char const* folder) {
  if (folder == nullptr || *folder != '/') return false;
  struct stat found {};
  return ::stat(folder, &found) == 0 && S_ISDIR(found.st_mode) && found.st_uid == ::geteuid() &&
         ::access(folder, W_OK | X_OK) == 0;
}

void make_private(std::string const& folder) {
  if (::mkdir(folder.c_str(), ours_alone) != 0 && errno != EEXIST)
    throw std::runtime_error("the folder " + folder + " cannot be made: " + std::generic_category().message(errno));
  auto const found = look_at(folder);
  if (!found || !S_ISDIR(found->st_mode)) throw std::runtime_error(folder + " is not a folder; it is needed as one");
  if (found->st_uid != ::geteuid())
    throw std::runtime_error("the folder " + folder + " belongs to somebody else (user " +
                             std::to_string(found->st_uid) + "); set XDG_RUNTIME_DIR to a folder of yours");
  if ((found->st_mode & 07777) != ours_alone && ::chmod(folder.c_str(), ours_alone) != 0)
    throw std::runtime_error("others may enter the folder " + folder +
                             ", and that cannot be changed: " + std::generic_category().message(errno));
}

std::string make_with_relay(std::string folder) {
  make_private(folder);
  make_private(folder + "/relay");
  return folder;
}

}  // namespace

std::string runtime_folder_path() {
  if (char const* const base = std::getenv("XDG_RUNTIME_DIR"); is_usable(base)) return std::string(base) + "/chorus";
  return "/tmp/chorus-" + std::to_string(::geteuid());
}

std::string make_runtime_folder() {
  auto folder = runtime_folder_path();
  make_private(folder);
  return folder;
}

bool is_trusted_folder(std::string const& folder) {
  auto const found = look_at(folder);
  bool const is_root = ::geteuid() == 0;
  return found && S_ISDIR(found->st_mode) && (found->st_uid == ::geteuid() || is_root) &&
         (found->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

std::string make_instance_folder(std::string const& runtime_folder, std::uint16_t port) {
  return make_with_relay(runtime_folder + "/" + std::to_string(port));
}

std::string make_cluster_folder(std::string const& runtime_folder, std::string const& digest) {
  return make_with_relay(runtime_folder + "/cluster-" + digest);
}

void remove_instance_folder(std::string const& folder) {
  ::rmdir((folder + "/relay").c_str());
  ::rmdir(folder.c_str());
}

std::string control_socket_path(std::string const& runtime_folder, std::uint16_t port) {
  return runtime_folder + "/" + std::to_string(port) + ".sock";
}

}  // namespace chorus::app
