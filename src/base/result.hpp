// Result<T, E>: a value or the reason why there is none. A peer's faults travel this way, never as exceptions.
#pragma once
#include <boost/system/result.hpp>

#include "base/check.hpp"

namespace chorus {

/// boost::system::result under our own name: g++ 12 has std::expected only in C++23 mode.
template <class T, class E>
using Result = boost::system::result<T, E>;

}  // namespace chorus

/// An error enum becomes usable in Result<T, Error> with this line, written in the enum's own namespace.
#define CHORUS_ERROR_ENUM(Error)                                                                            \
  [[noreturn, maybe_unused]] inline void throw_exception_from_error(Error, boost::source_location const&) { \
    ::chorus::check_failed("result.has_value()", "value() of a failed Result", __FILE__, __LINE__);         \
  }
