#include "engine/session_id.hpp"

#include <gtest/gtest.h>

#include <set>

namespace chorus::engine {
namespace {

constexpr Bytes alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr Owner owner{0xfe01, 7, 255};

TEST(SessionId, names_its_owner) {
  auto const key = SessionIdKey::random();
  for (Owner const some : {Owner{}, owner, Owner{1, 2, 3}, Owner{0xffff, 0xff, 0xff}}) {
    auto const sid = key.mint(some);
    ASSERT_EQ(sid.size(), session_id_size);
    EXPECT_EQ(sid.find_first_not_of(alphabet), std::string::npos) << sid;
    EXPECT_EQ(key.owner_of(sid), some);
  }
}

TEST(SessionId, is_never_minted_twice) {
  auto const key = SessionIdKey::random();
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(seen.insert(key.mint(owner)).second);
}

TEST(SessionId, is_refused_when_any_of_its_characters_is_another) {
  auto const key = SessionIdKey::random();
  auto const sid = key.mint(owner);
  for (std::size_t at = 0; at < sid.size(); ++at) {
    for (char const other : alphabet) {
      auto forged = sid;
      forged[at] = other;
      EXPECT_EQ(key.owner_of(forged).has_value(), other == sid[at]) << at << other;
    }
  }
}

TEST(SessionId, has_one_spelling_only) {
  auto const key = SessionIdKey::random();
  std::string sid;
  do sid = key.mint(owner);
  while (sid.find('-') == std::string::npos || sid.find('_') == std::string::npos);
  auto standard = sid;
  standard[standard.find('-')] = '+';
  EXPECT_EQ(key.owner_of(standard), std::nullopt);
  standard = sid;
  standard[standard.find('_')] = '/';
  EXPECT_EQ(key.owner_of(standard), std::nullopt);
}

TEST(SessionId, is_refused_when_its_length_or_alphabet_is_wrong) {
  auto const key = SessionIdKey::random();
  auto const sid = key.mint(owner);
  EXPECT_EQ(key.owner_of(""), std::nullopt);
  EXPECT_EQ(key.owner_of(Bytes(sid).substr(1)), std::nullopt);
  EXPECT_EQ(key.owner_of(sid + "A"), std::nullopt);
  EXPECT_EQ(key.owner_of(std::string(session_id_size, 'A')), std::nullopt);
  EXPECT_EQ(key.owner_of(std::string(session_id_size, '\0')), std::nullopt);
  EXPECT_EQ(key.owner_of(std::string(session_id_size, '=')), std::nullopt);
}

TEST(SessionId, of_another_key_is_refused_and_of_the_same_key_is_not) {
  SessionIdKey const one("0123456789abcdef");
  SessionIdKey const same("0123456789abcdef");
  SessionIdKey const other("0123456789abcdeg");
  auto const sid = one.mint(owner);
  EXPECT_EQ(same.owner_of(sid), owner);
  EXPECT_EQ(other.owner_of(sid), std::nullopt);
}

}  // namespace
}  // namespace chorus::engine
