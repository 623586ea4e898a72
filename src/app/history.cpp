#include "app/history.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <iterator>

#include "base/json.hpp"
#include "base/utf8.hpp"

namespace chorus::app {
namespace {

/// What a message costs beside its text: the object, its strings' memory, its place in the list.
constexpr std::size_t overhead_bytes = 256;

std::size_t cost(Message const& message) { return message.json.size() + message.sender.size() + overhead_bytes; }

std::string to_json(Message const& message, Person const& from, std::string_view text) {
  ArgsWriter out;
  ObjectWriter(out)
      .member("id", message.id)
      .member("time", iso_time(message.time))
      .member("from", from)
      .member("to", message.to)
      .member("text", text);
  return std::move(out).text();
}

/// Takes messages until a limit is reached; then says so.
class Collector {
 public:
  Collector(HistoryPage& page, std::size_t limit, std::size_t bytes_max)
      : page_(page), limit_(std::min(limit, History::limit_max)), bytes_left_(bytes_max) {}

  bool take(MessagePtr const& message) {
    bool const fits = message->json.size() <= bytes_left_ || page_.messages.empty();
    if (page_.messages.size() == limit_ || !fits) {
      page_.more = true;
      return false;
    }
    bytes_left_ -= std::min(bytes_left_, message->json.size());
    page_.messages.push_back(message);
    return true;
  }

 private:
  HistoryPage& page_;
  std::size_t const limit_;
  std::size_t bytes_left_;
};

/// Where `id` is, or would be.
auto place_of(std::string const& id, std::deque<MessagePtr> const& messages) {
  return std::ranges::lower_bound(
      messages, id, {}, [](auto const& m) -> auto& { return m->id; });
}

}  // namespace

History::History(HistoryLimits limits, MessageIds ids) : limits_(limits), journal_(std::move(ids)) {}

MessagePtr History::add(Person const& from, Recipient to, std::string_view text, Clock::time_point now) {
  auto message = std::make_shared<Message>();
  message->sender = from.id;
  message->to = std::move(to);
  return journal_.with([&](Journal& journal) -> MessagePtr {
    auto made = journal.ids.next(now);
    message->id = std::move(made.id);
    message->time = made.time;
    message->json = to_json(*message, from, text);
    journal.bytes += cost(*message);
    // At the end, unless the clock of a process that was read from is ahead.
    journal.messages.insert(place_of(message->id, journal.messages), message);
    trim(journal);
    return message;
  });
}

bool History::insert(MessagePtr message) {
  return journal_.with([&](Journal& journal) {
    auto& messages = journal.messages;
    // Searched for, not walked to: when Redis is back a whole history is read again, on the thread of the bus.
    auto const at = place_of(message->id, messages);
    if (at != messages.end() && (*at)->id == message->id) return false;
    bool const is_full = messages.size() >= limits_.messages_max || journal.bytes + cost(*message) > limits_.bytes_max;
    if (is_full && at == messages.begin()) return false;
    journal.bytes += cost(*message);
    messages.insert(at, std::move(message));
    trim(journal);
    return true;
  });
}

void History::trim(Journal& journal) const {
  while (!journal.messages.empty() &&
         (journal.messages.size() > limits_.messages_max || journal.bytes > limits_.bytes_max)) {
    journal.bytes -= cost(*journal.messages.front());
    journal.messages.pop_front();
  }
}

HistoryPage History::read(Viewer const& viewer, HistoryQuery const& query) const {
  return journal_.with([&](Journal const& journal) {
    return query.after.empty() ? read_newest(journal, viewer, query) : read_after(journal, viewer, query);
  });
}

HistoryPage History::read_after(Journal const& journal, Viewer const& viewer, HistoryQuery const& query) const {
  HistoryPage page;
  Collector collector(page, query.limit, limits_.page_bytes_max);
  auto at = std::ranges::upper_bound(
      journal.messages, query.after, {}, [](auto const& m) -> auto& { return m->id; });
  for (; at != journal.messages.end(); ++at)
    if (may_see(viewer, **at) && !collector.take(*at)) break;
  return page;
}

HistoryPage History::read_newest(Journal const& journal, Viewer const& viewer, HistoryQuery const& query) const {
  HistoryPage page;
  Collector collector(page, query.limit, limits_.page_bytes_max);
  for (auto at = journal.messages.rbegin(); at != journal.messages.rend(); ++at)
    if (may_see(viewer, **at) && !collector.take(*at)) break;
  std::ranges::reverse(page.messages);
  return page;
}

std::vector<MessagePtr> History::all() const {
  return journal_.with(
      [](Journal const& journal) { return std::vector<MessagePtr>(journal.messages.begin(), journal.messages.end()); });
}

std::size_t History::size() const {
  return journal_.with([](Journal const& journal) { return journal.messages.size(); });
}

std::size_t History::bytes() const {
  return journal_.with([](Journal const& journal) { return journal.bytes; });
}

MessagePtr read_message(std::string_view text) {
  if (!is_utf8(text) || !json::is_valid(text) || text.front() != '{' || text.back() != '}') return nullptr;
  ArgView const value(text);
  auto id = value["id"].as<std::string>();
  auto const time = value["time"].as<std::string>();
  auto sender = value["from"]["id"].as<std::string>();
  auto to = read_recipient(value["to"]);
  if (!id || id->size() != MessageIds::size || !time || !sender || !to || !value["text"].as<std::string>())
    return nullptr;
  auto message = std::make_shared<Message>();
  message->id = std::move(*id);
  message->time = MessageIds::time_of(message->id);
  message->sender = std::move(*sender);
  message->to = std::move(*to);
  message->json = text;
  return message;
}

bool may_see(Viewer const& viewer, Message const& message) {
  if (auto const* room = std::get_if<ToRoom>(&message.to)) return viewer.rooms.contains(room->name);
  if (auto const* user = std::get_if<ToUser>(&message.to))
    return user->id == viewer.user || message.sender == viewer.user;
  return true;
}

std::string iso_time(std::chrono::system_clock::time_point time) {
  auto const since_epoch = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  auto const seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
  auto const whole = static_cast<std::time_t>(seconds.count());
  std::tm parts{};
  gmtime_r(&whole, &parts);
  char date[32];
  auto const size = std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
  char fraction[8];
  std::snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>((since_epoch - seconds).count()));
  return std::string(date, size) + fraction;
}

}  // namespace chorus::app
