// A client with `transports: ["polling"]`, on one connection that is kept: one request at a time.
#pragma once
#include "load/client.hpp"

namespace load {

/// Posts what there is to say, then asks for the answers: one POST and one GET for each message that is echoed. It asks
/// only while it waits for an answer, so it hears nothing that others send.
class PollingClient final : public Client {
 public:
  void send_packet(std::string_view packet, std::uint32_t mask) override;

 private:
  enum class Request : std::uint8_t { none, open, post, poll };

  std::string first_request(std::string const& query) const override;
  std::size_t take(std::string_view bytes, std::size_t index, Sink& sink) override;
  void on_answer(std::string_view body, std::size_t index, Sink& sink);
  void on_packet(std::string_view packet, std::size_t index, Sink& sink);
  void say(std::string_view packet);
  void ask_next();

  Request waiting_ = Request::open;
  std::string path_;  // with the session's id
  std::string unsaid_;
  std::size_t answers_due_ = 0;
};

}  // namespace load
