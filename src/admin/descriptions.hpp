// What the UI is told of sockets, events and times: types that encode themselves as arguments of an emit.
#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "chorus/args.hpp"

namespace chorus::socket {
class Client;
class SocketCore;
}  // namespace chorus::socket

namespace chorus::admin {

/// A Date of JavaScript, in JSON: "2026-11-22T23:02:18.123Z".
struct Date {
  std::chrono::system_clock::time_point time;
};

/// `{id, clientId, transport, nsp, data, handshake, rooms}`. Of the handshake all but `auth`, which may hold secrets.
/// Borrows the socket.
struct SocketDescription {
  socket::SocketCore& socket;
};

/// `[event, ...args]` with its attachments. Borrows both.
struct EventDescription {
  std::string_view event;
  Args const& args;
};

/// Twelve characters that name a client: as the reference has it of its session id, most of which stays secret; of one
/// that begins with a program's text, of what comes behind that.
std::string client_id(socket::Client const& client);

}  // namespace chorus::admin

namespace chorus {

template <>
struct Codec<admin::Date> {
  static void encode(ArgsWriter& out, admin::Date date);
};
template <>
struct Codec<admin::SocketDescription> {
  static void encode(ArgsWriter& out, admin::SocketDescription const& description);
};
template <>
struct Codec<admin::EventDescription> {
  static void encode(ArgsWriter& out, admin::EventDescription const& description);
};

}  // namespace chorus
