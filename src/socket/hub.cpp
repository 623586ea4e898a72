#include "socket/hub.hpp"

#include <algorithm>
#include <exception>

#include "base/log.hpp"
#include "socket/client.hpp"
#include "socket/recovery.hpp"
#include "socket/spectator.hpp"

namespace chorus::socket {
namespace {

/// Every hub of the process that this thread has run a turn of; found by the turn that runs now.
thread_local Hub* last_hub = nullptr;

}  // namespace

Hub::Hub(unsigned index, HubSettings settings, Timers& timers, std::shared_ptr<Registry> registry,
         WorkerMark const& mark)
    : index_(index),
      settings_(settings),
      timers_(timers),
      registry_(std::move(registry)),
      spectator_(registry_->board()->spectator()),
      mark_(mark) {
  for (auto const& definition : registry_->all()) define(definition);
  if (spectator_ != nullptr) spectator_->hub_began(*this);
}

Hub::~Hub() {
  if (spectator_ != nullptr) spectator_->hub_ended(*this);
  end_tasks();
  end_of_turn();
  if (last_hub == this) last_hub = nullptr;
}

Hub* Hub::current() { return last_hub != nullptr && current_turn == &last_hub->mark_ ? last_hub : nullptr; }

void Hub::begin_turn() { last_hub = this; }

void Hub::deliver(Letter& letter) {
  check_worker();
  ++counters_.letters_in;
  if (auto* const broadcast = std::get_if<BroadcastLetter>(&letter)) {
    if (NamespaceCore* const nsp = find(broadcast->target->nsp)) nsp->deliver(*broadcast->target, broadcast->message);
  } else if (auto* const errand = std::get_if<Errand>(&letter)) {
    run(*errand);
  } else {
    catch_up(*std::get<CatchUpLetter>(letter).timeline);
  }
}

void Hub::catch_up(Timeline& timeline) {
  expire_in_time();
  if (NamespaceCore* const nsp = find(timeline.nsp())) return nsp->catch_up();
  std::vector<Timeline::Step> steps;  // of a namespace that is not here: packets are for nobody
  timeline.take(index_, steps);
  for (auto& step : steps)
    if (auto* const errand = std::get_if<Errand>(&step)) run(*errand);
}

/// It may be a call-back of the program.
void Hub::run(Errand const& errand) {
  guarded_call(*this, "letter", "", [&] { errand(*this); });
}

void Hub::expire_in_time() {
  if (!expiry_.armed()) timers_.arm_after(expiry_, board().recovery()->tick_interval());
}

void Hub::on_expiry(TimePoint now) {
  if (board().recovery()->tick(now)) expire_in_time();
}

void Hub::define(std::shared_ptr<Definition const> published) {
  // Held under a reference count of this worker's own: events take it, and workers must not share that cache line.
  auto const holder = std::make_shared<std::shared_ptr<Definition const>>(std::move(published));
  std::shared_ptr<Definition const> const version(holder, holder->get());
  if (version->is_parent()) return define_parent(version);
  auto const found = namespaces_.find(version->name);
  if (found != namespaces_.end()) {
    if (found->second->definition().version < version->version) found->second->set_definition(version);
  } else if (version->parent.empty()) {
    namespaces_.emplace(version->name, std::make_unique<NamespaceCore>(*this, version->name, version, false));
  }
}

void Hub::define_parent(std::shared_ptr<Definition const> const& version) {
  auto const same = std::ranges::find_if(parents_, [&](auto const& p) { return p->name == version->name; });
  if (same == parents_.end()) {
    parents_.push_back(version);
    std::ranges::sort(parents_, {}, [](auto const& p) { return p->parent_order; });
    return;
  }
  if ((*same)->version > version->version) return;
  *same = version;
  for (auto& [name, nsp] : namespaces_)
    if (nsp->is_child() && nsp->definition().name == version->name) nsp->set_definition(version);
}

NamespaceCore* Hub::find(std::string_view name) {
  auto const found = namespaces_.find(name);
  return found == namespaces_.end() ? nullptr : found->second.get();
}

NamespaceCore* Hub::make_child(std::string_view name, std::shared_ptr<Definition const> const& parent) {
  if (namespaces_.size() >= settings_.namespaces_process_max) return nullptr;
  if (Recovery* const recovery = board().recovery()) recovery->timeline(name, parent->name);
  auto own = registry_->child(name);
  auto child = std::make_unique<NamespaceCore>(*this, std::string(name), own ? std::move(own) : parent, true);
  NamespaceCore& made = *namespaces_.emplace(std::string(name), std::move(child)).first->second;
  registry_->child_opened(name, parent->name, index_);
  return &made;
}

void Hub::for_each_reached(std::string_view name, std::function<void(NamespaceCore&)> const& visit) {
  if (!is_parent_name(name)) {
    if (NamespaceCore* const nsp = find(name)) visit(*nsp);
    return;
  }
  std::vector<NamespaceCore*> children;  // a visit may end one
  for (auto& [child_name, nsp] : namespaces_)
    if (nsp->is_child() && nsp->parent_name() == name) children.push_back(nsp.get());
  for (NamespaceCore* child : children) visit(*child);
}

void Hub::for_each_namespace(std::function<bool(NamespaceCore&)> const& visit) {
  for (auto& [name, nsp] : namespaces_)
    if (!visit(*nsp)) return;
}

void Hub::emptied(NamespaceCore& child) {
  if (!settings_.cleanup_empty_children) return;
  auto const found = namespaces_.find(child.name());
  empty_children_.push_back(std::move(found->second));
  namespaces_.erase(found);
  registry_->child_closed(child.name(), index_);
}

std::string const* Hub::label(std::string_view name) {
  auto found = labels_.find(name);
  if (found == labels_.end()) {
    if (labels_.size() >= settings_.labels_max) return nullptr;
    found = labels_.emplace(name).first;
  }
  return &*found;
}

void Hub::end_of_turn() {
  graveyard_.clear();
  empty_children_.clear();
  former_versions_.clear();
}

void Hub::give_back_memory() {
  graveyard_.shrink_to_fit();
  for (auto& [name, nsp] : namespaces_) nsp->give_back_memory();
}

void report_handler_error(Hub& hub, std::string_view what, std::string_view name) {
  ++hub.counters().handler_errors;
  std::string text = "not a std::exception";
  try {
    throw;
  } catch (std::exception const& error) {
    text = error.what();
  } catch (...) {
  }
  log(LogLevel::error, "handler_threw",
      {{"handler", what}, peer_field("name", name), {"what", text}, {"worker", hub.index()}});
}

}  // namespace chorus::socket
