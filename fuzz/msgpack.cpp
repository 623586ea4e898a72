// Any bytes as MessagePack: what becomes JSON is valid, and goes back and forth without a change.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "base/json.hpp"
#include "base/msgpack_reader.hpp"
#include "base/utf8.hpp"
#include "socket/msgpack_json.hpp"

namespace {

using chorus::Bytes;
namespace json = chorus::json;
namespace msgpack = chorus::msgpack;
using namespace chorus::socket;

constexpr MsgpackLimits limits{.depth_max = 40, .attachments_max = 5};

/// The tokens of a value are as many as skip() passes over.
void check_reader(Bytes message) {
  msgpack::Reader skipping(message);
  auto const value = skipping.skip();
  if (!value) return;
  msgpack::Reader walking(*value);
  std::size_t due = 1;
  for (; due > 0; --due) {
    auto const token = walking.next();
    CHORUS_CHECK(token, "a value that was skipped can be walked");
    due += token->kind == msgpack::Kind::map ? 2 * token->count : token->count;
  }
  CHORUS_CHECK(walking.at_end(), "to its end");
}

void check_conversion(Bytes message) {
  auto const first = json_of_msgpack(message, limits);
  if (!first) return;
  CHORUS_CHECK(chorus::is_utf8(first->text) && json::is_valid(first->text), "what is converted is valid JSON");
  CHORUS_CHECK(first->attachments.size() <= limits.attachments_max, "attachments are limited");
  constexpr std::size_t placeholder_max = 40;
  CHORUS_CHECK(first->text.size() <= 6 * message.size() + placeholder_max * first->attachments.size(),
               "the text is bounded by the message");
  std::string again;
  std::vector<Bytes> const attachments(first->attachments.begin(), first->attachments.end());
  CHORUS_CHECK(append_msgpack(again, first->text, attachments, limits), "it can be written");
  auto const second = json_of_msgpack(again, limits);
  CHORUS_CHECK(second, "and read");
  CHORUS_CHECK(second->text == first->text && second->attachments == first->attachments, "as the same");

  auto const list = json_list_of_msgpack(message, limits);
  bool const is_array = msgpack::Reader(message).next()->kind == msgpack::Kind::array;
  CHORUS_CHECK(list.has_value() == is_array, "an array is a list");
  if (list) CHORUS_CHECK('[' + list->text + ']' == first->text, "without its brackets");
}

/// Text that was never looked at: written whole or not at all.
void check_unchecked_text(Bytes text) {
  std::vector<Bytes> const attachments = {"", "one"};
  for (std::size_t count = 0; count <= attachments.size(); ++count) {
    std::string out = "x";
    if (!append_msgpack(out, text, std::span(attachments).first(count), limits)) {
      CHORUS_CHECK(out == "x", "nothing is left of what failed");
      continue;
    }
    Bytes const written = Bytes(out).substr(1);
    msgpack::Reader reader(written);
    CHORUS_CHECK(reader.skip() == written, "one whole value");
    if (chorus::is_utf8(text) && json::is_valid(text)) {
      CHORUS_CHECK(json_of_msgpack(written, limits), "valid JSON comes back");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size > 4096) return 0;
  Bytes const message(reinterpret_cast<char const*>(data), size);
  check_reader(message);
  check_conversion(message);
  check_unchecked_text(message);
  return 0;
}
