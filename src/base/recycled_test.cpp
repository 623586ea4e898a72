#include "base/recycled.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

namespace chorus {
namespace {

struct Note {
  std::string text;
};
void wipe(Note& note) { note.text.clear(); }
using Notes = Recycled<Note, wipe>;

TEST(Recycled, gives_the_same_object_again_and_empty) {
  auto first = Notes::make();
  first->text = std::string(100, 'x');
  Note const* const address = first.get();
  char const* const memory = first->text.data();
  first.reset();

  auto const second = Notes::make();
  EXPECT_EQ(second.get(), address);
  EXPECT_EQ(second->text, "");
  second->text = "a text as long as the first one's memory bears";
  EXPECT_EQ(second->text.data(), memory);
}

TEST(Recycled, gives_nothing_that_is_still_held) {
  std::vector<std::shared_ptr<Note>> held;
  std::set<Note*> addresses;
  for (int i = 0; i < 100; ++i) addresses.insert(held.emplace_back(Notes::make()).get());
  EXPECT_EQ(addresses.size(), held.size());
}

TEST(Recycled, a_weak_holder_sees_it_go_and_keeps_it_from_use) {
  auto note = Notes::make();
  Note const* const address = note.get();
  std::weak_ptr<Note> watching = note;
  note.reset();
  EXPECT_TRUE(watching.expired());
  EXPECT_NE(Notes::make().get(), address);
  watching.reset();
  EXPECT_EQ(Notes::make().get(), address);
}

TEST(Recycled, what_another_thread_lets_go_comes_back) {
  std::set<Note*> made;
  std::vector<std::shared_ptr<Note>> held;
  std::size_t const count = Notes::kept_by_thread * 4;
  for (std::size_t i = 0; i < count; ++i) made.insert(held.emplace_back(Notes::make()).get());
  std::thread([&held] { held.clear(); }).join();

  std::size_t known = 0;
  for (std::size_t i = 0; i < count; ++i) known += made.count(held.emplace_back(Notes::make()).get());
  EXPECT_EQ(known, count);
}

TEST(Recycled, keeps_no_more_than_its_limit) {
  std::set<Note*> made;
  std::vector<std::shared_ptr<Note>> held;
  std::size_t const count = (Notes::kept_by_thread + Notes::kept_by_all) * 2;
  for (std::size_t i = 0; i < count; ++i) held.push_back(Notes::make());
  for (auto& note : held) note->text = std::string(1000, 'x');
  held.clear();

  std::size_t with_memory = 0;
  for (std::size_t i = 0; i < count; ++i) with_memory += held.emplace_back(Notes::make())->text.capacity() >= 1000;
  EXPECT_EQ(with_memory, Notes::kept_by_thread + Notes::kept_by_all);
}

TEST(Recycled, may_be_let_go_when_the_thread_is_nearly_gone) {
  std::thread([] {
    struct Last {
      std::shared_ptr<Note> note;
    };
    thread_local Last last;  // outlives what is at hand, for it was there before
    last.note.reset();
    last.note = Notes::make();
  }).join();
  EXPECT_EQ(Notes::make()->text, "");
}

}  // namespace
}  // namespace chorus
