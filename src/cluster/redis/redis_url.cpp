#include "cluster/redis/redis_url.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace chorus::cluster::redis {
namespace {

/// What a Unix socket's address holds (sockaddr_un), less its final zero.
constexpr std::size_t path_bytes_max = 107;
constexpr std::size_t host_bytes_max = 253;

using Fault = std::optional<RedisUrlError>;

Fault fault(char const* sentence) { return RedisUrlError{sentence}; }

bool is_alphanumeric(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decoded(Bytes text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    int const high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    int const low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

/// `keep`: what may stand as it is beside letters and digits.
std::string percent_encoded(Bytes text, Bytes keep) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string encoded;
  for (char const c : text) {
    if (is_alphanumeric(c) || keep.find(c) != Bytes::npos) {
      encoded += c;
      continue;
    }
    auto const byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += digits[byte >> 4];
    encoded += digits[byte & 15];
  }
  return encoded;
}

template <class Number>
std::optional<Number> to_number(Bytes text) {
  Number number = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Fault take_scheme(Bytes& rest, RedisUrl& url) {
  using Transport = RedisUrl::Transport;
  static constexpr std::pair<Bytes, Transport> schemes[] = {{"redis://", Transport::tcp},
                                                            {"rediss://", Transport::tls},
                                                            {"unix://", Transport::unix_socket},
                                                            {"redis+unix://", Transport::unix_socket}};
  for (auto const& [scheme, transport] : schemes) {
    if (!equals_ignoring_case(rest.substr(0, scheme.size()), scheme)) continue;
    url.transport = transport;
    rest.remove_prefix(scheme.size());
    return std::nullopt;
  }
  return fault("a Redis URL begins with redis://, rediss:// (TLS) or unix:// (a socket's path)");
}

Fault take_user_and_password(Bytes user_info, RedisUrl& url) {
  std::size_t const colon = user_info.find(':');
  if (colon == Bytes::npos) return fault("the Redis URL names a user but no password (user:password@)");
  auto user = percent_decoded(user_info.substr(0, colon));
  auto password = percent_decoded(user_info.substr(colon + 1));
  if (!user || !password) return fault("user or password of the Redis URL has a % without two hexadecimal digits");
  if (user->empty() && password->empty()) return fault("the Redis URL has an @ but no user and no password");
  url.user = std::move(*user);
  url.password = std::move(*password);
  return std::nullopt;
}

bool is_host_name(Bytes host) {
  return !host.empty() && host.size() <= host_bytes_max && std::all_of(host.begin(), host.end(), [](char c) {
    return is_alphanumeric(c) || c == '.' || c == '-' || c == '_';
  });
}

bool is_ipv6_literal(Bytes host) {
  std::size_t const zone = std::min(host.find('%'), host.size());
  Bytes const address = host.substr(0, zone);
  return address.find(':') != Bytes::npos && host.size() <= host_bytes_max &&
         std::all_of(address.begin(), address.end(),
                     [](char c) { return hex_digit(c) >= 0 || c == ':' || c == '.'; }) &&
         (zone == host.size() || is_host_name(host.substr(zone + 1)));
}

/// Takes the host off, with its brackets.
Fault take_host(Bytes& rest, RedisUrl& url) {
  if (!rest.empty() && rest[0] == '[') {
    std::size_t const end = rest.find(']');
    if (end == Bytes::npos || !is_ipv6_literal(rest.substr(1, end - 1))) {
      return fault("the host of the Redis URL begins with [ but is no IPv6 address in brackets");
    }
    url.host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    return std::nullopt;
  }
  Bytes const host = rest.substr(0, rest.find(':'));
  if (host.empty()) return fault("the Redis URL has no host");
  if (!is_host_name(host)) {
    return fault("the host of the Redis URL is no name or address (in a password, percent-encode / ? # @ and %)");
  }
  url.host = host;
  rest.remove_prefix(host.size());
  return std::nullopt;
}

Fault take_port(Bytes rest, RedisUrl& url) {
  if (rest.empty()) return std::nullopt;
  auto const port = rest[0] == ':' ? to_number<std::uint16_t>(rest.substr(1)) : std::nullopt;
  if (!port || *port == 0) {
    return fault(
        "the port of the Redis URL is no number from 1 to 65535 (in a password, percent-encode / ? # @ and %)");
  }
  url.port = *port;
  return std::nullopt;
}

Fault take_database(Bytes text, RedisUrl& url) {
  auto const database = to_number<std::uint32_t>(text);
  if (!database) return fault("the database of the Redis URL is no number");
  url.database = *database;
  return std::nullopt;
}

/// Behind the authority of redis:// and rediss://.
Fault take_tcp_path(Bytes path, RedisUrl& url) {
  if (path.empty() || path == "/") return std::nullopt;
  if (path[0] != '/') return fault("a Redis URL over TCP ends with /database; it has no ? and no #");
  return take_database(path.substr(1), url);
}

Fault take_unix_path(Bytes rest, RedisUrl& url) {
  std::size_t const question = rest.find('?');
  auto path = percent_decoded(rest.substr(0, question));
  if (!path || path->find('\0') != std::string::npos) {
    return fault("the path of the Redis URL has a % without two hexadecimal digits");
  }
  if (path->size() < 2 || path->size() > path_bytes_max) {
    return fault("the path of the Redis URL's socket is empty or longer than 107 bytes");
  }
  url.host.clear();
  url.port = 0;
  url.path = std::move(*path);
  if (question == Bytes::npos) return std::nullopt;
  Bytes const query = rest.substr(question + 1);
  if (!query.starts_with("db=")) return fault("a Redis URL of a socket knows no option but ?db=");
  return take_database(query.substr(3), url);
}

}  // namespace

Result<RedisUrl, RedisUrlError> parse_redis_url(Bytes text) {
  RedisUrl url;
  if (auto const wrong = take_scheme(text, url)) return *wrong;
  std::size_t const path_begin = std::min(text.find_first_of("/?#"), text.size());
  Bytes authority = text.substr(0, path_begin);
  Bytes const path = text.substr(path_begin);
  if (std::size_t const at = authority.rfind('@'); at != Bytes::npos) {
    if (auto const wrong = take_user_and_password(authority.substr(0, at), url)) return *wrong;
    authority.remove_prefix(at + 1);
  }
  Fault wrong;
  if (url.transport == RedisUrl::Transport::unix_socket) {
    wrong = authority.empty() && path.starts_with('/')
                ? take_unix_path(path, url)
                : fault("a Redis URL of a socket has an absolute path: unix:///path/of.sock");
  } else {
    wrong = take_host(authority, url);
    if (!wrong) wrong = take_port(authority, url);
    if (!wrong) wrong = take_tcp_path(path, url);
  }
  if (wrong) return *wrong;
  return url;
}

std::string RedisUrl::to_text() const {
  std::string text = transport == Transport::tls ? "rediss://" : transport == Transport::tcp ? "redis://" : "unix://";
  if (password) text.append(percent_encoded(user, "-._~")).append(":***@");
  if (transport == Transport::unix_socket) {
    text += percent_encoded(path, "-._~/:+,=");
    if (database != 0) text += "?db=" + std::to_string(database);
    return text;
  }
  bool const brackets = host.find(':') != std::string::npos;
  text += brackets ? "[" + host + "]" : host;
  text += ":" + std::to_string(port);
  if (database != 0) text += "/" + std::to_string(database);
  return text;
}

}  // namespace chorus::cluster::redis
