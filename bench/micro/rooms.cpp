// Rooms and users, from a client's message to what its receivers' connections are given; see world.hpp.
//
// Where another room, user or client has its turn each time, what is far apart in memory is found where it is, and not
// in the nearest cache: instruction counts (bench/instructions/) do not see that.
#include <cstddef>
#include <memory>
#include <string>

#include "micro/measure.hpp"
#include "micro/world.hpp"
#include "socket/rooms.hpp"

namespace chorus::bench {
namespace {

constexpr std::size_t members = 10, devices = 3;
std::string const text = "\"0123456789abcdefghijklmnopqrstuv\"";

/// As many clients, three of them a user each, and rooms of ten.
struct Crowd {
  std::size_t connections;
  std::size_t rooms;
  char const* name;
};
constexpr Crowd few{100, 10, "10 rooms, 100 connections"}, crowded{9'000, 10, "10 rooms, 9,000 connections"},
    many{9'000, 100'000, "100,000 rooms, 9,000 connections"};

std::string join(std::size_t room) { return "42[\"join\",\"room-" + std::to_string(room) + "\"]"; }

/// Where it is measured. One world at a time, for its turn is the thread's; benchmarks in the same crowd follow each
/// other.
class Place {
 public:
  World& world(Crowd const& crowd) {
    if (crowd_ != &crowd) fill(crowd);
    return *world_;
  }

 private:
  void fill(Crowd const& crowd) {
    world_.reset();
    world_ = std::make_unique<World>();
    crowd_ = &crowd;
    for (std::size_t i = 0; i < crowd.connections; ++i) world_->connect("user-" + std::to_string(i / devices));
    for (std::size_t i = 0; i < crowd.rooms * members; ++i) world_->say(i % crowd.connections, join(i / members));
  }

  std::unique_ptr<World> world_;
  Crowd const* crowd_ = nullptr;
};

/// Far from the one before, and no room, user or client is left out for long.
std::size_t next_of(std::size_t& turn, std::size_t count) { return (turn += 7'919) % count; }

/// `work(world, turn)` each time, in a world that is filled before.
template <class Work>
void measure_in(std::shared_ptr<Place> const& place, Crowd const& crowd, std::string const& name,
                std::size_t repetitions, Work work) {
  measure(
      "rooms: " + name + ", among " + crowd.name,
      [place, &crowd, work] {
        place->world(crowd);
        return [place, &crowd, work, turn = std::size_t{0}]() mutable { work(place->world(crowd), turn); };
      },
      repetitions);
}

void say_in_room(World& world, Crowd const& crowd, std::size_t room) {
  world.say(room * members % crowd.connections, "42[\"room\",\"room-" + std::to_string(room) + "\"," + text + "]");
}

void add_crowd(std::shared_ptr<Place> const& place, Crowd const& crowd) {
  measure_in(place, crowd, "deliver to one of the same 10", members,
             [&crowd](World& world, std::size_t&) { say_in_room(world, crowd, 1); });
  measure_in(place, crowd, "deliver to one of another room of 10", members,
             [&crowd](World& world, std::size_t& turn) { say_in_room(world, crowd, next_of(turn, crowd.rooms)); });
  measure_in(place, crowd, "deliver to one of another user's 3 devices", devices,
             [&crowd, message = "42[\"message\"," + text + "]"](World& world, std::size_t& turn) {
               world.say(next_of(turn, crowd.connections / devices) * devices, message);
             });
  measure_in(place, crowd, "another joins a new room and leaves it", 1, [&crowd](World& world, std::size_t& turn) {
    auto const who = next_of(turn, crowd.connections);
    world.say(who, R"(42["join","new"])");
    world.say(who, R"(42["leave","new"])");
  });
}

struct Member final : socket::RoomMember {};

}  // namespace

void add_rooms() {
  measure("rooms: enter and leave the table of rooms alone", [] {
    return [rooms = std::make_shared<socket::Rooms>(), member = std::make_shared<Member>()] {
      rooms->join(*member, "rnew");
      rooms->leave(*member, "rnew");
    };
  });
  auto const place = std::make_shared<Place>();
  for (Crowd const* const crowd : {&few, &crowded, &many}) add_crowd(place, *crowd);
}

}  // namespace chorus::bench
