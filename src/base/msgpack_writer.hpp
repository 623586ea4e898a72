// MessagePack as it goes out: the very bytes of npm's notepack.io 3.0, which Node's adapter writes with.
//
// Pure. Thread: any. Each function appends one value, or the head of an array or map whose elements the caller appends.
// Known and wanted difference: an integral number beyond 64 bits is written as a double, where notepack writes the
// wrong number. What no wire of ours carries has no function here: notepack's Date, and `undefined`, which it writes as
// nil.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"

namespace chorus::msgpack {

void append_nil(std::string& out);
void append_boolean(std::string& out, bool value);
/// In the shortest form, unsigned when not negative.
void append_integer(std::string& out, std::int64_t value);
void append_integer(std::string& out, std::uint64_t value);
/// A JavaScript number: an integer where it is integral, else a double; never a float.
void append_number(std::string& out, double value);
/// `text`: UTF-8, less than 4 GiB; that of binaries too.
void append_string(std::string& out, Bytes text);
void append_binary(std::string& out, Bytes bytes);
void append_array_head(std::string& out, std::size_t count);
void append_map_head(std::string& out, std::size_t pairs);

}  // namespace chorus::msgpack
