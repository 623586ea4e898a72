#include "cluster/parcel_reader.hpp"

#include <gtest/gtest.h>

namespace chorus::cluster {
namespace {

TEST(ParcelReader, cuts_a_stream_into_parcels_however_it_arrives) {
  std::string const stream = parcel_head(5, false) + "hello" + parcel_head(0, true) + parcel_head(3, true) + "abc";
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    ParcelReader reader(100);
    std::string log;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      Bytes input = Bytes(stream).substr(at, piece);
      while (true) {
        auto const read = reader.feed(input);
        ASSERT_TRUE(read.has_value());
        if (!*read) break;
        log += (*read)->bytes + ((*read)->with_descriptor ? "+" : ".");
      }
      EXPECT_TRUE(input.empty());
    }
    EXPECT_EQ(log, "hello.+abc+") << "in pieces of " << piece;
  }
}

TEST(ParcelReader, refuses_a_parcel_beyond_its_limit_before_it_arrives) {
  ParcelReader reader(4);
  std::string const head = parcel_head(5, false);
  Bytes input = head;
  auto const read = reader.feed(input);
  ASSERT_TRUE(read.has_error());
  EXPECT_EQ(read.error(), ParcelError::too_large);
}

}  // namespace
}  // namespace chorus::cluster
