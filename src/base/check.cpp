#include "base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace chorus {

void check_failed(char const* condition, char const* sentence, char const* file, int line) {
  std::fprintf(stderr, "chorus: %s (%s, %s:%d)\n", sentence, condition, file, line);
  std::abort();
}

}  // namespace chorus
