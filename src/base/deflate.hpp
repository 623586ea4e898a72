// zlib's one home: DEFLATE (RFC 1951) as WebSocket messages and HTTP bodies need it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

struct z_stream_s;

namespace chorus {

/// What stands around the data: nothing (RFC 1951), the zlib format (RFC 1950), the gzip format (RFC 1952).
enum class DeflateFormat : std::uint8_t { raw, zlib, gzip };

/// Two to this power is the window in bytes, how far back repetitions are found.
inline constexpr int deflate_window_bits_min = 9;
inline constexpr int deflate_window_bits_max = 15;
/// From the fastest to the smallest.
inline constexpr int deflate_level_min = 1;
inline constexpr int deflate_level_max = 9;

/// Deflates one stream after the other, or one stream piece by piece.
///
/// Thread: the owner's. Memory: 261 KiB with the largest window, from construction on; nothing is allocated later.
/// Failure: std::bad_alloc from the constructor.
class Deflater {
 public:
  struct Options {
    DeflateFormat format = DeflateFormat::raw;
    int level = deflate_level_min;
    int window_bits = deflate_window_bits_max;
  };
  explicit Deflater(Options options);

  /// What comes next is a stream of its own.
  void reset();

  /// The next piece of the stream, `head` and `body` one behind the other: all of it comes out, and ends with the empty
  /// block 00 00 FF FF. Writes to `out` and returns how many bytes; nothing when they would fill `out`: then the stream
  /// is broken until reset().
  std::optional<std::size_t> flush_into(MutableBytes out, Bytes head, Bytes body);

  /// A whole stream of its own. Nothing for more than whole_bytes_max.
  std::optional<std::string> whole(Bytes data);
  static constexpr std::size_t whole_bytes_max = 1u << 30;

 private:
  struct End {
    void operator()(z_stream_s* stream) const;
  };
  std::unique_ptr<z_stream_s, End> stream_;
};

enum class InflateError : std::uint8_t { malformed };
CHORUS_ERROR_ENUM(InflateError)

/// Inflates raw DEFLATE that comes in any pieces. A block that says it is the last is followed by others all the same
/// (RFC 7692, 7.2.3.5).
///
/// Thread: the owner's. Memory: 7 KiB and the window. Failure: std::bad_alloc from the constructor and inflate().
class Inflater {
 public:
  /// `window_bits`: as of whoever deflated, or more; 8 is allowed here.
  explicit Inflater(int window_bits = deflate_window_bits_max);

  /// What comes next is a stream of its own.
  void reset();

  /// Inflates from the front of `input`, which shrinks, into `out`, and returns how many bytes. Less than fit into
  /// `out`: `input` is used up, and nothing more comes of it. After a failure the stream is broken until reset().
  Result<std::size_t, InflateError> inflate(Bytes& input, MutableBytes out);

  /// The input so far ended where a block does: nothing of it is missing.
  bool between_blocks() const;

 private:
  struct End {
    void operator()(z_stream_s* stream) const;
  };
  std::unique_ptr<z_stream_s, End> stream_;
};

}  // namespace chorus
