#include "socket/recovery.hpp"

#include <algorithm>
#include <utility>

#include "socket/offset.hpp"

namespace chorus::socket {
namespace {

constexpr int ticks_per_life = 16;  // so what expires stays up to two sixteenths longer

}  // namespace

Bytes to_text(Unrecovered why) {
  switch (why) {
    case Unrecovered::unknown_session:
      return "session not known";
    case Unrecovered::unknown_offset:
      return "offset not known";
    case Unrecovered::too_much_missed:
      return "too much missed";
  }
  return "";
}

bool Restored::add(PacketSlice const& slice, std::size_t bytes_max) {
  slice.for_each([&](LoggedPacket const& packet) {
    if (!session.is_among(*packet.target)) return;
    missed_bytes += packet.message->frames()->size();
    missed.push_back(packet.message);
  });
  up_to = slice.last();
  return missed_bytes <= bytes_max;
}

Recovery::Recovery(RecoverySettings settings, unsigned workers)
    : settings_(settings),
      workers_(workers),
      packets_(settings.packets_max),
      bytes_(settings.bytes_max),
      state_(settings.sessions_max) {}

std::shared_ptr<Timeline> Recovery::timeline(std::string_view nsp, std::string_view parent) {
  return state_.with([&](State& state) {
    auto found = state.timelines.find(nsp);
    if (found == state.timelines.end()) {
      auto made = std::make_shared<Timeline>(std::string(nsp), std::string(parent), workers_, packets_, bytes_);
      if (state.open) made->open();
      found = state.timelines.emplace(std::string(nsp), std::move(made)).first;
    }
    return found->second;
  });
}

std::shared_ptr<Timeline> Recovery::find(std::string_view nsp) const {
  return state_.with([&](State const& state) {
    auto const found = state.timelines.find(nsp);
    return found == state.timelines.end() ? nullptr : found->second;
  });
}

std::vector<std::shared_ptr<Timeline>> Recovery::children_of(std::string_view parent) {
  return state_.with([&](State& state) {
    std::vector<std::shared_ptr<Timeline>> children;
    for (auto const& [nsp, timeline] : state.timelines)
      if (timeline->parent() == parent) children.push_back(timeline);
    return children;
  });
}

// ---- sessions
// --------------------------------------------------------------------------------------------------------

void Recovery::keep(SavedSession session) {
  std::vector<SavedSession> gone;  // destroyed without the lock
  state_.with([&](State& state) {
    if (!state.open) return gone.push_back(std::move(session));
    gone = state.sessions.keep(std::move(session));
    state.counts.sessions_crowded_out += gone.size();
  });
}

Result<Restored, Unrecovered> Recovery::restore(RecoveryId const& id, Timeline const& timeline,
                                                std::optional<std::string_view> offset, TimePoint now) {
  auto session = state_.with([&](State& state) { return state.sessions.take(id); });
  if (!session || session->timeline.get() != &timeline || session->ended + settings_.max_disconnection < now)
    return Unrecovered::unknown_session;
  auto const number = offset ? sequence_of_offset(*offset) : session->since;
  // A client that names an older one than it can have would be sent what was said before it came.
  auto const slice = number && *number >= session->since ? timeline.since(*number) : std::nullopt;
  if (!slice) return Unrecovered::unknown_offset;
  Restored restored{std::move(*session), {}, 0, 0};
  if (!restored.add(*slice, settings_.missed_bytes_max)) return Unrecovered::too_much_missed;
  return restored;
}

void Recovery::count(Unrecovered why) {
  state_.with([&](State& state) {
    switch (why) {
      case Unrecovered::unknown_session:
        ++state.counts.unknown_session;
        break;
      case Unrecovered::unknown_offset:
        ++state.counts.unknown_offset;
        break;
      case Unrecovered::too_much_missed:
        ++state.counts.too_much_missed;
        break;
    }
  });
}

void Recovery::count_recovered() {
  state_.with([](State& state) { ++state.counts.recovered; });
}

// ---- the process
// -----------------------------------------------------------------------------------------------------

void Recovery::open() {
  state_.with([](State& state) {
    state.open = true;
    for (auto const& [nsp, timeline] : state.timelines) timeline->open();
  });
}

void Recovery::close() {
  std::vector<std::shared_ptr<Timeline>> timelines;
  std::vector<SavedSession> sessions;
  state_.with([&](State& state) {
    state.open = false;
    for (auto const& [nsp, timeline] : state.timelines) timelines.push_back(timeline);
    sessions = state.sessions.clear();
  });
  for (auto const& timeline : timelines) timeline->close();
}

Duration Recovery::tick_interval() const {
  return std::max<Duration>(settings_.max_disconnection / ticks_per_life, std::chrono::milliseconds(1));
}

bool Recovery::tick(TimePoint now) {
  std::vector<SavedSession> expired;
  std::vector<std::shared_ptr<Timeline>> timelines;
  bool const soon_again = state_.with([&](State& state) {
    expired = state.sessions.expire(now - settings_.max_disconnection);
    state.counts.sessions_expired += expired.size();
    if (now - state.ticked < tick_interval() / 2) return true;  // another worker's timer has just seen to the rest
    state.ticked = now;
    for (auto const& [nsp, timeline] : state.timelines) timelines.push_back(timeline);
    return false;
  });
  expired.clear();  // they hold timelines
  if (soon_again) return true;
  for (auto const& timeline : timelines) timeline->tick(now, settings_.max_disconnection);
  timelines.clear();
  return state_.with([](State& state) {
    bool any = state.sessions.size() != 0;
    std::erase_if(state.timelines, [&](auto const& entry) {
      bool const empty = entry.second->empty();
      any = any || !empty;
      return empty && entry.second.use_count() == 1;  // no namespace, no session and no letter knows it
    });
    return any;
  });
}

Recovery::Counts Recovery::counts() const {
  auto counts = state_.with([](State const& state) {
    auto counts = state.counts;
    counts.sessions = state.sessions.size();
    return counts;
  });
  counts.packets = packets_.used();
  counts.bytes = bytes_.used();
  return counts;
}

}  // namespace chorus::socket
