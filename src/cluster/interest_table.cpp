#include "cluster/interest_table.hpp"

#include <algorithm>
#include <cstdint>

#include "base/check.hpp"

namespace chorus::cluster {
namespace {

/// Namespace and key as one, with the namespace's size in front: no pair can be read as another.
std::string const& full_key(std::string_view nsp, std::string_view key) {
  thread_local std::string joined;  // look-ups allocate nothing
  auto const size = static_cast<std::uint32_t>(nsp.size());
  joined.assign(reinterpret_cast<char const*>(&size), sizeof size);
  joined += nsp;
  joined += key;
  return joined;
}

}  // namespace

InterestTable::Shard& InterestTable::shard_of(std::string_view key) const {
  return shards_[std::hash<std::string_view>{}(key) % shard_count];
}

void InterestTable::add(std::string_view nsp, std::string_view key, unsigned worker) {
  auto const& name = full_key(nsp, key);
  shard_of(name).table.with([&](Table& table) { table[name] |= socket::WorkerSet{1} << worker; });
}

void InterestTable::remove(std::string_view nsp, std::string_view key, unsigned worker) {
  auto const& name = full_key(nsp, key);
  shard_of(name).table.with([&](Table& table) {
    auto const found = table.find(name);
    CHORUS_CHECK(found != table.end(), "a room was left that nobody had entered");
    found->second &= ~(socket::WorkerSet{1} << worker);
    if (found->second == 0) table.erase(found);
  });
}

socket::WorkerSet InterestTable::find(std::string_view nsp, std::string_view key) const {
  auto const& name = full_key(nsp, key);
  return shard_of(name).table.with([&](Table const& table) {
    auto const found = table.find(name);
    return found == table.end() ? socket::WorkerSet{0} : found->second;
  });
}

std::size_t InterestTable::size() const {
  std::size_t total = 0;
  for (auto& shard : shards_) total += shard.table.with([](Table const& table) { return table.size(); });
  return total;
}

DeviceTable::Shard& DeviceTable::shard_of(std::string_view key) const {
  return shards_[std::hash<std::string_view>{}(key) % shard_count];
}

void DeviceTable::came(std::string_view nsp, UserId const& user, Device device, Tell const& tell) {
  auto const& name = full_key(nsp, user.value);
  shard_of(name).table.with([&](Table& table) {
    auto& devices = table[name];
    bool const first = devices.empty();
    devices.push_back(device);
    tell(Presence{user, first, true, devices, std::move(device)});
  });
}

void DeviceTable::went(std::string_view nsp, UserId const& user, std::string_view socket_id, Tell const& tell) {
  auto const& name = full_key(nsp, user.value);
  shard_of(name).table.with([&](Table& table) {
    auto const found = table.find(name);
    if (found == table.end()) return;
    auto& devices = found->second;
    auto const gone = std::ranges::find(devices, socket_id, &Device::socket_id);
    if (gone == devices.end()) return;
    auto device = std::move(*gone);
    devices.erase(gone);
    bool const last = devices.empty();
    Presence presence{user, last, !last, devices, std::move(device)};
    if (last) table.erase(found);
    tell(std::move(presence));
  });
}

std::vector<Device> DeviceTable::devices(std::string_view nsp, UserId const& user) const {
  auto const& name = full_key(nsp, user.value);
  return shard_of(name).table.with([&](Table const& table) {
    auto const found = table.find(name);
    return found == table.end() ? std::vector<Device>{} : found->second;
  });
}

std::vector<OnlineUser> DeviceTable::users(std::string_view nsp, std::size_t limit) const {
  std::vector<OnlineUser> all;
  auto const prefix = full_key(nsp, "");
  for (auto& shard : shards_)
    shard.table.with([&](Table const& table) {
      for (auto const& [name, devices] : table) {
        if (all.size() == limit) return;
        if (name.starts_with(prefix))
          all.push_back({UserId{name.substr(prefix.size())}, devices.size(), devices.front().info_json});
      }
    });
  std::ranges::sort(
      all, {}, [](OnlineUser const& each) -> auto& { return each.user.value; });
  return all;
}

std::size_t DeviceTable::own_user_count() const {
  auto const is_own = [](auto const& entry) {
    return std::ranges::any_of(entry.second, [](Device const& device) { return device.node.empty(); });
  };
  std::size_t total = 0;
  for (auto& shard : shards_)
    total += shard.table.with(
        [&](Table const& table) { return static_cast<std::size_t>(std::ranges::count_if(table, is_own)); });
  return total;
}

std::size_t DeviceTable::user_count() const {
  std::size_t total = 0;
  for (auto& shard : shards_) total += shard.table.with([](Table const& table) { return table.size(); });
  return total;
}

}  // namespace chorus::cluster
