// What people do in the UI: emit to sockets, move them between rooms, disconnect them.
#pragma once
#include "chorus/namespace.hpp"

namespace chorus::admin {

/// Sets the handlers of `emit`, `join`, `leave` and `_disconnect` on the UI's namespace. What somebody sends that is
/// none of these, or names what may not be named, is logged and otherwise ignored. Namespaces that there are not are
/// not made: it is done to nobody. With Redis, all nodes do it.
void offer_actions(Namespace& nsp);

}  // namespace chorus::admin
