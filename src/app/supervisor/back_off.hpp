// BackOff: how long to wait before what crashed is started again.
#pragma once
#include "base/time.hpp"

namespace chorus::app {

/// A value; of one process, from crash to crash.
class BackOff {
 public:
  /// What lived longer is no crash loop: it is started again at once.
  static constexpr Duration settled_after = std::chrono::seconds(10);
  static constexpr Duration first_delay = std::chrono::milliseconds(100);
  static constexpr Duration delay_max = std::chrono::seconds(10);

  /// The delay after a crash of what had lived for `lived`: none, or the double of the last one.
  Duration next(Duration lived);

 private:
  Duration last_{};
};

}  // namespace chorus::app
