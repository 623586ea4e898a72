#include "base/keyed_set.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <string>

namespace chorus {
namespace {

struct Person {
  std::string name;
  int age = 0;
};
struct NameOf {
  std::string_view operator()(std::unique_ptr<Person> const& person) const { return person->name; }
};
using People = KeyedSet<std::unique_ptr<Person>, NameOf>;

std::unique_ptr<Person> person(std::string name, int age) {
  return std::make_unique<Person>(Person{std::move(name), age});
}

TEST(KeyedSet, finds_what_is_in_and_nothing_else) {
  People people;
  EXPECT_EQ(people.find("ada"), nullptr);
  people.insert(person("ada", 36));
  people.insert(person("bob", 5));
  ASSERT_NE(people.find("ada"), nullptr);
  EXPECT_EQ(people.find("ada")->age, 36);
  EXPECT_EQ(people.find("eve"), nullptr);
  EXPECT_EQ(people.size(), 2u);
}

TEST(KeyedSet, gives_back_what_is_taken) {
  People people;
  EXPECT_FALSE(people.take("ada"));
  people.insert(person("ada", 36));
  EXPECT_FALSE(people.take("bob"));
  auto const ada = people.take("ada");
  ASSERT_TRUE(ada);
  EXPECT_EQ(ada->age, 36);
  EXPECT_TRUE(people.empty());
  EXPECT_EQ(people.find("ada"), nullptr);
}

TEST(KeyedSet, is_small_again_when_a_crowd_has_left) {
  People people;
  for (int i = 0; i < 10'000; ++i) people.insert(person(std::to_string(i), i));
  EXPECT_LE(people.capacity(), 16'384u);
  for (int i = 10; i < 10'000; ++i) ASSERT_TRUE(people.take(std::to_string(i)));
  EXPECT_LE(people.capacity(), 128u);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(people.find(std::to_string(i))->age, i);
}

TEST(KeyedSetDeathTest, refuses_a_key_twice) {
  People people;
  people.insert(person("ada", 36));
  EXPECT_DEATH(people.insert(person("ada", 37)), "two elements");
}

TEST(KeyedSet, agrees_with_a_map_through_any_history) {
  std::mt19937 random(7);
  People people;
  std::map<std::string, int> model;
  for (int step = 0; step < 50'000; ++step) {
    // Growing and shrinking in turns, so that it is nearly empty and nearly full many times.
    bool const grows = step / 1'000 % 2 == 0;
    auto const name = "p" + std::to_string(random() % 700);
    if (random() % 4 == 0 ? !grows : grows) {
      if (!model.emplace(name, step).second) continue;
      people.insert(person(name, step));
    } else {
      auto const taken = people.take(name);
      auto const expected = model.find(name);
      ASSERT_EQ(taken != nullptr, expected != model.end());
      if (!taken) continue;
      ASSERT_EQ(taken->age, expected->second);
      model.erase(expected);
    }
    ASSERT_EQ(people.size(), model.size());
    if (step % 97 != 0) continue;
    for (auto const& [known, age] : model) ASSERT_EQ(people.find(known)->age, age);
    std::size_t seen = 0;
    people.for_each([&](Person const& each) { seen += model.count(each.name); });
    ASSERT_EQ(seen, model.size());
  }
}

}  // namespace
}  // namespace chorus
