// The letters that go to other processes of the machine, as bytes (server/letters.hpp has them as values).
//
// Pure. Thread: any. Both ends are the same program, perhaps of two versions during a rolling restart: a first byte
// names the format, and what cannot be read is refused.
#pragma once
#include <optional>
#include <string>
#include <variant>

#include "base/bytes.hpp"
#include "http/request_reader.hpp"
#include "server/letters.hpp"

namespace chorus::server {

/// For one worker of the process that receives it.
template <class Letter>
struct Addressed {
  unsigned worker = 0;
  Letter letter;
};
using RelayedLetter =
    std::variant<Addressed<RequestLetter>, Addressed<GoneLetter>, Addressed<PostLetter>, Addressed<MoveLetter>,
                 AnswerLetter>;  // an answer's worker is in its ticket

std::string encode(Addressed<RequestLetter> const& letter);
std::string encode(Addressed<GoneLetter> const& letter);
std::string encode(Addressed<PostLetter> const& letter);
/// Without its descriptor, which travels beside the bytes.
std::string encode(Addressed<MoveLetter> const& letter);
std::string encode(AnswerLetter const& letter);

/// `limits` hold for the request inside, as they did where it was first read.
std::optional<RelayedLetter> decode_letter(Bytes bytes, http::Limits const& limits);

}  // namespace chorus::server
