#include "cluster/local_bus.hpp"

#include "base/check.hpp"
#include "base/worker_bound.hpp"
#include "socket/hub.hpp"
#include "socket/namespace_core.hpp"

namespace chorus::cluster {

LocalBus::LocalBus(unsigned workers) : workers_(workers) {
  CHORUS_CHECK(workers >= 1 && workers <= socket::workers_max, "a process has 1 to 64 workers");
}

thread_local LocalBus::Batch* LocalBus::batch_ = nullptr;

void LocalBus::open(Post put, Wake wake) {
  put_ = std::move(put);
  wake_ = std::move(wake);
  open_.store(true, std::memory_order_release);
  open_to_strangers_.with([](bool& open) { open = true; });
  if (recovery_ != nullptr) recovery_->open();
}

void LocalBus::close() {
  if (recovery_ != nullptr) recovery_->close();
  open_to_strangers_.with([](bool& open) { open = false; });
  open_.store(false, std::memory_order_release);
}

bool LocalBus::watch(std::shared_ptr<socket::Spectator> spectator) {
  if (spectator_ != nullptr || open_.load(std::memory_order_acquire)) return false;
  spectator_ = std::move(spectator);
  return true;
}

void LocalBus::post(unsigned worker, socket::Letter letter) {
  if (current_turn == nullptr) {
    open_to_strangers_.with([&](bool open) {
      if (open) put(worker, std::move(letter));
    });
  } else if (open_.load(std::memory_order_acquire)) {
    put(worker, std::move(letter));
  }
}

void LocalBus::put(unsigned worker, socket::Letter letter) {
  put_(worker, std::move(letter));
  if (batch_ != nullptr && batch_->bus_.get() == this)
    batch_->asleep_ |= socket::WorkerSet{1} << worker;
  else
    wake_(worker);
}

LocalBus::Batch::Batch(std::shared_ptr<LocalBus> bus) : bus_(std::move(bus)) {
  CHORUS_CHECK(current_turn == nullptr && batch_ == nullptr, "a batch is a foreign thread's, and its only one");
  batch_ = this;
}

LocalBus::Batch::~Batch() {
  batch_ = nullptr;
  if (asleep_ == 0) return;
  bus_->open_to_strangers_.with([&](bool open) {
    for (unsigned worker = 0; open && worker < bus_->workers_; ++worker)
      if ((asleep_ >> worker & 1) != 0) bus_->wake_(worker);
  });
}

void LocalBus::gained(std::string_view nsp, std::string_view key, unsigned worker) {
  if (tracks_interest()) interest_.add(nsp, key, worker);
}

void LocalBus::lost(std::string_view nsp, std::string_view key, unsigned worker) {
  if (tracks_interest()) interest_.remove(nsp, key, worker);
}

socket::WorkerSet LocalBus::interested(socket::Target const& target) const {
  socket::WorkerSet const all = socket::all_workers(workers_);
  if (!tracks_interest() || socket::is_parent_name(target.nsp)) return all;
  if (joins_under_way_.load(std::memory_order_acquire) != 0) return all;
  if (target.rooms.empty()) return interest_.find(target.nsp, "");
  socket::WorkerSet set = 0;
  for (auto const& key : target.rooms) {
    set |= interest_.find(target.nsp, key);
    if (auto const worker = socket::worker_of_own_room(key); worker && *worker < workers_)
      set |= socket::WorkerSet{1} << *worker;
  }
  return set;
}

void LocalBus::tell_presence(std::string_view nsp, Presence presence) {
  auto const home = socket::home_worker(presence.user.value, workers_);
  post(home, socket::Errand([nsp = std::string(nsp), presence = std::move(presence)](socket::Hub& hub) {
         auto* const core = hub.find(nsp);
         if (core == nullptr) return;
         auto const definition = core->shared_definition();
         for (auto const& handler : definition->presence)
           socket::guarded_call(hub, "presence", nsp, [&] { handler.call(presence); });
       }));
}

void LocalBus::device_came(std::string_view nsp, UserId const& user, Device device) {
  devices_.came(nsp, user, std::move(device), [&](Presence p) {
    if (uplink_ != nullptr && p.device.node.empty()) uplink_->device_came(nsp, user, p.device);
    tell_presence(nsp, std::move(p));
  });
}

void LocalBus::device_went(std::string_view nsp, UserId const& user, std::string_view socket_id) {
  devices_.went(nsp, user, socket_id, [&](Presence p) {
    if (uplink_ != nullptr && p.device.node.empty()) uplink_->device_went(nsp, user, socket_id);
    tell_presence(nsp, std::move(p));
  });
}

std::vector<Device> LocalBus::devices(std::string_view nsp, UserId const& user) const {
  return devices_.devices(nsp, user);
}

std::vector<OnlineUser> LocalBus::users(std::string_view nsp, std::size_t limit) const {
  return devices_.users(nsp, limit);
}

}  // namespace chorus::cluster
