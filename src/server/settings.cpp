#include "server/settings.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

#include "engine/session_id.hpp"
#include "server/cookie.hpp"
#include "server/shared.hpp"

namespace chorus::server {
namespace {

void check(NodeIdentity const& identity) {
  if (auto const size = identity.session_key.size(); size != 0 && size != engine::SessionIdKey::size)
    throw std::runtime_error("identity.session_key: has " + std::to_string(size) +
                             " bytes; 16, or none for a random one");
}

void check(char const* name, int value, int least, int greatest) {
  if (value < least || value > greatest)
    throw std::runtime_error(std::string(name) + ": " + std::to_string(value) + " is not allowed; " +
                             std::to_string(least) + " to " + std::to_string(greatest));
}

socket::Encoding encoding_of(ServerOptions::Parser parser) {
  if (parser == ServerOptions::Parser::automatic) return socket::Encoding::undecided;
  return parser == ServerOptions::Parser::json ? socket::Encoding::json : socket::Encoding::msgpack;
}

/// What a packet's text and attachments may be one by one, together.
std::size_t packet_bytes_max(ServerOptions const& options) {
  std::size_t const messages = std::size_t{1} + options.attachments_max;
  constexpr std::size_t any = std::numeric_limits<std::size_t>::max();
  return options.message_bytes_max > any / messages ? any : options.message_bytes_max * messages;
}

socket::HubSettings hub_settings(ServerOptions const& options) {
  socket::HubSettings settings;
  settings.packets.attachments_max = options.attachments_max;
  settings.packets.depth_max = options.json_depth_max;
  settings.packets.event_name_bytes_max = options.event_name_bytes_max;
  settings.packets.namespace_bytes_max = options.namespace_bytes_max;
  settings.packets.packet_bytes_max = packet_bytes_max(options);
  settings.encoding = encoding_of(options.parser);
  settings.connect_timeout = options.connect_timeout;
  settings.admission_timeout = options.admission_timeout;
  settings.namespaces_max = options.namespaces_max;
  settings.rooms_max = options.rooms_max;
  settings.room_name_bytes_max = options.room_name_bytes_max;
  settings.asks_pending_max = options.asks_pending_max;
  settings.drafts_pending_max = options.drafts_pending_max;
  settings.cleanup_empty_children = options.cleanup_empty_child_namespaces;
  return settings;
}

}  // namespace

ServerOptions checked(ServerOptions options) {
  check(options.identity);
  auto const& deflate = options.per_message_deflate;
  check("per_message_deflate.level", deflate.level, deflate_level_min, deflate_level_max);
  check("per_message_deflate.server_max_window_bits", deflate.server_max_window_bits, deflate_window_bits_min,
        deflate_window_bits_max);
  check("per_message_deflate.client_max_window_bits", deflate.client_max_window_bits, deflate_window_bits_min,
        deflate_window_bits_max);
  check("http_compression.level", options.http_compression.level, deflate_level_min, deflate_level_max);
  if (auto const fault = cookie_fault(options.cookie)) throw std::runtime_error(*fault);
  return options;
}

engine::Settings engine_settings(ServerOptions const& options) {
  engine::Settings settings;
  settings.ping_interval = options.ping_interval;
  settings.ping_timeout = options.ping_timeout;
  settings.upgrade_timeout = options.upgrade_timeout;
  // A session that is closing waits for its client's next poll; one whose pings are overdue will not come.
  settings.close_timeout = std::min(settings.close_timeout, options.ping_interval + options.ping_timeout);
  settings.payload_bytes_max = options.message_bytes_max;
  settings.buffer_bytes_max = options.backlog_bytes_max;
  settings.buffer_messages_max = options.backlog_messages_max;
  settings.allow_upgrades = options.allow_upgrades;
  settings.websocket_enabled = options.websocket;
  settings.polling_enabled = options.polling;
  return settings;
}

socket::RecoverySettings recovery_settings(ServerOptions const& options) {
  auto const& recovery = options.connection_state_recovery;
  socket::RecoverySettings settings;
  settings.max_disconnection = recovery.max_disconnection;
  settings.skip_middlewares = recovery.skip_middlewares;
  settings.sessions_max = recovery.sessions_max;
  settings.packets_max = recovery.packets_max;
  settings.bytes_max = recovery.bytes_max;
  settings.missed_bytes_max = options.backlog_bytes_max / 2;  // the rest is for what is said meanwhile
  return settings;
}

websocket::DeflateSettings deflate_settings(PerMessageDeflate const& options) {
  websocket::DeflateSettings settings;
  settings.enabled = options.enabled;
  settings.threshold = options.threshold;
  settings.level = options.level;
  if (options.context_takeover) settings.context = websocket::Context::taken_over;
  settings.server_window_bits = options.server_max_window_bits;
  settings.client_window_bits = options.client_max_window_bits;
  return settings;
}

net::WorkerOptions worker_options(unsigned index, ServerOptions const& options) {
  net::WorkerOptions worker;
  worker.index = index;
  worker.backlog_bytes_max = options.backlog_bytes_max;
  worker.io_uring = options.io_uring == ServerOptions::IoUring::off ? net::IoUring::off : net::IoUring::automatic;
  worker.on_answer = options.on_answer;
  worker.tls_handshake_time_max = options.tls.handshake_timeout;
  return worker;
}

socket::Hub make_hub(unsigned index, Shared const& shared, Timers& timers, WorkerMark const& mark) {
  WorkerTurn const turn(mark);
  return socket::Hub(index, hub_settings(shared.options), timers, shared.registry, mark);
}

RecoveryStats recovery_stats(socket::Recovery::Counts const& counts) {
  RecoveryStats stats;
  stats.sessions_kept = counts.sessions;
  stats.packets_kept = counts.packets;
  stats.bytes_kept = counts.bytes;
  stats.recovered = counts.recovered;
  stats.unknown_session = counts.unknown_session;
  stats.unknown_offset = counts.unknown_offset;
  stats.too_much_missed = counts.too_much_missed;
  stats.sessions_expired = counts.sessions_expired;
  stats.sessions_crowded_out = counts.sessions_crowded_out;
  return stats;
}

}  // namespace chorus::server
