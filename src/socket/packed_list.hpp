// The text behind NameValues: how a list of names and values is packed, alone or leaning on another.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "chorus/name_values.hpp"

namespace chorus::socket {

using NameValueList = std::vector<std::pair<std::string, std::string>>;

/// A size: seven bits a byte, the lowest first, and the highest bit says that more follow. One byte below 128.
void append_size(std::string& packed, std::size_t size);
/// Reads it from the front of `packed`, which append_size() wrote.
std::size_t take_size(Bytes& packed);

/// A list that needs no other, Base::none: for each entry the sizes of its name and value, and these.
void append_pairs(std::string& packed, NameValueList const& list);

/// A list that leans on `base`: for each entry a 0 when it is the base's at the same place, else its value's size + 1
/// and its value; the names are the base's. False, and nothing is appended, when the list's names are not the base's
/// first ones.
bool append_values(std::string& packed, NameValueList const& list, NameValues::Base kind, Bytes base);

/// The next name and value of a base; nullopt when there are no more. Those of a query string are not decoded.
std::optional<NameValues::value_type> take_from_base(NameValues::Base kind, Bytes& base);

}  // namespace chorus::socket
