// Handshake::Request: its value in one piece of memory.
#include <cstring>
#include <new>

#include "base/bytes.hpp"
#include "base/use_count.hpp"
#include "chorus/handshake.hpp"
#include "socket/packed_list.hpp"

namespace chorus {
namespace {

using socket::append_size;
using socket::take_size;

enum Flag : unsigned char {
  secure_flag = 1,
  headers_lean = 2,  // on the model's
  url_is_models = 4,
  query_leans = 8,  // on the URL
  certificate_flag = 16,
  verified_flag = 32,
};

Bytes query_string_of(Bytes url) {
  auto const mark = url.find('?');
  return mark == Bytes::npos ? Bytes() : url.substr(mark + 1);
}

}  // namespace

/// Behind it lies its text: a byte of flags; the sizes of headers, query, own URL and, with its flag, the certificate's
/// subject; these; the address.
struct Handshake::Request::Body {
  struct Text {
    unsigned flags;
    Bytes headers, query, url, subject, address;
  };
  static Body* make(std::string_view text, Request model, std::chrono::system_clock::time_point issued) {
    void* const memory = ::operator new(sizeof(Body) + text.size());
    std::memcpy(static_cast<char*>(memory) + sizeof(Body), text.data(), text.size());
    return new (memory) Body{{}, static_cast<std::uint32_t>(text.size()), std::move(model), issued};
  }
  static void drop(Body* body) {
    if (!body->uses.drop()) return;
    body->~Body();
    ::operator delete(body);
  }

  Text text() const {
    Bytes left(reinterpret_cast<char const*>(this + 1), text_size);
    auto const flags = static_cast<unsigned char>(left.front());
    left.remove_prefix(1);
    auto const headers = take_size(left);
    auto const query = take_size(left);
    auto const url = take_size(left);
    auto const subject = (flags & certificate_flag) != 0 ? take_size(left) : 0;
    auto const take = [&left](std::size_t size) {
      auto const part = left.substr(0, size);
      left.remove_prefix(size);
      return part;
    };
    Text text{flags, take(headers), take(query), take(url), take(subject), {}};
    text.address = left;
    return text;
  }

  UseCount uses;
  std::uint32_t text_size;
  Request model;
  std::chrono::system_clock::time_point issued;
};

Handshake::Request::Request(Parts const& parts, Request const& model) {
  using Base = NameValues::Base;
  unsigned flags = parts.secure ? secure_flag : 0;
  std::string headers;
  bool const has_model = model.body_ != nullptr && model.body_->model.body_ == nullptr;
  if (has_model && socket::append_values(headers, parts.headers, Base::list, model.body_->text().headers)) {
    flags |= headers_lean;
    if (parts.url == model.url()) flags |= url_is_models;
  } else {
    socket::append_pairs(headers, parts.headers);
  }
  std::string query;
  if (socket::append_values(query, parts.query, Base::query_string, query_string_of(parts.url)))
    flags |= query_leans;
  else
    socket::append_pairs(query, parts.query);
  auto const own_url = (flags & url_is_models) != 0 ? Bytes() : parts.url;

  auto const& certificate = parts.client_certificate;
  if (certificate) flags |= certificate_flag;
  if (certificate && certificate->verified) flags |= verified_flag;
  auto const subject = certificate ? certificate->subject : std::string_view();

  std::string text(1, static_cast<char>(flags));
  for (auto const size : {headers.size(), query.size(), own_url.size()}) append_size(text, size);
  if (certificate) append_size(text, subject.size());
  text.append(headers).append(query).append(own_url).append(subject).append(parts.address);
  body_ = Body::make(text, (flags & headers_lean) != 0 ? model : Request(), parts.issued);
}

Handshake::Request::Request(Request const& other) noexcept : body_(other.body_) {
  if (body_ != nullptr) body_->uses.add();
}

Handshake::Request::~Request() {
  if (body_ != nullptr) Body::drop(body_);
}

NameValues Handshake::Request::headers() const {
  if (body_ == nullptr) return {};
  auto const text = body_->text();
  if ((text.flags & headers_lean) == 0) return NameValues(text.headers);
  return {text.headers, NameValues::Base::list, body_->model.body_->text().headers};
}

NameValues Handshake::Request::query() const {
  if (body_ == nullptr) return {};
  auto const text = body_->text();
  if ((text.flags & query_leans) == 0) return NameValues(text.query);
  return {text.query, NameValues::Base::query_string, query_string_of(url())};
}

std::string_view Handshake::Request::url() const {
  if (body_ == nullptr) return {};
  auto const text = body_->text();
  return (text.flags & url_is_models) != 0 ? body_->model.url() : text.url;
}

std::string_view Handshake::Request::address() const { return body_ == nullptr ? Bytes() : body_->text().address; }

bool Handshake::Request::secure() const { return body_ != nullptr && (body_->text().flags & secure_flag) != 0; }

std::optional<ClientCertificate> Handshake::Request::client_certificate() const {
  if (body_ == nullptr) return std::nullopt;
  auto const text = body_->text();
  if ((text.flags & certificate_flag) == 0) return std::nullopt;
  return ClientCertificate{text.subject, (text.flags & verified_flag) != 0};
}

std::chrono::system_clock::time_point Handshake::Request::issued() const {
  return body_ == nullptr ? std::chrono::system_clock::time_point() : body_->issued;
}

Handshake::Request Handshake::Request::model() const { return body_ == nullptr ? Request() : body_->model; }

std::size_t Handshake::Request::bytes() const { return body_ == nullptr ? 0 : sizeof(Body) + body_->text_size; }

}  // namespace chorus
