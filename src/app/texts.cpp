#include "app/texts.hpp"

namespace chorus::app {
namespace {

constexpr Texts english{
    .no_token = "Authorization failed, no token has been provided!",
    .no_user = "Something went wrong.",
    .post_updated = "A post you have been mentioned in has been updated",
    .message_sent_before = "A message from user with id: ",
    .message_sent_after = " has been send",
};

constexpr Texts french{
    .no_token = "Échec de l'autorisation, aucun token n'a été fourni !",
    .no_user = "Quelque chose s'est mal passé.",
    .post_updated = "Un post dans lequel vous avez été mentionné a été mis à jour",
    .message_sent_before = "Un message de l'utilisateur avec l'id: ",
    .message_sent_after = " a été envoyé",
};

}  // namespace

std::optional<Language> language_of(std::string_view code) {
  if (code == "en") return Language::english;
  if (code == "fr") return Language::french;
  return std::nullopt;
}

std::string Texts::message_sent(std::string_view user_id) const {
  return std::string(message_sent_before).append(user_id).append(message_sent_after);
}

Texts const& texts(Language language) { return language == Language::french ? french : english; }

}  // namespace chorus::app
