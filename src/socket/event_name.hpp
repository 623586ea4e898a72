// Event names that an emit may not use.
#pragma once
#include <string_view>

namespace chorus::socket {

/// Aborts with a sentence for a reserved name (Socket.IO v5: connect, connect_error, disconnect, disconnecting,
/// newListener, removeListener): a bug of the calling program, never of a peer.
void check_event_name(std::string_view event);

}  // namespace chorus::socket
