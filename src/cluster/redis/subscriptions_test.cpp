#include "cluster/redis/subscriptions.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace chorus::cluster::redis {
namespace {

constexpr auto channel = SubscriptionKind::channel;
constexpr auto pattern = SubscriptionKind::pattern;

struct SubscriptionsWorld {
  void want(SubscriptionKind kind, std::string const& name) {
    subscriptions.want(
        kind, name, [this, name](bool confirmed) { told.push_back(name + (confirmed ? "+" : "-")); }, out);
  }
  std::string written() { return std::exchange(out, {}); }
  std::vector<std::string> heard() { return std::exchange(told, {}); }

  Subscriptions subscriptions{4};
  std::string out;
  std::vector<std::string> told;
};

using Words = std::vector<std::string>;

TEST(Subscriptions, asks_for_everything_wanted_when_a_connection_stands) {
  SubscriptionsWorld world;
  world.want(channel, "b");
  world.want(channel, "a");
  world.want(pattern, "p*");
  EXPECT_EQ(world.written(), "");
  EXPECT_FALSE(world.subscriptions.all_confirmed());
  world.subscriptions.begin(world.out);
  EXPECT_EQ(world.written(),
            "*3\r\n$9\r\nSUBSCRIBE\r\n$1\r\na\r\n$1\r\nb\r\n"
            "*2\r\n$10\r\nPSUBSCRIBE\r\n$2\r\np*\r\n");
  EXPECT_TRUE(world.subscriptions.on_confirmation(channel, "a"));
  EXPECT_TRUE(world.subscriptions.on_confirmation(channel, "b"));
  EXPECT_FALSE(world.subscriptions.all_confirmed());
  EXPECT_TRUE(world.subscriptions.on_confirmation(pattern, "p*"));
  EXPECT_TRUE(world.subscriptions.all_confirmed());
  EXPECT_EQ(world.heard(), (Words{"a+", "b+", "p*+"}));
}

TEST(Subscriptions, has_all_confirmed_when_nothing_is_wanted_but_a_connection) {
  SubscriptionsWorld world;
  EXPECT_FALSE(world.subscriptions.all_confirmed());
  world.subscriptions.begin(world.out);
  EXPECT_EQ(world.written(), "");
  EXPECT_TRUE(world.subscriptions.all_confirmed());
}

TEST(Subscriptions, asks_at_once_while_the_connection_stands_and_again_after_the_next) {
  SubscriptionsWorld world;
  world.subscriptions.begin(world.out);
  world.want(channel, "a");
  EXPECT_EQ(world.written(), "*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\na\r\n");
  EXPECT_FALSE(world.subscriptions.all_confirmed());
  world.subscriptions.on_confirmation(channel, "a");
  EXPECT_EQ(world.heard(), (Words{"a+"}));
  world.want(channel, "a");
  EXPECT_EQ(world.written(), "") << "wanted twice is wanted once";
  EXPECT_EQ(world.heard(), (Words{"a+"}));
  world.subscriptions.lost();
  EXPECT_FALSE(world.subscriptions.all_confirmed());
  world.subscriptions.begin(world.out);
  EXPECT_EQ(world.written(), "*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\na\r\n");
}

TEST(Subscriptions, tells_who_waited_through_an_outage) {
  SubscriptionsWorld world;
  world.subscriptions.begin(world.out);
  world.want(pattern, "a*");
  world.subscriptions.lost();
  EXPECT_EQ(world.heard(), Words{});
  world.subscriptions.begin(world.out);
  world.subscriptions.on_confirmation(pattern, "a*");
  EXPECT_EQ(world.heard(), (Words{"a*+"}));
}

TEST(Subscriptions, counts_a_name_as_confirmed_by_the_last_that_was_asked_about_it) {
  SubscriptionsWorld world;
  world.subscriptions.begin(world.out);
  world.want(channel, "a");
  world.subscriptions.unwant(channel, "a", world.out);
  EXPECT_EQ(world.heard(), (Words{"a-"}));
  EXPECT_TRUE(world.subscriptions.all_confirmed());
  world.want(channel, "a");
  EXPECT_EQ(world.written(),
            "*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\na\r\n"
            "*2\r\n$11\r\nUNSUBSCRIBE\r\n$1\r\na\r\n"
            "*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\na\r\n");
  EXPECT_TRUE(world.subscriptions.on_confirmation(channel, "a"));
  EXPECT_TRUE(world.subscriptions.on_confirmation(channel, "a"));
  EXPECT_EQ(world.heard(), Words{});
  EXPECT_TRUE(world.subscriptions.on_confirmation(channel, "a"));
  EXPECT_EQ(world.heard(), (Words{"a+"}));
}

TEST(Subscriptions, forgets_what_was_taken_back) {
  SubscriptionsWorld world;
  world.want(channel, "a");
  world.subscriptions.unwant(channel, "a", world.out);
  world.subscriptions.unwant(channel, "never", world.out);
  EXPECT_EQ(world.heard(), (Words{"a-"}));
  world.subscriptions.begin(world.out);
  EXPECT_EQ(world.written(), "");
  world.want(channel, "b");
  world.subscriptions.on_confirmation(channel, "b");
  world.subscriptions.unwant(channel, "b", world.out);
  world.subscriptions.lost();
  world.written();
  world.subscriptions.begin(world.out);
  EXPECT_EQ(world.written(), "");
  EXPECT_EQ(world.subscriptions.wanted(), 0u);
}

TEST(Subscriptions, does_not_know_a_confirmation_that_nobody_asked_for) {
  SubscriptionsWorld world;
  world.subscriptions.begin(world.out);
  EXPECT_FALSE(world.subscriptions.on_confirmation(channel, "a"));
  world.want(channel, "a");
  EXPECT_FALSE(world.subscriptions.on_confirmation(pattern, "a"));
  EXPECT_TRUE(world.subscriptions.on_confirmation(channel, "a"));
  EXPECT_FALSE(world.subscriptions.on_confirmation(channel, "a"));
}

TEST(Subscriptions, refuses_more_names_than_it_may_hold) {
  SubscriptionsWorld world;
  for (auto const* name : {"a", "b", "c", "d", "e"}) world.want(channel, name);
  EXPECT_EQ(world.heard(), (Words{"e-"}));
  world.want(channel, "a");
  world.subscriptions.close();
  EXPECT_EQ(world.heard(), (Words{"a-", "a-", "b-", "c-", "d-"}));
}

TEST(Subscriptions, lets_whoever_is_told_want_something_else) {
  SubscriptionsWorld world;
  world.subscriptions.begin(world.out);
  world.subscriptions.want(
      channel, "a", [&](bool) { world.subscriptions.unwant(channel, "a", world.out); }, world.out);
  world.subscriptions.on_confirmation(channel, "a");
  EXPECT_EQ(world.subscriptions.wanted(), 0u);
  world.subscriptions.on_confirmation(channel, "a");
  EXPECT_TRUE(world.subscriptions.all_confirmed());
}

}  // namespace
}  // namespace chorus::cluster::redis
