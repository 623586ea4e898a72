// What the server itself has measured of its answers.
#pragma once
#include <optional>
#include <string_view>

#include "load/client.hpp"
#include "load/histogram.hpp"

namespace load {

/// From when a client's words could have been read to when their answer was written, out of the answer to the request
/// below; nothing: that is none.
std::optional<Quantiles> read_answer_times(std::string_view http_answer);

/// Those since it was last asked: POST /answer-times, which the bench server knows. Waits for the answer, 10 seconds at
/// most. Throws std::runtime_error when there is none.
Quantiles take_answer_times(Target const& target);

}  // namespace load
