#include "cluster/directory.hpp"

#include <algorithm>
#include <utility>

#include "base/json.hpp"
#include "base/utf8.hpp"
#include "chorus/args.hpp"

namespace chorus::cluster {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

void write_device(ArgsWriter& out, Device const& device) {
  auto const since = std::chrono::duration_cast<milliseconds>(device.since.time_since_epoch()).count();
  ObjectWriter(out)
      .member("socket", device.socket_id)
      .member("worker", device.worker)
      .member("since", since)
      .member("info", RawJson{device.info_json});
}

std::optional<Device> read_device(ArgView value, std::string const& node) {
  auto const socket = value["socket"].as<std::string>();
  auto const worker = value["worker"].as<unsigned>();
  auto const since = value["since"].as<std::int64_t>();
  auto const info = value["info"];
  if (!socket || !worker || !since || info.is_missing()) return std::nullopt;
  return Device{*socket, *worker, system_clock::time_point(milliseconds(*since)), std::string(info.raw()), node};
}

template <class... T>
std::string message(T const&... members) {
  ArgsWriter out;
  {
    ArrayWriter array(out);
    (array.element(members), ...);
  }
  return std::move(out).text();
}

/// A device with its place; nothing: it cannot be read.
template <class Place>
std::optional<std::pair<Place, Device>> read_entry(ArgView nsp, ArgView user, ArgView value, std::string const& node) {
  auto nsp_name = nsp.as<std::string>();
  auto user_id = user.as<std::string>();
  auto device = read_device(value, node);
  if (!nsp_name || !user_id || !device) return std::nullopt;
  Place place{std::move(*nsp_name), std::move(*user_id), device->socket_id};
  return std::pair{std::move(place), std::move(*device)};
}

}  // namespace

Directory::Directory(std::string node, DirectoryOutlet& outlet, DirectoryLimits limits)
    : node_(std::move(node)), outlet_(outlet), limits_(limits) {}

// ---- what this node announces

void Directory::device_came(std::string nsp, UserId user, Device device) {
  ArgsWriter out;
  {
    ArrayWriter array(out);
    array.element("came").element(node_).element(++number_).element(nsp).element(user.value);
    write_device(array.next(), device);
  }
  Place place{std::move(nsp), std::move(user.value), device.socket_id};
  own_.insert_or_assign(std::move(place), std::move(device));
  outlet_.announce(std::move(out).text());
}

void Directory::device_went(std::string nsp, UserId user, std::string_view socket_id) {
  Place const place{std::move(nsp), std::move(user.value), std::string(socket_id)};
  if (own_.erase(place) == 0) return;
  outlet_.announce(message("went", node_, ++number_, place.nsp, place.user, place.socket_id));
}

void Directory::node_died(std::string const& name) {
  if (name == node_ || is_dead(name)) return;
  dead_.push_back(name);
  if (dead_.size() > limits_.dead_nodes_max) dead_.pop_front();
  lose(name);
}

bool Directory::is_dead(std::string_view name) const { return std::ranges::find(dead_, name) != dead_.end(); }

void Directory::on_up() {
  up_ = true;
  announce_all();
  outlet_.announce(message("want", node_, ""));
  beat();
}

void Directory::on_tick(TimePoint now) {
  answered_ = false;
  if (std::exchange(wanted_, false)) answer_wants();
  if (!up_ || now - last_beat_ < limits_.beat_interval) return;
  last_beat_ = now;
  beat();
}

void Directory::beat() { outlet_.announce(message("beat", node_, number_)); }

void Directory::announce_all() {
  std::size_t const parts =
      std::max<std::size_t>(1, (own_.size() + limits_.snapshot_devices_max - 1) / limits_.snapshot_devices_max);
  auto next = own_.begin();
  for (std::size_t part = 0; part < parts; ++part) {
    ArgsWriter out;
    {
      ArrayWriter array(out);
      array.element("all").element(node_).element(number_).element(part).element(parts);
      ArrayWriter devices(array.next());
      for (std::size_t i = 0; i < limits_.snapshot_devices_max && next != own_.end(); ++i, ++next) {
        ArrayWriter entry(devices.next());
        entry.element(next->first.nsp).element(next->first.user);
        write_device(entry.next(), next->second);
      }
    }
    outlet_.announce(std::move(out).text());
  }
}

void Directory::answer_wants() {
  answered_ = true;
  announce_all();
}

void Directory::leave() { outlet_.announce(message("bye", node_)); }

// ---- what the others announce

bool Directory::on_message(Bytes text) {
  if (!is_utf8(text) || !json::is_valid(text)) return false;
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return false;
  Args const message(text.substr(1, text.size() - 2));
  auto const kind = message[0].as<std::string>();
  auto const name = message[1].as<std::string>();
  if (!kind || !name || name->empty()) return false;
  if (*name == node_) {
    if (*kind == "beat") {
      ++own_beats_back_;
      look_for_lost();
    }
    return true;
  }
  if (is_dead(*name)) return true;
  if (*kind == "beat") return take_beat(*name, message);
  if (*kind == "came") return take_came(*name, message);
  if (*kind == "went") return take_went(*name, message);
  if (*kind == "all") return take_part(*name, message);
  if (*kind == "want") return take_want(message);
  if (*kind == "bye") lose(*name);
  return true;  // a later version may say more
}

Directory::Node* Directory::heard(std::string const& name) {
  auto found = nodes_.find(name);
  if (found == nodes_.end()) {
    if (nodes_.size() >= limits_.nodes_max) return nullptr;
    found = nodes_.emplace(name, Node{}).first;
    outlet_.node_found(name);
  }
  found->second.heard_at = own_beats_back_;
  return &found->second;
}

void Directory::want(std::string const& name, Node& of) {
  if (of.wanted_at == own_beats_back_) return;  // asked for already; if that was lost, the next beat asks again
  of.wanted_at = own_beats_back_;
  outlet_.announce(message("want", node_, name));
}

bool Directory::in_order(std::string const& name, Node& from, std::uint64_t number) {
  if (number == from.number + 1) {
    from.number = number;
    return true;
  }
  if (number > from.number) want(name, from);
  return false;
}

bool Directory::take_beat(std::string const& name, Args const& message) {
  auto const number = message[2].as<std::uint64_t>();
  if (!number) return false;
  if (Node* const node = heard(name); node != nullptr && *number > node->number) want(name, *node);
  return true;
}

bool Directory::take_came(std::string const& name, Args const& message) {
  auto const number = message[2].as<std::uint64_t>();
  auto entry = read_entry<Place>(message[3], message[4], message[5], name);
  if (!number || !entry) return false;
  Node* const node = heard(name);
  if (node != nullptr && in_order(name, *node, *number)) add(*node, std::move(entry->first), std::move(entry->second));
  return true;
}

bool Directory::take_went(std::string const& name, Args const& message) {
  auto const read = message.as<std::string, std::string, std::uint64_t, std::string, std::string, std::string>();
  if (!read) return false;
  auto const& [kind, from, number, nsp, user, socket_id] = *read;
  Node* const node = heard(name);
  if (node != nullptr && in_order(name, *node, number)) remove(*node, {nsp, user, socket_id});
  return true;
}

bool Directory::take_part(std::string const& name, Args const& message) {
  auto const number = message[2].as<std::uint64_t>();
  auto const part = message[3].as<std::uint64_t>();
  auto const parts = message[4].as<std::uint64_t>();
  if (!number || !part || !parts || *part >= *parts || message[5].kind() != ArgKind::array) return false;
  Devices devices;
  ArrayCursor cursor(message[5]);
  while (auto const each = cursor.next()) {
    auto entry = read_entry<Place>((*each)[0], (*each)[1], (*each)[2], name);
    if (!entry) return false;
    devices.insert(std::move(*entry));
  }
  Node* const node = heard(name);
  if (node == nullptr) return true;
  if (*part == 0) {
    node->arriving.clear();
    node->arriving_number = *number;
    node->arriving_parts = 0;
  }
  if (*part != node->arriving_parts || *number != node->arriving_number) return true;  // one was lost: a beat tells
  ++node->arriving_parts;
  if (node->arriving.size() + devices.size() > limits_.devices_max) return true;
  node->arriving.merge(devices);
  if (*part + 1 < *parts) return true;
  node->wanted_at.reset();
  node->arriving_parts = 0;
  if (*number >= node->number) {
    node->number = *number;
    replace(*node, std::exchange(node->arriving, {}));
  }
  return true;
}

bool Directory::take_want(Args const& message) {
  auto const whose = message[2].as<std::string>();
  if (!whose) return false;
  if (!whose->empty() && *whose != node_) return true;
  if (answered_)
    wanted_ = true;  // with the next tick, once for all who ask meanwhile
  else
    answer_wants();
  return true;
}

// ---- tables

void Directory::replace(Node& of, Devices devices) {
  std::vector<Place> gone;
  for (auto const& [place, device] : of.devices)
    if (!devices.contains(place)) gone.push_back(place);
  // First those who came: a user whose device moved is not offline in between.
  for (auto& [place, device] : devices)
    if (!of.devices.contains(place)) add(of, place, std::move(device));
  for (auto const& place : gone) remove(of, place);
}

void Directory::add(Node& of, Place place, Device device) {
  if (remote_devices_ >= limits_.devices_max) return;
  auto const [at, is_new] = of.devices.emplace(std::move(place), device);
  if (!is_new) return;
  ++remote_devices_;
  outlet_.remote_came(at->first.nsp, UserId{at->first.user}, std::move(device));
}

void Directory::remove(Node& of, Place const& place) {
  if (of.devices.erase(place) == 0) return;
  --remote_devices_;
  outlet_.remote_went(place.nsp, UserId{place.user}, place.socket_id);
}

void Directory::look_for_lost() {
  std::vector<std::string> lost;
  for (auto const& [name, node] : nodes_)
    if (own_beats_back_ - node.heard_at >= limits_.beats_missed_max) lost.push_back(name);
  for (auto const& name : lost) lose(name);
}

void Directory::lose(std::string const& name) {
  auto const found = nodes_.find(name);
  if (found == nodes_.end()) return;
  replace(found->second, {});
  nodes_.erase(found);
  outlet_.node_lost(name);
}

}  // namespace chorus::cluster
