// KeyedSet: a table of elements that hold their own key.
#pragma once
#include <cstddef>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.hpp"

namespace chorus {

/// Pointers (plain or owning) to things that have a name of their own, found by it. Costs 11 to 21 bytes an element,
/// where a std::unordered_map of views costs 56: every session and every socket stands in one of these.
///
/// Open addressing, at most three quarters full, and an eighth at least, so that it is small again when a crowd left.
/// `KeyOf{}(element)` gives the key; an element's key must not change
/// while it is in. Keys are made by the server, or else cannot be chosen by clients: nobody can make them collide.
///
/// Thread: its owner's. Cost: one look-up each; insert and take are amortized.
template <class Element, class KeyOf>
class KeyedSet {
 public:
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// Slots that memory is there for, used or not.
  std::size_t capacity() const { return slots_.size(); }

  /// Nothing of that key may be in.
  void insert(Element element) {
    if ((size_ + 1) * 4 > slots_.size() * 3) rehash(slots_.empty() ? slots_min : slots_.size() * 2);
    std::size_t const at = place_of(KeyOf{}(element));
    CHORUS_CHECK(!slots_[at], "a key stands for two elements");
    slots_[at] = std::move(element);
    ++size_;
  }

  /// nullptr when there is none.
  auto find(std::string_view key) const -> decltype(&*std::declval<Element const&>()) {
    if (empty()) return nullptr;
    Element const& found = slots_[place_of(key)];
    return found ? &*found : nullptr;
  }

  /// Takes it out; empty when there is none.
  Element take(std::string_view key) {
    if (empty()) return {};
    std::size_t gap = place_of(key);
    Element taken = std::exchange(slots_[gap], {});
    if (!taken) return taken;
    --size_;
    // Those behind the gap that it kept from their own places move up, so that no search ends before them.
    for (std::size_t at = next(gap); slots_[at]; at = next(at)) {
      std::size_t const home = home_of(KeyOf{}(slots_[at]));
      if (((at - home) & mask()) < ((at - gap) & mask())) continue;
      slots_[gap] = std::exchange(slots_[at], {});
      gap = at;
    }
    if (slots_.size() > slots_min && size_ * 8 < slots_.size()) rehash(slots_.size() / 2);
    return taken;
  }

  void clear() {
    slots_.clear();
    size_ = 0;
  }

  /// `visit(*element)` for each, in no order; it must not change the set.
  template <class F>
  void for_each(F&& visit) const {
    for (auto const& element : slots_)
      if (element) visit(*element);
  }

 private:
  static constexpr std::size_t slots_min = 16;

  std::size_t mask() const { return slots_.size() - 1; }
  std::size_t next(std::size_t at) const { return (at + 1) & mask(); }
  std::size_t home_of(std::string_view key) const { return std::hash<std::string_view>{}(key)&mask(); }
  /// Where it is, or the empty slot where it would be.
  std::size_t place_of(std::string_view key) const {
    std::size_t at = home_of(key);
    while (slots_[at] && KeyOf{}(slots_[at]) != key) at = next(at);
    return at;
  }

  void rehash(std::size_t slots) {
    std::vector<Element> old(slots);
    old.swap(slots_);
    for (auto& element : old) {
      if (!element) continue;
      std::size_t const at = place_of(KeyOf{}(element));
      slots_[at] = std::move(element);
    }
  }

  std::vector<Element> slots_;
  std::size_t size_ = 0;
};

}  // namespace chorus
