#include "base/free_pages.hpp"

#include <cstdlib>  // defines __GLIBC__ where there is one
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace chorus {

void give_back_free_pages() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace chorus
