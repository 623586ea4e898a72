#include "socket/saved_session.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "socket/target.hpp"

namespace chorus::socket {

std::optional<RecoveryId> RecoveryId::parse(std::string_view text) {
  if (text.size() != socket_id_size + recovery_secret_size) return std::nullopt;
  RecoveryId id;
  text.copy(id.socket_id.data(), id.socket_id.size());
  text.copy(id.secret.data(), id.secret.size(), id.socket_id.size());
  return id;
}

std::string RecoveryId::text() const {
  std::string text(socket_id.data(), socket_id.size());
  text.append(secret.data(), secret.size());
  return text;
}

bool SavedSession::is_among(Target const& target) const {
  auto const was_in = [this](std::string_view key) {
    return std::binary_search(keys.begin(), keys.end(), key, std::less<>());
  };
  if (target.one_socket) return target.rooms.front() == room_key(id.socket_id_text());
  return (target.rooms.empty() || std::ranges::any_of(target.rooms, was_in)) &&
         std::ranges::none_of(target.except, was_in);
}

std::vector<SavedSession> SessionStore::keep(SavedSession session) {
  std::vector<SavedSession> gone;
  if (max_ == 0) {
    gone.push_back(std::move(session));
    return gone;
  }
  if (by_age_.size() == max_) gone.push_back(take_oldest());
  auto key = session.id.text();
  by_age_.push_back(std::move(session));
  by_id_.insert_or_assign(std::move(key), std::prev(by_age_.end()));
  return gone;
}

std::optional<SavedSession> SessionStore::take(RecoveryId const& id) {
  auto const found = by_id_.find(id.text());
  if (found == by_id_.end()) return std::nullopt;
  std::optional<SavedSession> session(std::move(*found->second));
  by_age_.erase(found->second);
  by_id_.erase(found);
  return session;
}

std::vector<SavedSession> SessionStore::expire(TimePoint before) {
  std::vector<SavedSession> gone;
  while (!by_age_.empty() && by_age_.front().ended < before) gone.push_back(take_oldest());
  return gone;
}

std::vector<SavedSession> SessionStore::clear() {
  by_id_.clear();
  std::vector<SavedSession> gone(std::move_iterator(by_age_.begin()), std::move_iterator(by_age_.end()));
  by_age_.clear();
  return gone;
}

SavedSession SessionStore::take_oldest() {
  by_id_.erase(by_age_.front().id.text());
  SavedSession oldest = std::move(by_age_.front());
  by_age_.pop_front();
  return oldest;
}

}  // namespace chorus::socket
