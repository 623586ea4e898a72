#include "socket/target.hpp"

#include "base/recycled.hpp"

namespace chorus::socket {
namespace {

constexpr std::size_t kept_keys_max = 64;

void shed(std::vector<std::string>& keys) {
  if (keys.capacity() > kept_keys_max) keys = {};
  keys.clear();
}

void clear(Target& target) {
  auto rooms = std::move(target.rooms), except = std::move(target.except);
  shed(rooms);
  shed(except);
  target = {};
  target.rooms = std::move(rooms);
  target.except = std::move(except);
}

}  // namespace

std::shared_ptr<Target> make_target() { return Recycled<Target, clear>::make(); }

}  // namespace chorus::socket
