#include "app/supervisor/back_off.hpp"

#include <algorithm>

namespace chorus::app {

Duration BackOff::next(Duration lived) {
  if (lived > settled_after)
    last_ = Duration::zero();
  else
    last_ = last_ == Duration::zero() ? first_delay : std::min(last_ * 2, delay_max);
  return last_;
}

}  // namespace chorus::app
