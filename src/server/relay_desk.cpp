#include "server/relay_desk.hpp"

#include <utility>
#include <vector>

#include "base/log.hpp"
#include "engine/request_error.hpp"

namespace chorus::server {

using cluster::NodeName;

RelayDesk::RelayDesk(cluster::RelayOptions options, http::Limits limits, unsigned workers, Post post)
    : self_(options.self),
      limits_(limits),
      workers_(workers),
      post_(std::move(post)),
      relay_(std::move(options), *this) {}

// ---- to others

void RelayDesk::send(NodeName owner, unsigned worker, RequestLetter letter) {
  open_.with([&](Open& open) { open.abroad.emplace(letter.ticket, owner); });
  letter.ticket = ticket_of(self_, letter.ticket);
  relay_.send(owner, {encode(Addressed<RequestLetter>{worker, std::move(letter)}), {}});
}

void RelayDesk::send(NodeName owner, unsigned worker, GoneLetter letter) {
  open_.with([&](Open& open) { open.abroad.erase(letter.ticket); });  // nobody waits for its answer any more
  letter.ticket = ticket_of(self_, letter.ticket);
  relay_.send(owner, {encode(Addressed<GoneLetter>{worker, std::move(letter)}), {}});
}

void RelayDesk::send(NodeName owner, unsigned worker, PostLetter letter) {
  letter.ticket = ticket_of(self_, letter.ticket);
  relay_.send(owner, {encode(Addressed<PostLetter>{worker, std::move(letter)}), {}});
}

void RelayDesk::move(NodeName owner, unsigned worker, MoveLetter letter) {
  auto descriptor = std::move(letter.descriptor);
  relay_.send(owner, {encode(Addressed<MoveLetter>{worker, std::move(letter)}), std::move(descriptor)});
}

void RelayDesk::answer(AnswerLetter letter) {
  open_.with([&](Open& open) { open.guests.erase(letter.ticket); });
  relay_.send(*node_of(letter.ticket), {encode(letter), {}});
}

// ---- from others

void RelayDesk::on_parcel(NodeName from, cluster::Parcel parcel) {
  auto read = decode_letter(parcel.bytes, limits_);
  if (!read) return log(LogLevel::error, "relay_letter_unreadable", {{"from", to_text(from)}});
  if (auto* const request = std::get_if<Addressed<RequestLetter>>(&*read))
    take(from, std::move(*request));
  else if (auto* const gone = std::get_if<Addressed<GoneLetter>>(&*read))
    take(std::move(*gone));
  else if (auto* const post = std::get_if<Addressed<PostLetter>>(&*read))
    take(std::move(*post));
  else if (auto* const move = std::get_if<Addressed<MoveLetter>>(&*read))
    take(std::move(*move), std::move(parcel.descriptor));
  else
    take(std::get<AnswerLetter>(std::move(*read)));
}

void RelayDesk::take(NodeName from, Addressed<RequestLetter> in) {
  if (in.worker >= workers_ || node_of(in.letter.ticket) != from) return;
  open_.with([&](Open& open) { open.guests.emplace(in.letter.ticket, Guest{in.worker, in.letter.sid}); });
  post_(in.worker, std::move(in.letter));
}

void RelayDesk::take(Addressed<GoneLetter> in) {
  if (in.worker >= workers_) return;
  open_.with([&](Open& open) { open.guests.erase(in.letter.ticket); });
  post_(in.worker, std::move(in.letter));
}

void RelayDesk::take(Addressed<PostLetter> in) {
  if (in.worker < workers_) post_(in.worker, std::move(in.letter));
}

void RelayDesk::take(Addressed<MoveLetter> in, net::FileDescriptor descriptor) {
  if (in.worker >= workers_ || !descriptor) return;  // the client sees its connection end
  in.letter.descriptor = std::move(descriptor);
  post_(in.worker, std::move(in.letter));
}

void RelayDesk::take(AnswerLetter letter) {
  letter.ticket = ticket_here(letter.ticket);
  bool const awaited = open_.with([&](Open& open) { return open.abroad.erase(letter.ticket) != 0; });
  if (awaited) post_(worker_of(letter.ticket), std::move(letter));
}

// ---- when they are not there

void RelayDesk::unanswered(engine::Ticket ticket, engine::HttpAnswer answer) {
  post_(worker_of(ticket), AnswerLetter{ticket, std::move(answer)});
}

void RelayDesk::on_lost(NodeName node) {
  std::vector<engine::Ticket> unanswered_tickets;
  std::vector<std::pair<engine::Ticket, Guest>> hung_up;
  open_.with([&](Open& open) {
    std::erase_if(open.abroad, [&](auto const& entry) {
      if (entry.second != node) return false;
      unanswered_tickets.push_back(entry.first);
      return true;
    });
    std::erase_if(open.guests, [&](auto const& entry) {
      if (node_of(entry.first) != node) return false;
      hung_up.push_back(entry);
      return true;
    });
  });
  for (auto const ticket : unanswered_tickets)
    unanswered(ticket, engine::answer_of(engine::RequestError::unknown_session));
  for (auto& [ticket, guest] : hung_up) post_(guest.worker, GoneLetter{std::move(guest.sid), ticket});
}

void RelayDesk::on_undelivered(NodeName, cluster::Parcel parcel) {
  auto read = decode_letter(parcel.bytes, limits_);
  if (!read) return;
  if (auto* const move = std::get_if<Addressed<MoveLetter>>(&*read)) {
    // Any worker will do: there is no session for it here, and that is what its client is told.
    move->letter.descriptor = std::move(parcel.descriptor);
    return post_(0, std::move(move->letter));
  }
  if (auto* const request = std::get_if<Addressed<RequestLetter>>(&*read)) {
    auto const ticket = ticket_here(request->letter.ticket);
    bool const open = open_.with([&](Open& o) { return o.abroad.erase(ticket) != 0; });
    if (open) unanswered(ticket, engine::answer_of(engine::RequestError::unknown_session));
  }
}

}  // namespace chorus::server
