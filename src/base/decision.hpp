// Decision: an answer that a program's call-back gives, at once or later.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/guarded.hpp"

namespace chorus {

/// Taken once; what comes after is ignored. While the call-back runs, the answer is kept for who called it; behind
/// leave(), it goes to `later`. When the last handle goes without an answer, that is `dropped`.
///
/// Thread: any. Lifetime: of its handles, which may outlive the server: `later` must bear that.
template <class T>
class Decision : public std::enable_shared_from_this<Decision<T>> {
 public:
  using Later = std::function<void(T)>;

  explicit Decision(Later later, T dropped = T()) : later_(std::move(later)), dropped_(std::move(dropped)) {}
  ~Decision() { decide(std::move(dropped_)); }
  Decision(Decision const&) = delete;
  Decision& operator=(Decision const&) = delete;

  void decide(T value) {
    bool const is_late = state_.with([&](State& state) {
      if (std::exchange(state.taken, true)) return false;
      if (state.left) return true;
      state.value = std::move(value);
      return false;
    });
    if (is_late) later_(std::move(value));
  }
  /// The call-back has returned: its answer, if it gave one.
  std::optional<T> leave() {
    return state_.with([](State& state) {
      state.left = true;
      return std::exchange(state.value, std::nullopt);
    });
  }
  /// What a handle does with an answer.
  std::function<void(T)> handle() {
    return [self = this->shared_from_this()](T value) { self->decide(std::move(value)); };
  }

 private:
  struct State {
    bool taken = false;
    bool left = false;
    std::optional<T> value;
  };
  Later const later_;
  T dropped_;
  Guarded<State> state_;
};

}  // namespace chorus
