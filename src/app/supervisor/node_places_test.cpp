#include "app/supervisor/node_places.hpp"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>

namespace chorus::app {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

struct NodePlacesTest : testing::Test {
  NodePlacesTest() : runtime(testing::TempDir() + "chorus_places_XXXXXX") {
    EXPECT_NE(::mkdtemp(runtime.data()), nullptr);
  }
  ~NodePlacesTest() override { fs::remove_all(runtime); }

  NodePlaces claim(unsigned slots, std::string_view cluster = "redis://:secret@one") const {
    return NodePlaces::claim(runtime, cluster, slots);
  }
  std::string runtime;
};

TEST_F(NodePlacesTest, are_different_in_two_instances_that_share_key_and_folder) {
  auto first = claim(2);
  auto second = claim(1);
  EXPECT_EQ(first.next(0).node, 0);
  EXPECT_EQ(first.next(1).node, 1);
  EXPECT_EQ(second.next(0).node, 2);
  EXPECT_EQ(first.session_key(), second.session_key());
  EXPECT_EQ(first.session_key().size(), 16U);
  EXPECT_EQ(first.folder(), second.folder());
  EXPECT_TRUE(fs::is_directory(first.folder() + "/relay"));
}

TEST_F(NodePlacesTest, count_their_holders_over_the_end_of_an_instance) {
  std::optional<NodePlaces> first(claim(1));
  EXPECT_EQ(first->next(0), (NodePlace{0, 0}));
  EXPECT_EQ(first->next(0), (NodePlace{0, 1})) << "the successor of a crashed process";
  auto second = claim(1);
  EXPECT_EQ(second.next(0), (NodePlace{1, 0}));
  first.reset();
  EXPECT_EQ(claim(1).next(0), (NodePlace{0, 2})) << "the place of an instance that has ended";
}

TEST_F(NodePlacesTest, of_another_cluster_are_apart) {
  auto one = claim(1);
  auto other = claim(1, "redis://:secret@two");
  EXPECT_EQ(other.next(0).node, one.next(0).node);
  EXPECT_NE(other.session_key(), one.session_key());
  EXPECT_THAT(other.folder(), Not(HasSubstr("secret")));
}

TEST_F(NodePlacesTest, are_refused_where_the_key_is_damaged) {
  auto const folder = claim(1).folder();
  std::ofstream(folder + "/key") << "short";
  try {
    claim(1);
    FAIL();
  } catch (std::runtime_error const& error) {
    EXPECT_THAT(error.what(), HasSubstr("/key is no key of ours"));
  }
}

}  // namespace
}  // namespace chorus::app
