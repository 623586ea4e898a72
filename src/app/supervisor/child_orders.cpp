#include "app/supervisor/child_orders.hpp"

#include "app/supervisor/message_text.hpp"

template <>
inline constexpr auto chorus::fields<chorus::app::ChildOrders> = std::tuple{
    chorus::field("slot", &chorus::app::ChildOrders::slot),
    chorus::field("processes", &chorus::app::ChildOrders::processes),
    chorus::field("node", &chorus::app::ChildOrders::node),
    chorus::field("incarnation", &chorus::app::ChildOrders::incarnation),
    chorus::field("sessionKey", &chorus::app::ChildOrders::session_key),
    chorus::field("relayFolder", &chorus::app::ChildOrders::relay_folder),
    chorus::field("redisUrl", &chorus::app::ChildOrders::redis_url),
};

namespace chorus::app {

std::string encode(ChildOrders const& orders) {
  auto wire = orders;
  wire.session_key = to_text_bytes(orders.session_key);
  return to_message(wire);
}

std::optional<ChildOrders> decode_child_orders(std::string_view message) {
  auto orders = from_message<ChildOrders>(message);
  if (!orders) return std::nullopt;
  auto key = from_text_bytes(orders->session_key);
  if (!key) return std::nullopt;
  orders->session_key = std::move(*key);
  return orders;
}

}  // namespace chorus::app
