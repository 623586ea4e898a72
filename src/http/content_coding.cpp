#include "http/content_coding.hpp"

#include <algorithm>
#include <compare>

#include "base/brotli.hpp"
#include "http/characters.hpp"

namespace chorus::http {
namespace {

constexpr int quality_max = 1000;

/// `0.5` as 500, up to three digits behind the point (RFC 9110, 12.4.2); what is none is 0, not accepted.
int quality_of(Bytes text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1') || (text.size() > 1 && text[1] != '.'))
    return 0;
  int quality = (text[0] - '0') * quality_max;
  int weight = quality_max;
  for (char const digit : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (digit < '0' || digit > '9') return 0;
    quality += (digit - '0') * (weight /= 10);
  }
  return std::min(quality, quality_max);
}

/// What the header says of one coding. Greater is better.
struct Rank {
  int quality = 0;
  bool by_name = false;
  int place = 0;  // less the further back

  friend auto operator<=>(Rank const&, Rank const&) = default;
};

/// Calls `each(name, quality)` for every element of the list.
template <class Each>
void for_each_element(Bytes list, Each each) {
  while (!list.empty()) {
    auto const end = list.find(',');
    Bytes element = list.substr(0, end);
    list.remove_prefix(end == Bytes::npos ? list.size() : end + 1);
    auto const semicolon = element.find(';');
    Bytes const name = trimmed(element.substr(0, semicolon));
    int quality = quality_max;
    if (semicolon != Bytes::npos) {
      Bytes const parameter = trimmed(element.substr(semicolon + 1));
      bool const is_quality = parameter.size() > 2 && (parameter[0] | 0x20) == 'q' && parameter[1] == '=';
      quality = is_quality ? quality_of(parameter.substr(2)) : 0;
    }
    if (!name.empty()) each(name, quality);
  }
}

}  // namespace

Bytes to_string(ContentCoding coding) {
  switch (coding) {
    case ContentCoding::identity:
      return {};
    case ContentCoding::br:
      return "br";
    case ContentCoding::gzip:
      return "gzip";
    case ContentCoding::deflate:
      return "deflate";
  }
  return {};
}

ContentCoding preferred_coding(Request const& request, std::span<ContentCoding const> offered) {
  ContentCoding preferred = ContentCoding::identity;
  Rank best;
  for (ContentCoding const coding : offered) {
    Rank rank;
    int place = 0;
    for (Header const header : request.headers()) {
      if (!equals_ignoring_case(header.name, "Accept-Encoding")) continue;
      for_each_element(header.value, [&](Bytes name, int quality) {
        bool const by_name = equals_ignoring_case(name, to_string(coding));
        --place;
        if (!by_name && (name != "*" || rank.by_name)) return;
        rank = {quality, by_name, place};
      });
    }
    if (rank.quality > 0 && rank > best) {
      best = rank;
      preferred = coding;
    }
  }
  return preferred;
}

Deflater& BodyEncoder::deflater(ContentCoding coding) {
  auto& deflater = coding == ContentCoding::gzip ? gzip_ : zlib_;
  auto const format = coding == ContentCoding::gzip ? DeflateFormat::gzip : DeflateFormat::zlib;
  if (!deflater) deflater.emplace(Deflater::Options{.format = format, .level = level_});
  return *deflater;
}

std::optional<std::string> BodyEncoder::encode(Bytes body, ContentCoding coding) {
  if (coding == ContentCoding::identity) return std::nullopt;
  auto encoded = coding == ContentCoding::br ? brotli(body) : deflater(coding).whole(body);
  if (!encoded || encoded->size() >= body.size()) return std::nullopt;
  return encoded;
}

}  // namespace chorus::http
