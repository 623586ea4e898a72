// Reads values of Redis's protocol (RESP2 and RESP3) from bytes that arrive in any pieces, without copying payloads.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "cluster/redis/resp_value.hpp"

namespace chorus::cluster::redis {

enum class RespError : std::uint8_t {
  malformed,  ///< not the protocol
  too_big,    ///< RespLimits::value_bytes_max or line_bytes_max
  too_deep,   ///< RespLimits::depth_max
  too_many,   ///< RespLimits::elements_max
};
CHORUS_ERROR_ENUM(RespError)

/// How an error reads in a log line.
std::string_view to_text(RespError error);

struct RespLimits {
  std::size_t value_bytes_max = 64u << 20;  ///< of a whole value on the wire, and so of a bulk in it
  std::size_t line_bytes_max = 64u << 10;   ///< of a simple string, an error, a number
  std::size_t depth_max = 8;                ///< arrays (maps, sets, attributes) inside each other
  std::uint32_t elements_max = 1'000'000;   ///< of a value, all levels together
};

/// The receiving half of one connection to Redis.
///
/// The receive loop keeps one buffer and offers everything in it that was not yet consumed:
///
///   while (auto const size = reader.read(buffered)) {           // an error ends the connection
///     if (*size == 0) break;                                    // incomplete: receive more, offer it all again
///     use(reader.value());
///     buffered.remove_prefix(*size);
///   }
///
/// What was looked at is remembered as offsets, so the bytes may move between two calls and nothing is scanned twice:
/// the cost of a value is proportional to its size, however it is cut. Limits hold as soon as a length is declared.
/// Attributes are read and dropped. Streamed strings and aggregates (`$?`), which Redis does not send, are malformed.
/// The outcome does not depend on how the bytes were cut.
///
/// Failure: a RespError, from then on for every call until reset().
/// Memory: the nodes of a value, kept for the next one unless they were many. No allocation in the steady state.
/// Thread: none of its own; the owner's.
class RespReader {
 public:
  explicit RespReader(RespLimits limits = {});

  /// The size of the value at the front of `buffered`, which is then in value(); 0 when it is incomplete. After 0,
  /// `buffered` must begin with the same bytes in the next call; after a size, with those behind the value.
  Result<std::size_t, RespError> read(Bytes buffered);

  /// What the last read() found; valid until the next read() and while the bytes given to it stay where they are.
  RespValue value() const;

  /// How many bytes read() must be offered before it can get further than in its last call, which gave 0.
  std::size_t wanted() const { return wanted_; }

  /// Forgets everything: a new connection.
  void reset();

 private:
  /// An aggregate of which elements are awaited.
  struct Open {
    std::size_t node;
    std::uint32_t left;
    bool attribute;
  };
  struct Line {
    char type;
    Bytes text;
    std::size_t offset;  // of `text`
  };
  /// False: more bytes are needed; `wanted_` says how many in all.
  using Step = Result<bool, RespError>;

  void begin_value();
  Step take_element(Bytes buffered);
  Step take_line(Bytes buffered, Line& line);
  Step take_header(Line const& line);
  Step take_text_line(Line const& line);
  Step open_blob(RespType type, Line const& line);
  Step take_blob(Bytes buffered);
  Step open_aggregate(RespType type, Line const& line, bool attribute);
  Step add(RespNode node);
  void close_full_aggregates();

  RespLimits limits_;
  std::vector<RespNode> nodes_;
  std::vector<Open> open_;
  std::size_t position_ = 0;  // of what is read next, from the value's first byte
  std::size_t scanned_ = 0;   // no line end before this position
  std::size_t wanted_ = 1;
  std::size_t blob_size_ = 0;
  std::uint32_t elements_ = 0;  // declared so far
  RespType blob_type_ = RespType::bulk;
  bool in_blob_ = false;
  bool complete_ = false;  // nodes_ is a value that was given
  char const* base_ = nullptr;
  std::optional<RespError> error_;
};

}  // namespace chorus::cluster::redis
