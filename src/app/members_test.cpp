#include "app/members.hpp"

#include <gmock/gmock.h>

namespace chorus::app {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using Change = Members::Change;

Person const ada{"ada", "Ada", "Lovelace"};

struct MembersTest : testing::Test {
  Members members;

  void SetUp() override {
    members.arrived(ada, "s1", "phone");
    members.told("ada", 1);
  }
};

TEST_F(MembersTest, remember_kinds_of_devices) {
  members.arrived(ada, "s2", "desktop");
  EXPECT_THAT(members.kinds("ada"), ElementsAre(Pair("s1", "phone"), Pair("s2", "desktop")));
  members.left("ada", "s1");
  EXPECT_THAT(members.kinds("ada"), ElementsAre(Pair("s2", "desktop")));
  EXPECT_THAT(members.kinds("ben"), IsEmpty());
}

TEST_F(MembersTest, know_who_is_online_with_how_many_devices) {
  members.arrived(ada, "s2", "desktop");
  auto const online = members.online();
  ASSERT_THAT(online, SizeIs(1));
  EXPECT_EQ(online[0].person, ada);
  EXPECT_EQ(online[0].devices, 2u);
  EXPECT_EQ(encode_args(online[0]).text(), R"({"id":"ada","firstName":"Ada","lastName":"Lovelace","devices":2})");
}

TEST_F(MembersTest, have_names_until_the_end_is_told) {
  members.left("ada", "s1");
  EXPECT_THAT(members.online(), IsEmpty());
  EXPECT_EQ(members.told("ada", 0), ada);
  EXPECT_EQ(members.size(), 0u);
  EXPECT_EQ(members.told("ada", 0), (Person{"ada", "ada", ""}));
}

TEST_F(MembersTest, have_names_though_comings_and_goings_are_told_late) {
  members.left("ada", "s1");
  members.arrived(ada, "s2", "phone");
  members.left("ada", "s2");
  EXPECT_EQ(members.told("ada", 0), ada);  // of s1
  EXPECT_EQ(members.told("ada", 1), ada);
  EXPECT_EQ(members.size(), 1u);
  EXPECT_EQ(members.told("ada", 0), ada);  // of s2
  EXPECT_EQ(members.size(), 0u);
}

TEST_F(MembersTest, are_in_rooms_until_the_last_device_is_gone) {
  EXPECT_EQ(members.join("ada", "kitchen"), Change::done);
  EXPECT_EQ(members.join("ada", "kitchen"), Change::nothing);
  EXPECT_TRUE(members.is_in("ada", "kitchen"));
  members.arrived(ada, "s2", "desktop");
  members.left("ada", "s1");
  EXPECT_THAT(members.rooms("ada"), ElementsAre("kitchen"));
  members.left("ada", "s2");
  EXPECT_THAT(members.rooms("ada"), IsEmpty());
}

TEST_F(MembersTest, leave_rooms) {
  members.join("ada", "kitchen");
  EXPECT_EQ(members.leave("ada", "kitchen"), Change::done);
  EXPECT_EQ(members.leave("ada", "kitchen"), Change::nothing);
  EXPECT_EQ(members.leave("ben", "kitchen"), Change::nothing);
  EXPECT_FALSE(members.is_in("ada", "kitchen"));
}

TEST_F(MembersTest, are_in_no_more_rooms_than_allowed) {
  for (std::size_t i = 0; i < rooms_per_user_max; ++i) ASSERT_EQ(members.join("ada", std::to_string(i)), Change::done);
  EXPECT_EQ(members.join("ada", "one more"), Change::too_many);
  EXPECT_EQ(members.join("ada", "0"), Change::nothing);
}

TEST_F(MembersTest, list_no_more_people_than_allowed) {
  for (std::size_t i = 0; i < online_listed_max + 10; ++i) {
    auto const id = std::to_string(i);
    members.arrived({id, id, ""}, "of " + id, "phone");
  }
  EXPECT_THAT(members.online(), SizeIs(online_listed_max));
}

}  // namespace
}  // namespace chorus::app
