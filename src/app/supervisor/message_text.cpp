#include "app/supervisor/message_text.hpp"

#include "base/base64.hpp"
#include "base/json.hpp"
#include "base/utf8.hpp"

namespace chorus::app {

bool is_message(std::string_view text) { return is_utf8(text) && json::scan_value(text, 0) == text.size(); }

std::string to_text_bytes(std::string_view bytes) {
  std::string text;
  append_base64url(text, bytes);
  return text;
}

std::optional<std::string> from_text_bytes(std::string_view text) { return decode_base64(text); }

}  // namespace chorus::app
