// The one place that knows the C library's heap.
#pragma once

namespace chorus {

/// Gives what the process's heap keeps free, in whole pages, back to the system. glibc itself gives back only what lies
/// at the end of a heap, where one living block keeps all before it. Where there is no glibc: nothing.
///
/// Thread: any; others wait for their heap meanwhile. Cost: a pass over the heap's free blocks.
void give_back_free_pages();

}  // namespace chorus
