#include "base/debug_areas.hpp"

#include <gtest/gtest.h>

#include <string>

namespace chorus {
namespace {

/// Nobody asks for anything any more when it ends.
class DebugAreas : public ::testing::Test {
 protected:
  ~DebugAreas() override {
    set_debug_areas({});
    set_log_level(LogLevel::warning);
  }
  NamespaceDebug chat, admin, room_1;
  bool chat_on() { return chat.on("/chat"); }
};

TEST_F(DebugAreas, are_off_until_somebody_asks_and_asking_replaces_what_was_asked_for) {
  EXPECT_FALSE(debugs(LogArea::engine) || debugs(LogArea::cluster) || debugs(LogArea::namespaces) || chat_on());
  EXPECT_TRUE(set_debug_areas("engine,/chat"));
  EXPECT_TRUE(debugs(LogArea::engine) && chat_on());
  EXPECT_FALSE(debugs(LogArea::cluster) || admin.on("/admin"));
  EXPECT_TRUE(set_debug_areas("cluster"));
  EXPECT_TRUE(debugs(LogArea::cluster));
  EXPECT_FALSE(debugs(LogArea::engine) || chat_on());
  EXPECT_TRUE(set_debug_areas(""));
  EXPECT_FALSE(debugs(LogArea::cluster));
}

TEST_F(DebugAreas, of_namespaces_are_names_beginnings_of_names_or_all) {
  set_debug_areas("/room-*,/admin");
  EXPECT_TRUE(room_1.on("/room-1") && admin.on("/admin"));
  EXPECT_FALSE(chat_on());
  NamespaceDebug longer;
  EXPECT_FALSE(longer.on("/admin2"));
  for (auto const* all : {"/*", "*"}) {
    set_debug_areas("");
    EXPECT_FALSE(chat_on());
    set_debug_areas(all);
    EXPECT_TRUE(chat_on() && admin.on("/admin")) << all;
    EXPECT_EQ(debugs(LogArea::engine), std::string(all) == "*");
  }
}

TEST_F(DebugAreas, are_all_of_them_at_the_level_of_debug_and_what_was_named_stays_after_it) {
  set_debug_areas("/admin");
  set_log_level(LogLevel::debug);
  EXPECT_TRUE(debugs(LogArea::engine) && debugs(LogArea::cluster) && chat_on());
  set_log_level(LogLevel::info);
  EXPECT_FALSE(debugs(LogArea::engine) || chat_on());
  EXPECT_TRUE(admin.on("/admin"));
}

TEST_F(DebugAreas, that_are_none_change_nothing) {
  set_debug_areas("/chat");
  auto const too_long = "/" + std::string(256, 'x');
  std::string many = "/0";
  for (int n = 1; n <= 64; ++n) many += ",/" + std::to_string(n);
  for (auto const& wrong : {std::string("engine,enigne"), std::string("chat"), std::string("engine,,cluster"),
                            std::string(","), too_long, many}) {
    EXPECT_FALSE(are_debug_areas(wrong)) << wrong;
    EXPECT_FALSE(set_debug_areas(wrong)) << wrong;
  }
  EXPECT_TRUE(chat_on());
  EXPECT_TRUE(set_debug_areas(many.substr(0, many.rfind(','))));
  EXPECT_FALSE(chat_on());
}

TEST(LogField, cuts_what_is_long) {
  EXPECT_EQ(LogField("k", std::string(5'000, 'x')).value.size(), LogField::value_bytes_max);
}

}  // namespace
}  // namespace chorus
