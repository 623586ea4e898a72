// Values in their two forms: JSON text with placeholders beside attachments, as Chorus keeps arguments, and MessagePack
// with the binaries inline, as they stand on the wire of Socket.IO's msgpack parser and of its Redis adapter.
//
// Pure. Thread: any. One pass each, no tree between.
//
// Towards MessagePack, as JSON.parse and notepack.io would make it of the same text, but for this:
//   - members keep the order of the text (JavaScript moves names like "7" to the front) and repeated ones stay, of
//     which the reader takes the last, as of JSON;
//   - an integer beyond 2^53 that was written in digits keeps all of them as far as 64 bits go. Node reads the same
//     rounded number from it as from the text. `1.0` and `1e3` are the integers 1 and 1000, as in JavaScript; what is
//     too great for a double is Infinity;
//   - half a surrogate pair (`\ud800`) becomes U+FFFD, which notepack writes for long strings only (in short ones it
//     makes bytes that are no UTF-8);
//   - an attachment that no placeholder names does not travel, one that several name travels as often.
//
// Towards JSON, what JSON.stringify makes of what notepack.io decodes:
//   - binary data, and the old extension 0 for ArrayBuffers, become attachments; an unknown extension T becomes
//     [T,data];
//   - the timestamps of MessagePack and notepack's own dates become ISO 8601 strings, null where there is no such date;
//   - `undefined` (notepack 2 has an extension for it) leaves an object without that member, and is null elsewhere;
//   - NaN and Infinity become null; -0 becomes 0; 64-bit integers keep all digits;
//   - a map's integer keys become their digits; keys of other kinds are refused, which no encoder of Socket.IO writes;
//   - members keep the order of the message; strings that are no UTF-8 are refused;
//   - a map with `_placeholder` true is somebody's plain object, but would name an attachment once it is text. Beside
//     attachments it is refused (bad_placeholder). Without any there is nothing to name, and it stays what it is, in
//     this direction and in the other.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "chorus/ack.hpp"

namespace chorus::socket {

struct MsgpackLimits {
  std::size_t depth_max = json::nesting_max;  ///< arrays and maps inside each other
  std::size_t attachments_max = 10;           ///< binaries of one message that is read: more, stock clients refuse
  std::size_t bytes_max = 32u << 20;          ///< of what is written: one attachment may be named many times
};

enum class MsgpackError : std::uint8_t {
  bad_msgpack,           ///< not exactly one MessagePack value
  bad_json,              ///< not one JSON value
  bad_text,              ///< a string that is no UTF-8
  bad_key,               ///< a map's key is neither a string nor an integer
  no_array,              ///< of json_list_of_msgpack() only
  bad_placeholder,       ///< names no attachment, or is a received object that would pass for one (above)
  too_deep,              ///< more than depth_max
  too_many_attachments,  ///< more than attachments_max
  too_big,               ///< more than bytes_max
};
CHORUS_ERROR_ENUM(MsgpackError)

/// A short English phrase for logs.
Bytes to_text(MsgpackError error);

/// Appends one value. `raw`: JSON. Failure: `out` is as before; bad_json, bad_placeholder, too_deep, too_big.
Result<void, MsgpackError> append_msgpack(std::string& out, Bytes raw, std::span<Bytes const> attachments,
                                          MsgpackLimits const& limits = {});

/// Appends an event's data, an array: the name, and what stands in the raw list `arguments`. Failure as above.
Result<void, MsgpackError> append_msgpack_event(std::string& out, Bytes name, Bytes arguments,
                                                std::span<Bytes const> attachments, MsgpackLimits const& limits = {});

/// One value as raw JSON and its attachments. The text is at most six times as long as the message, but for
/// placeholders, which attachments_max bounds.
/// Failure: bad_msgpack (bytes behind the value included), bad_text, bad_key, bad_placeholder, too_deep,
/// too_many_attachments.
Result<OwnedArgs, MsgpackError> json_of_msgpack(Bytes message, MsgpackLimits const& limits = {});

/// The same of an array (else no_array), without its brackets.
Result<OwnedArgs, MsgpackError> json_list_of_msgpack(Bytes message, MsgpackLimits const& limits = {});

}  // namespace chorus::socket
