#include "socket/definition.hpp"

#include <utility>

#include "socket/hub.hpp"

namespace chorus::socket {

void Registry::ensure(std::string_view name) {
  if (!find(name)) change(name, [](Definition&) {});
}

void Registry::ensure_pattern(std::string_view name, std::function<bool(std::string_view)> matches) {
  change(name, [&](Definition& definition) { definition.matches = matches; });
}

void Registry::change(std::string_view name, std::function<void(Definition&)> const& edit) {
  auto const version = table_.with([&](Table& table) {
    auto found = table.find(name);
    auto next = found == table.end() ? std::make_shared<Definition>() : std::make_shared<Definition>(*found->second);
    next->name = name;
    edit(*next);
    table.insert_or_assign(std::string(name), next);
    return std::shared_ptr<Definition const>(next);
  });
  if (Uplink* const uplink = board_->uplink(); uplink != nullptr && !version->matches) uplink->namespace_opened(name);
  publish(version);
}

void Registry::publish(std::shared_ptr<Definition const> version) {
  Hub* const here = Hub::current();
  if (here != nullptr) here->define(version);
  for (unsigned worker = 0; worker < board_->workers(); ++worker)
    if (here == nullptr || here->index() != worker)
      board_->post(worker, Errand([version](Hub& hub) { hub.define(version); }));
}

void Registry::clear() {
  Table const ended = table_.with([](Table& table) { return std::exchange(table, {}); });
}

std::vector<std::shared_ptr<Definition const>> Registry::all() const {
  return table_.with([](Table const& table) {
    std::vector<std::shared_ptr<Definition const>> list;
    for (auto const& [name, definition] : table) list.push_back(definition);
    return list;
  });
}

std::shared_ptr<Definition const> Registry::find(std::string_view name) const {
  return table_.with([&](Table const& table) {
    auto const found = table.find(name);
    return found == table.end() ? nullptr : found->second;
  });
}

}  // namespace chorus::socket
