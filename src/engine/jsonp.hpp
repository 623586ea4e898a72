// JSONP: polling by script elements and forms, which clients of Engine.IO's revision 3 use where a page may make no
// requests across origins. Only the bodies differ; a request has the query parameter `j`.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "http/query.hpp"

namespace chorus::engine {

/// Which of the page's callbacks wants the answer: the digits of `j`, as many as fit. Nothing: the request is no JSONP.
std::optional<std::uint32_t> jsonp_index(http::Query const& query);

/// `___eio[7]("<body>");`, valid JavaScript. `body` is valid UTF-8.
std::string jsonp_answer(std::uint32_t index, Bytes body);

/// The payload in a form's field `d`, in which clients write a line feed as `\n` and a `\n` as `\\n`. Without such a
/// field it is a payload without packets.
std::string jsonp_payload(Bytes form);

}  // namespace chorus::engine
