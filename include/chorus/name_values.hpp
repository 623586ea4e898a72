// NameValues: a request's headers, or its query parameters.
#pragma once
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <utility>

namespace chorus {

/// A list of names and values in one piece of memory, since every session keeps what its client brought, and most of it
/// is never looked at. A view: what it shows lives as long as whoever gave it. In the order of the request; a name may
/// come several times.
///
/// A list may lean on another text, its base, for what both have in common; src/socket/packed_list.hpp makes them.
class NameValues {
 public:
  /// A name and its value.
  using value_type = std::pair<std::string_view, std::string_view>;

  /// What the base's names and values are taken from, one for each entry of the list.
  enum class Base : std::uint8_t {
    none,          ///< the list has its own names and values
    list,          ///< a list without a base
    query_string,  ///< the query of a URL, as it came
  };

  NameValues() = default;
  /// For Chorus itself.
  explicit NameValues(std::string_view packed) : packed_(packed) {}
  NameValues(std::string_view packed, Base kind, std::string_view base) : packed_(packed), base_(base), kind_(kind) {}

  /// For Chorus itself: what a range-based for goes through.
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = NameValues::value_type;
    using difference_type = std::ptrdiff_t;
    using pointer = value_type const*;
    using reference = value_type;

    Iterator() = default;
    value_type operator*() const { return pair_; }
    Iterator& operator++() {
      read();
      return *this;
    }
    Iterator operator++(int) {
      auto const before = *this;
      ++*this;
      return before;
    }
    bool operator==(Iterator const& other) const { return at_ == other.at_; }

   private:
    friend class NameValues;
    Iterator(std::string_view packed, Base kind, std::string_view base) : left_(packed), base_(base), kind_(kind) {
      read();
    }
    void read();

    char const* at_ = nullptr;  // where the entry of `pair_` begins
    std::string_view left_;     // behind it
    std::string_view base_;     // what the entries behind it lean on
    value_type pair_;
    Base kind_ = Base::none;
  };
  /// For Chorus itself.
  Iterator begin() const { return {packed_, kind_, base_}; }
  /// For Chorus itself.
  Iterator end() const { return {packed_.substr(packed_.size()), kind_, {}}; }
  /// It has none.
  bool empty() const { return packed_.empty(); }

 private:
  std::string_view packed_;
  std::string_view base_;
  Base kind_ = Base::none;
};

}  // namespace chorus
