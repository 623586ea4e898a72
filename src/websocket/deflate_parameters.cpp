#include "websocket/deflate_parameters.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "http/characters.hpp"

namespace chorus::websocket {
namespace {

constexpr Bytes extension_name = "permessage-deflate";
constexpr Bytes server_no_context = "server_no_context_takeover";
constexpr Bytes client_no_context = "client_no_context_takeover";
constexpr Bytes server_bits = "server_max_window_bits";
constexpr Bytes client_bits = "client_max_window_bits";

struct Parameter {
  Bytes name;
  std::optional<std::string> value;
};
struct Extension {
  Bytes name;
  std::vector<Parameter> parameters;
};

/// Reads one header's value (RFC 6455, 9.1): `name; parameter; parameter=value; parameter="value", name, ...`
class ExtensionReader {
 public:
  explicit ExtensionReader(Bytes text) : rest_(text) {}

  /// Appends what it reads; false for what is no such list.
  bool read(std::vector<Extension>& list) {
    do {
      skip_space();
      if (rest_.empty() || rest_.front() == ',') continue;  // an empty element of a list means nothing
      if (!read_extension(list.emplace_back())) return false;
    } while (skip(','));
    return rest_.empty();
  }

 private:
  bool read_extension(Extension& extension) {
    extension.name = token();
    if (extension.name.empty()) return false;
    while (skip(';')) {
      auto& parameter = extension.parameters.emplace_back();
      parameter.name = token();
      if (parameter.name.empty()) return false;
      if (!skip('=')) continue;
      skip_space();
      parameter.value = !rest_.empty() && rest_.front() == '"' ? quoted() : std::string(token());
      if (!parameter.value || parameter.value->empty()) return false;
    }
    return true;
  }

  void skip_space() {
    auto const size = rest_.find_first_not_of(" \t");
    rest_.remove_prefix(size == Bytes::npos ? rest_.size() : size);
  }
  bool skip(char c) {
    skip_space();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  Bytes token() {
    skip_space();
    auto const end =
        std::ranges::find_if_not(rest_, [](char c) { return http::is_of(c, http::token_character); }) - rest_.begin();
    auto const found = rest_.substr(0, static_cast<std::size_t>(end));
    rest_.remove_prefix(found.size());
    return found;
  }
  /// What stands in quotes is a token all the same.
  std::optional<std::string> quoted() {
    std::string text;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return text;
      }
      if (rest_[i] == '\\' && ++i == rest_.size()) break;
      if (!http::is_of(rest_[i], http::token_character)) break;
      text += rest_[i];
    }
    return std::nullopt;
  }

  Bytes rest_;
};

/// RFC 7692, 7.1.2: a decimal number from 8 to 15 without leading zeros.
std::optional<int> window_bits(Bytes text) {
  if (text == "8" || text == "9") return text.front() - '0';
  if (text.size() == 2 && text[0] == '1' && text[1] >= '0' && text[1] <= '5') return 10 + text[1] - '0';
  return std::nullopt;
}

/// An offer as the client made it.
struct Offer {
  bool server_no_context = false;
  bool client_no_context = false;
  std::optional<int> server_bits;
  bool client_bits_known = false;  ///< the client lets itself be told, or tells
  std::optional<int> client_bits;

  bool take(Parameter const& parameter);
};

/// False for what RFC 7692, 7, wants declined: a parameter that is unknown, repeated, or has a wrong value.
bool Offer::take(Parameter const& parameter) {
  auto const first_of_flag = [&parameter](bool& flag) { return !parameter.value && !std::exchange(flag, true); };
  if (parameter.name == websocket::server_no_context) return first_of_flag(server_no_context);
  if (parameter.name == websocket::client_no_context) return first_of_flag(client_no_context);
  if (parameter.name == websocket::server_bits) {
    if (server_bits || !parameter.value) return false;
    return (server_bits = window_bits(*parameter.value)).has_value();
  }
  if (parameter.name != websocket::client_bits || std::exchange(client_bits_known, true)) return false;
  return !parameter.value || (client_bits = window_bits(*parameter.value)).has_value();
}

std::optional<Offer> read_offer(Extension const& extension) {
  if (!equals_ignoring_case(extension.name, extension_name)) return std::nullopt;
  Offer offer;
  auto const sound = std::ranges::all_of(extension.parameters, [&offer](auto const& p) { return offer.take(p); });
  return sound ? std::optional(offer) : std::nullopt;
}

DeflateAgreement agree(Offer const& offer, DeflateSettings const& settings) {
  DeflateAgreement agreement;
  auto& [parameters, header] = agreement;
  header = extension_name;
  auto const add = [&header](Bytes name) { header.append("; ").append(name); };

  bool const takes_over = settings.context == Context::taken_over;
  parameters.server_context = takes_over && !offer.server_no_context ? Context::taken_over : Context::none;
  parameters.client_context = takes_over && !offer.client_no_context ? Context::taken_over : Context::none;
  if (parameters.server_context == Context::none) add(websocket::server_no_context);
  if (parameters.client_context == Context::none) add(websocket::client_no_context);

  int const server = std::min(settings.server_window_bits, offer.server_bits.value_or(deflate_window_bits_max));
  parameters.server_window_bits = static_cast<std::uint8_t>(server);
  if (server < deflate_window_bits_max) add(std::string(websocket::server_bits) + '=' + std::to_string(server));

  // A client that does not mention its window cannot be told about it (7.1.2.2).
  int const client = !offer.client_bits_known
                         ? deflate_window_bits_max
                         : std::min(settings.client_window_bits, offer.client_bits.value_or(deflate_window_bits_max));
  parameters.client_window_bits = static_cast<std::uint8_t>(client);
  if (client < deflate_window_bits_max) add(std::string(websocket::client_bits) + '=' + std::to_string(client));
  return agreement;
}

}  // namespace

Result<DeflateAgreement, UpgradeError> negotiate_deflate(http::Request const& request,
                                                         DeflateSettings const& settings) {
  if (!settings.enabled) return DeflateAgreement();
  std::vector<Extension> extensions;
  for (http::Header const header : request.headers())
    if (equals_ignoring_case(header.name, "Sec-WebSocket-Extensions") &&
        !ExtensionReader(header.value).read(extensions))
      return UpgradeError::bad_request;
  for (auto const& extension : extensions)
    if (auto const offer = read_offer(extension)) return agree(*offer, settings);
  return DeflateAgreement();
}

}  // namespace chorus::websocket
