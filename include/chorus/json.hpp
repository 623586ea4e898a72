// Optional: nlohmann::json as an argument type. Its binary values are attachments, both ways.
//
// Needs nlohmann/json (https://json.nlohmann.me) on the include path; nothing else of Chorus does.
#pragma once
#include <chorus/args.hpp>
#include <nlohmann/json.hpp>

namespace chorus {

/// Outgoing: any value. Incoming: any but the missing argument and a number too great for a double; integers stay
/// integers, attachments become binary values.
template <>
struct Codec<nlohmann::json> {
  static void encode(ArgsWriter& out, nlohmann::json const& value) {
    using Type = nlohmann::json::value_t;
    switch (value.type()) {
      case Type::boolean:
        return out.boolean(value.get<bool>());
      case Type::number_integer:
        return out.number(value.get<std::int64_t>());
      case Type::number_unsigned:
        return out.number(value.get<std::uint64_t>());
      case Type::number_float:
        return out.number(value.get<double>());
      case Type::string:
        return out.string(value.get_ref<std::string const&>());
      case Type::array:
        return encode_array(out, value);
      case Type::object:
        return encode_object(out, value);
      case Type::binary:
        return encode_binary(out, value.get_binary());
      case Type::null:
      case Type::discarded:
        break;
    }
    out.null();
  }

  /// Nothing for the missing argument and for a number too great for a double. Depth: what the packet was allowed.
  static std::optional<nlohmann::json> decode(ArgView view) {
    switch (view.kind()) {
      case ArgKind::missing:
        return std::nullopt;
      case ArgKind::null:
        return nlohmann::json();
      case ArgKind::boolean:
        return to_json(view.as<bool>());
      case ArgKind::number:
        return decode_number(view);
      case ArgKind::string:
        return to_json(view.as<std::string>());
      case ArgKind::array:
        return decode_array(view);
      case ArgKind::object:
        return decode_object(view);
    }
    return std::nullopt;
  }

 private:
  static void encode_array(ArgsWriter& out, nlohmann::json const& value) {
    ArrayWriter array(out);
    for (auto const& element : value) encode(array.next(), element);
  }

  static void encode_object(ArgsWriter& out, nlohmann::json const& value) {
    ObjectWriter object(out);
    for (auto it = value.begin(); it != value.end(); ++it) encode(object.next(it.key()), it.value());
  }

  static void encode_binary(ArgsWriter& out, nlohmann::json::binary_t const& bytes) {
    out.binary({reinterpret_cast<char const*>(bytes.data()), bytes.size()});
  }

  template <class T>
  static std::optional<nlohmann::json> to_json(std::optional<T> value) {
    if (!value) return std::nullopt;
    return nlohmann::json(std::move(*value));
  }

  /// Integers stay integers, as nlohmann's own parser has it: unsigned unless negative.
  static std::optional<nlohmann::json> decode_number(ArgView view) {
    if (view.raw().find_first_of(".eE") == std::string_view::npos) {
      if (view.raw().front() != '-') {
        if (auto value = view.as<std::uint64_t>()) return nlohmann::json(*value);
      } else if (auto value = view.as<std::int64_t>()) {
        return nlohmann::json(*value);
      }
    }
    return to_json(view.as<double>());
  }

  static std::optional<nlohmann::json> decode_array(ArgView view) {
    auto array = nlohmann::json::array();
    ArrayCursor cursor(view);
    while (auto element = cursor.next()) {
      auto value = decode(*element);
      if (!value) return std::nullopt;
      array.push_back(std::move(*value));
    }
    return array;
  }

  static std::optional<nlohmann::json> decode_object(ArgView view) {
    if (auto const bytes = view.binary()) {
      return nlohmann::json::binary(nlohmann::json::binary_t::container_type(bytes->begin(), bytes->end()));
    }
    auto object = nlohmann::json::object();
    ObjectCursor cursor(view);
    while (auto member = cursor.next()) {
      auto value = decode(member->value);
      if (!value) return std::nullopt;
      object[std::move(member->key)] = std::move(*value);
    }
    return object;
  }
};

}  // namespace chorus
