#include "socket/saved_session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "socket/target.hpp"

namespace chorus::socket {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

RecoveryId id_of(char digit) {
  return *RecoveryId::parse(std::string(socket_id_size + recovery_secret_size - 1, 'x') + digit);
}

SavedSession session(char digit, TimePoint ended) {
  SavedSession made;
  made.id = id_of(digit);
  made.ended = ended;
  return made;
}

TEST(RecoveryId, is_read_as_it_was_written) {
  std::string const text = "abcdefghijklmnopqrstABCDEFGHIJKLMNOPQRST";
  auto const id = RecoveryId::parse(text);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->socket_id_text(), "abcdefghijklmnopqrst");
  EXPECT_EQ(id->text(), text);
  for (std::string_view const other : {"", "foo", "abcdefghijklmnopqrst"}) EXPECT_FALSE(RecoveryId::parse(other));
}

TEST(SavedSession, AD19_is_among_those_of_its_rooms_and_not_of_excluded_ones) {
  SavedSession session;
  session.id = id_of('1');
  session.keys = {"rlobby", "rroom", "uada"};
  Target target;
  EXPECT_TRUE(session.is_among(target)) << "everybody";
  target.rooms = {"rother", "rroom"};
  EXPECT_TRUE(session.is_among(target));
  target.rooms = {"rother"};
  EXPECT_FALSE(session.is_among(target));
  target.rooms = {"uada"};
  EXPECT_TRUE(session.is_among(target));
  target.except = {"rnobody"};
  EXPECT_TRUE(session.is_among(target));
  target.except = {"rlobby"};
  EXPECT_FALSE(session.is_among(target));
  target.rooms.clear();
  EXPECT_FALSE(session.is_among(target));
}

TEST(SavedSession, is_the_one_that_one_socket_means_and_nobody_else_in_its_room) {
  SavedSession own, other;
  own.id = id_of('1');
  other.id = *RecoveryId::parse(std::string(socket_id_size, 'y') + std::string(recovery_secret_size, 'z'));
  Target target;
  target.one_socket = true;
  target.rooms = {room_key(own.id.socket_id_text())};
  own.keys = other.keys = target.rooms;
  EXPECT_TRUE(own.is_among(target));
  EXPECT_FALSE(other.is_among(target));
}

TEST(SessionStore, gives_a_session_once) {
  SessionStore store(10);
  EXPECT_FALSE(store.take(id_of('1')));
  EXPECT_THAT(store.keep(session('1', TimePoint(1s))), IsEmpty());
  EXPECT_FALSE(store.take(id_of('2')));
  EXPECT_TRUE(store.take(id_of('1')));
  EXPECT_FALSE(store.take(id_of('1')));
  EXPECT_EQ(store.size(), 0u);
}

TEST(SessionStore, lets_the_oldest_go_where_there_is_no_room) {
  SessionStore store(2);
  store.keep(session('1', TimePoint(1s)));
  store.keep(session('2', TimePoint(2s)));
  auto const gone = store.keep(session('3', TimePoint(3s)));
  ASSERT_THAT(gone, SizeIs(1));
  EXPECT_EQ(gone.front().id, id_of('1'));
  EXPECT_FALSE(store.take(id_of('1')));
  EXPECT_TRUE(store.take(id_of('2')));
  EXPECT_TRUE(store.take(id_of('3')));
  SessionStore none(0);
  EXPECT_THAT(none.keep(session('1', TimePoint(1s))), SizeIs(1));
}

TEST(SessionStore, lets_go_what_is_too_old) {
  SessionStore store(10);
  store.keep(session('1', TimePoint(1s)));
  store.keep(session('2', TimePoint(2s)));
  EXPECT_THAT(store.expire(TimePoint(1s)), IsEmpty());
  EXPECT_THAT(store.expire(TimePoint(2s)), SizeIs(1));
  EXPECT_FALSE(store.take(id_of('1')));
  EXPECT_THAT(store.clear(), SizeIs(1));
  EXPECT_EQ(store.size(), 0u);
  EXPECT_FALSE(store.take(id_of('2')));
}

}  // namespace
}  // namespace chorus::socket
