#include "auction.hpp"

#include <gmock/gmock.h>

#include <chorus/testing.hpp>

using namespace chorus;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AuctionTest : public ::testing::Test {
 protected:
  AuctionTest() { serve_auction(io, auction); }

  Auction auction;
  Server io{{.workers = 1}};
  Harness harness{io};  // in place of io.start()
};

TEST_F(AuctionTest, is_won_by_the_highest_bid_after_ten_seconds_of_silence) {
  auto const ann = harness.connect({.auth = R"({"name":"ann"})"});
  auto const bob = harness.connect({.auth = R"({"name":"bob"})"});

  EXPECT_EQ(ann.emit_with_ack("bid", 10).as<bool>(), true);
  EXPECT_EQ(bob.emit_with_ack("bid", 10).as<bool>(), false);
  EXPECT_THAT(bob.received("bid"), ElementsAre(R"("ann",10)"));

  harness.advance(9s);
  bob.emit("bid", 11);
  harness.advance(9s);
  EXPECT_THAT(ann.received("sold"), IsEmpty());
  harness.advance(1s);
  EXPECT_THAT(ann.received("sold"), ElementsAre(R"("bob",11)"));
}

TEST_F(AuctionTest, is_not_for_those_without_a_name) {
  auto const nobody = harness.connect();
  EXPECT_EQ(nobody.connect_error()->message, "name missing");
}

TEST_F(AuctionTest, goes_on_when_a_bidder_loses_the_connection) {
  auto const ann = harness.connect({.auth = R"({"name":"ann"})"});
  auto const bob = harness.connect({.auth = R"({"name":"bob"})"});
  ann.emit("bid", 5);
  ann.lose_connection();
  harness.advance(10s);
  EXPECT_EQ(bob.last<std::string>("sold"), "ann");
}
