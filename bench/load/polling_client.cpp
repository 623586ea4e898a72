#include "load/polling_client.hpp"

#include <charconv>
#include <optional>
#include <utility>

namespace load {
namespace {

constexpr char separator = '\x1e';
constexpr std::string_view path = "/socket.io/?EIO=4&transport=polling";

struct Answer {
  std::string_view head;
  std::string_view body;
  std::size_t size;
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::size_t find_header(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find('\n'); at != std::string_view::npos; at = head.find('\n', at + 1)) {
    std::size_t same = 0;
    while (same < name.size() && at + 1 + same < head.size() && lower(head[at + 1 + same]) == name[same]) ++same;
    if (same == name.size()) return at + 1 + same;
  }
  return std::string_view::npos;
}

/// Nothing: more bytes are needed. The servers tell the length of what they say.
std::optional<Answer> read_answer(std::string_view bytes) {
  auto const end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view const head = bytes.substr(0, end);
  std::size_t length = 0;
  if (auto at = find_header(head, "content-length:"); at != std::string_view::npos) {
    at = head.find_first_not_of(' ', at);
    std::from_chars(head.data() + at, head.data() + head.size(), length);
  }
  if (bytes.size() < end + 4 + length) return std::nullopt;
  return Answer{head, bytes.substr(end + 4, length), end + 4 + length};
}

}  // namespace

std::string PollingClient::first_request(std::string const& query) const {
  return "GET " + std::string(path) + query + " HTTP/1.1\r\nHost: " + target().host + "\r\n\r\n";
}

void PollingClient::send_packet(std::string_view packet, std::uint32_t) {
  ++answers_due_;
  say(packet);
  if (waiting_ == Request::none) ask_next();
}

void PollingClient::say(std::string_view packet) {
  if (!unsaid_.empty()) unsaid_ += separator;
  unsaid_ += packet;
}

std::size_t PollingClient::take(std::string_view bytes, std::size_t index, Sink& sink) {
  std::size_t used = 0;
  while (auto const answer = read_answer(bytes.substr(used))) {
    used += answer->size;
    if (!answer->head.starts_with("HTTP/1.1 200 ")) broken("refused: " + std::string(answer->body));
    on_answer(answer->body, index, sink);
    ask_next();
  }
  return used;
}

void PollingClient::on_answer(std::string_view body, std::size_t index, Sink& sink) {
  if (waiting_ == Request::post) return;
  while (!body.empty()) {
    std::string_view const packet = body.substr(0, body.find(separator));
    body.remove_prefix(packet.size() == body.size() ? packet.size() : packet.size() + 1);
    on_packet(packet, index, sink);
  }
}

void PollingClient::on_packet(std::string_view packet, std::size_t index, Sink& sink) {
  constexpr std::string_view sid = "\"sid\":\"";
  if (packet.starts_with("0")) {
    std::size_t const begin = packet.find(sid) + sid.size();
    path_ = std::string(path) + "&sid=" + std::string(packet.substr(begin, packet.find('"', begin) - begin));
    say(target().join);
    ++answers_due_;
  } else if (packet == "2") {
    say("3");
  } else if (packet.starts_with("4")) {
    if (answers_due_ > 0) --answers_due_;
    if (state() == State::ready) return sink.on_packet(index, packet.substr(1));
    if (!packet.starts_with("40")) broken("not admitted: " + std::string(packet));
    set_ready();
  } else if (packet.starts_with("1")) {
    broken("the server said so");
  }
}

void PollingClient::ask_next() {
  std::string const rest = path_ + " HTTP/1.1\r\nHost: " + target().host + "\r\n";
  if (!unsaid_.empty()) {
    std::string const body = std::exchange(unsaid_, {});
    waiting_ = Request::post;
    out_ += "POST " + rest +
            "Content-Type: text/plain;charset=UTF-8\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
            body;
  } else if (answers_due_ > 0) {
    waiting_ = Request::poll;
    out_ += "GET " + rest + "\r\n";
  } else {
    waiting_ = Request::none;
  }
}

}  // namespace load
