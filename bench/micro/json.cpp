// JSON: the one pass that validates, and strings both ways.
#include <string>

#include "base/json.hpp"
#include "micro/measure.hpp"

namespace chorus::bench {
namespace {

/// Objects, numbers and short strings, about `size` bytes of them.
std::string document(std::size_t size) {
  std::string text = "[";
  while (text.size() < size) {
    if (text.size() > 1) text += ',';
    text += R"({"id":48151623,"name":"Ada","score":-12.5e3,"tags":["a","b"],"ok":true,"next":null})";
  }
  return text + "]";
}

std::string quoted(std::size_t size) { return '"' + std::string(size - 2, 'x') + '"'; }

/// A quote in each ten bytes.
std::string with_quotes(std::size_t size) {
  std::string text;
  while (text.size() + 10 <= size) text += "012345678\"";
  return text + std::string(size - text.size(), 'x');
}

void validate(std::string const& name, std::string const& text) {
  measure_bytes("json: validate " + name, text.size(), [text] { return [text] { keep(json::scan_value(text, 0)); }; });
}

void write(std::string const& name, std::string const& text) {
  measure_bytes("json: write " + name, text.size(), [text] {
    return [text, out = std::string()]() mutable {
      out.clear();
      json::append_string(out, text);
      keep(out);
    };
  });
}

}  // namespace

void add_json() {
  validate("a string of 32 B", quoted(32));
  validate("a string of 1 KiB", quoted(1024));
  validate("a document of 1 KiB", document(1024));
  validate("a document of 15 KiB", document(15 * 1024));
  validate("512 arrays inside each other", std::string(512, '[') + std::string(512, ']'));
  write("a string of 1 KiB", std::string(1024, 'x'));
  write("a string of 1 KiB with 102 quotes", with_quotes(1024));
  measure_bytes("json: read a string of 1 KiB", 1024,
                [] { return [text = quoted(1024)] { keep(json::to_string(text)); }; });
  measure("json: read an integer", [] { return [] { keep(json::to_int64("1732276800123")); }; });
}

}  // namespace chorus::bench
