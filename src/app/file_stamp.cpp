#include "app/file_stamp.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace chorus::app {

Result<FileStamp, std::string> FileStamp::of(std::string const& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return std::string(std::strerror(errno));
  return FileStamp{facts.st_ino, static_cast<unsigned long long>(facts.st_size), facts.st_mtim.tv_sec,
                   facts.st_mtim.tv_nsec};
}

}  // namespace chorus::app
