#include "load/cpu_meter.hpp"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unordered_map>

namespace load {
namespace {

struct Stat {
  pid_t parent = 0;
  std::uint64_t ticks = 0;
  std::uint64_t pages = 0;
};

/// proc(5), /proc/pid/stat: the fields behind the name, which may itself hold spaces and brackets.
std::optional<Stat> read_stat(std::string const& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::string line;
  if (!std::getline(file, line) || line.rfind(')') == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  Stat stat;
  std::string skipped;
  fields >> skipped >> stat.parent;  // 3 state, 4 ppid
  for (int field = 5; field < 14; ++field) fields >> skipped;
  std::uint64_t user = 0;
  std::uint64_t system = 0;
  fields >> user >> system;  // 14 utime, 15 stime
  for (int field = 16; field < 24; ++field) fields >> skipped;
  fields >> stat.pages;  // 24 rss
  stat.ticks = user + system;
  return stat;
}

bool is_number(std::string const& name) {
  return std::ranges::all_of(name, [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::unordered_map<pid_t, Stat> all_processes() {
  std::unordered_map<pid_t, Stat> all;
  for (auto const& entry : std::filesystem::directory_iterator("/proc")) {
    std::string const name = entry.path().filename().string();
    if (!is_number(name)) continue;
    if (auto const stat = read_stat(name)) all.emplace(static_cast<pid_t>(std::stol(name)), *stat);
  }
  return all;
}

bool descends(pid_t process, pid_t ancestor, std::unordered_map<pid_t, Stat> const& all) {
  for (auto found = all.find(process); found != all.end(); found = all.find(found->second.parent))
    if (found->first == ancestor) return true;
  return false;
}

std::uint64_t micros_per_tick() { return 1'000'000 / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK)); }

}  // namespace

CpuMeter::Usage CpuMeter::usage() const {
  Usage total;
  bool found = false;
  auto const add = [&](Stat const& stat) {
    total.ticks += stat.ticks;
    total.pages += stat.pages;
    found = true;
  };
  if (scope_ == Scope::process) {
    if (auto const stat = read_stat(std::to_string(id_))) add(*stat);
  } else {
    auto const all = all_processes();
    for (auto const& [process, stat] : all)
      if (descends(process, id_, all)) add(stat);
  }
  if (!found) throw std::runtime_error("process " + std::to_string(id_) + " is gone");
  return total;
}

std::uint64_t CpuMeter::micros() const { return usage().ticks * micros_per_tick(); }

std::uint64_t CpuMeter::resident_bytes() const {
  return usage().pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t machine_micros() {
  std::ifstream file("/proc/stat");
  std::string name;
  std::uint64_t user = 0, nice = 0, system = 0, idle = 0, waiting = 0, interrupts = 0, softly = 0, stolen = 0;
  file >> name >> user >> nice >> system >> idle >> waiting >> interrupts >> softly >> stolen;
  return (user + nice + system + stolen) * micros_per_tick();
}

}  // namespace load
