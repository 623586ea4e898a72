// HTTP: what a handshake and a poll cost before Engine.IO hears of them.
#include <string>

#include "http/query.hpp"
#include "http/request_reader.hpp"
#include "http/response.hpp"
#include "micro/measure.hpp"

namespace chorus::bench {
namespace {

/// As a browser sends it.
std::string const handshake =
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
    "Host: chat.example.com\r\n"
    "Connection: Upgrade\r\n"
    "Pragma: no-cache\r\n"
    "Cache-Control: no-cache\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36\r\n"
    "Upgrade: websocket\r\n"
    "Origin: https://chat.example.com\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "Accept-Language: en-US,en;q=0.9\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n";

std::string const post =
    "POST /socket.io/?EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA HTTP/1.1\r\n"
    "Host: chat.example.com\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: 47\r\n\r\n"
    "42[\"echo\",\"0123456789abcdefghijklmnopqrstuvwx\"]";

auto read_all(std::string const& wire) {
  return [&wire, reader = http::RequestReader()]() mutable {
    Bytes input = wire;
    keep(reader.feed(input));
    keep(reader.take());
  };
}

}  // namespace

void add_http() {
  measure_bytes("http: read a browser's handshake", handshake.size(), [] { return read_all(handshake); });
  measure_bytes("http: read a POST of one packet", post.size(), [] { return read_all(post); });
  measure("http: read a handshake's query",
          [] { return [] { keep(http::Query("EIO=4&transport=websocket&token=eyJhbGciOiJIUzI1NiJ9")); }; });
  measure("http: write a poll's answer", [] {
    http::Response response;
    response.headers = {{"Content-Type", "text/plain; charset=UTF-8"}, {"Cache-Control", "no-store"}};
    response.body = "42[\"echo\",\"0123456789abcdefghijklmnopqrstuvwx\"]";
    return [response] { keep(http::serialize(response, true)); };
  });
}

}  // namespace chorus::bench
