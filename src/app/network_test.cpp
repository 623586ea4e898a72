#include "app/network.hpp"

#include <gtest/gtest.h>

namespace chorus::app {
namespace {

TEST(Network, knows_what_only_this_machine_can_reach) {
  for (auto const* host : {"localhost", "127.0.0.1", "127.9.9.9", "::1"}) EXPECT_TRUE(is_loopback(host)) << host;
  for (auto const* host :
       {"0.0.0.0", "::", "192.168.1.7", "example.org", "127.0.0.1.example.org", "", "localhost.", "::ffff:10.0.0.1"})
    EXPECT_FALSE(is_loopback(host)) << host;
}

TEST(Network, knows_the_addresses_that_mean_all) {
  EXPECT_TRUE(is_any_address("0.0.0.0"));
  EXPECT_TRUE(is_any_address("::"));
  EXPECT_FALSE(is_any_address("127.0.0.1"));
}

TEST(Network, never_offers_a_loopback_address) {
  for (auto const& address : lan_addresses()) EXPECT_FALSE(is_loopback(address)) << address;
}

TEST(Network, knows_the_descriptor_limit) { EXPECT_GT(descriptor_limit(), 0u); }

}  // namespace
}  // namespace chorus::app
