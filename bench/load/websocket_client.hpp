// A client with `transports: ["websocket"]`.
#pragma once
#include "load/client.hpp"

namespace load {

class WebSocketClient final : public Client {
 public:
  void send_packet(std::string_view packet, std::uint32_t mask) override;

 private:
  std::string first_request(std::string const& query) const override;
  std::size_t take(std::string_view bytes, std::size_t index, Sink& sink) override;
  void on_text(std::string_view text, std::size_t index, Sink& sink);

  bool upgraded_ = false;
};

}  // namespace load
