#include "app/authenticator.hpp"

#include <gtest/gtest.h>

#include "app/test_tokens.hpp"

namespace chorus::app {
namespace {

constexpr std::chrono::system_clock::time_point now{std::chrono::seconds(1'800'000'000)};
std::string const secret = "0123456789abcdef0123456789abcdef";

Authenticator checking() { return Authenticator({.verifier = *JwtVerifier::from_key(secret)}); }

TEST(Authenticator, takes_any_token_and_the_id_in_the_development_mode) {
  Authenticator const any({});
  EXPECT_FALSE(any.checks_tokens());
  EXPECT_EQ(any.person({"whatever", "ada"}, now), (Person{"ada", "ada", ""}));
  EXPECT_EQ(any.person({"whatever", "Zoë"}, now), (Person{"Zoë", "Zoë", ""}));
}

TEST(Authenticator, knows_nobody_without_an_id_in_the_development_mode) {
  Authenticator const any({});
  EXPECT_EQ(any.person({"whatever", ""}, now), std::nullopt);
  EXPECT_EQ(any.person({"", "ada"}, now), std::nullopt);
  EXPECT_EQ(any.person({"whatever", std::string(129, 'a')}, now), std::nullopt);
  EXPECT_EQ(any.person({"whatever", "Zo\xeb"}, now), std::nullopt);
}

TEST(Authenticator, takes_the_user_from_the_token_when_there_is_a_key) {
  EXPECT_TRUE(checking().checks_tokens());
  auto const token = hs256_token(secret, R"({"sub":"ada","firstName":"Ada"})");
  EXPECT_EQ(checking().person({token, ""}, now), (Person{"ada", "Ada", ""}));
  EXPECT_EQ(checking().person({token, "ada"}, now), (Person{"ada", "Ada", ""}));
}

TEST(Authenticator, knows_nobody_when_the_id_is_not_the_tokens) {
  auto const token = hs256_token(secret, R"({"sub":"ada"})");
  EXPECT_EQ(checking().person({token, "eve"}, now), std::nullopt);
  EXPECT_EQ(checking().person({"whatever", "ada"}, now), std::nullopt);
  EXPECT_EQ(checking().person({hs256_token(secret, "{}"), "ada"}, now), std::nullopt);
}

TEST(Authenticator, speaks_its_language) {
  EXPECT_EQ(Authenticator({.language = Language::french}).texts().no_user, "Quelque chose s'est mal passé.");
}

}  // namespace
}  // namespace chorus::app
