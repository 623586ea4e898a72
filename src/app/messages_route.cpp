// GET /messages: the history over plain HTTP.
#include <charconv>
#include <optional>

#include "app/chat.hpp"
#include "app/chat_args.hpp"

namespace chorus::app {
namespace {

HttpReply json(int status, std::string body) {
  return {status, "application/json", std::move(body), {{"Cache-Control", "no-store"}}};
}

HttpReply unauthorized(std::string_view why) {
  auto reply = json(401, encode_args(Failed{std::string(why)}).text());
  reply.headers.emplace_back("WWW-Authenticate", "Bearer");  // RFC 9110, 11.6.1: a 401 must name a scheme
  return reply;
}

/// 1 to History::limit_max; absent: the default. Nothing: anything else.
std::optional<std::size_t> limit_of(std::string const& text) {
  if (text.empty()) return HistoryQuery{}.limit;
  std::size_t limit = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc() || end != text.data() + text.size() || limit == 0 || limit > History::limit_max)
    return std::nullopt;
  return limit;
}

std::string to_json(HistoryPage const& page, bool partial) {
  ArgsWriter out;
  {
    ObjectWriter object(out);
    {
      ArrayWriter messages(object.next("messages"));
      for (auto const& message : page.messages) messages.element(RawJson{message->json});
    }
    object.member("more", page.more);
    if (partial) object.member("partial", true);  // other processes may know more
  }
  return std::move(out).text();
}

}  // namespace

HttpReply Chat::messages(HttpRequest const& request) const {
  auto const credentials = credentials_of(request);
  if (credentials.token.empty()) return unauthorized(authenticator_.texts().no_token);
  auto const person = authenticator_.person(credentials, std::chrono::system_clock::now());
  if (!person) return unauthorized(authenticator_.texts().no_user);
  auto const limit = limit_of(request.parameter("limit"));
  if (!limit) return json(400, encode_args(Failed{"limit must be a number from 1 to 200"}).text());
  auto const rooms = rooms_.rooms(person->id);
  Viewer const viewer{person->id, {rooms.begin(), rooms.end()}};
  return json(200, to_json(history_.read(viewer, {*limit, request.parameter("after")}), sync_.partial()));
}

}  // namespace chorus::app
