#include "load/answer_times.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <stdexcept>
#include <string>

namespace load {
namespace {

constexpr timeval patience{.tv_sec = 10, .tv_usec = 0};

struct Descriptor {
  int const number;
  ~Descriptor() { ::close(number); }
};

/// The whole of what the server says before it closes the connection; empty where it says nothing.
std::string ask(Target const& target, std::string_view request) {
  Descriptor const socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  ::setsockopt(socket.number, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  auto const* const address = reinterpret_cast<sockaddr const*>(&target.address);
  if (::connect(socket.number, address, sizeof target.address) != 0) return {};
  if (::send(socket.number, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    return {};
  std::string answer;
  std::array<char, 1024> buffer;
  for (ssize_t size = 0; (size = ::recv(socket.number, buffer.data(), buffer.size(), 0)) > 0;)
    answer.append(buffer.data(), static_cast<std::size_t>(size));
  return answer;
}

template <class T>
bool read_value(std::string_view text, std::string_view key, T& value) {
  std::size_t const at = text.find(key);
  if (at == std::string_view::npos) return false;
  char const* const begin = text.data() + at + key.size();
  return std::from_chars(begin, text.data() + text.size(), value).ec == std::errc();
}

}  // namespace

std::optional<Quantiles> read_answer_times(std::string_view http_answer) {
  Quantiles times;
  bool const whole =
      http_answer.starts_with("HTTP/1.1 200 ") && read_value(http_answer, "\"count\":", times.count) &&
      read_value(http_answer, "\"p50_us\":", times.p50_us) && read_value(http_answer, "\"p90_us\":", times.p90_us) &&
      read_value(http_answer, "\"p99_us\":", times.p99_us) && read_value(http_answer, "\"p999_us\":", times.p999_us) &&
      read_value(http_answer, "\"max_us\":", times.max_us);
  return whole ? std::optional(times) : std::nullopt;
}

Quantiles take_answer_times(Target const& target) {
  auto const answer = ask(target, "POST /answer-times HTTP/1.1\r\nHost: " + target.host +
                                      "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  if (auto const times = read_answer_times(answer)) return *times;
  throw std::runtime_error("--answer-times: the server does not tell them");
}

}  // namespace load
