// Person: who somebody is, as everybody may see it.
#pragma once
#include <cstddef>
#include <string>

#include "chorus/args.hpp"

namespace chorus::app {

inline constexpr std::size_t user_id_bytes_max = 128;
inline constexpr std::size_t name_bytes_max = 128;  ///< of a first or last name; what is longer is cut

/// A value. `id` is the user's address; it is what tokens and dispatches name.
struct Person {
  std::string id;
  std::string first_name;
  std::string last_name;

  bool operator==(Person const&) const = default;
};

/// What one device of a person keeps with its socket, and what everybody learns of it (Device::info_json).
struct Visitor {
  Person person;
  std::string kind;  ///< "phone" or "desktop"
};

}  // namespace chorus::app

template <>
inline constexpr auto chorus::fields<chorus::app::Person> = std::tuple{
    chorus::field("id", &chorus::app::Person::id), chorus::field("firstName", &chorus::app::Person::first_name),
    chorus::field("lastName", &chorus::app::Person::last_name)};
template <>
inline constexpr auto chorus::fields<chorus::app::Visitor> = std::tuple{
    chorus::field("person", &chorus::app::Visitor::person), chorus::field("kind", &chorus::app::Visitor::kind)};
