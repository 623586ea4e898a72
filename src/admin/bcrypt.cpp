#include "admin/bcrypt.hpp"

#include <crypt.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace chorus::admin {
namespace {

constexpr std::size_t setting_size = 29;  // "$2b$10$" and 22 characters of salt; the digest is behind it
constexpr std::size_t hash_size = 60;
constexpr unsigned cost_min = 4, cost_max = 31;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_of_alphabet(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '/';
}

/// libcrypt's state holds what the password can be found from.
struct Wiped {
  void operator()(crypt_data* data) const {
    ::explicit_bzero(data, sizeof *data);
    delete data;
  }
};

}  // namespace

bool equal_in_constant_time(Bytes given, Bytes expected) {
  unsigned char difference = given.size() == expected.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size(); ++i) {
    auto const other = expected.empty() ? given[i] : expected[i % expected.size()];
    difference = static_cast<unsigned char>(difference | (given[i] ^ other));
  }
  return difference == 0;
}

std::optional<BcryptHash> BcryptHash::parse(Bytes text) {
  if (text.size() != hash_size || !text.starts_with("$2") || text[3] != '$' || text[6] != '$') return std::nullopt;
  if (text[2] != 'a' && text[2] != 'b' && text[2] != 'y') return std::nullopt;
  if (!is_digit(text[4]) || !is_digit(text[5])) return std::nullopt;
  unsigned const cost = static_cast<unsigned>(text[4] - '0') * 10 + static_cast<unsigned>(text[5] - '0');
  if (cost < cost_min || cost > cost_max || !std::ranges::all_of(text.substr(7), is_of_alphabet)) return std::nullopt;
  return BcryptHash(std::string(text), cost);
}

bool BcryptHash::matches(std::string password) const {
  bool matches = false;
  if (password.find('\0') == std::string::npos && password.size() < CRYPT_MAX_PASSPHRASE_SIZE) {
    std::unique_ptr<crypt_data, Wiped> const state(new crypt_data{});
    char const* const made = ::crypt_r(password.c_str(), text_.c_str(), state.get());
    // The digest alone: of the salt's last character some bits are not looked at, and the two may write it differently.
    if (made != nullptr && std::strlen(made) == hash_size)
      matches = equal_in_constant_time(Bytes(made).substr(setting_size), Bytes(text_).substr(setting_size));
  }
  ::explicit_bzero(password.data(), password.size());
  return matches;
}

}  // namespace chorus::admin
