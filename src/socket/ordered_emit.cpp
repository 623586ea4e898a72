#include "socket/ordered_emit.hpp"

#include <memory>
#include <utility>
#include <vector>

#include "socket/hub.hpp"
#include "socket/offset.hpp"
#include "socket/packet_writer.hpp"
#include "socket/recovery.hpp"

namespace chorus::socket {
namespace {

/// This thread's hub, if it is one of this process's.
Hub* hub_of(Switchboard const& board) {
  Hub* const here = Hub::current();
  return here != nullptr && &here->board() == &board ? here : nullptr;
}

std::shared_ptr<Timeline> timeline_of(Switchboard& board, Hub* here, std::string_view nsp) {
  NamespaceCore* const core = here != nullptr ? here->find(nsp) : nullptr;
  return core != nullptr ? core->timeline() : board.recovery()->find(nsp);
}

void tell(Switchboard& board, Hub* here, std::shared_ptr<Timeline> const& timeline, Timeline::Put put) {
  for (unsigned worker = 0; worker < board.workers(); ++worker) {
    if ((put.to_wake >> worker & 1) == 0 || (here != nullptr && here->index() == worker)) continue;
    board.post(worker, CatchUpLetter{timeline});
  }
  if (here == nullptr) {
    // Somebody's timer has to see to it that it expires.
    if (put.has == 0) board.post(0, CatchUpLetter{timeline});
    return;
  }
  here->expire_in_time();
  if ((put.has >> here->index() & 1) != 0) here->catch_up(*timeline);
}

}  // namespace

void emit_in_order(Switchboard& board, TargetPtr target, std::string& packet, std::span<Bytes const> attachments,
                   Timeline::Offset offset) {
  Hub* const here = hub_of(board);
  auto const timeline = timeline_of(board, here, target->nsp);
  if (timeline == nullptr) return;
  if (offset != Timeline::Offset::none) append_offset_place(packet);
  auto message = engine::SharedMessage::begin(packet, attachments, target->compression());
  tell(board, here, timeline, timeline->append(board, std::move(target), std::move(message), offset));
}

void emit_in_order(Switchboard& board, TargetPtr target, std::string_view event, std::string_view args,
                   std::span<std::string const> attachments) {
  thread_local std::string packet;  // copied on from there
  packet.clear();
  append_event(packet, target->nsp, event, args, static_cast<unsigned>(attachments.size()));
  std::vector<Bytes> const pieces(attachments.begin(), attachments.end());
  auto const offset = target->is_volatile ? Timeline::Offset::current : Timeline::Offset::own;
  emit_in_order(board, std::move(target), packet, pieces, offset);
}

void emit_to_one_in_order(Switchboard& board, std::string const& nsp, std::string_view socket_id,
                          std::string_view event, std::string_view args, std::span<std::string const> attachments,
                          EmitOptions options) {
  auto target = make_target();
  target->nsp = nsp;
  target->rooms.push_back(room_key(socket_id));
  target->one_socket = true;
  target->is_volatile = options.is_volatile;
  target->compress = options.compress;
  emit_in_order(board, std::move(target), event, args, attachments);
}

void post_in_order(Switchboard& board, std::string_view nsp, unsigned worker, Errand errand) {
  Hub* const here = hub_of(board);
  auto const timeline = timeline_of(board, here, nsp);
  if (timeline == nullptr) return board.post(worker, std::move(errand));
  tell(board, here, timeline, timeline->put(worker, std::move(errand)));
}

}  // namespace chorus::socket
