// Running: which of the program's handlers a worker is in, for whoever looks from another thread.
#pragma once
#include <atomic>
#include <cstdint>
#include <string>

namespace chorus {

/// Costs a few plain stores a call. Thread: the worker enters and leaves, any looks.
class Running {
 public:
  /// One handler's call; a handler that is called from within another is inside of it.
  class Scope {
   public:
    /// `what`: a literal. `name`: nullptr, or text that lives as long as anybody may look.
    Scope(Running& running, char const* what, std::string const* name)
        : running_(running),
          outer_what_(running.what_.load(std::memory_order_relaxed)),
          outer_name_(running.name_.load(std::memory_order_relaxed)) {
      running_.set(what, name);
    }
    ~Scope() { running_.set(outer_what_, outer_name_); }
    Scope(Scope const&) = delete;
    Scope& operator=(Scope const&) = delete;

   private:
    Running& running_;
    char const* const outer_what_;
    std::string const* const outer_name_;
  };

  struct Seen {
    std::uint64_t count = 0;     ///< another one with each beginning and end of a call
    char const* what = nullptr;  ///< nullptr: no handler runs
    std::string const* name = nullptr;
  };
  /// What runs in the moment; what is told of a call that begins or ends meanwhile may be its neighbour's.
  Seen look() const {
    auto const count = count_.load(std::memory_order_acquire);
    return {count, what_.load(std::memory_order_acquire), name_.load(std::memory_order_acquire)};
  }

 private:
  void set(char const* what, std::string const* name) {
    what_.store(what, std::memory_order_release);
    name_.store(name, std::memory_order_release);
    count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

  std::atomic<std::uint64_t> count_{0};
  std::atomic<char const*> what_{nullptr};
  std::atomic<std::string const*> name_{nullptr};
};

}  // namespace chorus
