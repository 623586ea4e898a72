// NameValues: a request's headers, or its query parameters.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace chorus {

/// A list of names and values in one piece of memory, since every session keeps what its client brought, and most of it
/// is never looked at. A view: what it shows lives as long as whoever gave it. In the order of the request; a name may
/// come several times.
class NameValues {
 public:
  using value_type = std::pair<std::string_view, std::string_view>;

  NameValues() = default;
  /// Of what append() has made.
  explicit NameValues(std::string_view packed) : packed_(packed) {}
  static void append(std::string& packed, std::string_view name, std::string_view value) {
    append_size(packed, name.size());
    append_size(packed, value.size());
    packed.append(name).append(value);
  }

  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = NameValues::value_type;
    using difference_type = std::ptrdiff_t;
    using pointer = value_type const*;
    using reference = value_type;

    Iterator() = default;
    explicit Iterator(char const* at) : at_(at) {}
    value_type operator*() const {
      char const* const name = at_ + 2 * sizeof(Size);
      return {{name, size_at(0)}, {name + size_at(0), size_at(1)}};
    }
    Iterator& operator++() {
      at_ += 2 * sizeof(Size) + size_at(0) + size_at(1);
      return *this;
    }
    Iterator operator++(int) {
      auto const before = *this;
      ++*this;
      return before;
    }
    bool operator==(Iterator const&) const = default;

   private:
    std::size_t size_at(std::size_t index) const {
      Size size;
      std::memcpy(&size, at_ + index * sizeof size, sizeof size);
      return size;
    }
    char const* at_ = nullptr;
  };
  Iterator begin() const { return Iterator(packed_.data()); }
  Iterator end() const { return Iterator(packed_.data() + packed_.size()); }
  bool empty() const { return packed_.empty(); }

 private:
  using Size = std::uint32_t;  // a request's head and its parts are smaller by far (http::Limits)

  static void append_size(std::string& packed, std::size_t size) {
    auto const written = static_cast<Size>(size);
    packed.append(reinterpret_cast<char const*>(&written), sizeof written);
  }

  std::string_view packed_;
};

}  // namespace chorus
