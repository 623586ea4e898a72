#include "cluster/local_bus.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace chorus::cluster {
namespace {

using ::testing::ElementsAre;

socket::Target to_rooms(std::vector<std::string> rooms, std::string nsp = "/") {
  socket::Target target;
  target.nsp = std::move(nsp);
  for (auto& room : rooms) target.rooms.push_back(socket::room_key(room));
  return target;
}

TEST(LocalBus, knows_the_workers_that_have_members_of_a_room) {
  LocalBus bus(4);
  auto const key = socket::room_key("x");
  EXPECT_EQ(bus.interested(to_rooms({"x"})), 0u);
  bus.gained("/", key, 1);
  bus.gained("/", key, 3);
  bus.gained("/", socket::room_key("y"), 2);
  EXPECT_EQ(bus.interested(to_rooms({"x"})), 0b1010u);
  EXPECT_EQ(bus.interested(to_rooms({"x", "y"})), 0b1110u);
  EXPECT_EQ(bus.interested(to_rooms({"x"}, "/other")), 0u);
  bus.lost("/", key, 1);
  EXPECT_EQ(bus.interested(to_rooms({"x"})), 0b1000u);
  bus.lost("/", key, 3);
  bus.lost("/", socket::room_key("y"), 2);
  EXPECT_EQ(bus.rooms_known(), 0u);
}

TEST(LocalBus, knows_a_sockets_worker_by_its_id) {
  LocalBus bus(4);
  auto const id = socket::make_socket_id(2);
  std::string const name(id.data(), id.size());
  EXPECT_EQ(bus.interested(to_rooms({name})), 0b100u);
  bus.gained("/", socket::room_key(name), 3);  // a room that others made of that name
  EXPECT_EQ(bus.interested(to_rooms({name})), 0b1100u);
  auto const elsewhere = socket::make_socket_id(7);  // of a process with more workers
  EXPECT_EQ(bus.interested(to_rooms({std::string(elsewhere.data(), elsewhere.size())})), 0u);
  EXPECT_EQ(bus.interested(to_rooms({name + "x", name.substr(1), std::string(20, '+')})), 0u);
}

TEST(LocalBus, no_namespace_and_room_can_be_read_as_another_pair) {
  LocalBus bus(2);
  bus.gained("/a", "rb", 1);
  EXPECT_EQ(bus.interested(to_rooms({"b"}, "/a")), 0b10u);
  EXPECT_EQ(bus.interested(to_rooms({"rb"}, "/a")), 0u);
  socket::Target whole;
  whole.nsp = "/arb";
  EXPECT_EQ(bus.interested(whole), 0u);
}

TEST(LocalBus, a_parent_of_dynamic_namespaces_and_a_single_worker_reach_everybody) {
  EXPECT_EQ(LocalBus(3).interested(to_rooms({"x"}, "~^/dyn")), 0b111u);
  EXPECT_EQ(LocalBus(1).interested(to_rooms({"x"})), 0b1u);
}

TEST(LocalBus, counts_a_users_devices_and_tells_edges_to_one_worker_in_order) {
  LocalBus bus(4);
  std::vector<unsigned> told;
  bus.open([&](unsigned worker, socket::Letter) { told.push_back(worker); }, [](unsigned) {});
  UserId const ann{"ann"};
  bus.device_came("/", ann, {"s1", 0, {}});
  bus.device_came("/", ann, {"s2", 3, {}});
  EXPECT_EQ(bus.devices("/", ann).size(), 2u);
  ASSERT_EQ(bus.users("/", 10).size(), 1u);
  EXPECT_EQ(bus.users("/", 10)[0].user, ann);
  EXPECT_EQ(bus.users("/", 10)[0].devices, 2u);
  EXPECT_EQ(bus.users("/", 10)[0].info_json, "null");
  EXPECT_TRUE(bus.users("/other", 10).empty());
  bus.device_went("/", ann, "s1");
  bus.device_went("/", ann, "unknown");
  bus.device_went("/", ann, "s2");
  EXPECT_EQ(bus.users_known(), 0u);
  ASSERT_EQ(told.size(), 4u);
  EXPECT_THAT(told, ::testing::Each(told.front()));
}

TEST(LocalBus, misses_nobody_while_sockets_are_on_their_way_into_rooms) {
  LocalBus bus(3);
  EXPECT_EQ(bus.interested(to_rooms({"x"})), 0u);
  bus.joins_began();
  EXPECT_EQ(bus.interested(to_rooms({"x"})), 0b111u);
  bus.joins_ended();
  EXPECT_EQ(bus.interested(to_rooms({"x"})), 0u);
}

TEST(LocalBus, lists_users_by_their_ids_and_no_more_than_asked_for) {
  LocalBus bus(2);
  for (char const* id : {"d", "b", "e", "a", "c"}) bus.device_came("/", UserId{id}, {});
  auto const ids = [&](std::size_t limit) {
    std::string all;
    for (auto const& each : bus.users("/", limit)) all += each.user.value;
    return all;
  };
  EXPECT_EQ(ids(10), "abcde");
  EXPECT_EQ(ids(3).size(), 3u);
  EXPECT_TRUE(std::ranges::is_sorted(ids(3)));
  EXPECT_EQ(ids(0), "");
}

/// Notes what it is told.
class UplinkStub final : public socket::Uplink {
 public:
  void broadcast(socket::Target const&, std::string_view, ArgsWriter const&) override {}
  void sockets_join(socket::Target const&, std::vector<std::string> const&) override {}
  void sockets_leave(socket::Target const&, std::vector<std::string> const&) override {}
  void disconnect_sockets(socket::Target const&, bool) override {}
  void dispatch(socket::Dispatch const&) override {}
  void server_side_emit(std::string_view, std::string_view, ArgsWriter const&) override {}
  void server_side_ask(std::string_view, std::string_view, ArgsWriter const&, AnswersHandler) override {}
  void server_count(std::string_view, std::function<void(ServerCount const&)>) override {}
  void namespace_opened(std::string_view) override {}
  void route(socket::DispatchRoute) override {}
  void device_came(std::string_view nsp, UserId const& user, Device const& device) override {
    told.push_back("+" + std::string(nsp) + user.value + device.socket_id);
  }
  void device_went(std::string_view nsp, UserId const& user, std::string_view socket_id) override {
    told.push_back("-" + std::string(nsp) + user.value + std::string(socket_id));
  }
  std::vector<std::string> told;
};

TEST(LocalBus, a_single_worker_is_not_bothered_with_what_other_nodes_tell_others) {
  LocalBus bus(1);
  bus.set_uplink(std::make_shared<UplinkStub>());
  EXPECT_EQ(bus.interested(to_rooms({"x"})), 0u);
  bus.gained("/", socket::room_key("x"), 0);
  EXPECT_EQ(bus.interested(to_rooms({"x"})), 0b1u);
}

TEST(LocalBus, devices_on_other_nodes_count_and_only_own_ones_are_told_there) {
  LocalBus bus(2);
  auto const uplink = std::make_shared<UplinkStub>();
  bus.set_uplink(uplink);
  UserId const ann{"ann"};
  bus.device_came("/", ann, {"s1", 0, {}, "null", "there"});
  bus.device_came("/", ann, {"s2", 1, {}, "null", ""});
  ASSERT_EQ(bus.devices("/", ann).size(), 2u);
  EXPECT_EQ(bus.devices("/", ann)[0].node, "there");
  EXPECT_EQ(bus.own_users(), 1u);
  bus.device_went("/", ann, "s1");
  EXPECT_EQ(bus.users_known(), 1u);
  bus.device_came("/", ann, {"s3", 0, {}, "null", "there"});
  bus.device_went("/", ann, "s2");
  EXPECT_EQ(bus.own_users(), 0u);
  bus.device_went("/", ann, "s3");
  EXPECT_EQ(bus.users_known(), 0u);
  EXPECT_THAT(uplink->told, ElementsAre("+/anns2", "-/anns2"));
}

TEST(LocalBus, wakes_a_worker_once_for_a_batch) {
  auto const bus = std::make_shared<LocalBus>(4);
  std::vector<std::string> told;
  bus->open([&](unsigned worker, socket::Letter) { told.push_back("letter " + std::to_string(worker)); },
            [&](unsigned worker) { told.push_back("wake " + std::to_string(worker)); });
  auto const post = [&](unsigned worker) { bus->post(worker, socket::Errand([](socket::Hub&) {})); };
  post(2);
  EXPECT_THAT(std::exchange(told, {}), ElementsAre("letter 2", "wake 2"));
  {
    LocalBus::Batch const batch(bus);
    post(3);
    post(1);
    post(3);
    EXPECT_THAT(std::exchange(told, {}), ElementsAre("letter 3", "letter 1", "letter 3"));
  }
  EXPECT_THAT(std::exchange(told, {}), ElementsAre("wake 1", "wake 3"));
  post(0);
  EXPECT_THAT(told, ElementsAre("letter 0", "wake 0"));
}

TEST(LocalBus, drops_letters_before_it_opens_and_after_it_closed_while_others_post) {
  LocalBus bus(1);
  int delivered = 0;  // under the bus's own lock: strangers post one at a time
  bus.post(0, socket::Errand([](socket::Hub&) {}));
  bus.open([&](unsigned, socket::Letter) { ++delivered; }, [](unsigned) {});
  std::thread stranger([&] {
    for (int i = 0; i < 10'000; ++i) bus.post(0, socket::Errand([](socket::Hub&) {}));
  });
  bus.post(0, socket::Errand([](socket::Hub&) {}));
  bus.close();
  int const at_close = delivered;
  stranger.join();
  EXPECT_EQ(delivered, at_close);
  EXPECT_GE(at_close, 1);
}

}  // namespace
}  // namespace chorus::cluster
