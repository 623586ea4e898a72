#include "server/hosted_session.hpp"

#include "socket/hub.hpp"

namespace chorus::server {

std::vector<std::pair<std::string, std::string>> lower_headers(http::Request const& request) {
  std::vector<std::pair<std::string, std::string>> list;
  list.reserve(request.header_count());
  for (http::Header const header : request.headers()) list.emplace_back(lower_case(header.name), header.value);
  return list;
}

void RawSession::opened() {
  if (mount().raw.on_open) socket::guarded_call(hub_, "engine open", mount().path, [&] { mount().raw.on_open(*this); });
}

void RawSession::carry_headers(http::Request const* request) {
  carrying_ = request != nullptr;
  headers_ = carrying_ ? lower_headers(*request) : decltype(headers_)();
}

void RawSession::on_message(engine::MessageKind kind, Bytes data) {
  if (!mount().raw.on_message) return;
  socket::guarded_call(hub_, "engine message", mount().path,
                       [&] { mount().raw.on_message(*this, data, kind == engine::MessageKind::binary); });
}

void RawSession::on_close(engine::CloseReason reason) {
  if (mount().raw.on_close)
    socket::guarded_call(hub_, "engine close", mount().path,
                         [&] { mount().raw.on_close(*this, engine::to_string(reason)); });
  owner_.session_closed(session_.sid());
}

}  // namespace chorus::server
