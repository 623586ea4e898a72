#include "chorus/handshake.hpp"

#include <algorithm>
#include <ctime>

#include "base/bytes.hpp"
#include "chorus/args.hpp"

namespace chorus {
namespace {

Handshake::NameValue const* find(std::vector<Handshake::NameValue> const& list, std::string_view name) {
  auto const found =
      std::ranges::find_if(list, [name](auto const& nv) { return equals_ignoring_case(nv.first, name); });
  return found == list.end() ? nullptr : &*found;
}

/// As JavaScript's Date prints itself.
std::string date_text(std::chrono::system_clock::time_point when) {
  std::time_t const seconds = std::chrono::system_clock::to_time_t(when);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof text, "%a %b %d %Y %H:%M:%S GMT+0000", &parts)};
}

void write_members(ArgsWriter& out, std::vector<Handshake::NameValue> const& list) {
  ObjectWriter object(out);
  for (auto const& [name, value] : list) object.member(name, value);
}

}  // namespace

std::string_view Handshake::header(std::string_view name) const {
  auto const* found = find(request_->headers, name);
  return found != nullptr ? std::string_view(found->second) : std::string_view();
}

bool Handshake::has_header(std::string_view name) const { return find(request_->headers, name) != nullptr; }

std::optional<std::string_view> Handshake::query(std::string_view name) const {
  for (auto const& [key, value] : request_->query)
    if (key == name) return value;
  return std::nullopt;
}

std::string Handshake::to_json() const {
  using std::chrono::milliseconds;
  ArgsWriter out;
  {
    ObjectWriter object(out);
    write_members(object.next("headers"), headers());
    object.member("time", date_text(issued())).member("address", address());
    object.member("xdomain", cross_domain()).member("secure", secure());
    object.member("issued", std::chrono::duration_cast<milliseconds>(issued().time_since_epoch()).count());
    object.member("url", url());
    write_members(object.next("query"), query());
    object.member("auth", RawJson{auth_});
  }
  return std::move(out).text();
}

}  // namespace chorus
