#include "cluster/redis/redis_url.hpp"

#include <gtest/gtest.h>

namespace chorus::cluster::redis {
namespace {

using Transport = RedisUrl::Transport;

RedisUrl parsed(Bytes text) {
  auto const url = parse_redis_url(text);
  if (!url) {
    ADD_FAILURE() << text << ": " << url.error().sentence;
    return {};
  }
  return *url;
}

TEST(RedisUrl, knows_host_port_and_database) {
  auto const url = parsed("redis://redis.example:7000/3");
  EXPECT_EQ(url.transport, Transport::tcp);
  EXPECT_EQ(url.host, "redis.example");
  EXPECT_EQ(url.port, 7000);
  EXPECT_EQ(url.database, 3u);
  EXPECT_TRUE(url.user.empty());
  EXPECT_FALSE(url.password);
}

TEST(RedisUrl, has_defaults_for_port_and_database) {
  for (Bytes const text : {"redis://localhost", "redis://localhost/", "REDIS://localhost/0"}) {
    auto const url = parsed(text);
    EXPECT_EQ(url.host, "localhost");
    EXPECT_EQ(url.port, 6379);
    EXPECT_EQ(url.database, 0u);
  }
}

TEST(RedisUrl, knows_user_and_password) {
  auto const both = parsed("redis://alice:s3cret@localhost");
  EXPECT_EQ(both.user, "alice");
  EXPECT_EQ(both.password, "s3cret");
  auto const password_only = parsed("redis://:s3cret@localhost");
  EXPECT_EQ(password_only.user, "");
  EXPECT_EQ(password_only.password, "s3cret");
  auto const encoded = parsed("redis://al%3Aice:p%40ss%2Fw%25rd:x@localhost:1");
  EXPECT_EQ(encoded.user, "al:ice");
  EXPECT_EQ(encoded.password, "p@ss/w%rd:x");
  EXPECT_EQ(parsed("redis://alice:@localhost").password, "");
  EXPECT_EQ(parsed("redis://:a@b@localhost").password, "a@b");
}

TEST(RedisUrl, knows_tls_and_addresses) {
  auto const url = parsed("rediss://[2001:db8::1]:6380/1");
  EXPECT_EQ(url.transport, Transport::tls);
  EXPECT_EQ(url.host, "2001:db8::1");
  EXPECT_EQ(url.port, 6380);
  EXPECT_EQ(parsed("redis://[::1]").host, "::1");
  EXPECT_EQ(parsed("redis://[fe80::1%eth0]").host, "fe80::1%eth0");
  EXPECT_EQ(parsed("redis://127.0.0.1:65535").port, 65535);
}

TEST(RedisUrl, knows_sockets) {
  auto const url = parsed("unix:///run/redis/redis.sock?db=2");
  EXPECT_EQ(url.transport, Transport::unix_socket);
  EXPECT_EQ(url.path, "/run/redis/redis.sock");
  EXPECT_EQ(url.database, 2u);
  EXPECT_EQ(parsed("redis+unix:///run/a%20b.sock").path, "/run/a b.sock");
  EXPECT_EQ(parsed("unix://:s3cret@/run/redis.sock").password, "s3cret");
}

TEST(RedisUrl, says_what_is_wrong_and_never_the_password) {
  for (auto const& [text, part] : std::initializer_list<std::pair<Bytes, Bytes>>{
           {"", "begins with"},
           {"localhost:6379", "begins with"},
           {"http://:s3cret@localhost", "begins with"},
           {"redis:/localhost", "begins with"},
           {"redis://", "no host"},
           {"redis:///1", "no host"},
           {"redis://:s3cret@", "no host"},
           {"redis://:s3cret@:6379", "no host"},
           {"redis://s3cret@localhost", "no password"},
           {"redis://:@localhost", "no user and no password"},
           {"redis://:s3cret%4@localhost", "hexadecimal"},
           {"redis://s3cret%zz:x@localhost", "hexadecimal"},
           {"redis://:s3cret%", "no host"},
           {"redis://user:s3cret/x@localhost", "port"},
           {"redis://:s3cret/x@localhost", "no host"},
           {"redis://s3cret#x@localhost", "no ?"},
           {"redis://local host", "no name or address"},
           {"redis://localhost:", "port"},
           {"redis://localhost:0", "port"},
           {"redis://localhost:65536", "port"},
           {"redis://localhost:12a", "port"},
           {"redis://localhost:-1", "port"},
           {"redis://[::1", "IPv6"},
           {"redis://[]", "IPv6"},
           {"redis://[localhost]", "IPv6"},
           {"redis://[::1]6379", "port"},
           {"redis://localhost/one", "database"},
           {"redis://localhost/1/2", "database"},
           {"redis://localhost/-1", "database"},
           {"redis://localhost/4294967296", "database"},
           {"redis://localhost?db=1", "no ?"},
           {"unix://run/redis.sock", "absolute"},
           {"unix://", "absolute"},
           {"unix:///", "empty"},
           {"unix:///run/%00.sock", "%"},
           {"unix:///run/redis.sock?database=1", "?db="},
           {"unix:///run/redis.sock?db=", "database"},
       }) {
    auto const url = parse_redis_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_NE(url.error().sentence.find(part), std::string::npos) << text << ": " << url.error().sentence;
    EXPECT_EQ(url.error().sentence.find("s3cret"), std::string::npos) << text;
  }
  EXPECT_FALSE(parse_redis_url("unix:///" + std::string(107, 'x')));
  EXPECT_TRUE(parse_redis_url("unix:///" + std::string(106, 'x')));
}

TEST(RedisUrl, shows_itself_without_the_password) {
  EXPECT_EQ(parsed("redis://localhost").to_text(), "redis://localhost:6379");
  EXPECT_EQ(parsed("redis://:s3cret@localhost:1/2").to_text(), "redis://:***@localhost:1/2");
  EXPECT_EQ(parsed("rediss://al%3Aice:s3cret@[::1]:1").to_text(), "rediss://al%3Aice:***@[::1]:1");
  EXPECT_EQ(parsed("redis+unix://u:s3cret@/run/a%20b.sock?db=2").to_text(), "unix://u:***@/run/a%20b.sock?db=2");
}

}  // namespace
}  // namespace chorus::cluster::redis
