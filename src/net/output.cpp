#include "net/output.hpp"

#include <cstring>

namespace chorus::net {

namespace {
char* copy(char* to, Bytes bytes) {
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  return to + bytes.size();
}
}  // namespace

void Output::append(Connection& c, Bytes head, Bytes body) {
  if (c.backlog) {
    c.backlog->append(head);
    c.backlog->append(body);
    return;
  }
  if (queued(c) && join(c, head, body)) return;
  std::size_t const n = head.size() + body.size();
  char* const data = arena_.allocate(n);
  copy(copy(data, head), body);
  if (queued(c)) return gather(c, {data, n, 0});
  c.data = data;
  c.size = n;
  c.held = 0;
}

void Output::append(Connection& c, SharedBytes const& bytes) {
  if (c.backlog) return c.backlog->append(bytes, 0);
  std::uint32_t const held = hold(bytes);
  if (queued(c)) return join_shared(c, *bytes, held);
  c.data = bytes->data();
  c.size = bytes->size();
  c.held = held;
}

// One reference for all receivers of the turn. It also keeps the address from being used again: the memos trust it.
std::uint32_t Output::hold(SharedBytes const& bytes) {
  if (held_.empty() || held_.back() != bytes) held_.push_back(bytes);
  return static_cast<std::uint32_t>(held_.size());
}

// Behind what is queued, as one piece. Others may point at the same queued bytes: they are only ever added to.
bool Output::join(Connection& c, Bytes head, Bytes body) {
  std::size_t const n = head.size() + body.size();
  if (c.gather != 0) return false;
  if (c.held == 0 && arena_.extend(c.data + c.size, n)) {
    char* const end = const_cast<char*>(c.data) + c.size;  // arena memory, not const
    copy(copy(end, head), body);
    c.size += n;
    return true;
  }
  if (c.size + n > join_bytes_max_) return false;
  char* const data = arena_.allocate(c.size + n);
  copy(copy(copy(data, {c.data, c.size}), head), body);
  c.data = data;
  c.size += n;
  c.held = 0;
  return true;
}

void Output::join_shared(Connection& c, Bytes bytes, std::uint32_t held) {
  if (c.gather == 0 && bytes.size() <= join_bytes_max_) {
    Memo& memo = memo_for(c, bytes);
    if (memo.left == c.data && memo.left_size == c.size && memo.right == bytes.data()) {
      c.data = memo.joined;
      c.size += bytes.size();
      c.held = 0;
      return;
    }
    Memo const fresh{.left = c.data, .left_size = c.size, .right = bytes.data(), .joined = nullptr};
    if (join(c, bytes, {})) {
      memo = fresh;
      memo.joined = c.data;
      memos_used_ = true;
      return;
    }
  }
  gather(c, {bytes.data(), bytes.size(), held});
}

Output::Memo& Output::memo_for(Connection const& c, Bytes right) {
  auto const mix =
      reinterpret_cast<std::uintptr_t>(c.data) + c.size * 31 + reinterpret_cast<std::uintptr_t>(right.data()) * 7;
  return memos_[(mix ^ mix >> 6 ^ mix >> 12) % memo_size];
}

void Output::gather(Connection& c, Piece piece) {
  if (c.gather == 0) {
    if (gathers_in_use_ == gathers_.size()) gathers_.push_back(std::make_unique<Gather>());
    c.gather = static_cast<std::uint32_t>(++gathers_in_use_);
  }
  Gather& g = *gathers_[c.gather - 1];
  g.size += piece.size;
  if (!g.pieces.empty() && piece.held == 0) {
    Piece& last = g.pieces.back();
    if (last.held == 0 && last.data + last.size == piece.data) {  // one behind the other in the arena
      last.size += piece.size;
      return;
    }
  }
  g.pieces.push_back(piece);
}

SendRequest Output::request(Connection& c) {
  if (!c.backlog && c.gather == 0) return {.descriptor = c.descriptor, .data = c.data, .size = c.size};
  Message& message = next_message();
  std::size_t count = 0;
  if (c.backlog) {
    count = c.backlog->peek(message.pieces);
  } else {
    auto const add = [&](char const* data, std::size_t size) {
      message.pieces[count++] = {.iov_base = const_cast<char*>(data), .iov_len = size};
    };
    if (c.size != 0) add(c.data, c.size);
    Gather const& g = *gathers_[c.gather - 1];
    for (std::size_t i = g.first; i < g.pieces.size() && count < message_pieces_max; ++i) {
      add(g.pieces[i].data, g.pieces[i].size);
    }
  }
  message.header.msg_iov = message.pieces.data();
  message.header.msg_iovlen = count;
  SendRequest request{.descriptor = c.descriptor, .message = &message.header};
  for (std::size_t i = 0; i < count; ++i) request.size += message.pieces[i].iov_len;
  return request;
}

Output::Message& Output::next_message() {
  if (messages_in_use_ == messages_.size()) messages_.emplace_back();
  return messages_[messages_in_use_++];
}

void Output::consume(Connection& c, std::size_t n) {
  if (c.backlog) {
    c.backlog->consume(n);
    if (c.backlog->size() == 0) c.backlog.reset();
    return;
  }
  std::size_t const of_first = std::min(n, c.size);
  c.data += of_first;
  c.size -= of_first;
  if (c.gather == 0) return;
  n -= of_first;
  Gather& g = *gathers_[c.gather - 1];
  g.size -= n;
  while (n > 0) {
    Piece& piece = g.pieces[g.first];
    if (n < piece.size) {
      piece.data += n;
      piece.size -= n;
      return;
    }
    n -= piece.size;
    ++g.first;
  }
  if (g.size == 0) c.gather = 0;
}

void Output::spill(Connection& c) {
  if (c.backlog) return;
  auto backlog = std::make_unique<Backlog>();
  spill(*backlog, {c.data, c.size, c.held});
  if (c.gather != 0) {
    Gather const& g = *gathers_[c.gather - 1];
    for (std::size_t i = g.first; i < g.pieces.size(); ++i) spill(*backlog, g.pieces[i]);
  }
  drop(c);
  c.backlog = std::move(backlog);
}

void Output::spill(Backlog& backlog, Piece const& piece) {
  if (piece.held == 0) return backlog.append(Bytes(piece.data, piece.size));
  SharedBytes const& shared = held_[piece.held - 1];
  backlog.append(shared, shared->size() - piece.size);  // consumed only from its front
}

void Output::drop(Connection& c) {
  c.backlog.reset();
  c.data = nullptr;
  c.size = 0;
  c.held = 0;
  c.gather = 0;  // stays in use until reset()
}

void Output::reset() {
  arena_.reset();
  if (!held_.empty()) held_.clear();
  if (held_.capacity() > held_references_max) held_.shrink_to_fit();
  for (std::size_t i = 0; i < gathers_in_use_; ++i) *gathers_[i] = Gather{};
  gathers_in_use_ = 0;
  if (memos_used_) memos_.fill(Memo{});
  memos_used_ = false;
}

}  // namespace chorus::net
