#include "admin/actions.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "socket/socket_core.hpp"

namespace chorus::admin {
namespace {

/// A name or several: the reference takes both.
std::optional<std::vector<std::string>> names(ArgView value) {
  if (auto one = value.as<std::string>()) return std::vector{std::move(*one)};
  return value.as<std::vector<std::string>>();
}

/// All sockets of a namespace, or those of the rooms (or with the ids) that a filter names; nothing: it is no such
/// thing. As in JavaScript an empty filter is none.
std::optional<Audience> audience_of(Socket const& admin, ArgView nsp, ArgView filter) {
  auto const name = nsp.as<std::string>();
  if (!name || !name->starts_with('/')) return std::nullopt;
  Audience const everyone(admin.ref()->home->board, *name);
  if (filter.is_missing() || filter.is_null() || filter.as<std::string>() == "") return everyone;
  auto const rooms = names(filter);
  if (!rooms || rooms->empty()) return std::nullopt;
  return everyone.to(*rooms);
}

void note(Socket const& admin, std::string_view action, Args const& args, bool done) {
  log(done ? LogLevel::info : LogLevel::debug, done ? "admin_action" : "admin_action_refused",
      {{"action", action}, peer_field("args", args.raw()), peer_field("address", admin.handshake().address())});
}

bool emit(Socket const& admin, Args const& args) {
  auto const audience = audience_of(admin, args[0], args[1]);
  auto const event = args[2].as<std::string>();
  if (!audience || !event || is_reserved_event(*event)) return false;
  ArgsWriter rest;
  auto const count = args.size();
  for (std::size_t i = 3; i < count; ++i) rest.add(args[i]);
  audience->emit_encoded(*event, std::move(rest));
  return true;
}

using Move = void (Audience::*)(std::vector<std::string> rooms, std::function<void()> done) const;

/// Into rooms or out of them.
template <Move act>
bool move(Socket const& admin, Args const& args) {
  auto const audience = audience_of(admin, args[0], args[2]);
  auto const rooms = names(args[1]);
  if (!audience || !rooms) return false;
  ((*audience).*act)(*rooms, nullptr);
  return true;
}

bool disconnect(Socket const& admin, Args const& args) {
  auto const audience = audience_of(admin, args[0], args[2]);
  if (!audience) return false;
  audience->disconnect_sockets(args[1].as<bool>().value_or(false), nullptr);
  return true;
}

}  // namespace

void offer_actions(Namespace& nsp) {
  auto offer = [&](char const* action, bool (*act)(Socket const&, Args const&)) {
    nsp.on(action, [action, act](Socket const& admin, Args const& args) {
      note(admin, action, args, act(admin, args));  // what was done may have ended the admin's own socket
    });
  };
  offer("emit", emit);
  offer("join", move<&Audience::sockets_join>);
  offer("leave", move<&Audience::sockets_leave>);
  offer("_disconnect", disconnect);
}

}  // namespace chorus::admin
