#include "chorus/handshake.hpp"

#include <ctime>

#include "base/bytes.hpp"
#include "chorus/args.hpp"
#include "socket/handshake_json.hpp"

namespace chorus {
namespace {

std::optional<std::string_view> find_header(NameValues headers, std::string_view name) {
  for (auto const [key, value] : headers)
    if (equals_ignoring_case(key, name)) return value;
  return std::nullopt;
}

/// As JavaScript's Date prints itself.
std::string date_text(std::chrono::system_clock::time_point when) {
  std::time_t const seconds = std::chrono::system_clock::to_time_t(when);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof text, "%a %b %d %Y %H:%M:%S GMT+0000", &parts)};
}

void write_members(ArgsWriter& out, NameValues list) {
  ObjectWriter object(out);
  for (auto const [name, value] : list) object.member(name, value);
}

}  // namespace

void socket::write_handshake(ObjectWriter& object, Handshake const& handshake, std::string_view address) {
  using std::chrono::milliseconds;
  auto const issued = std::chrono::duration_cast<milliseconds>(handshake.issued().time_since_epoch());
  write_members(object.next("headers"), handshake.headers());
  object.member("time", date_text(handshake.issued())).member("address", address);
  object.member("xdomain", handshake.cross_domain()).member("secure", handshake.secure());
  object.member("issued", issued.count()).member("url", handshake.url());
  write_members(object.next("query"), handshake.query());
}

std::string_view Handshake::header(std::string_view name) const {
  return find_header(headers(), name).value_or(std::string_view());
}

bool Handshake::has_header(std::string_view name) const { return find_header(headers(), name).has_value(); }

std::optional<std::string_view> Handshake::query(std::string_view name) const {
  for (auto const [key, value] : query())
    if (key == name) return value;
  return std::nullopt;
}

std::string Handshake::to_json() const {
  ArgsWriter out;
  {
    ObjectWriter object(out);
    socket::write_handshake(object, *this, address());
    object.member("auth", RawJson{auth_});
  }
  return std::move(out).text();
}

}  // namespace chorus
