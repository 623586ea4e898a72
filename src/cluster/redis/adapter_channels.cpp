#include "cluster/redis/adapter_channels.hpp"

#include "cluster/redis/wire_rooms.hpp"

namespace chorus::cluster::redis {
namespace {

std::string channel(Bytes prefix, Bytes nsp) {
  std::string name;
  name.reserve(prefix.size() + nsp.size() + 1);
  return name.append(prefix).append(nsp).append(1, '#');
}

std::string channel(Bytes prefix, Bytes nsp, Bytes tail) {
  std::string name = channel(prefix, nsp);
  return name.append(tail).append(1, '#');
}

/// For redis.io/commands/psubscribe: a backslash takes the next character as it is.
std::string escape_pattern(Bytes text) {
  std::string pattern;
  for (char const c : text) {
    if (Bytes("*?[]\\").find(c) != Bytes::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

/// `rest`: what follows the namespace's '#'. The tail in it, without its '#'.
std::optional<ChannelParts> with_tail(ChannelKind kind, Bytes nsp, Bytes rest) {
  if (rest.empty()) return ChannelParts{kind, nsp, {}};
  if (kind == ChannelKind::request || rest.back() != '#') return std::nullopt;
  rest.remove_suffix(1);
  return ChannelParts{kind, nsp, rest};
}

}  // namespace

AdapterChannels::AdapterChannels(Bytes key)
    : broadcast_prefix_(std::string(key) + '#'),
      request_prefix_(std::string(key) + "-request#"),
      response_prefix_(std::string(key) + "-response#") {}

std::string AdapterChannels::broadcast(Bytes nsp) const { return channel(broadcast_prefix_, nsp); }

std::string AdapterChannels::broadcast(Bytes nsp, Bytes room) const { return channel(broadcast_prefix_, nsp, room); }

std::string AdapterChannels::broadcast(Bytes nsp, std::span<std::string const> rooms) const {
  return rooms.size() == 1 ? broadcast(nsp, Bytes(to_wire(rooms.front()))) : broadcast(nsp);
}

std::string AdapterChannels::broadcast_pattern(Bytes nsp) const { return escape_pattern(broadcast(nsp)) + '*'; }

std::string AdapterChannels::all_broadcasts_pattern() const { return escape_pattern(broadcast_prefix_) + '*'; }

std::string AdapterChannels::request(Bytes nsp) const { return channel(request_prefix_, nsp); }

std::string AdapterChannels::response(Bytes nsp) const { return channel(response_prefix_, nsp); }

std::string AdapterChannels::response(Bytes nsp, Bytes uid) const { return channel(response_prefix_, nsp, uid); }

std::optional<AdapterChannels::Split> AdapterChannels::split(Bytes channel) const {
  Split const prefixes[] = {{ChannelKind::broadcast, broadcast_prefix_},
                            {ChannelKind::request, request_prefix_},
                            {ChannelKind::response, response_prefix_}};
  for (auto const& [kind, prefix] : prefixes) {  // none begins another: they differ behind the key
    if (channel.starts_with(prefix)) return Split{kind, channel.substr(prefix.size())};
  }
  return std::nullopt;
}

std::optional<ChannelParts> AdapterChannels::parse_for(Bytes nsp, Bytes channel) const {
  auto const found = split(channel);
  if (!found || !found->second.starts_with(nsp)) return std::nullopt;
  Bytes const rest = found->second.substr(nsp.size());
  if (!rest.starts_with('#')) return std::nullopt;
  return with_tail(found->first, found->second.substr(0, nsp.size()), rest.substr(1));
}

std::optional<ChannelParts> AdapterChannels::parse(Bytes channel) const {
  auto const found = split(channel);
  if (!found) return std::nullopt;
  auto const& [kind, rest] = *found;
  auto const hash = kind == ChannelKind::request ? rest.rfind('#') : rest.find('#');
  if (hash == Bytes::npos) return std::nullopt;
  return with_tail(kind, rest.substr(0, hash), rest.substr(hash + 1));
}

}  // namespace chorus::cluster::redis
