// Compressed bodies: which coding a client prefers, and the body in it (RFC 9110, 8.4 and 12.5.3).
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "base/deflate.hpp"
#include "http/request.hpp"

namespace chorus::http {

/// `deflate` is the zlib format, as the standard has it. `br` is Brotli (RFC 7932).
enum class ContentCoding : std::uint8_t { identity, br, gzip, deflate };

/// The value of Content-Encoding; empty for identity.
Bytes to_string(ContentCoding coding);

/// The one of `offered` with the greatest quality in Accept-Encoding; of equal ones that which stands there by its own
/// name, then that which stands there first. `identity` when none is accepted or the client says nothing; that a client
/// likes identity better is not looked at, as in Node's `accepts`.
ContentCoding preferred_coding(Request const& request, std::span<ContentCoding const> offered);

/// Thread: the owner's. Memory: Deflater's for gzip and deflate once they were asked for.
class BodyEncoder {
 public:
  /// `level`: of gzip and deflate; that of br is its own (base/brotli.hpp), and not for what is made while clients
  /// wait.
  explicit BodyEncoder(int level) : level_(level) {}

  /// Nothing when it would not become smaller.
  std::optional<std::string> encode(Bytes body, ContentCoding coding);

 private:
  Deflater& deflater(ContentCoding coding);

  int const level_;
  std::optional<Deflater> gzip_, zlib_;
};

}  // namespace chorus::http
