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

TEST(SessionText, is_of_unreserved_characters_only_and_not_too_long) {
  EXPECT_TRUE(is_session_text("a"));
  EXPECT_TRUE(is_session_text("user-42_x.y~z"));
  EXPECT_TRUE(is_session_text(std::string(session_text_bytes_max, 'x')));
  EXPECT_FALSE(is_session_text(std::string(session_text_bytes_max + 1, 'x')));
  for (auto const* text : {"", "a b", "a/b", "a%41", "a\"b", "a\\b", "a&sid=b", "a;b", "a\nb", "é"})
    EXPECT_FALSE(is_session_text(text)) << text;
}

TEST(SessionId, ES21_with_a_programs_text_begins_with_it_and_names_its_owner) {
  auto const key = SessionIdKey::random();
  for (std::string const text : {"a", "user-42", "a.b.c", "six456", "eleven78901"}) {
    auto const sid = key.mint(owner, text);
    EXPECT_EQ(sid.substr(0, text.size() + 1), text + '.');
    EXPECT_EQ(sid.size(), text.size() + 25);
    EXPECT_EQ(key.owner_of(sid), owner);
  }
  auto const longest = key.mint(owner, std::string(session_text_bytes_max, 'x'));
  EXPECT_EQ(key.owner_of(longest), owner);
}

TEST(SessionId, with_a_text_that_was_used_before_is_another_id) {
  auto const key = SessionIdKey::random();
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(seen.insert(key.mint(owner, "same")).second);
}

TEST(SessionId, with_a_text_is_refused_when_any_of_its_characters_is_another) {
  auto const key = SessionIdKey::random();
  auto const sid = key.mint(owner, "user.1");
  for (std::size_t at = 0; at < sid.size(); ++at) {
    for (char const other : std::string(alphabet) + ".~+/=%") {
      auto forged = sid;
      forged[at] = other;
      EXPECT_EQ(key.owner_of(forged).has_value(), other == sid[at]) << at << other;
    }
  }
}

TEST(SessionId, of_one_text_is_no_id_of_another_or_of_none) {
  auto const key = SessionIdKey::random();
  auto const sid = key.mint(owner, "user1");
  auto const tag = sid.substr(6);
  for (auto const& forged : {"user2." + tag, "user." + tag, "user1.x." + tag, '.' + tag, tag, sid + "A", 'x' + sid,
                             sid.substr(0, sid.size() - 1), std::string(65, 'u') + '.' + tag})
    EXPECT_EQ(key.owner_of(forged), std::nullopt) << forged;
  // 16 signed bytes in one form are none in the other.
  auto const plain = key.mint(owner);
  EXPECT_EQ(key.owner_of("abcdef." + plain.substr(8)), std::nullopt);
}

}  // namespace
}  // namespace chorus::engine
