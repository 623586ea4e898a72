#include "socket/packed_list.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "support/request_parts.hpp"

namespace chorus::socket {
namespace {

using namespace std::literals;
using Base = NameValues::Base;
using testing::pairs_of;

std::string packed(NameValueList const& list) {
  std::string text;
  append_pairs(text, list);
  return text;
}

/// What is read back through the base; the list itself is the proof that nothing was appended without one.
void expect_leaning(NameValueList const& list, Base kind, std::string const& base, std::string const& wire) {
  std::string text = "x";
  ASSERT_TRUE(append_values(text, list, kind, base));
  EXPECT_EQ(text, "x" + wire);
  EXPECT_EQ(pairs_of({Bytes(text).substr(1), kind, base}), list);
}

void expect_refused(NameValueList const& list, Base kind, std::string const& base) {
  std::string text = "x";
  EXPECT_FALSE(append_values(text, list, kind, base));
  EXPECT_EQ(text, "x");
}

TEST(PackedList, has_sizes_before_names_and_values) {
  EXPECT_EQ(packed({{"host", "a"}, {"", ""}, {"x", ""}, {"", "y"}}), "\4\1hosta\0\0\1\0x\0\1y"s);
  EXPECT_EQ(packed({}), "");
}

TEST(PackedList, keeps_sizes_of_any_number_of_bytes) {
  for (std::size_t const size :
       {0u, 1u, 126u, 127u, 128u, 129u, 254u, 255u, 256u, 16'383u, 16'384u, 65'535u, 65'536u, 2'097'151u, 2'097'152u}) {
    std::string text;
    append_size(text, size);
    EXPECT_EQ(text.size(), size < 128 ? 1u : size < 16'384 ? 2u : size < 2'097'152 ? 3u : 4u);
    text += "rest";
    Bytes left = text;
    EXPECT_EQ(take_size(left), size);
    EXPECT_EQ(left, "rest");

    NameValueList const list{{std::string(size, 'n'), "v"}, {"n", std::string(size, 'v')}, {"last", ""}};
    EXPECT_EQ(pairs_of(NameValues(packed(list))), list);
    auto const base = packed({{list[0].first, "w"}, {"n", ""}, {"last", "z"}});
    std::string values;
    ASSERT_TRUE(append_values(values, list, Base::list, base));
    EXPECT_EQ(pairs_of({values, Base::list, base}), list);
  }
}

TEST(PackedList, takes_from_its_base_what_is_the_same) {
  auto const base = packed({{"a", "1"}, {"a", "2"}, {"b", ""}, {"c", "3"}});
  expect_leaning({{"a", "1"}, {"a", "2"}, {"b", ""}, {"c", "3"}}, Base::list, base, "\0\0\0\0"s);
  expect_leaning({{"a", "2"}, {"a", "2"}, {"b", "x"}, {"c", ""}}, Base::list, base, "\2\x32\0\2x\1"s);
  expect_leaning({{"a", "1"}, {"a", "2"}}, Base::list, base, "\0\0"s);
  expect_leaning({}, Base::list, base, "");
}

TEST(PackedList, leans_on_no_base_of_other_names) {
  auto const base = packed({{"a", "1"}, {"b", "2"}});
  expect_refused({{"b", "2"}, {"a", "1"}}, Base::list, base);
  expect_refused({{"a", "1"}, {"c", "2"}}, Base::list, base);
  expect_refused({{"a", "1"}, {"b", "2"}, {"c", "3"}}, Base::list, base);
  expect_refused({{"a", "1"}}, Base::list, "");
}

TEST(PackedList, leans_on_the_query_of_a_url) {
  expect_leaning({{"EIO", "4"}, {"id", "7"}}, Base::query_string, "EIO=4&id=7", "\0\0"s);
  expect_leaning({{"a", "x y"}, {"b", "="}}, Base::query_string, "a=x+y&b==", "\4x y\0"s);
  expect_leaning({{"a", ""}, {"a", ""}, {"", ""}, {"", "b"}}, Base::query_string, "&&a&a=&=&=b&", "\0\0\0\0"s);
  expect_leaning({{"a", "1"}}, Base::query_string, "a=1&beyond=the+limit", "\0"s);
  expect_refused({{"x y", "1"}}, Base::query_string, "x+y=1");
  expect_refused({{"a", "1"}}, Base::query_string, "");
  expect_refused({{"a", "1"}, {"", ""}}, Base::query_string, "a=1&&");
}

TEST(PackedList, is_read_by_several_iterators_at_once) {
  auto const base = packed({{"a", "1"}, {"b", "2"}});
  NameValues const list("\0\2x"sv, Base::list, base);
  auto first = list.begin();
  auto const before = first++;
  EXPECT_EQ((*before).second, "1");
  EXPECT_EQ((*first).second, "x");
  EXPECT_NE(before, first);
  EXPECT_EQ(before, list.begin());
  EXPECT_EQ(++first, list.end());
  EXPECT_EQ(NameValues().begin(), NameValues().end());
  EXPECT_TRUE(NameValues().empty());
}

TEST(PackedList, gives_back_random_lists_with_and_without_a_base) {
  std::mt19937 random(7);  // the same lists in every run
  auto const word = [&random] {
    return std::string(random() % 8 == 0 ? random() % 300 : random() % 3, "ab="[random() % 3]);
  };
  for (int round = 0; round < 2000; ++round) {
    NameValueList list(random() % 8);
    for (auto& [name, value] : list) name = word(), value = word();
    NameValueList model = list;
    for (auto& [name, value] : model) {
      if (random() % 2 == 0) value = word();
      if (random() % 16 == 0) name = word();
    }
    if (random() % 4 == 0) model.emplace_back(word(), word());
    EXPECT_EQ(pairs_of(NameValues(packed(list))), list);

    auto const base = packed(model);
    std::string values;
    bool const fits = list.size() <= model.size() && std::equal(list.begin(), list.end(), model.begin(),
                                                                [](auto& a, auto& b) { return a.first == b.first; });
    ASSERT_EQ(append_values(values, list, Base::list, base), fits);
    if (fits) {
      EXPECT_EQ(pairs_of({values, Base::list, base}), list);
    }
  }
}

}  // namespace
}  // namespace chorus::socket
