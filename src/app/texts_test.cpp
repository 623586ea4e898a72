#include "app/texts.hpp"

#include <gtest/gtest.h>

namespace chorus::app {
namespace {

TEST(Texts, are_the_first_versions_to_the_letter_in_english) {
  auto const& t = texts(Language::english);
  EXPECT_EQ(t.no_token, "Authorization failed, no token has been provided!");
  EXPECT_EQ(t.no_user, "Something went wrong.");
  EXPECT_EQ(t.message_sent("42"), "A message from user with id: 42 has been send");
  EXPECT_EQ(t.post_updated, "A post you have been mentioned in has been updated");
}

TEST(Texts, are_the_first_versions_to_the_letter_in_french) {
  auto const& t = texts(Language::french);
  EXPECT_EQ(t.no_token, "Échec de l'autorisation, aucun token n'a été fourni !");
  EXPECT_EQ(t.no_user, "Quelque chose s'est mal passé.");
  EXPECT_EQ(t.message_sent("42"), "Un message de l'utilisateur avec l'id: 42 a été envoyé");
  EXPECT_EQ(t.post_updated, "Un post dans lequel vous avez été mentionné a été mis à jour");
}

TEST(Texts, know_two_languages_by_their_codes) {
  EXPECT_EQ(language_of("en"), Language::english);
  EXPECT_EQ(language_of("fr"), Language::french);
  EXPECT_EQ(language_of("de"), std::nullopt);
  EXPECT_EQ(language_of(""), std::nullopt);
}

}  // namespace
}  // namespace chorus::app
