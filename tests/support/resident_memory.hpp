// What this process has in memory.
#pragma once
#include <cstddef>
#include <fstream>
#include <string>

namespace chorus::testing {

/// Of heaps and stacks, not of files.
inline std::size_t resident_kilobytes() {
  std::ifstream status("/proc/self/status");
  std::size_t kilobytes = 0;
  for (std::string word; status >> word;)
    if (word == "RssAnon:") status >> kilobytes;
  return kilobytes;
}

}  // namespace chorus::testing
