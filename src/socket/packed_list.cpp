#include "socket/packed_list.hpp"

#include <algorithm>

namespace chorus {
namespace socket {
namespace {

Bytes take_bytes(Bytes& text, std::size_t size) {
  Bytes const taken = text.substr(0, size);
  text.remove_prefix(size);
  return taken;
}

NameValues::value_type take_pair(Bytes& packed) {
  auto const name_size = take_size(packed);
  auto const value_size = take_size(packed);
  auto const name = take_bytes(packed, name_size);
  return {name, take_bytes(packed, value_size)};
}

/// As http::Query cuts a query string.
std::optional<NameValues::value_type> take_parameter(Bytes& query) {
  query.remove_prefix(std::min(query.find_first_not_of('&'), query.size()));
  if (query.empty()) return std::nullopt;
  auto const parameter = take_bytes(query, std::min(query.find('&'), query.size()));
  auto const equals = std::min(parameter.find('='), parameter.size());
  return NameValues::value_type{parameter.substr(0, equals), parameter.substr(std::min(equals + 1, parameter.size()))};
}

}  // namespace

void append_size(std::string& packed, std::size_t size) {
  for (; size > 0x7f; size >>= 7) packed.push_back(static_cast<char>(0x80 | (size & 0x7f)));
  packed.push_back(static_cast<char>(size));
}

std::size_t take_size(Bytes& packed) {
  std::size_t size = 0;
  for (unsigned shift = 0;; shift += 7) {
    auto const byte = static_cast<unsigned char>(packed.front());
    packed.remove_prefix(1);
    size |= static_cast<std::size_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return size;
  }
}

void append_pairs(std::string& packed, NameValueList const& list) {
  for (auto const& [name, value] : list) {
    append_size(packed, name.size());
    append_size(packed, value.size());
    packed.append(name).append(value);
  }
}

bool append_values(std::string& packed, NameValueList const& list, NameValues::Base kind, Bytes base) {
  auto const size_before = packed.size();
  for (auto const& [name, value] : list) {
    auto const model = take_from_base(kind, base);
    if (!model || model->first != name) {
      packed.resize(size_before);
      return false;
    }
    if (model->second == value) {
      packed.push_back(0);
    } else {
      append_size(packed, value.size() + 1);
      packed.append(value);
    }
  }
  return true;
}

std::optional<NameValues::value_type> take_from_base(NameValues::Base kind, Bytes& base) {
  if (kind == NameValues::Base::query_string) return take_parameter(base);
  if (base.empty()) return std::nullopt;
  return take_pair(base);
}

}  // namespace socket

void NameValues::Iterator::read() {
  at_ = left_.data();
  if (left_.empty()) {
    pair_ = {};
  } else if (kind_ == Base::none) {
    pair_ = socket::take_pair(left_);
  } else {
    pair_ = *socket::take_from_base(kind_, base_);
    if (auto const size = socket::take_size(left_); size > 0) pair_.second = socket::take_bytes(left_, size - 1);
  }
}

}  // namespace chorus
