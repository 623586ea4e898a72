#include "server/testing/fake_client.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "base/json.hpp"
#include "server/testing/harness.hpp"
#include "socket/packet_writer.hpp"

namespace chorus::server {
namespace {

/// The server's packets are not held against limits: those are its own.
socket::PacketLimits no_limits() {
  socket::PacketLimits limits;
  limits.attachments_max = 1'000'000;
  limits.event_name_bytes_max = limits.namespace_bytes_max = limits.packet_bytes_max = std::size_t{1} << 40;
  limits.depth_max = json::nesting_cap;
  return limits;
}

}  // namespace

FakeClientBody::FakeClientBody(HarnessBody& house, FakeClientOptions options)
    : house_(&house), options_(std::move(options)), limits_(no_limits()) {}

void FakeClientBody::settle() {
  if (house_ != nullptr) house_->settle();
}

// ---- from the server
// -------------------------------------------------------------------------------------------------

bool FakeClientBody::listen() {
  if (!link_ || link_->silent) return false;
  auto const link = link_;  // a message may end it
  bool heard = false;
  for (; link_ == link && !link->to_client.empty(); heard = true) {
    auto const message = std::move(link->to_client.front());
    link->to_client.pop_front();
    take(message);
  }
  if (link_ == link && link->server_closed) end("transport close");
  return heard || link_ != link;
}

/// EIO v4: 0 open, 1 close, 2 ping, 4 message.
void FakeClientBody::take(FakeLink::Message const& message) {
  Bytes data = message.data;
  if (message.kind == engine::MessageKind::text) {
    char const type = data.front();
    data.remove_prefix(1);
    if (type == '0') return ask_to_be_let_in();
    if (type == '1') return end("transport close");
    if (type == '2') return link_->to_server.push_back({engine::MessageKind::text, "3"});
    if (type != '4') return;
  }
  bool const is_text = message.kind == engine::MessageKind::text;
  auto const packet = is_text ? assembler_.on_text(data) : assembler_.on_binary(data);
  CHORUS_CHECK(!packet.has_error(), "the server has sent what is no packet");
  if (*packet) on_packet((*packet)->view(), (*packet)->attachments());
}

void FakeClientBody::on_packet(socket::PacketView const& packet, std::span<std::string const> attachments) {
  using enum socket::PacketType;
  ArgView const payload(packet.payload);
  switch (packet.type) {
    case connect:
      return on_connect(payload);
    case connect_error:
      error_ = {payload["message"].as<std::string>().value_or(""), std::string(payload["data"].raw())};
      return hang_up();
    case disconnect:
      end("io server disconnect");
      return;
    case event:
    case binary_event:
      return on_event(packet, attachments);
    case ack:
    case binary_ack:
      if (auto const asked = awaited_.extract(*packet.ack_id))
        asked.mapped()->args = OwnedArgs::copy(Args(packet.arguments, attachments));
  }
}

void FakeClientBody::on_connect(ArgView payload) {
  auto const recovery_id = payload["pid"].as<std::string>().value_or("");
  id_ = payload["sid"].as<std::string>().value_or("");
  recovered_ = !recovery_id.empty() && recovery_id == recovery_id_;
  recovery_id_ = recovery_id;
  connected_ = true;
}

void FakeClientBody::on_event(socket::PacketView const& packet, std::span<std::string const> attachments) {
  std::string scratch;
  Args const args(packet.arguments, attachments);
  Heard heard{std::string(packet.event_name(scratch)), OwnedArgs::copy(args), packet.ack_id};
  if (packet.ack_id) unanswered_.push_back({heard.event, *packet.ack_id});
  // As the stock client has it: the offset is the last argument, if that is a string.
  if (auto const count = args.size(); count > 0 && !recovery_id_.empty())
    if (auto offset = args[count - 1].as<std::string>()) offset_ = std::move(*offset);
  heard_.push_back(std::move(heard));
}

// ---- to the server
// ---------------------------------------------------------------------------------------------------

void FakeClientBody::say(std::string packet, std::span<std::string const> attachments) {
  if (!link_) return;
  link_->to_server.push_back({engine::MessageKind::text, "4" + std::move(packet)});
  for (auto const& attachment : attachments) link_->to_server.push_back({engine::MessageKind::binary, attachment});
}

void FakeClientBody::ask_to_be_let_in() {
  std::string auth = options_.auth;
  if (!recovery_id_.empty()) {
    ArgsWriter former;
    {
      ObjectWriter object(former);
      object.member("pid", recovery_id_);
      if (!offset_.empty()) object.member("offset", offset_);
      for (ObjectCursor own{ArgView(auth)}; auto const member = own.next();) object.member(member->key, member->value);
    }
    auth = std::move(former).text();
  }
  std::string packet;
  socket::append_packet_head(packet, socket::PacketType::connect, options_.nsp);
  say(packet + auth);
}

void FakeClientBody::send(Bytes event, ArgsWriter const& args, std::shared_ptr<FakeAnswer::State> answer) {
  settle();
  if (!connected_) return;
  std::optional<std::uint64_t> ack_id;
  if (answer) awaited_.emplace(*(ack_id = asked_++), std::move(answer));
  auto const& attachments = args.attachments();
  std::string packet;
  socket::append_event(packet, options_.nsp, event, args.text(), static_cast<unsigned>(attachments.size()), ack_id);
  say(std::move(packet), attachments);
  settle();
}

bool FakeClientBody::send_answer(Bytes event, ArgsWriter const& args) {
  settle();
  auto const question =
      std::ranges::find_if(unanswered_, [event](Question const& each) { return each.event == event; });
  if (!connected_ || question == unanswered_.end()) return false;
  auto const& attachments = args.attachments();
  std::string packet;
  socket::append_ack(packet, options_.nsp, question->ack_id, args.text(), static_cast<unsigned>(attachments.size()));
  unanswered_.erase(question);
  say(std::move(packet), attachments);
  settle();
  return true;
}

void FakeClientBody::send_raw(Bytes message) {
  settle();
  say(std::string(message));
  settle();
}

// ---- ends
// ------------------------------------------------------------------------------------------------------------

/// Behind what it has said.
void FakeClientBody::hang_up() {
  if (link_) link_->client_closed = true;
  link_.reset();
}

void FakeClientBody::end(char const* reason) {
  hang_up();
  connected_ = false;
  disconnected_ = reason;
  assembler_.reset();
  unanswered_.clear();
  awaited_.clear();
}

void FakeClientBody::disconnect() {
  settle();
  if (!link_) return;
  if (connected_) {
    std::string packet;
    socket::append_disconnect(packet, options_.nsp);
    say(std::move(packet));
  }
  end("io client disconnect");
  settle();
}

void FakeClientBody::lose_connection() {
  settle();
  if (!link_) return;
  end("transport close");
  settle();
}

void FakeClientBody::go_silent() {
  settle();
  if (link_) link_->silent = true;
}

void FakeClientBody::connect() {
  if (house_ == nullptr) return;
  disconnected_.reset();
  error_.reset();
  recovered_ = false;
  link_ = house_->open(options_);
  settle();
}

void FakeClientBody::reconnect() {
  lose_connection();  // of a silent one the server hears nothing
  connect();
}

}  // namespace chorus::server

// ---- the public face
// -------------------------------------------------------------------------------------------------

namespace chorus {

namespace {
server::FakeClientBody& settled(std::shared_ptr<server::FakeClientBody> const& body) {
  body->settle();
  return *body;
}
}  // namespace

bool FakeClient::connected() const { return settled(body_).is_connected(); }
std::string FakeClient::id() const { return settled(body_).id(); }
bool FakeClient::recovered() const { return settled(body_).recovered(); }
std::optional<FakeConnectError> FakeClient::connect_error() const { return settled(body_).connect_error(); }
std::optional<std::string> FakeClient::disconnected() const { return settled(body_).disconnected(); }
std::vector<Heard> FakeClient::heard() const { return settled(body_).heard(); }

std::vector<std::string> FakeClient::received(std::string_view event) const {
  std::vector<std::string> texts;
  for (auto const& each : settled(body_).heard())
    if (each.event == event) texts.push_back(each.args.text);
  return texts;
}

std::optional<Heard> FakeClient::newest_of(std::string_view event) const {
  auto const& heard = settled(body_).heard();
  auto const newest = std::find_if(heard.rbegin(), heard.rend(), [event](Heard const& h) { return h.event == event; });
  return newest == heard.rend() ? std::nullopt : std::optional(*newest);
}

void FakeClient::forget() const { settled(body_).heard().clear(); }
void FakeClient::send(std::string_view event, ArgsWriter args, std::shared_ptr<FakeAnswer::State> answer) const {
  body_->send(event, args, std::move(answer));
}
bool FakeClient::send_answer(std::string_view event, ArgsWriter args) const { return body_->send_answer(event, args); }
void FakeClient::send_raw(std::string_view message) const { body_->send_raw(message); }
void FakeClient::disconnect() const { body_->disconnect(); }
void FakeClient::lose_connection() const { body_->lose_connection(); }
void FakeClient::go_silent() const { body_->go_silent(); }
void FakeClient::reconnect() const { body_->reconnect(); }

}  // namespace chorus
