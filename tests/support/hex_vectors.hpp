// For tests only: the lines of those files of tests/vectors whose columns are separated by tabs, and bytes as hex.
#pragma once
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "support/vectors.hpp"

namespace chorus::test {

inline std::string from_hex(Bytes hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

inline std::string to_hex(Bytes bytes) {
  std::string hex;
  for (char const byte : bytes) {
    for (int const digit : {static_cast<unsigned char>(byte) >> 4, byte & 15}) hex += "0123456789abcdef"[digit];
  }
  return hex;
}

/// `a,b` without hex in between: the attachments of a vector.
inline std::vector<std::string> from_hex_list(std::string const& list) {
  std::vector<std::string> all;
  std::istringstream stream(list);
  for (std::string hex; std::getline(stream, hex, ',');) all.push_back(from_hex(hex));
  return all;
}

struct Vector {
  std::string kind;
  std::vector<std::string> columns;           ///< behind the kind
  std::map<std::string, std::string> fields;  ///< those of them that are `name=value`

  std::string field(std::string const& name, std::string otherwise = "") const {
    auto const found = fields.find(name);
    return found == fields.end() ? otherwise : found->second;
  }
};

/// The lines of these kinds, which are their first columns.
inline std::vector<Vector> vectors_of(std::string const& file_name, std::vector<std::string> const& kinds) {
  std::vector<Vector> all;
  std::ifstream file = open_vectors(file_name);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream stream(line);
    Vector vector;
    std::getline(stream, vector.kind, '\t');
    for (std::string column; std::getline(stream, column, '\t');) {
      vector.columns.push_back(column);
      auto const equals = column.find('=');
      if (equals != std::string::npos) vector.fields[column.substr(0, equals)] = column.substr(equals + 1);
    }
    for (auto const& kind : kinds) {
      if (kind == vector.kind) all.push_back(vector);
    }
  }
  return all;
}

}  // namespace chorus::test
