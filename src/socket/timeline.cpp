#include "socket/timeline.hpp"

#include <utility>

#include "socket/offset.hpp"

namespace chorus::socket {

Timeline::Timeline(std::string nsp, std::string parent, unsigned workers, Budget& packets, Budget& bytes)
    : nsp_(std::move(nsp)), parent_(std::move(parent)), state_(workers, packets, bytes) {}

void Timeline::enqueue(State& state, unsigned worker, Step step, Put& put) {
  auto const bit = WorkerSet{1} << worker;
  put.has |= bit;
  if (state.queues[worker].empty()) put.to_wake |= bit;
  state.queues[worker].push_back(std::move(step));
}

Timeline::Put Timeline::append(Switchboard const& board, TargetPtr target,
                               std::shared_ptr<engine::SharedMessage> message, Offset offset) {
  return state_.with([&](State& state) {
    Put put;
    if (!state.open) return put;
    if (offset != Offset::none) write_offset(*message, state.log.last() + (offset == Offset::own ? 1 : 0));
    if (offset == Offset::own) state.log.append({target, message});
    auto const workers = board.interested(*target);  // a lock inside this one, which knows of no other
    BroadcastLetter const letter{std::move(target), std::move(message)};
    for (unsigned worker = 0; worker < state.queues.size(); ++worker)
      if ((workers >> worker & 1) != 0) enqueue(state, worker, letter, put);
    return put;
  });
}

Timeline::Put Timeline::put(unsigned worker, Errand errand) {
  return state_.with([&](State& state) {
    Put put;
    if (state.open) enqueue(state, worker, std::move(errand), put);
    return put;
  });
}

std::uint64_t Timeline::take(unsigned worker, std::vector<Step>& steps) {
  steps.clear();
  return state_.with([&](State& state) {
    state.queues[worker].swap(steps);
    return state.log.last();
  });
}

std::optional<PacketSlice> Timeline::follow(unsigned worker, std::vector<Step>& steps, std::uint64_t number) {
  steps.clear();
  return state_.with([&](State& state) {
    state.queues[worker].swap(steps);
    return state.log.since(number);
  });
}

std::optional<PacketSlice> Timeline::since(std::uint64_t number) const {
  return state_.with([&](State const& state) { return state.log.since(number); });
}

void Timeline::open() {
  state_.with([](State& state) { state.open = true; });
}

void Timeline::close() {
  std::vector<std::vector<Step>> ended;  // what it holds may hold handles: not under the lock
  state_.with([&](State& state) {
    state.open = false;
    ended.resize(state.queues.size());
    ended.swap(state.queues);
    state.log.clear();
  });
}

void Timeline::tick(TimePoint now, Duration kept_for) {
  state_.with([&](State& state) { state.log.tick(now, kept_for); });
}

bool Timeline::empty() const {
  return state_.with([](State const& state) { return state.log.empty(); });
}

}  // namespace chorus::socket
