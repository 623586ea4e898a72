// Messages between the processes of an instance: one JSON object each, from and to structs with chorus::fields.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "chorus/args.hpp"

namespace chorus::app {

/// One valid JSON value in valid UTF-8: what an ArgView may look at.
bool is_message(std::string_view text);

template <class T>
std::string to_message(T const& value) {
  return encode_args(value).text();
}

template <class T>
std::optional<T> from_message(std::string_view text) {
  return is_message(text) ? ArgView(text).as<T>() : std::nullopt;
}

/// Bytes as text that JSON and a file name can carry.
std::string to_text_bytes(std::string_view bytes);
std::optional<std::string> from_text_bytes(std::string_view text);

}  // namespace chorus::app
