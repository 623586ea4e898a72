// What ServerOptions mean to each layer.
#pragma once
#include "chorus/server.hpp"
#include "engine/types.hpp"
#include "net/worker_options.hpp"
#include "socket/hub.hpp"
#include "socket/recovery.hpp"
#include "websocket/deflate_parameters.hpp"

namespace chorus::server {

struct Shared;

/// The options as they are. Throws std::runtime_error with a sentence that names the option and its value.
ServerOptions checked(ServerOptions options);

engine::Settings engine_settings(ServerOptions const& options);
socket::RecoverySettings recovery_settings(ServerOptions const& options);
websocket::DeflateSettings deflate_settings(PerMessageDeflate const& options);
net::WorkerOptions worker_options(unsigned index, ServerOptions const& options);

/// The hub of a worker, with the options' limits. It belongs to the worker that has this mark, so it is born in a turn
/// of that.
socket::Hub make_hub(unsigned index, Shared const& shared, Timers& timers, WorkerMark const& mark);

/// The same figures for users.
RecoveryStats recovery_stats(socket::Recovery::Counts const& counts);

}  // namespace chorus::server
