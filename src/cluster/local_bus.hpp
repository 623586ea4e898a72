// LocalBus: the switchboard of one process. Letters between its workers, interest, devices.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/guarded.hpp"
#include "cluster/interest_table.hpp"
#include "socket/recovery.hpp"
#include "socket/spectator.hpp"
#include "socket/switchboard.hpp"

namespace chorus::cluster {

/// Thread: any. Lifetime: shared by every handle of the server; outlives the workers, and after close() drops letters.
class LocalBus final : public socket::Switchboard {
 public:
  /// Puts a letter into a worker's mailbox.
  using Post = std::function<void(unsigned worker, socket::Letter)>;
  using Wake = std::function<void(unsigned worker)>;

  explicit LocalBus(unsigned workers);

  /// From here on letters reach mailboxes; earlier ones are dropped (the hubs are made from the registry's newest
  /// versions, so nothing is lost by it). Called once, before any other thread knows the bus.
  void open(Post put, Wake wake);
  /// The mailboxes are going away: letters are dropped from here on. Call it when the workers have ended; a foreign
  /// thread that is posting meanwhile is waited for.
  void close();

  /// While it lives, letters of its thread wake nobody, and its end wakes who has some: for a foreign thread that posts
  /// many at once. A worker that is woken for each of them is done with one before the next has come.
  class Batch {
   public:
    explicit Batch(std::shared_ptr<LocalBus> bus);
    ~Batch();
    Batch(Batch const&) = delete;
    Batch& operator=(Batch const&) = delete;

   private:
    friend class LocalBus;
    std::shared_ptr<LocalBus> const bus_;
    socket::WorkerSet asleep_ = 0;
  };

  unsigned workers() const override { return workers_; }
  void post(unsigned worker, socket::Letter letter) override;
  void gained(std::string_view nsp, std::string_view key, unsigned worker) override;
  void lost(std::string_view nsp, std::string_view key, unsigned worker) override;
  void joins_began() override { joins_under_way_.fetch_add(1, std::memory_order_acq_rel); }
  void joins_ended() override { joins_under_way_.fetch_sub(1, std::memory_order_acq_rel); }
  socket::WorkerSet interested(socket::Target const& target) const override;
  void device_came(std::string_view nsp, UserId const& user, Device device) override;
  void device_went(std::string_view nsp, UserId const& user, std::string_view socket_id) override;
  std::vector<Device> devices(std::string_view nsp, UserId const& user) const override;
  std::vector<OnlineUser> users(std::string_view nsp, std::size_t limit) const override;
  socket::Uplink* uplink() const override { return uplink_.get(); }
  bool offload(std::function<void()> work) override { return helpers_ && helpers_(std::move(work)); }
  socket::Recovery* recovery() const override { return recovery_.get(); }
  socket::Spectator* spectator() const override { return spectator_.get(); }
  bool watch(std::shared_ptr<socket::Spectator> spectator) override;

  /// The way to other nodes. Set once, before any other thread knows the bus.
  void set_uplink(std::shared_ptr<socket::Uplink> uplink) { uplink_ = std::move(uplink); }
  /// Connection state recovery. Set once likewise; opened and closed with the bus.
  void set_recovery(std::unique_ptr<socket::Recovery> recovery) { recovery_ = std::move(recovery); }

  /// Where offloaded work goes. Set once, before any other thread knows the bus.
  void set_helpers(std::function<bool(std::function<void()>)> helpers) { helpers_ = std::move(helpers); }

  std::size_t rooms_known() const { return interest_.size(); }
  std::size_t users_known() const { return devices_.user_count(); }
  std::size_t own_users() const { return devices_.own_user_count(); }

 private:
  void tell_presence(std::string_view nsp, Presence presence);
  void put(unsigned worker, socket::Letter letter);
  /// A worker that is alone is asked in any case; but for what comes from other nodes, most of which is for others.
  bool tracks_interest() const { return workers_ > 1 || uplink_ != nullptr; }

  static thread_local Batch* batch_;

  unsigned const workers_;
  InterestTable interest_;
  DeviceTable devices_;
  std::shared_ptr<socket::Uplink> uplink_;
  std::function<bool(std::function<void()>)> helpers_;
  std::unique_ptr<socket::Recovery> recovery_;
  std::shared_ptr<socket::Spectator> spectator_;
  std::atomic<unsigned> joins_under_way_{0};
  Post put_;  // set once, before open_, as is the next
  Wake wake_;
  std::atomic<bool> open_{false};
  Guarded<bool> open_to_strangers_;  // held while a foreign thread posts: a worker ends before the bus, others may not
};

}  // namespace chorus::cluster
