#include "net/connection_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

namespace chorus::net {
namespace {

/// Never called: the table only keeps its address.
struct Nobody final : ConnectionHandler {
  void on_data(ConnectionId, MutableBytes) override {}
  void on_end(ConnectionId) override {}
  void on_drained(ConnectionId) override {}
  void on_closed(ConnectionId, CloseReason) override {}
};

TEST(ConnectionTable, finds_what_is_there_by_its_whole_name) {
  ConnectionTable table;
  Nobody nobody;
  auto const first = table.add(7, nobody);
  EXPECT_EQ(table.find(first)->descriptor, 7);
  table.remove(first);
  EXPECT_EQ(table.find(first), nullptr);
  auto const second = table.add(8, nobody);
  EXPECT_EQ(second.index, first.index);
  EXPECT_EQ(table.find(first), nullptr);
  EXPECT_EQ(table.find(second)->descriptor, 8);
  EXPECT_EQ(table.find({100'000, 1}), nullptr);
}

TEST(ConnectionTable, gives_back_what_a_crowd_needed_and_keeps_a_chunk_for_the_next) {
  ConnectionTable table;
  Nobody nobody;
  std::vector<ConnectionId> crowd;
  for (int i = 0; i < 10'000; ++i) crowd.push_back(table.add(i, nobody));
  EXPECT_GE(table.capacity(), 10'000u);
  for (auto const id : crowd) table.remove(id);
  EXPECT_GE(table.capacity(), 10'000u) << "somebody may still hold an address";
  table.give_back();
  EXPECT_EQ(table.capacity(), 1'024u);
}

TEST(ConnectionTable, never_uses_a_name_again_though_its_memory_was_given_back) {
  ConnectionTable table;
  Nobody nobody;
  std::vector<ConnectionId> old;
  for (int round = 0; round < 3; ++round) {
    std::vector<ConnectionId> crowd;
    for (int i = 0; i < 5'000; ++i) crowd.push_back(table.add(i, nobody));
    for (auto const id : old) ASSERT_EQ(table.find(id), nullptr);
    for (auto const id : crowd) table.remove(id);
    table.give_back();
    for (auto const id : crowd) ASSERT_EQ(table.find(id), nullptr);
    old.insert(old.end(), crowd.begin(), crowd.end());
  }
}

TEST(ConnectionTable, agrees_with_a_map_through_any_history) {
  std::mt19937 random(11);
  ConnectionTable table;
  Nobody nobody;
  std::map<int, ConnectionId> model;
  for (int step = 0; step < 60'000; ++step) {
    bool const grows = step / 6'000 % 2 == 0;  // nearly empty and some chunks full, several times
    if (random() % 8 == 0 ? !grows : grows) {
      model.emplace(step, table.add(step, nobody));
    } else if (!model.empty()) {
      auto const gone =
          std::next(model.begin(), static_cast<std::ptrdiff_t>(random() % std::min<std::size_t>(model.size(), 50)));
      table.remove(gone->second);
      model.erase(gone);
    }
    if (random() % 16 == 0) table.give_back();
    ASSERT_EQ(table.size(), model.size());
    if (step % 997 != 0) continue;
    for (auto const& [descriptor, id] : model) ASSERT_EQ(table.find(id)->descriptor, descriptor);
    std::size_t seen = 0;
    table.for_each([&](ConnectionId id, Connection& c) { seen += model.at(c.descriptor) == id ? 1u : 0u; });
    ASSERT_EQ(seen, model.size());
  }
}

}  // namespace
}  // namespace chorus::net
