#include "http/forwarded.hpp"

#include <gtest/gtest.h>

namespace chorus::http {
namespace {

std::vector<Network> networks(std::initializer_list<Bytes> texts) {
  std::vector<Network> all;
  for (auto const text : texts) all.push_back(Network::parse(text).value());
  return all;
}

TEST(Network, holds_the_addresses_with_its_first_bits) {
  auto const ten = Network::parse("10.0.0.0/8").value();
  EXPECT_TRUE(ten.contains("10.1.2.3"));
  EXPECT_TRUE(ten.contains("::ffff:10.1.2.3"));
  EXPECT_FALSE(ten.contains("11.0.0.1"));
  EXPECT_FALSE(ten.contains("::1"));
  auto const odd = Network::parse("192.168.16.0/20").value();
  EXPECT_TRUE(odd.contains("192.168.31.255"));
  EXPECT_FALSE(odd.contains("192.168.32.0"));
  EXPECT_TRUE(Network::parse("fd00::/8").value().contains("fdab::1"));
  EXPECT_FALSE(Network::parse("fd00::/8").value().contains("fe00::1"));
  EXPECT_TRUE(Network::parse("127.0.0.1").value().contains("127.0.0.1"));
  EXPECT_FALSE(Network::parse("127.0.0.1").value().contains("127.0.0.2"));
  EXPECT_TRUE(Network::parse("0.0.0.0/0").value().contains("8.8.8.8"));
  EXPECT_FALSE(Network::parse("0.0.0.0/0").value().contains("::1"));
  EXPECT_TRUE(Network::parse("::/0").value().contains("8.8.8.8"));
}

TEST(Network, is_none_when_it_is_written_wrongly) {
  for (auto const* text : {"", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/8x", "a"})
    EXPECT_FALSE(Network::parse(text)) << text;
  EXPECT_FALSE(Network::parse(std::string(10'000, '1')));
}

TEST(ClientAddress, is_the_peers_when_that_is_no_trusted_proxy) {
  EXPECT_EQ(client_address("192.0.2.1", "203.0.113.9", networks({"10.0.0.0/8"})), "192.0.2.1");
  EXPECT_EQ(client_address("192.0.2.1", "203.0.113.9", {}), "192.0.2.1");
}

TEST(ClientAddress, is_the_last_entry_that_is_no_trusted_proxy) {
  auto const trusted = networks({"10.0.0.0/8", "::1"});
  EXPECT_EQ(client_address("10.0.0.1", "203.0.113.9", trusted), "203.0.113.9");
  EXPECT_EQ(client_address("10.0.0.1", "203.0.113.9, 10.0.0.2", trusted), "203.0.113.9");
  // What a client writes by itself stands before what its proxy wrote.
  EXPECT_EQ(client_address("10.0.0.1", "1.2.3.4, 203.0.113.9", trusted), "203.0.113.9");
  EXPECT_EQ(client_address("::1", "[2001:db8::7]:4711,10.0.0.2:80", trusted), "2001:db8::7");
  EXPECT_EQ(client_address("10.0.0.1", "", trusted), "10.0.0.1");
  EXPECT_EQ(client_address("10.0.0.1", "10.0.0.3", trusted), "10.0.0.3");
}

TEST(ClientAddress, is_what_is_known_so_far_when_an_entry_is_no_address) {
  auto const trusted = networks({"10.0.0.0/8"});
  for (auto const* list : {"unknown", "_hidden", "203.0.113.9, ", ",", "10.0.0.0/8", "[", "[]", ":", "a:b"})
    EXPECT_EQ(client_address("10.0.0.1", list, trusted), "10.0.0.1") << list;
  std::string many = "203.0.113.9";
  for (int i = 0; i < 1'000; ++i) many += ",10.0.0.2";
  EXPECT_EQ(client_address("10.0.0.1", many, trusted), "10.0.0.2");
}

}  // namespace
}  // namespace chorus::http
