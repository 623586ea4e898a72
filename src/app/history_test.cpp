#include "app/history.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

namespace chorus::app {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Person const ada{"ada", "Ada", "Lovelace"};
Person const ben{"ben", "Ben", ""};

History::Clock::time_point at(std::chrono::milliseconds since_epoch) { return History::Clock::time_point(since_epoch); }

std::vector<std::string> texts_of(HistoryPage const& page) {
  std::vector<std::string> texts;
  for (auto const& message : page.messages) texts.push_back(*ArgView(message->json)["text"].as<std::string>());
  return texts;
}

struct HistoryTest : testing::Test {
  History history{{}, MessageIds("Zk3_9a")};
  std::chrono::milliseconds now = 1000ms;

  MessagePtr say(Person const& from, Recipient to, std::string_view text) {
    return history.add(from, std::move(to), text, at(now += 1ms));
  }
};

TEST_F(HistoryTest, keeps_a_message_as_it_travels) {
  auto const message = history.add(ada, ToRoom{"kitchen"}, "tea?\n", at(0x193a5c1e2f0ms));
  EXPECT_EQ(message->json, R"({"id":"0193a5c1e2f00000Zk3_9a","time":"2024-12-08T10:12:47.472Z",)"
                           R"("from":{"id":"ada","firstName":"Ada","lastName":"Lovelace"},)"
                           R"("to":{"room":"kitchen"},"text":"tea?\n"})");
}

TEST_F(HistoryTest, shows_everybodys_messages_newest_last) {
  say(ada, Everybody{}, "one");
  say(ben, Everybody{}, "two");
  auto const page = history.read({"cid", {}}, {});
  EXPECT_THAT(texts_of(page), ElementsAre("one", "two"));
  EXPECT_FALSE(page.more);
}

TEST_F(HistoryTest, shows_rooms_to_those_in_them_and_direct_messages_to_the_two) {
  say(ada, ToRoom{"kitchen"}, "room");
  say(ada, ToUser{"ben"}, "direct");
  EXPECT_THAT(texts_of(history.read({"cid", {}}, {})), IsEmpty());
  EXPECT_THAT(texts_of(history.read({"cid", {"kitchen"}}, {})), ElementsAre("room"));
  EXPECT_THAT(texts_of(history.read({"ben", {}}, {})), ElementsAre("direct"));
  EXPECT_THAT(texts_of(history.read({"ada", {"study"}}, {})), ElementsAre("direct"));
}

TEST_F(HistoryTest, gives_the_newest_when_there_are_more_than_asked_for) {
  for (int i = 1; i <= 5; ++i) say(ada, Everybody{}, std::to_string(i));
  auto const page = history.read({"ben", {}}, {.limit = 2});
  EXPECT_THAT(texts_of(page), ElementsAre("4", "5"));
  EXPECT_TRUE(page.more);
  EXPECT_FALSE(history.read({"ben", {}}, {.limit = 5}).more);
}

TEST_F(HistoryTest, goes_on_after_an_id_until_there_is_no_more) {
  auto const first = say(ada, Everybody{}, "1");
  for (int i = 2; i <= 5; ++i) say(ada, Everybody{}, std::to_string(i));
  auto page = history.read({"ben", {}}, {.limit = 3, .after = first->id});
  EXPECT_THAT(texts_of(page), ElementsAre("2", "3", "4"));
  EXPECT_TRUE(page.more);
  page = history.read({"ben", {}}, {.limit = 3, .after = page.messages.back()->id});
  EXPECT_THAT(texts_of(page), ElementsAre("5"));
  EXPECT_FALSE(page.more);
  EXPECT_THAT(history.read({"ben", {}}, {.after = page.messages.back()->id}).messages, IsEmpty());
}

TEST_F(HistoryTest, takes_an_id_it_has_forgotten_or_never_made_as_a_place_in_time) {
  say(ada, Everybody{}, "1");
  EXPECT_THAT(history.read({"ben", {}}, {.after = "0"}).messages, SizeIs(1));
  EXPECT_THAT(history.read({"ben", {}}, {.after = "zzz"}).messages, IsEmpty());
}

TEST_F(HistoryTest, gives_no_more_than_its_greatest_page) {
  for (int i = 0; i < 300; ++i) say(ada, Everybody{}, "x");
  auto const page = history.read({"ben", {}}, {.limit = 1000});
  EXPECT_THAT(page.messages, SizeIs(History::limit_max));
  EXPECT_TRUE(page.more);
}

TEST(History, forgets_the_oldest_beyond_its_number_and_its_bytes) {
  History few({.messages_max = 3});
  for (int i = 1; i <= 5; ++i) few.add(ada, Everybody{}, std::to_string(i), at(1s));
  EXPECT_THAT(texts_of(few.read({"ben", {}}, {})), ElementsAre("3", "4", "5"));

  History small({.bytes_max = 10'000});
  for (int i = 1; i <= 100; ++i) small.add(ada, Everybody{}, std::string(1000, 'x'), at(1s));
  EXPECT_LE(small.bytes(), 10'000u);
  EXPECT_GE(small.size(), 5u);
  EXPECT_LE(small.size(), 10u);
}

TEST(History, splits_a_page_whose_bytes_are_too_many_but_always_goes_on) {
  History history({.page_bytes_max = 2500});
  for (int i = 1; i <= 4; ++i) history.add(ada, Everybody{}, std::string(1000, 'x'), at(1s));
  auto const page = history.read({"ben", {}}, {.after = "0"});
  EXPECT_THAT(page.messages, SizeIs(2));
  EXPECT_TRUE(page.more);
  History tiny({.page_bytes_max = 1});
  tiny.add(ada, Everybody{}, "x", at(1s));
  EXPECT_THAT(tiny.read({"ben", {}}, {}).messages, SizeIs(1));
}

TEST(History, never_shows_an_id_below_one_already_read) {
  History history;
  std::vector<std::thread> writers;
  for (int w = 0; w < 3; ++w)
    writers.emplace_back([&] {
      for (int i = 0; i < 500; ++i) history.add(ada, Everybody{}, "x", History::Clock::now());
    });
  std::string newest = "0";
  std::size_t seen = 0;
  while (seen < 1500)
    for (auto const& message : history.read({"ben", {}}, {.limit = 200, .after = newest}).messages) {
      ASSERT_LT(newest, message->id);
      newest = message->id;
      ++seen;
    }
  for (auto& writer : writers) writer.join();
}

TEST(IsoTime, is_utc_with_milliseconds) {
  EXPECT_EQ(iso_time(at(0ms)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(iso_time(at(1'795'388'538'123ms)), "2026-11-22T23:02:18.123Z");
}

// ---- what another process made

TEST_F(HistoryTest, takes_in_what_another_process_made_in_its_place_and_once) {
  History here({}, MessageIds("aaaaaa")), there({}, MessageIds("bbbbbb"));
  here.add(ada, Everybody{}, "1", at(1ms));
  auto const second = there.add(ada, ToUser{"ben"}, "2 \"\\\n", at(2ms));
  here.add(ada, Everybody{}, "3", at(3ms));
  auto const first = there.add(ada, ToRoom{"kitchen"}, "0", at(0ms));
  for (auto const& message : {second, first, second}) {
    auto const read = read_message(message->json);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->id, message->id);
    EXPECT_EQ(read->time, message->time);
    EXPECT_EQ(read->sender, "ada");
    EXPECT_EQ(read->to, message->to);
    here.insert(read);
  }
  std::vector<std::string> ids;
  for (auto const& message : here.all()) ids.push_back(message->id);
  EXPECT_EQ(ids.size(), 4u);
  EXPECT_TRUE(std::ranges::is_sorted(ids));
  EXPECT_EQ(here.all()[1]->id.substr(0, 12), second->id.substr(0, 12));
}

TEST_F(HistoryTest, keeps_the_order_of_ids_where_another_clock_is_ahead) {
  History here({}, MessageIds("bbbbbb")), ahead({}, MessageIds("aaaaaa"));
  auto const early = ahead.add(ada, Everybody{}, "early", at(1ms));
  auto const late = ahead.add(ada, Everybody{}, "late", at(9ms));
  here.insert(late);
  auto const own = here.add(ada, Everybody{}, "own", at(5ms));
  here.insert(early);
  for (auto const& known : {late, own, early}) EXPECT_FALSE(here.insert(known));
  EXPECT_THAT(here.all(), ElementsAre(early, own, late));
}

TEST_F(HistoryTest, takes_in_nothing_older_than_what_it_keeps_when_it_is_full) {
  History here({.messages_max = 2}), there;
  auto const old = there.add(ada, Everybody{}, "old", at(0ms));
  here.add(ada, Everybody{}, "a", at(1ms));
  here.add(ada, Everybody{}, "c", at(3ms));
  EXPECT_FALSE(here.insert(old));
  EXPECT_TRUE(here.insert(there.add(ada, Everybody{}, "b", at(2ms))));
  EXPECT_EQ(here.size(), 2u);
}

TEST_F(HistoryTest, reads_nothing_that_is_no_message) {
  auto const good = say(ada, Everybody{}, "x")->json;
  ASSERT_TRUE(read_message(good));
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(read_message(good.substr(0, size)));
  for (char const* text :
       {"[]", "null", "{}", R"({"id":"1","time":"x","from":{"id":"a"},"to":"everybody","text":"x"})"})
    EXPECT_FALSE(read_message(text)) << text;
}

}  // namespace
}  // namespace chorus::app
