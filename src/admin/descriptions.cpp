#include "admin/descriptions.hpp"

#include "base/iso_date.hpp"
#include "socket/client.hpp"
#include "socket/handshake_json.hpp"
#include "socket/namespace_core.hpp"
#include "socket/socket_core.hpp"

namespace chorus::admin {
namespace {

constexpr std::size_t client_id_size = 12;

/// As proxies have it, where there are any.
std::string_view address_of(Handshake const& handshake) {
  for (auto const* const name : {"cf-connecting-ip", "x-forwarded-for"})
    if (auto const address = handshake.header(name); !address.empty()) return address;
  return handshake.address();
}

}  // namespace

std::string client_id(socket::Client const& client) {
  std::string_view const sid = client.session().sid();
  auto const behind_text = sid.rfind('.') + 1;  // npos + 1 is 0
  return std::string(sid.substr(behind_text, client_id_size));
}

}  // namespace chorus::admin

namespace chorus {

void Codec<admin::Date>::encode(ArgsWriter& out, admin::Date date) {
  using std::chrono::milliseconds;
  std::string text;
  auto const since = std::chrono::floor<milliseconds>(date.time.time_since_epoch()).count();
  append_iso_date(text, static_cast<double>(since));
  out.string(text);
}

void Codec<admin::SocketDescription>::encode(ArgsWriter& out, admin::SocketDescription const& description) {
  auto& socket = description.socket;
  Handshake const& handshake = socket.handle().handshake();
  ObjectWriter object(out);
  object.member("id", socket.id())
      .member("clientId", admin::client_id(socket.client()))
      .member("transport", socket.client().transport_name())
      .member("nsp", socket.nsp().name())
      .member("data", RawJson{socket.data_json()});
  {
    ObjectWriter members(object.next("handshake"));
    socket::write_handshake(members, handshake, admin::address_of(handshake));
  }
  object.member("rooms", socket.room_names());
}

void Codec<admin::EventDescription>::encode(ArgsWriter& out, admin::EventDescription const& description) {
  ArrayWriter array(out);
  array.element(description.event);
  auto const count = description.args.size();
  for (std::size_t i = 0; i < count; ++i) array.element(description.args[i]);
}

}  // namespace chorus
