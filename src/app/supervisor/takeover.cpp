#include "app/supervisor/takeover.hpp"

#include <stdexcept>
#include <utility>

#include "app/supervisor/control_socket.hpp"
#include "app/supervisor/runtime_folder.hpp"

namespace chorus::app {
namespace {

constexpr Duration takeover_time_max = std::chrono::seconds(5);

[[noreturn]] void fail(std::uint16_t port, std::string const& why) {
  throw std::runtime_error("--takeover: the instance on port " + std::to_string(port) +
                           " cannot be taken over: " + why + ".");
}

}  // namespace

void Takeover::send_retire() { channel.send(encode(ControlRequest{ControlRequest::What::retire})); }

std::optional<Takeover> ask_for_takeover(std::string const& runtime_folder, std::string const& host,
                                         std::uint16_t port) {
  auto channel = connect_to_control(control_socket_path(runtime_folder, port));
  if (!channel) return std::nullopt;
  channel->send(encode(ControlRequest{ControlRequest::What::take_over}));
  if (!channel->wait_for_message(takeover_time_max)) fail(port, "it does not answer");
  auto received = channel->receive();
  auto answer = decode_hand_over(received.text);
  if (auto const* refusal = std::get_if<ControlError>(&answer)) fail(port, refusal->error);
  auto& place = std::get<HandOver>(answer);
  if (place.host != host)
    fail(port, "it listens on '" + place.host + "', not on '" + host + "'; give it the same --host");
  if (received.descriptors.empty()) fail(port, "it hands over no listening sockets");
  return Takeover{std::move(*channel), std::move(place), std::move(received.descriptors)};
}

}  // namespace chorus::app
