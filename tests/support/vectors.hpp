// The text files of tests/vectors, found whatever folder a test is started in.
#pragma once
#include <fstream>
#include <string>

namespace chorus::test {

/// The file, open at its start; in a failed state when there is none of this name.
std::ifstream open_vectors(std::string const& name);

}  // namespace chorus::test
