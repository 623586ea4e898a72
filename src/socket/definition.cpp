#include "socket/definition.hpp"

#include <algorithm>
#include <utility>

#include "socket/hub.hpp"

namespace chorus::socket {

// ---- namespaces

bool Registry::is_known(Tables const& tables, std::string_view name) {
  return tables.definitions.contains(name) || tables.children.contains(name);
}

void Registry::ensure(std::string_view name) {
  enum class Is { known, child, unknown };
  auto const is = tables_.with([&](Tables& tables) {
    if (is_known(tables, name)) return Is::known;
    auto const parent = parent_of(tables, name);
    if (parent.empty()) return Is::unknown;
    if (tables.children.size() >= children_by_hand_max) return Is::known;  // it comes to be with its first client
    tables.children[std::string(name)].parent = parent;
    return Is::child;
  });
  if (is == Is::known) return;
  if (is == Is::unknown)
    change(name, [](Definition&) {});
  else if (Uplink* const uplink = board_->uplink())
    uplink->namespace_opened(name);
  tell_new(name);
}

std::string Registry::parent_of(Tables const& tables, std::string_view name) {
  Definition const* parent = nullptr;
  if (is_parent_name(name)) return {};
  for (auto const& [each, definition] : tables.definitions) {
    if (!definition->matches || !definition->matches(name)) continue;
    if (parent == nullptr || definition->parent_order < parent->parent_order) parent = definition.get();
  }
  return parent != nullptr ? parent->name : std::string();
}

void Registry::ensure_pattern(std::string_view name, std::function<bool(std::string_view)> matches) {
  auto const order = tables_.with([](Tables& tables) { return ++tables.parents; });
  change(name, [&](Definition& definition) {
    definition.matches = matches;
    if (definition.parent_order == 0) definition.parent_order = order;
  });
}

std::string Registry::add_decider(NamespaceDecider decides) {
  auto const order = tables_.with([](Tables& tables) { return ++tables.parents; });
  auto name = "~function " + std::to_string(order);
  change(name, [&](Definition& definition) {
    definition.decides = decides;
    definition.parent_order = order;
  });
  return name;
}

Registry::DefinitionPtr Registry::edited(Tables& tables, std::string_view name, Edit const& edit) {
  auto const found = tables.definitions.find(name);
  auto next =
      found == tables.definitions.end() ? std::make_shared<Definition>() : std::make_shared<Definition>(*found->second);
  next->name = name;
  next->version = ++tables.versions;
  edit(*next);
  tables.definitions.insert_or_assign(std::string(name), next);
  return next;
}

Registry::DefinitionPtr Registry::remade(Tables& tables, std::string_view name, Child& child) {
  auto const parent = tables.definitions.find(child.parent);  // gone once the server has ended
  auto next = parent == tables.definitions.end() ? std::make_shared<Definition>()
                                                 : std::make_shared<Definition>(*parent->second);
  next->name = name;
  next->parent = child.parent;
  next->version = ++tables.versions;
  next->matches = nullptr;
  next->decides = nullptr;
  for (auto const& edit : child.edits) edit(*next);
  return child.own = next;
}

void Registry::change(std::string_view name, Edit const& edit) {
  auto const versions = tables_.with([&](Tables& tables) {
    std::vector<DefinitionPtr> changed;
    if (!is_known(tables, name))
      if (auto const parent = parent_of(tables, name); !parent.empty())
        tables.children[std::string(name)].parent = parent;
    if (auto const child = tables.children.find(name); child != tables.children.end()) {
      child->second.edits.push_back(edit);
      changed.push_back(remade(tables, name, child->second));
      return changed;
    }
    changed.push_back(edited(tables, name, edit));
    if (!changed.front()->is_parent()) return changed;
    for (auto& [child_name, child] : tables.children)
      if (child.parent == name && child.own) changed.push_back(remade(tables, child_name, child));
    return changed;
  });
  if (Uplink* const uplink = board_->uplink(); uplink != nullptr && !versions.front()->is_parent())
    uplink->namespace_opened(name);
  for (auto const& version : versions) publish(version);
}

ListenerId Registry::add(std::string_view name, std::function<void(Definition&, ListenerId)> const& edit) {
  ListenerId const id{tables_.with([](Tables& tables) { return ++tables.listeners; })};
  change(name, [edit, id](Definition& definition) { edit(definition, id); });
  return id;
}

std::shared_ptr<std::string const> Registry::label(std::string_view name) {
  return tables_.with([&](Tables& tables) {
    auto& label = tables.labels[std::string(name)];
    if (!label) label = std::make_shared<std::string const>(name);
    return label;
  });
}

void Registry::publish(DefinitionPtr const& version) {
  Hub* const here = Hub::current();
  if (here != nullptr) here->define(version);
  for (unsigned worker = 0; worker < board_->workers(); ++worker)
    if (here == nullptr || here->index() != worker)
      board_->post(worker, Errand([version](Hub& hub) { hub.define(version); }));
}

void Registry::clear() {
  // Outside of the lock: what ends with it may ask for something.
  auto const definitions =
      tables_.with([](Tables& tables) { return std::pair(std::exchange(tables.definitions, {}), tables.children); });
  auto const handlers = tables_.with([](Tables& tables) {
    tables.children.clear();
    return std::exchange(tables.new_namespace, {});
  });
}

std::vector<std::shared_ptr<Definition const>> Registry::all() const {
  return tables_.with([](Tables const& tables) {
    std::vector<DefinitionPtr> list;
    for (auto const& [name, definition] : tables.definitions) list.push_back(definition);
    return list;
  });
}

std::shared_ptr<Definition const> Registry::find(std::string_view name) const {
  return tables_.with([&](Tables const& tables) {
    auto const found = tables.definitions.find(name);
    return found == tables.definitions.end() ? nullptr : found->second;
  });
}

// ---- children

void Registry::child_opened(std::string_view name, std::string_view parent, unsigned worker) {
  bool const is_new = tables_.with([&](Tables& tables) {
    auto const [child, inserted] = tables.children.try_emplace(std::string(name));
    if (inserted) child->second.parent = parent;
    child->second.workers |= WorkerSet{1} << worker;
    return inserted;
  });
  if (!is_new) return;
  if (Uplink* const uplink = board_->uplink()) uplink->namespace_opened(name);
  tell_new(name);
}

void Registry::child_closed(std::string_view name, unsigned worker) {
  auto const ended = tables_.with([&](Tables& tables) {
    auto const child = tables.children.find(name);
    if (child == tables.children.end()) return Child();
    child->second.workers &= ~(WorkerSet{1} << worker);
    if (child->second.workers != 0) return Child();
    auto gone = std::move(child->second);
    tables.children.erase(child);
    return gone;
  });
}

std::shared_ptr<Definition const> Registry::child(std::string_view name) const {
  return tables_.with([&](Tables const& tables) {
    auto const found = tables.children.find(name);
    return found == tables.children.end() ? nullptr : found->second.own;
  });
}

ListenerId Registry::on_new_namespace(std::function<void(Namespace const&)> handler) {
  return tables_.with([&](Tables& tables) {
    ListenerId const id{++tables.listeners};
    tables.new_namespace.push_back({id, std::move(handler)});
    return id;
  });
}

void Registry::tell_new(std::string_view name) {
  auto const handlers = tables_.with([](Tables const& tables) { return tables.new_namespace; });
  if (handlers.empty()) return;
  Namespace const made(shared_from_this(), std::string(name));
  Hub* const here = Hub::current();
  for (auto const& handler : handlers) {
    if (here == nullptr)
      handler.call(made);
    else
      guarded_call(*here, "new namespace", name, [&] { handler.call(made); });
  }
}

}  // namespace chorus::socket
