// FakeClientBody: what a stock client is to Socket.IO, in one namespace over one link.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "chorus/testing.hpp"
#include "server/testing/fake_link.hpp"
#include "socket/packet.hpp"

namespace chorus::server {

class HarnessBody;

/// Thread: the test's. Lifetime: shared by the harness and the test's handles.
class FakeClientBody {
 public:
  FakeClientBody(HarnessBody& house, FakeClientOptions options);

  // For the harness.

  void connect();
  /// Takes what the server has sent. False: there was nothing.
  bool listen();
  void house_ends() { house_ = nullptr; }

  // For FakeClient: what became of it and what it heard, as of now.

  bool is_connected() const { return connected_; }
  std::string const& id() const { return id_; }
  bool recovered() const { return recovered_; }
  std::optional<FakeConnectError> const& connect_error() const { return error_; }
  std::optional<std::string> const& disconnected() const { return disconnected_; }
  std::vector<Heard>& heard() { return heard_; }
  void settle();

  // What it does, with all that follows.

  void send(Bytes event, ArgsWriter const& args, std::shared_ptr<FakeAnswer::State> answer);
  bool send_answer(Bytes event, ArgsWriter const& args);
  void send_raw(Bytes message);
  void disconnect();
  void lose_connection();
  void go_silent();
  void reconnect();

 private:
  struct Question {
    std::string event;
    std::uint64_t ack_id;
  };

  void say(std::string packet, std::span<std::string const> attachments = {});
  void take(FakeLink::Message const& message);
  void on_packet(socket::PacketView const& packet, std::span<std::string const> attachments);
  void on_connect(ArgView payload);
  void on_event(socket::PacketView const& packet, std::span<std::string const> attachments);
  void ask_to_be_let_in();
  void hang_up();
  void end(char const* reason);

  HarnessBody* house_;  // nullptr: it has ended
  FakeClientOptions const options_;
  socket::PacketLimits const limits_;
  socket::PacketAssembler assembler_{limits_};
  std::shared_ptr<FakeLink> link_;  // nullptr: there is no connection

  bool connected_ = false;
  bool recovered_ = false;
  std::string id_, recovery_id_, offset_;
  std::optional<FakeConnectError> error_;
  std::optional<std::string> disconnected_;
  std::vector<Heard> heard_;
  std::deque<Question> unanswered_;
  std::map<std::uint64_t, std::shared_ptr<FakeAnswer::State>> awaited_;
  std::uint64_t asked_ = 0;
};

}  // namespace chorus::server
