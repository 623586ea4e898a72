#include "app/jwt_verifier.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/recipient.hpp"
#include "base/base64.hpp"
#include "base/json.hpp"
#include "base/utf8.hpp"

namespace chorus::app {
namespace {

/// A time claim (RFC 7519, 2: NumericDate, fractions allowed). Missing: nothing. No number: NaN.
std::optional<double> time_claim(ArgView claims, std::string_view name) {
  auto const claim = claims[name];
  if (claim.is_missing()) return std::nullopt;
  return claim.as<double>().value_or(std::nan(""));
}

std::string name_claim(ArgView claims, std::string_view claim) {
  auto name = claims[claim].as<std::string>().value_or("");
  if (name.size() > name_bytes_max) {
    std::size_t end = name_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;  // at a character's boundary
    name.resize(end);
  }
  return name;
}

Person person_of(std::string id, ArgView claims) {
  Person person{std::move(id), name_claim(claims, "firstName"), name_claim(claims, "lastName")};
  if (person.first_name.empty() && person.last_name.empty()) person.first_name = name_claim(claims, "name");
  if (person.first_name.empty() && person.last_name.empty()) person.first_name = person.id;
  return person;
}

/// `aud` is a text or a list of them (RFC 7519, 4.1.3).
bool names_one_of(ArgView audience, std::vector<std::string> const& wanted) {
  auto const is_wanted = [&wanted](ArgView claim) {
    auto const text = claim.as<std::string>();
    return text && std::ranges::find(wanted, *text) != wanted.end();
  };
  if (audience.kind() != ArgKind::array) return is_wanted(audience);
  for (ArrayCursor cursor(audience); auto const each = cursor.next();)
    if (is_wanted(*each)) return true;
  return false;
}

/// The compact form (RFC 7515, 3.1).
struct Parts {
  std::string header, claims, signature;  ///< decoded
  std::string_view signed_text;
};

/// An object of JSON in base64url.
std::optional<std::string> object_in(std::string_view part) {
  auto text = part.empty() ? std::nullopt : decode_base64(part);
  if (!text || !is_utf8(*text)) return std::nullopt;
  auto const begin = json::skip_space(*text, 0);
  auto const end = json::scan_value(*text, begin);
  if (!end || json::skip_space(*text, *end) != text->size()) return std::nullopt;
  *text = text->substr(begin, *end - begin);
  return text->front() == '{' ? std::move(text) : std::nullopt;
}

std::optional<Parts> parts_of(std::string_view token) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  if (token.size() > JwtVerifier::token_bytes_max || token.find_first_not_of(alphabet) != std::string_view::npos)
    return std::nullopt;
  auto const first = token.find('.'), last = token.rfind('.');
  if (first == last || token.find('.', first + 1) != last) return std::nullopt;
  auto header = object_in(token.substr(0, first));
  auto claims = object_in(token.substr(first + 1, last - first - 1));
  auto signature = decode_base64(token.substr(last + 1));
  if (!header || !claims || !signature) return std::nullopt;
  return Parts{std::move(*header), std::move(*claims), std::move(*signature), token.substr(0, last)};
}

}  // namespace

Result<JwtVerifier, std::string> JwtVerifier::from_key(std::string key) {
  auto made = JwtKey::from_text(std::move(key));
  if (!made) return made.error();
  JwtVerifier verifier;
  verifier.key_ = std::make_shared<JwtKey>(std::move(*made));
  return verifier;
}

Result<JwtVerifier, std::string> JwtVerifier::from_jwks_file(std::string path) {
  auto file = JwksFile::open(std::move(path));
  if (!file) return file.error();
  JwtVerifier verifier;
  verifier.file_ = std::move(*file);
  return verifier;
}

std::string JwtVerifier::description() const {
  return file_ ? "by the keys in " + file_->path() : std::string(to_text(key_->algorithm()));
}

JwtVerifier::Chosen JwtVerifier::key_for(JwtAlgorithm algorithm, std::string_view id, Time now) const {
  if (key_) return {nullptr, key_->algorithm() == algorithm ? key_.get() : nullptr};
  Chosen chosen{file_->keys(now)};
  chosen.key = chosen.set->find(algorithm, id);
  if (chosen.key == nullptr) {
    chosen.set = file_->newer_keys(now);
    chosen.key = chosen.set->find(algorithm, id);
  }
  return chosen;
}

Result<Person, TokenError> JwtVerifier::judge(ArgView claims, double now, double leeway) const {
  if (auto const end = time_claim(claims, "exp"); end && !(now < *end + leeway)) return TokenError::expired;
  if (auto const begin = time_claim(claims, "nbf"); begin && !(now >= *begin - leeway))
    return TokenError::not_yet_valid;
  if (!wanted_.issuer.empty() && claims["iss"].as<std::string>() != wanted_.issuer) return TokenError::wrong_issuer;
  if (!wanted_.audiences.empty() && !names_one_of(claims["aud"], wanted_.audiences)) return TokenError::wrong_audience;
  auto subject = claims["sub"].as<std::string>();
  if (!subject || !is_user_id(*subject)) return TokenError::no_subject;
  return person_of(std::move(*subject), claims);
}

Result<Person, TokenError> JwtVerifier::verify(std::string_view token, Time now, std::chrono::seconds leeway) const {
  auto const parts = parts_of(token);
  if (!parts) return TokenError::malformed;
  ArgView const header(parts->header);
  auto const algorithm = jwt_algorithm(header["alg"].as<std::string>().value_or(std::string()));
  if (!algorithm || (key_ && key_->algorithm() != *algorithm)) return TokenError::wrong_algorithm;
  // RFC 7515, 4.1.11: what is critical must be understood, and nothing is here.
  if (!header["crit"].is_missing()) return TokenError::malformed;

  auto const chosen = key_for(*algorithm, header["kid"].as<std::string>().value_or(std::string()), now);
  if (chosen.key == nullptr) return TokenError::unknown_key;
  if (!chosen.key->verifies(parts->signed_text, parts->signature)) return TokenError::bad_signature;
  return judge(ArgView(parts->claims), std::chrono::duration<double>(now.time_since_epoch()).count(),
               std::chrono::duration<double>(leeway).count());
}

std::string_view to_text(TokenError error) {
  switch (error) {
    case TokenError::malformed:
      return "malformed";
    case TokenError::wrong_algorithm:
      return "wrong algorithm";
    case TokenError::unknown_key:
      return "unknown key";
    case TokenError::bad_signature:
      return "bad signature";
    case TokenError::expired:
      return "expired";
    case TokenError::not_yet_valid:
      return "not yet valid";
    case TokenError::wrong_issuer:
      return "wrong issuer";
    case TokenError::wrong_audience:
      return "wrong audience";
    case TokenError::no_subject:
      break;
  }
  return "no subject";
}

}  // namespace chorus::app
