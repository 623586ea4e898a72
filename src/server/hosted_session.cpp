#include "server/hosted_session.hpp"

#include "socket/hub.hpp"

namespace chorus::server {

std::vector<std::pair<std::string, std::string>> lower_headers(http::Request const& request) {
  std::vector<std::pair<std::string, std::string>> list;
  list.reserve(request.header_count());
  for (http::Header const header : request.headers()) list.emplace_back(lower_case(header.name), header.value);
  return list;
}

template <class F, class... Values>
void RawSession::tell(char const* what, F const& handler, Values&&... values) {
  if (handler) socket::guarded_call(hub_, what, mount().path, [&] { handler(*this, values...); });
}

void RawSession::opened() {
  auto const& raw = mount().raw;
  if (raw.on_packet_create || raw.on_flush || raw.on_drain || raw.on_heartbeat || raw.on_upgrading)
    session_.watch(this);
  tell("engine open", raw.on_open);
}

void RawSession::carry_headers(http::Request const* request) {
  carrying_ = request != nullptr;
  headers_ = carrying_ ? lower_headers(*request) : decltype(headers_)();
}

void RawSession::on_message(engine::MessageKind kind, Bytes data) {
  tell("engine message", mount().raw.on_message, data, kind == engine::MessageKind::binary);
}

void RawSession::on_upgraded() { tell("engine upgrade", mount().raw.on_upgrade, transport()); }

void RawSession::on_close(engine::CloseReason reason) {
  tell("engine close", mount().raw.on_close, engine::to_string(reason));
  owner_.session_closed(session_.sid());
}

void RawSession::on_packet_create(engine::Packet const& packet, engine::Compress compress) {
  tell("engine packet create", mount().raw.on_packet_create, socket::public_packet(packet, compress));
}
void RawSession::on_flush(std::size_t packets) { tell("engine flush", mount().raw.on_flush, packets); }
void RawSession::on_drain() { tell("engine drain", mount().raw.on_drain); }
void RawSession::on_heartbeat() { tell("engine heartbeat", mount().raw.on_heartbeat); }
void RawSession::on_upgrading() { tell("engine upgrading", mount().raw.on_upgrading, std::string_view("websocket")); }

}  // namespace chorus::server
