#include "server/relay_letters.hpp"

#include <cstdint>
#include <utility>

#include "http/request.hpp"

namespace chorus::server {
namespace {

constexpr char format = 4;

enum class Kind : std::uint8_t { request = 1, gone, move, answer, post };

/// Numbers in eight bytes, little-endian; texts behind their size.
class Writer {
 public:
  explicit Writer(Kind kind) {
    out_ += format;
    out_ += static_cast<char>(kind);
  }
  Writer& number(std::uint64_t value) {
    for (int byte = 0; byte < 8; ++byte) out_ += static_cast<char>(value >> (8 * byte) & 0xff);
    return *this;
  }
  Writer& text(Bytes bytes) {
    number(bytes.size());
    out_.append(bytes);
    return *this;
  }
  Writer& ticket(engine::Ticket ticket) { return number(ticket.high).number(ticket.low); }
  Writer& headers(http::ResponseHeaders const& list) {
    number(list.size());
    for (auto const& [name, value] : list) text(name).text(value);
    return *this;
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

/// Reads what Writer wrote. After the first thing that is not there, everything is empty and complete() is false.
class Reader {
 public:
  explicit Reader(Bytes in) : in_(in) {}

  std::uint64_t number() {
    auto const bytes = take(8);
    std::uint64_t value = 0;
    for (std::size_t byte = 0; byte < bytes.size(); ++byte)
      value |= std::uint64_t{static_cast<unsigned char>(bytes[byte])} << (8 * byte);
    return value;
  }
  std::string text() { return std::string(take(number())); }
  engine::Ticket ticket() {
    auto const high = number();
    return {high, number()};
  }
  http::ResponseHeaders headers() {
    http::ResponseHeaders list;
    for (auto left = number(); left > 0 && sound_; --left) {
      auto name = text();
      list.emplace_back(std::move(name), text());
    }
    return list;
  }
  bool complete() const { return sound_ && in_.empty(); }

 private:
  Bytes take(std::uint64_t size) {
    if (size > in_.size()) {
      sound_ = false;
      in_ = {};
      return {};
    }
    auto const bytes = in_.substr(0, size);
    in_.remove_prefix(size);
    return bytes;
  }

  Bytes in_;
  bool sound_ = true;
};

std::optional<http::Request> read(std::string const& wire, http::Limits const& limits) {
  auto request = http::read_request(wire, limits);
  return request ? std::optional(std::move(*request)) : std::nullopt;
}

std::optional<RelayedLetter> read_request(Reader& in, http::Limits const& limits) {
  Addressed<RequestLetter> out;
  out.worker = static_cast<unsigned>(in.number());
  out.letter.mount = in.number();
  out.letter.sid = in.text();
  out.letter.ticket = in.ticket();
  out.letter.address = in.text();
  if (in.number() != 0) {
    auto subject = in.text();
    out.letter.tls = {std::move(subject), in.number() != 0};
  }
  auto request = read(in.text(), limits);
  if (!request || !in.complete()) return std::nullopt;
  out.letter.request = std::move(*request);
  return out;
}

std::optional<RelayedLetter> read_gone(Reader& in) {
  Addressed<GoneLetter> out;
  out.worker = static_cast<unsigned>(in.number());
  out.letter.sid = in.text();
  out.letter.ticket = in.ticket();
  return in.complete() ? std::optional<RelayedLetter>(std::move(out)) : std::nullopt;
}

std::optional<RelayedLetter> read_post(Reader& in) {
  Addressed<PostLetter> out;
  out.worker = static_cast<unsigned>(in.number());
  out.letter.mount = in.number();
  out.letter.sid = in.text();
  out.letter.ticket = in.ticket();
  out.letter.news = in.number() == 0 ? PostLetter::News::begun : PostLetter::News::refused;
  return in.complete() ? std::optional<RelayedLetter>(std::move(out)) : std::nullopt;
}

std::optional<RelayedLetter> read_move(Reader& in, http::Limits const& limits) {
  Addressed<MoveLetter> out;
  out.worker = static_cast<unsigned>(in.number());
  out.letter.mount = in.number();
  out.letter.sid = in.text();
  out.letter.unread = in.text();
  out.letter.headers = in.headers();
  out.letter.answered = in.number() != 0;
  auto request = read(in.text(), limits);
  if (!request || !in.complete()) return std::nullopt;
  out.letter.request = std::move(*request);
  return out;
}

std::optional<RelayedLetter> read_answer(Reader& in) {
  AnswerLetter out;
  out.ticket = in.ticket();
  out.answer.status = static_cast<int>(in.number());
  auto const type = in.number();
  if (type > static_cast<std::uint64_t>(engine::HttpAnswer::ContentType::octet_stream)) return std::nullopt;
  out.answer.content_type = static_cast<engine::HttpAnswer::ContentType>(type);
  out.answer.body = in.text();
  out.answer.compress = in.number() != 0 ? engine::Compress::yes : engine::Compress::no;
  return in.complete() ? std::optional<RelayedLetter>(std::move(out)) : std::nullopt;
}

}  // namespace

std::string encode(Addressed<RequestLetter> const& out) {
  auto const& letter = out.letter;
  Writer writer(Kind::request);
  writer.number(out.worker).number(letter.mount).text(letter.sid).ticket(letter.ticket).text(letter.address);
  writer.number(letter.tls ? 1 : 0);
  if (letter.tls) writer.text(letter.tls->subject).number(letter.tls->verified ? 1 : 0);
  return writer.text(http::serialize(letter.request)).take();
}

std::string encode(Addressed<GoneLetter> const& out) {
  return Writer(Kind::gone).number(out.worker).text(out.letter.sid).ticket(out.letter.ticket).take();
}

std::string encode(Addressed<PostLetter> const& out) {
  auto const& letter = out.letter;
  Writer writer(Kind::post);
  writer.number(out.worker).number(letter.mount).text(letter.sid).ticket(letter.ticket);
  return writer.number(letter.news == PostLetter::News::begun ? 0 : 1).take();
}

std::string encode(Addressed<MoveLetter> const& out) {
  auto const& letter = out.letter;
  Writer writer(Kind::move);
  writer.number(out.worker).number(letter.mount).text(letter.sid).text(letter.unread).headers(letter.headers);
  writer.number(letter.answered ? 1 : 0);
  return writer.text(http::serialize(letter.request)).take();
}

std::string encode(AnswerLetter const& letter) {
  Writer writer(Kind::answer);
  writer.ticket(letter.ticket)
      .number(static_cast<std::uint64_t>(letter.answer.status))
      .number(static_cast<std::uint64_t>(letter.answer.content_type))
      .text(letter.answer.body)
      .number(letter.answer.compress == engine::Compress::yes ? 1 : 0);
  return writer.take();
}

std::optional<RelayedLetter> decode_letter(Bytes bytes, http::Limits const& limits) {
  if (bytes.size() < 2 || bytes[0] != format) return std::nullopt;
  Reader in(bytes.substr(2));
  switch (static_cast<Kind>(bytes[1])) {
    case Kind::request:
      return read_request(in, limits);
    case Kind::gone:
      return read_gone(in);
    case Kind::move:
      return read_move(in, limits);
    case Kind::answer:
      return read_answer(in);
    case Kind::post:
      return read_post(in);
  }
  return std::nullopt;
}

}  // namespace chorus::server
