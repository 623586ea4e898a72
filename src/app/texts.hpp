// Texts: what the program says to people on the other end, in each of its languages. To the letter as in the first
// version of the system, since clients compare them.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace chorus::app {

enum class Language { english, french };

/// "en", "fr"; nothing for others.
std::optional<Language> language_of(std::string_view code);

/// Thread: any; immutable, for the whole run of the program.
struct Texts {
  std::string_view no_token;
  std::string_view no_user;
  std::string_view post_updated;

  /// The answer to a `sendMessage` that brought nothing for the chat.
  std::string message_sent(std::string_view user_id) const;

  // The sentence around the user's id.
  std::string_view message_sent_before;
  std::string_view message_sent_after;
};

Texts const& texts(Language language);

}  // namespace chorus::app
