#include "admin/bcrypt.hpp"

#include <gtest/gtest.h>

namespace chorus::admin {
namespace {

// Of "changeit", made by libcrypt of the same salt. Cost 4: a check takes a millisecond.
constexpr char const* digest = "$04$abcdefghijklmnopqrstuudwGrhhx5JklpO9.j/ckWDCf3exvs1/2";
// Of "changeit" too, from the UI's own README, made by bcryptjs.
constexpr char const* from_node = "$2b$10$heqvAkYMez.Va6Et2uXInOnkCT6/uQj1brkrbyG3LpopDklcq7ZOS";

TEST(BcryptHash, knows_its_password_in_each_of_its_three_spellings) {
  for (std::string const kind : {"$2a", "$2b", "$2y"}) {
    auto const hash = BcryptHash::parse(kind + digest);
    ASSERT_TRUE(hash) << kind;
    EXPECT_EQ(hash->cost(), 4u);
    EXPECT_TRUE(hash->matches("changeit")) << kind;
    for (char const* const wrong : {"", "changei", "changeitt", "Changeit"}) EXPECT_FALSE(hash->matches(wrong));
  }
}

TEST(BcryptHash, knows_a_hash_that_node_made) {
  auto const hash = BcryptHash::parse(from_node);
  ASSERT_TRUE(hash);
  EXPECT_EQ(hash->cost(), 10u);
  EXPECT_TRUE(hash->matches("changeit"));
  EXPECT_FALSE(hash->matches("changeIt"));
}

TEST(BcryptHash, takes_a_salt_whose_last_bits_nobody_looks_at) {
  std::string other = std::string("$2b") + digest;
  ASSERT_EQ(other[28], 'u');
  other[28] = 'v';  // the same two bits
  auto const hash = BcryptHash::parse(other);
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->matches("changeit"));
}

TEST(BcryptHash, is_no_password_with_a_zero_byte_and_no_endless_one) {
  auto const hash = BcryptHash::parse(std::string("$2b") + digest);
  ASSERT_TRUE(hash);
  EXPECT_FALSE(hash->matches(std::string("changeit\0more", 13)));
  EXPECT_FALSE(hash->matches(std::string(512, 'x')));
  EXPECT_FALSE(hash->matches(std::string(1'000'000, 'x')));
}

TEST(BcryptHash, is_nothing_else) {
  std::string const good = std::string("$2b") + digest;
  EXPECT_TRUE(BcryptHash::parse(good));
  auto with = [&](std::size_t at, char c) {
    auto text = good;
    text[at] = c;
    return text;
  };
  for (std::string const& bad : {std::string(),
                                 std::string("changeit"),
                                 good.substr(1),
                                 good.substr(0, 59),
                                 good + "x",
                                 good + "\n",
                                 with(0, '!'),
                                 with(1, '1'),
                                 with(2, 'x'),
                                 with(2, 'c'),
                                 with(3, '.'),
                                 with(4, '9'),
                                 with(4, 'a'),
                                 with(5, ' '),
                                 with(6, '.'),
                                 with(20, '-'),
                                 with(59, '='),
                                 with(59, '$'),
                                 "$2b$03$" + good.substr(7),
                                 "$2b$32$" + good.substr(7),
                                 "$6$rounds=5000$" + good.substr(15)})
    EXPECT_FALSE(BcryptHash::parse(bad)) << bad;
}

TEST(EqualInConstantTime, is_equality) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("admin", "admin"));
  for (char const* const other : {"", "admi", "admin1", "Admin", "admio", "adminadmin"}) {
    EXPECT_FALSE(equal_in_constant_time(other, "admin")) << other;
    EXPECT_FALSE(equal_in_constant_time("admin", other)) << other;
  }
}

}  // namespace
}  // namespace chorus::admin
