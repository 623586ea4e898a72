#include "app/chat_sync.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/json.hpp"
#include "base/log.hpp"
#include "base/utf8.hpp"
#include "chorus/args.hpp"

namespace chorus::app {
namespace {

constexpr char const* channel = "chorus:chat";
constexpr char const* history_key = "chorus:chat:history";
constexpr std::size_t words_per_message_max = 500;
constexpr std::size_t rows_per_write_max = 100;
constexpr std::size_t rows_per_read_max = 500;
constexpr std::size_t adds_between_trims = 64;

using Words = std::vector<std::tuple<std::string, std::string, bool, std::uint64_t>>;

/// `{"node":…,name:value}`
template <class T>
std::string message(std::string const& node, std::string_view name, T const& value) {
  ArgsWriter out;
  ObjectWriter(out).member("node", node).member(name, value);
  return std::move(out).text();
}

void log_refusal(RedisReply const& reply) {
  if (!reply.ok && !reply.values.empty() && !reply.values.front().starts_with("DOWN"))
    log(LogLevel::warning, "history_not_shared", {peer_field("reason", reply.values.front())});
}

}  // namespace

ChatSync::ChatSync(Cluster cluster, UserRooms& rooms, History& history, Events events)
    : cluster_(std::move(cluster)), rooms_(rooms), history_(history), events_(std::move(events)) {
  cluster_.subscribe(channel, [this](std::string_view text) { on_message(text); });
  cluster_.on_up([this] { on_up(); });
}

bool ChatSync::partial() const {
  if (!cluster_.configured()) return false;
  return !cluster_.up() || !state_.with([](State const& state) { return state.read; });
}

std::uint64_t ChatSync::malformed() const {
  return state_.with([](State const& state) { return state.malformed; });
}

// ---- what this process says

void ChatSync::said(RoomWord const& word) const { publish_words({word}); }

void ChatSync::publish_words(std::vector<RoomWord> const& words) const {
  if (!cluster_.configured()) return;
  for (std::size_t begin = 0; begin < words.size(); begin += words_per_message_max) {
    Words part;
    for (std::size_t i = begin; i < std::min(words.size(), begin + words_per_message_max); ++i)
      part.emplace_back(words[i].user, words[i].room, words[i].in, words[i].stamp);
    cluster_.publish(channel, message(cluster_.node(), "words", part));
  }
}

void ChatSync::added(Message const& row) {
  if (!cluster_.configured()) return;
  cluster_.publish(channel, message(cluster_.node(), "row", RawJson{row.json}));
  cluster_.command({"ZADD", history_key, "0", row.json}, log_refusal);
  bool const is_time = state_.with([](State& state) { return ++state.added % adds_between_trims == 0; });
  if (!is_time) return;
  auto const last_to_go = "-" + std::to_string(history_.limits().messages_max + 1);
  cluster_.command({"ZREMRANGEBYRANK", history_key, "0", last_to_go}, log_refusal);
}

// ---- when Redis is there (again)

void ChatSync::on_up() {
  state_.with([](State& state) { state.read = false; });
  cluster_.publish(channel, message(cluster_.node(), "want", true));
  answer_want();  // what was said while Redis was away
  write_all();
  read_page(++round_, "+", 0);
}

void ChatSync::answer_want() const { publish_words(events_.own_words()); }

void ChatSync::write_all() {
  auto const rows = history_.all();
  for (std::size_t begin = 0; begin < rows.size(); begin += rows_per_write_max) {
    std::vector<std::string> command = {"ZADD", history_key};
    for (std::size_t i = begin; i < std::min(rows.size(), begin + rows_per_write_max); ++i) {
      command.emplace_back("0");
      command.push_back(rows[i]->json);
    }
    cluster_.command(std::move(command), log_refusal);
  }
}

/// From the newest to the oldest. `greatest`: where the page begins, as ZREVRANGEBYLEX wants it.
void ChatSync::read_page(std::uint64_t round, std::string greatest, std::size_t total) {
  cluster_.command(
      {"ZREVRANGEBYLEX", history_key, std::move(greatest), "-", "LIMIT", "0", std::to_string(rows_per_read_max)},
      [this, round, total](RedisReply const& reply) {
        if (round != round_) return;  // Redis went and came meanwhile
        if (!reply.ok) return log_refusal(reply);
        for (auto const& row : reply.values)
          if (auto read = read_message(row)) history_.insert(std::move(read));
        auto const now = total + reply.values.size();
        bool const is_last = reply.values.size() < rows_per_read_max || now >= history_.limits().messages_max;
        if (!is_last) return read_page(round, "(" + reply.values.back(), now);
        state_.with([](State& state) { state.read = true; });
      });
}

// ---- what the others say

void ChatSync::on_message(std::string_view text) {
  if (!take(text)) state_.with([](State& state) { ++state.malformed; });
}

bool ChatSync::take(std::string_view text) {
  if (!is_utf8(text) || !json::is_valid(text) || text.front() != '{' || text.back() != '}') return false;
  ArgView const said(text);
  auto const node = said["node"].as<std::string>();
  if (!node) return false;
  if (*node == cluster_.node()) return true;
  if (auto const row = said["row"]; !row.is_missing()) {
    auto read = read_message(row.raw());
    bool const sound = read != nullptr;
    if (sound) history_.insert(std::move(read));
    return sound;
  }
  if (said["want"].as<bool>().value_or(false)) {
    answer_want();
    return true;
  }
  auto const words = said["words"].as<Words>();
  if (!words) return false;
  for (auto const& [user, room, in, stamp] : *words) {
    if (!is_user_id(user) || !is_room_name(room)) return false;
    RoomWord const word{user, room, in, stamp};
    if (rooms_.merge(word)) events_.room_changed(word);
  }
  return true;
}

}  // namespace chorus::app
