#include "socket/packet_log.hpp"

#include <algorithm>
#include <utility>

namespace chorus::socket {

std::size_t LoggedPacket::bytes() const {
  std::size_t total = sizeof(PacketBlock) / PacketBlock::packets_max + sizeof(engine::SharedMessage) + sizeof(Target) +
                      message->frames()->size() + target->nsp.size();
  for (auto const& key : target->rooms) total += sizeof key + key.size();
  for (auto const& key : target->except) total += sizeof key + key.size();
  return total;
}

void PacketLog::append(LoggedPacket packet) {
  auto const bytes = packet.bytes();
  bool const fits = make_room(bytes);
  ++last_;
  if (!fits) return;
  if (blocks_.empty() || blocks_.back()->full()) blocks_.push_back(std::make_shared<PacketBlock>(last_));
  PacketBlock& block = *blocks_.back();
  block.packets[block.count++] = std::move(packet);
  block.bytes += bytes;
}

bool PacketLog::make_room(std::size_t bytes) {
  for (;;) {
    if (packets_.take(1)) {
      if (bytes_.take(bytes)) return true;
      packets_.give_back(1);
    }
    if (blocks_.empty()) return false;
    drop_oldest();
  }
}

void PacketLog::drop_oldest() {
  packets_.give_back(blocks_.front()->count);
  bytes_.give_back(blocks_.front()->bytes);
  blocks_.pop_front();
}

std::optional<PacketSlice> PacketLog::since(std::uint64_t number) const {
  if (number > last_ || number + 1 < first_kept()) return std::nullopt;
  PacketSlice slice;
  slice.after_ = number;
  slice.last_ = last_;
  if (number == last_) return slice;
  auto const behind = std::ranges::upper_bound(blocks_, number + 1, {}, [](auto const& block) { return block->first; });
  slice.blocks_.assign(std::prev(behind), blocks_.end());
  return slice;
}

void PacketLog::tick(TimePoint now, Duration kept_for) {
  if (!blocks_.empty() && (seen_.empty() || seen_.back().last < last_)) seen_.push_back({now, last_});
  std::uint64_t expired = 0;
  for (; !seen_.empty() && seen_.front().at + kept_for < now; seen_.pop_front()) expired = seen_.front().last;
  while (!blocks_.empty() && blocks_.front()->first + blocks_.front()->count - 1 <= expired) drop_oldest();
  if (blocks_.empty()) seen_.clear();
}

void PacketLog::clear() {
  while (!blocks_.empty()) drop_oldest();
  seen_.clear();
}

}  // namespace chorus::socket
