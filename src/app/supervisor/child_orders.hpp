// ChildOrders: what a supervised process is told when it is started, and nobody else may read.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chorus::app {

/// The variable that names the descriptor of a child's channel to its supervisor. Everything else comes over that: its
/// first message is these orders, with the listening sockets as descriptors. So nothing secret is in an argument or in
/// the environment, where others could see it.
inline constexpr char const* child_variable = "CHORUS_CHILD";

/// Of NodeIdentity::session_key.
inline constexpr std::size_t session_key_size = 16;

/// A value.
struct ChildOrders {
  unsigned slot = 0;
  unsigned processes = 1;
  std::uint16_t node = 0;
  std::uint8_t incarnation = 0;
  std::string session_key;
  /// For the processes' sockets to each other; empty: there is none. Several instances may share it (a takeover, a
  /// cluster), so names must tell node and incarnation.
  std::string relay_folder;
  /// Empty: no Redis.
  std::string redis_url;

  friend bool operator==(ChildOrders const&, ChildOrders const&) = default;
};

std::string encode(ChildOrders const& orders);
/// Nothing: it is not such a message.
std::optional<ChildOrders> decode_child_orders(std::string_view message);

}  // namespace chorus::app
