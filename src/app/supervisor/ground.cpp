#include "app/supervisor/ground.hpp"

#include <stdexcept>
#include <utility>

#include "app/supervisor/child_orders.hpp"
#include "app/supervisor/runtime_folder.hpp"
#include "base/log.hpp"
#include "base/random.hpp"

namespace chorus::app {
namespace {

std::string runtime_folder_if_possible() {
  try {
    return make_runtime_folder();
  } catch (std::runtime_error const& error) {
    log(LogLevel::warning, "no_runtime_folder", {{"reason", error.what()}});
    return {};
  }
}

std::optional<Takeover> predecessor_of(Config const& config, std::string const& runtime_folder) {
  auto const port = config.server.port;
  if (!config.takeover || runtime_folder.empty() || port == 0) return std::nullopt;
  return ask_for_takeover(runtime_folder, config.server.host, port);
}

server::ListeningSockets take_sockets(Takeover& predecessor) {
  std::vector<int> descriptors;
  for (auto& socket : predecessor.listening) descriptors.push_back(socket.release());
  return server::ListeningSockets::adopt(descriptors);
}

std::optional<NodePlaces> claim_places(Config const& config, std::string const& runtime_folder) {
  if (config.redis.empty() || runtime_folder.empty()) return std::nullopt;
  try {
    return NodePlaces::claim(runtime_folder, config.redis + "\n" + config.server.redis.key, config.processes);
  } catch (std::runtime_error const& error) {
    log(LogLevel::warning, "no_shared_sessions", {{"reason", error.what()}});
    return std::nullopt;
  }
}

std::string random_key() {
  std::string key(session_key_size, '\0');
  fill_random(key.data(), key.size());
  return key;
}

}  // namespace

Ground prepare_ground(Config const& config) {
  auto folder = runtime_folder_if_possible();
  auto predecessor = predecessor_of(config, folder);
  auto sockets =
      predecessor ? take_sockets(*predecessor) : server::ListeningSockets::open(config.server.host, config.server.port);
  auto instance_folder = folder.empty() ? std::string() : make_instance_folder(folder, sockets.port());
  auto places = claim_places(config, folder);
  std::string key = places ? places->session_key() : predecessor ? predecessor->place.session_key : random_key();
  std::vector<std::uint8_t> incarnations;
  if (predecessor) incarnations = predecessor->place.incarnations;
  return {std::move(folder), std::move(instance_folder), std::move(predecessor), std::move(sockets), std::move(places),
          std::move(key),    std::move(incarnations)};
}

NodePlace Ground::place_of(unsigned slot, std::uint8_t incarnation) {
  return places ? places->next(slot) : NodePlace{static_cast<std::uint16_t>(slot), incarnation};
}

std::string Ground::relay_folder() const {
  auto const& folder = places ? places->folder() : instance_folder;
  return folder.empty() ? folder : folder + "/relay";
}

}  // namespace chorus::app
