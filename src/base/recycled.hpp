// Objects that many hold for a moment, made again and again: their memory is kept and used anew.
#pragma once
#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "base/guarded.hpp"

namespace chorus {

/// `Recycled<T, clear>::make()` gives a T that was held before, or a new one. When its last holder lets go, whichever
/// thread that is, `clear` makes it as good as new, but for memory that is worth keeping (and it bounds that), and it
/// waits for the next make(). So what is made for every message allocates nothing once its traffic is steady.
///
/// Thread: any. Each thread keeps some at hand and passes the surplus on to all, for those who let go are often not
/// those who make. Limits: kept_by_thread for each thread, kept_by_all beside them; more are deleted.
/// Lifetime: objects may outlive every thread.
template <class T, void (*clear)(T&)>
class Recycled {
 public:
  static constexpr std::size_t kept_by_thread = 32;
  static constexpr std::size_t kept_by_all = 512;

  static std::shared_ptr<T> make() {
    std::unique_ptr<Home> home = take();
    T* const object = &home->object;
    Place<T> const place{home.release()};
    return std::shared_ptr<T>(
        object, [](T* gone) { clear(*gone); }, place);
  }

 private:
  static constexpr std::size_t control_block_max = 64;

  /// An object, and where the shared_ptr's control block has its place.
  struct Home {
    T object;
    alignas(std::max_align_t) std::byte control_block[control_block_max];
  };
  using Homes = std::vector<std::unique_ptr<Home>>;

  /// The allocator of the control block. The block goes last, when nobody can ask for the object any more.
  template <class U>
  struct Place {
    using value_type = U;

    explicit Place(Home* at) : home(at) {}
    template <class V>
    Place(Place<V> const& other) : home(other.home) {}  // NOLINT(google-explicit-constructor): an allocator's

    U* allocate(std::size_t) {
      static_assert(sizeof(U) <= control_block_max);
      return reinterpret_cast<U*>(home->control_block);
    }
    void deallocate(U*, std::size_t) { give(std::unique_ptr<Home>(home)); }
    template <class V>
    bool operator==(Place<V> const& other) const {
      return home == other.home;
    }

    Home* home;
  };

  /// What one thread keeps at hand.
  class AtHand {
   public:
    AtHand() { homes_.reserve(kept_by_thread + 1); }
    ~AtHand() {
      pass_on(homes_.size());
      gone = true;
    }
    std::unique_ptr<Home> take() {
      if (homes_.empty()) fetch(kept_by_thread / 2);
      if (homes_.empty()) return std::make_unique<Home>();
      auto home = std::move(homes_.back());
      homes_.pop_back();
      return home;
    }
    void give(std::unique_ptr<Home> home) {
      homes_.push_back(std::move(home));
      if (homes_.size() > kept_by_thread) pass_on(kept_by_thread / 2);
    }

    inline static thread_local bool gone = false;  // something may be let go after this

   private:
    void fetch(std::size_t count) {
      for_all().with([&](Homes& all) { move_last(std::min(count, all.size()), all, homes_); });
    }
    void pass_on(std::size_t count) {
      for_all().with([&](Homes& all) { move_last(std::min(count, kept_by_all - all.size()), homes_, all); });
      if (homes_.size() > kept_by_thread) homes_.pop_back();  // all have enough
    }
    static void move_last(std::size_t count, Homes& from, Homes& to) {
      auto const begin = from.end() - static_cast<std::ptrdiff_t>(count);
      to.insert(to.end(), std::move_iterator(begin), std::move_iterator(from.end()));
      from.erase(begin, from.end());
    }

    Homes homes_;
  };

  static Guarded<Homes>& for_all() {
    static auto& all = *new Guarded<Homes>();  // never deleted: holders may outlive what is static
    return all;
  }
  static AtHand& at_hand() {
    thread_local AtHand homes;
    return homes;
  }
  static std::unique_ptr<Home> take() { return AtHand::gone ? std::make_unique<Home>() : at_hand().take(); }
  static void give(std::unique_ptr<Home> home) {
    if (!AtHand::gone) at_hand().give(std::move(home));
  }
};

}  // namespace chorus
