// One HTTP/1.x request as a value (RFC 9110, RFC 9112). Made by RequestReader.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace chorus::http {

struct Header {
  Bytes name;
  Bytes value;  ///< without the white space around it
};

/// A whole request: head and body. It owns its bytes, so it may travel to another thread.
/// Lifetime: every view it gives stays valid while the request lives, also when it is moved; a copy has views of its
/// own. Views of the body end where the body is changed or taken. Thread: none of its own; a value.
class Request {
 public:
  Request() = default;

  Bytes method() const { return view(method_); }
  /// Path and query. Of the absolute form ("GET http://host/path") only these are left; "*" of OPTIONS stays.
  Bytes target() const { return view(target_); }
  /// What stands before '?', as it came: percent-encoded.
  Bytes path() const { return view(path_); }
  /// What stands after '?', as it came; empty when there is none.
  Bytes query_string() const;

  /// Value of the first header of this name, in any case of letters.
  std::optional<Bytes> header(Bytes name) const;
  /// True when the comma-separated list in the headers `name` has `token`, both in any case of letters:
  /// "Connection: keep-alive, Upgrade" has "upgrade".
  bool has_token(Bytes name, Bytes token) const;

  std::size_t header_count() const { return fields_.size(); }
  /// In the order they came. `index` is below header_count().
  Header header_at(std::size_t index) const;

  /// All headers, in the order they came: `for (Header header : request.headers())`.
  class Headers;
  Headers headers() const;

  /// 0 or 1; a higher minor version of HTTP/1 is taken as 1 (RFC 9110, 2.5).
  int minor_version() const { return minor_version_; }
  /// Whether the client lets the connection go on after the response (RFC 9112, 9.3).
  bool keep_alive() const;

  std::string const& body() const { return body_; }
  std::string& body() { return body_; }
  std::string take_body() { return std::move(body_); }

 private:
  friend class HeadParser;
  friend class RequestReader;

  struct Piece {
    std::uint32_t at = 0;
    std::uint32_t size = 0;
  };
  struct Field {
    Piece name;
    Piece value;
  };
  Bytes view(Piece piece) const { return Bytes(head_).substr(piece.at, piece.size); }

  std::string head_;  // as it came, on the heap by its reserve: a short string's bytes would move with the object
  std::vector<Field> fields_;
  Piece method_, target_, path_;
  int minor_version_ = 1;
  std::string body_;
};

class Request::Headers {
 public:
  class Iterator {
   public:
    Iterator(Request const* request, std::size_t index) : request_(request), index_(index) {}
    Header operator*() const { return request_->header_at(index_); }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator==(Iterator const&) const = default;

   private:
    Request const* request_;
    std::size_t index_;
  };
  explicit Headers(Request const& request) : request_(&request) {}
  Iterator begin() const { return {request_, 0}; }
  Iterator end() const { return {request_, request_->header_count()}; }

 private:
  Request const* request_;
};

inline Request::Headers Request::headers() const { return Headers(*this); }

/// The request as read_request() reads it back: for the way to another process. How its body was framed is not kept:
/// it has a Content-Length.
std::string serialize(Request const& request);

}  // namespace chorus::http
