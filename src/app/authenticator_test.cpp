#include "app/authenticator.hpp"

#include <gtest/gtest.h>

#include "app/test_tokens.hpp"

namespace chorus::app {
namespace {

Authenticator checking() { return Authenticator({.verifier = *JwtVerifier::from_key(test_secret)}); }

TEST(Authenticator, takes_any_token_and_the_id_in_the_development_mode) {
  Authenticator const any({});
  EXPECT_FALSE(any.checks_tokens());
  EXPECT_EQ(any.person({"whatever", "ada"}, test_now), (Person{"ada", "ada", ""}));
  EXPECT_EQ(any.person({"whatever", "Zoë"}, test_now), (Person{"Zoë", "Zoë", ""}));
}

TEST(Authenticator, knows_nobody_without_an_id_in_the_development_mode) {
  Authenticator const any({});
  EXPECT_EQ(any.person({"whatever", ""}, test_now), std::nullopt);
  EXPECT_EQ(any.person({"", "ada"}, test_now), std::nullopt);
  EXPECT_EQ(any.person({"whatever", std::string(129, 'a')}, test_now), std::nullopt);
  EXPECT_EQ(any.person({"whatever", "Zo\xeb"}, test_now), std::nullopt);
}

TEST(Authenticator, takes_the_user_from_the_token_when_there_is_a_key) {
  EXPECT_TRUE(checking().checks_tokens());
  auto const token = hs256_token(test_secret, R"({"sub":"ada","firstName":"Ada"})");
  EXPECT_EQ(checking().person({token, ""}, test_now), (Person{"ada", "Ada", ""}));
  EXPECT_EQ(checking().person({token, "ada"}, test_now), (Person{"ada", "Ada", ""}));
}

TEST(Authenticator, knows_nobody_when_the_id_is_not_the_tokens) {
  auto const token = hs256_token(test_secret, R"({"sub":"ada"})");
  EXPECT_EQ(checking().person({token, "eve"}, test_now), std::nullopt);
  EXPECT_EQ(checking().person({"whatever", "ada"}, test_now), std::nullopt);
  EXPECT_EQ(checking().person({hs256_token(test_secret, "{}"), "ada"}, test_now), std::nullopt);
}

TEST(Authenticator, speaks_its_language) {
  EXPECT_EQ(Authenticator({.language = Language::french}).texts().no_user, "Quelque chose s'est mal passé.");
}

}  // namespace
}  // namespace chorus::app
