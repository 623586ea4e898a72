#include "support/vectors.hpp"

namespace chorus::test {

std::ifstream open_vectors(std::string const& name) { return std::ifstream(CHORUS_VECTORS_FOLDER "/" + name); }

}  // namespace chorus::test
