// Bodies of chorus::Audience: own worker's members first hand, other workers' by letter.
#include <memory>
#include <set>
#include <utility>

#include "base/check.hpp"
#include "chorus/audience.hpp"
#include "socket/event_name.hpp"
#include "socket/gather.hpp"
#include "socket/hub.hpp"
#include "socket/ordered_emit.hpp"
#include "socket/packet_writer.hpp"
#include "socket/recovery.hpp"
#include "socket/socket_core.hpp"
#include "socket/switchboard.hpp"
#include "socket/target_actions.hpp"

namespace chorus {
namespace {

using socket::BroadcastLetter;
using socket::Errand;
using socket::Hub;
using socket::NamespaceCore;
using socket::SocketCore;
using socket::Target;
using socket::TargetPtr;
using BoardPtr = std::shared_ptr<socket::Switchboard>;
using MessagePtr = std::shared_ptr<engine::SharedMessage const>;

MessagePtr encode_event(std::string_view nsp, Target const& target, std::string_view event, ArgsWriter const& args,
                        std::optional<std::uint64_t> ack_id = std::nullopt) {
  thread_local std::string text;  // copied on from there
  text.clear();
  socket::append_event(text, nsp, event, args.text(), static_cast<unsigned>(args.attachments().size()), ack_id);
  std::vector<Bytes> const attachments(args.attachments().begin(), args.attachments().end());
  return engine::SharedMessage::make(text, attachments, target.compression());
}

socket::Uplink* uplink_for(BoardPtr const& board, Target const& target) {
  return target.local ? nullptr : board->uplink();
}

/// Other nodes know a parent's children by their own names only: each that is known here is told of.
void tell_children_elsewhere(BoardPtr const& board, TargetPtr const& target,
                             std::function<void(socket::Uplink&, Target const&)> tell) {
  if (uplink_for(board, *target) == nullptr) return;
  using Names = std::set<std::string>;
  auto const all = std::make_shared<Names>();
  socket::gather<Names>(
      board, board->interested(*target),
      [target](Hub& hub, std::function<void(Names)> reply) {
        Names names;
        hub.for_each_reached(target->nsp, [&](NamespaceCore& child) { names.insert(child.name()); });
        reply(std::move(names));
      },
      [all](Names part) { all->merge(part); },
      [all, board, target, tell = std::move(tell)] {
        for (auto const& name : *all) {
          Target child = *target;
          child.nsp = name;
          tell(*board->uplink(), child);
        }
      });
}

/// Ring 3: what this process does, the other nodes do.
void tell_elsewhere(BoardPtr const& board, TargetPtr const& target,
                    std::function<void(socket::Uplink&, Target const&)> tell) {
  if (socket::is_parent_name(target->nsp)) return tell_children_elsewhere(board, target, std::move(tell));
  if (socket::Uplink* const uplink = uplink_for(board, *target)) tell(*uplink, *target);
}

std::vector<std::string> room_keys(std::vector<std::string> const& rooms) {
  std::vector<std::string> keys;
  for (auto const& room : rooms) keys.push_back(socket::room_key(room));
  return keys;
}

/// A parent of dynamic namespaces: the packet names the child, so each child has its own.
void emit_to_children(BoardPtr const& board, TargetPtr const& target, std::string const& event,
                      ArgsWriter const& args) {
  if (socket::Recovery* const recovery = board->recovery()) {
    for (auto const& child : recovery->children_of(target->nsp)) {
      auto of_child = socket::make_target();
      *of_child = *target;
      of_child->nsp = child->nsp();
      socket::emit_in_order(*board, std::move(of_child), event, args.text(), args.attachments());
    }
    return;
  }
  auto emit = [target, event, args](Hub& hub) {
    hub.for_each_reached(target->nsp, [&](NamespaceCore& child) {
      child.deliver(*target, encode_event(child.name(), *target, event, args));
    });
  };
  Hub* const here = Hub::current();
  for (unsigned w = 0; w < board->workers(); ++w) {
    if (here != nullptr && here->index() == w)
      emit(*here);
    else
      board->post(w, Errand(emit));
  }
}

/// One worker's share of a question to many. `message_for(nsp)`: the packet names the namespace, and those of a
/// parent's children are several.
void ask_members(Hub& hub, TargetPtr const& target, std::function<MessagePtr(NamespaceCore const&)> const& message_for,
                 std::uint64_t id, std::function<void(Answers)> reply) {
  struct Asked {
    SocketCore* member;
    MessagePtr message;
  };
  std::vector<Asked> asked;
  hub.for_each_reached(target->nsp, [&](NamespaceCore& nsp) {
    auto const members = nsp.select(*target);
    if (members.empty()) return;
    auto const message = message_for(nsp);
    for (SocketCore* const member : members) asked.push_back({member, message});
  });
  if (asked.empty()) return reply({});
  struct Share {
    std::size_t missing;
    Answers answers;
    std::function<void(Answers)> reply;
  };
  auto const share = std::make_shared<Share>(Share{asked.size(), {}, std::move(reply)});
  for (auto const& [member, message] : asked) {
    member->expect_answer(id, target->timeout, [share](Answer const& answer) {
      if (answer) {
        auto const attachments = answer.args.attachments();
        share->answers.answers.push_back({std::string(answer.args.raw()), {attachments.begin(), attachments.end()}});
      } else {
        share->answers.complete = false;
      }
      if (--share->missing == 0) share->reply(std::move(share->answers));
    });
    member->send(message, target->is_volatile);
  }
}

}  // namespace

Audience::Audience(BoardPtr board, std::string nsp) : board_(std::move(board)) {
  auto target = socket::make_target();
  target->nsp = std::move(nsp);
  target_ = std::move(target);
}

Audience::Audience(BoardPtr board, TargetPtr target) : board_(std::move(board)), target_(std::move(target)) {}

template <class Change>
Audience Audience::changed(Change&& change) const {
  auto copy = socket::make_target();
  *copy = *target_;
  change(*copy);
  return Audience(board_, TargetPtr(std::move(copy)));
}

Audience Audience::to(std::string_view room) const {
  return changed([&](Target& t) { t.rooms.push_back(socket::room_key(room)); });
}
Audience Audience::to(std::vector<std::string> const& rooms) const {
  return changed([&](Target& t) {
    for (auto const& room : rooms) t.rooms.push_back(socket::room_key(room));
  });
}
Audience Audience::to(UserId const& user) const {
  return changed([&](Target& t) { t.rooms.push_back(socket::user_key(user)); });
}
Audience Audience::except(std::string_view room) const {
  return changed([&](Target& t) { t.except.push_back(socket::room_key(room)); });
}
Audience Audience::except(std::vector<std::string> const& rooms) const {
  return changed([&](Target& t) {
    for (auto const& room : rooms) t.except.push_back(socket::room_key(room));
  });
}
Audience Audience::except(UserId const& user) const {
  return changed([&](Target& t) { t.except.push_back(socket::user_key(user)); });
}
Audience Audience::except_socket(std::string_view socket_id) const { return except(socket_id); }
Audience Audience::local() const {
  return changed([](Target& t) { t.local = true; });
}
Audience Audience::volatile_() const {
  return changed([](Target& t) { t.is_volatile = true; });
}
Audience Audience::compress(bool on) const {
  return changed([on](Target& t) { t.compress = on; });
}
Audience Audience::timeout(std::chrono::milliseconds limit) const {
  return changed([limit](Target& t) { t.timeout = limit; });
}

void Audience::emit_encoded(std::string_view event, ArgsWriter args) const {
  socket::check_event_name(event);
  if (socket::is_parent_name(target_->nsp)) {
    emit_to_children(board_, target_, std::string(event), args);
    return tell_children_elsewhere(board_, target_,
                                   [event = std::string(event), args](socket::Uplink& uplink, Target const& child) {
                                     uplink.broadcast(child, event, args);
                                   });
  }
  if (socket::Uplink* const uplink = uplink_for(board_, *target_)) uplink->broadcast(*target_, event, args);
  if (board_->recovery() != nullptr)
    return socket::emit_in_order(*board_, target_, event, args.text(), args.attachments());
  auto const workers = board_->interested(*target_);
  if (workers == 0) return;
  auto const message = encode_event(target_->nsp, *target_, event, args);
  Hub* const here = Hub::current();
  for (unsigned w = 0; w < board_->workers(); ++w) {
    if ((workers >> w & 1) == 0 || (here != nullptr && here->index() == w)) continue;
    board_->post(w, BroadcastLetter{target_, message});
  }
  if (here == nullptr || (workers >> here->index() & 1) == 0) return;
  if (NamespaceCore* const nsp = here->find(target_->nsp)) nsp->deliver(*target_, message);
}

void Audience::ask_encoded(std::string_view event, ArgsWriter args, AnswersHandler on_answers) const {
  socket::check_event_name(event);
  Hub* const here = Hub::current();
  if (here == nullptr) {  // ids and answers need a worker to live on
    auto ask = [audience = *this, event = std::string(event), args = std::move(args), on_answers](Hub&) {
      audience.ask_encoded(event, args, on_answers);
    };
    return board_->post(0, Errand(std::move(ask)));
  }
  auto const id = here->next_id();
  bool const is_parent = socket::is_parent_name(target_->nsp);
  std::function<MessagePtr(NamespaceCore const&)> message_for;
  if (is_parent) {
    message_for = [target = target_, event = std::string(event), args = std::move(args),
                   id](NamespaceCore const& child) { return encode_event(child.name(), *target, event, args, id); };
  } else {
    message_for = [message = encode_event(target_->nsp, *target_, event, args, id)](auto const&) { return message; };
  }
  auto const all = std::make_shared<Answers>();
  socket::gather<Answers>(
      board_, board_->interested(*target_),
      [target = target_, message_for = std::move(message_for), id](Hub& hub, std::function<void(Answers)> reply) {
        ask_members(hub, target, message_for, id, std::move(reply));
      },
      [all](Answers part) {
        all->complete = all->complete && part.complete;
        for (auto& answer : part.answers) all->answers.push_back(std::move(answer));
      },
      [all, on_answers = std::move(on_answers)] { on_answers(*all); },
      is_parent ? std::string_view() : std::string_view(target_->nsp));
}

void Audience::fetch_sockets(std::function<void(std::vector<SocketInfo>)> on_sockets) const {
  socket::describe_sockets(board_, target_, std::move(on_sockets));
}

void Audience::sockets_count(std::function<void(std::size_t)> on_count) const {
  socket::count_sockets(board_, target_, std::move(on_count));
}

void Audience::sockets_join(std::vector<std::string> rooms, std::function<void()> done) const {
  auto const keys = room_keys(rooms);
  tell_elsewhere(board_, target_,
                 [keys](socket::Uplink& uplink, Target const& target) { uplink.sockets_join(target, keys); });
  socket::join_sockets(board_, target_, keys, std::move(done));
}

void Audience::sockets_leave(std::vector<std::string> rooms, std::function<void()> done) const {
  auto const keys = room_keys(rooms);
  tell_elsewhere(board_, target_,
                 [keys](socket::Uplink& uplink, Target const& target) { uplink.sockets_leave(target, keys); });
  socket::leave_sockets(board_, target_, keys, std::move(done));
}

void Audience::disconnect_sockets(bool close_connection, std::function<void()> done) const {
  tell_elsewhere(board_, target_, [close_connection](socket::Uplink& uplink, Target const& target) {
    uplink.disconnect_sockets(target, close_connection);
  });
  socket::disconnect_sockets(board_, target_, close_connection, std::move(done));
}

}  // namespace chorus
