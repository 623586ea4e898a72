// Does a message cost more where there is more around it? Does the same work in small and in large surroundings, each
// piece of it in one call of chorus_measured(), which callgrind counts; bench/instructions/main.mjs compares.
//
// Prints a line for each call, in their order: what was done, how often. By itself it measures nothing.
#include <cstddef>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "micro/world.hpp"

/// What callgrind counts, and what makes it write the count down. By its C name: callgrind is told it in an option.
extern "C" [[gnu::noinline]] void chorus_measured(std::function<void()> const& work) {
  work();
  asm volatile("");  // so that the call is no jump, behind which callgrind would look for the end in vain
}

namespace chorus::bench {
namespace {

void measure(std::string const& what, std::size_t times, std::function<void()> const& work) {
  std::printf("%s %zu\n", what.c_str(), times);
  std::fflush(stdout);
  chorus_measured(work);
}

/// Names of one length: what they cost to hash and to copy must not differ.
std::string numbered(char const* name, std::size_t number) {
  auto const digits = std::to_string(number);
  return name + std::string(7 - digits.size(), '0') + digits;
}

std::string join(std::string const& room) { return "42[\"join\",\"" + room + "\"]"; }
std::string leave(std::string const& room) { return "42[\"leave\",\"" + room + "\"]"; }

struct Surroundings {
  char const* name;
  std::size_t connections;
  std::size_t rooms;
};

constexpr std::size_t members = 10, devices = 3, passers = 100, own_rooms = 5, leavers = 20;
constexpr std::size_t rounds = 200;
std::string const text = "\"0123456789abcdefghijklmnopqrstuv\"";

/// A room of ten, a user of three devices and some who come and go, amid others who have nothing to do with them.
class Place {
 public:
  explicit Place(Surroundings const& around) : around_(around) {
    for (std::size_t i = 0; i < around.connections; ++i) world_.connect(numbered("other-", i / devices));
    for (std::size_t i = 0; i < around.rooms; ++i) world_.say(i % around.connections, join(numbered("room-", i)));
    first_member_ = world_.size();
    for (std::size_t i = 0; i < members; ++i) world_.say(world_.connect(), join("the room"));
    first_device_ = world_.size();
    for (std::size_t i = 0; i < devices; ++i) world_.connect("the user");
    first_passer_ = world_.size();
    for (std::size_t i = 0; i < passers; ++i) come(i);
  }

  void measure_all() {
    auto const to_room = "42[\"room\",\"the room\"," + text + "]";
    repeat("deliver to a room", members, [&] { world_.say(first_member_, to_room); });
    auto const to_user = "42[\"message\"," + text + "]";
    repeat("deliver to a user", devices, [&] { world_.say(first_device_, to_user); });
    repeat("join and leave a new room", 1, [&] { join_and_leave("a new room"); });
    repeat("join and leave a room of others", 1, [&] { join_and_leave(numbered("room-", 1)); });
    measure(name("disconnect out of 5 rooms"), passers, [&] {
      for (std::size_t i = 0; i < passers; ++i) world_.hang_up(first_passer_ + i);
      world_.end_of_turn();
    });
    // Now there is room for as many in every table: none of them grows while it is looked at.
    measure(name("connect and join 5 rooms"), passers, [&] {
      for (std::size_t i = 0; i < passers; ++i) come(i);
    });
  }

 private:
  void come(std::size_t number) {
    auto const who = world_.connect(numbered("passer-", number));
    for (std::size_t room = 0; room < own_rooms; ++room)
      world_.say(who, join(numbered("own-", number * own_rooms + room)));
  }
  void join_and_leave(std::string const& room) {
    world_.say(first_device_, join(room));
    world_.say(first_device_, leave(room));
  }
  template <class Once>
  void repeat(char const* what, std::size_t share, Once const& once) {
    once();  // so that no buffer grows later
    measure(name(what), rounds * share, [&] {
      for (std::size_t i = 0; i < rounds; ++i) once();
    });
  }
  std::string name(char const* what) const { return std::string(what) + ", " + around_.name; }

  Surroundings const around_;
  World world_;
  std::size_t first_member_ = 0, first_device_ = 0, first_passer_ = 0;
};

void join_many(World& world, std::size_t who, std::size_t rooms) {
  for (std::size_t i = 0; i < rooms; ++i) world.say(who, join(numbered("room-", who * 10'000 + i)));
}

/// By the room: those who leave all of theirs at once.
void measure_own_rooms(char const* name, std::size_t sockets, std::size_t rooms) {
  World world;
  for (std::size_t i = 0; i < sockets; ++i) join_many(world, world.connect(), rooms);
  measure(std::string("disconnect, by the room, ") + name, sockets * rooms, [&] {
    for (std::size_t i = 0; i < sockets; ++i) world.hang_up(i);
    world.end_of_turn();
  });
}

/// Some leave, each a room of their own with one other who is moved up there: what is that one's other rooms to them?
void measure_company(char const* name, std::size_t rooms_of_the_other) {
  World world;
  for (std::size_t i = 0; i < leavers; ++i) world.say(world.connect(), join(numbered("common-", i)));
  auto const other = world.connect();
  join_many(world, other, rooms_of_the_other - leavers);
  for (std::size_t i = 0; i < leavers; ++i) world.say(other, join(numbered("common-", i)));
  measure(std::string("leave a room, ") + name, leavers, [&] {
    for (std::size_t i = 0; i < leavers; ++i) world.say(i, leave(numbered("common-", i)));
  });
}

}  // namespace
}  // namespace chorus::bench

int main() {
  using namespace chorus::bench;
  for (Surroundings const& around : {Surroundings{"among 100 connections and 10 rooms", 100, 10},
                                     Surroundings{"among 9,000 connections and 10 rooms", 9'000, 10},
                                     Surroundings{"among 9,000 connections and 100,000 rooms", 9'000, 100'000}})
    Place(around).measure_all();
  measure_own_rooms("of 10", 20, 10);
  measure_own_rooms("of 1,000", 2, 1'000);
  measure_company("behind somebody in 20", 20);
  measure_company("behind somebody in 1,000", 1'000);
}
